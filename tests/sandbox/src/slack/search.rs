//! Search (<https://docs.slack.dev/reference/methods/search.messages>), which only a person's token can use.

use serde_json::{Value, json};

use super::args::Arguments;
use super::workspace::{ConversationKind, format_ts};
use super::{Caller, formatting, slack_error};
use crate::state::SandboxState;

/// `search.messages`: the messages with every word of the query, newest first, in public channels and those of the person.
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
            let text = message.body["text"].as_str().unwrap_or("").to_lowercase();
            if words.iter().all(|word| text.contains(word)) {
                let ts = format_ts(message.micros);
                let shown = json!({
                    "channel": {"id": channel.id, "name": channel.name}, "team": caller.team.id, "type": "message",
                    "text": formatting::shown_text(state.strangeness.slack, &message.body["text"]), "ts": ts, "user": message.body["user"],
                    "permalink": format!(
                        "https://{}.slack.example/archives/{}/p{}", caller.team.domain, channel.id, ts.replace('.', "")
                    ),
                });
                found.push((message.micros, shown));
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
