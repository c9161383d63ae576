//! Search (<https://docs.slack.dev/reference/methods/search.messages>), which only a person's token can use.

use serde_json::{Value, json};

use super::args::Arguments;
use super::workspace::{Channel, ConversationKind, Message, format_ts};
use super::{Caller, formatting, slack_error};
use crate::state::SandboxState;

/// `search.messages`: the messages with every word of the query, newest first, in public channels and those of the person. What the
/// blocks, attachments and files of a message say is found too.
pub(crate) fn messages(state: &mut SandboxState, caller: &Caller, args: &Arguments) -> Result<Value, Value> {
    let query = args.text("query").ok_or_else(|| slack_error("no_query"))?;
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let number = |name: &str, default: usize| args.text(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (count, page) = (number("count", 20).clamp(1, 100), number("page", 1).max(1));
    let visible = state
        .slack
        .channels
        .iter()
        .filter(|channel| channel.kind == ConversationKind::Public || channel.has_member(&caller.user));
    let mut found = Vec::new();
    for channel in visible {
        for message in channel.timeline() {
            let mut said = String::new();
            for part in CONTENT {
                collect_texts(&message.body[part], &mut said);
            }
            if words.iter().all(|word| said.contains(word)) {
                found.push((message.micros, shown(state, caller, channel, message)));
            }
        }
    }
    found.sort_by_key(|(micros, _)| std::cmp::Reverse(*micros));
    let (total, pages) = (found.len(), found.len().div_ceil(count));
    let matches: Vec<Value> = found.into_iter().skip((page - 1) * count).take(count).map(|(_, shown)| shown).collect();
    Ok(json!({
        "query": query,
        "messages": {
            "total": total, "matches": matches,
            "paging": {"count": count, "total": total, "page": page, "pages": pages},
        },
    }))
}

/// The fields with what a message says.
const CONTENT: [&str; 4] = ["text", "blocks", "attachments", "files"];

fn shown(state: &SandboxState, caller: &Caller, channel: &Channel, message: &Message) -> Value {
    let ts = format_ts(message.micros);
    let mut shown = json!({
        "channel": {"id": channel.id, "name": channel.name}, "team": caller.team.id, "type": "message", "ts": ts,
        // Empty for an app.
        "user": message.body["user"].as_str().unwrap_or_default(), "username": message.body["username"],
        "permalink": format!("https://{}.slack.com/archives/{}/p{}", caller.team.domain, channel.id, ts.replace('.', "")),
    });
    for part in CONTENT.into_iter().filter(|part| !message.body[part].is_null()) {
        shown[part] = message.body[part].clone();
    }
    shown["text"] = formatting::shown_text(state.strangeness.slack, &message.body["text"]);
    shown
}

/// Collects all texts of a value, in lower case.
fn collect_texts(value: &Value, texts: &mut String) {
    match value {
        Value::String(text) => texts.extend([&text.to_lowercase(), "\n"]),
        Value::Array(parts) => parts.iter().for_each(|part| collect_texts(part, texts)),
        Value::Object(fields) => fields.values().for_each(|part| collect_texts(part, texts)),
        _ => {}
    }
}
