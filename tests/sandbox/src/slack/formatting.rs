//! Texts and messages as Slack shows them, which is not as they were sent
//! (<https://docs.slack.dev/messaging/formatting-message-text>).

use serde_json::{Value, json};

use super::strangeness::SlackStrangeness;

/// Returns a text as it is read.
pub(super) fn shown_text(strangeness: SlackStrangeness, sent: &Value) -> Value {
    match sent.as_str() {
        Some(text) if strangeness.rewrites_texts => json!(rewrite(text)),
        _ => sent.clone(),
    }
}

/// Changes a message to what is read of it.
pub(super) fn show_message(strangeness: SlackStrangeness, shown: &mut Value) {
    shown["text"] = shown_text(strangeness, &shown["text"]);
    if strangeness.completes_app_messages && !shown["bot_id"].is_null() {
        add_app_fields(shown);
    }
}

fn add_app_fields(shown: &mut Value) {
    let text = shown["text"].as_str().unwrap_or("").to_owned();
    shown["bot_profile"] = json!({
        "id": shown["bot_id"], "app_id": shown["app_id"], "team_id": shown["team"], "name": "Sandbox", "deleted": false,
        "updated": 1_735_689_600, "icons": {"image_48": "https://slack.example/app.png"},
    });
    if shown["blocks"].is_null() && !text.is_empty() {
        let section = json!({"type": "rich_text_section", "elements": rich_elements(&text)});
        shown["blocks"] = json!([{"type": "rich_text", "block_id": "b0", "elements": [section]}]);
    }
    let link = text.split_once("<http").and_then(|(_, rest)| rest.split(['>', '|']).next());
    if let Some(link) = link.filter(|_| shown["attachments"].is_null()) {
        let url = format!("http{link}");
        shown["attachments"] = json!([{"id": 1, "from_url": url, "original_url": url, "fallback": "A page"}]);
    }
    if shown["metadata"].is_object() {
        shown["metadata"]["entities"] = json!([]);
        shown["metadata"]["app_id"] = shown["app_id"].clone();
    }
}

/// Returns a text with `&`, `<` and `>` as entities. What is an entity already stays.
pub(super) fn escape_once(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    escape(&plain)
}

/// Returns the elements of a rich text that show a text in Slack's markup
/// (<https://docs.slack.dev/reference/block-kit/blocks/rich-text-block>).
fn rich_elements(markup: &str) -> Vec<Value> {
    let plain = |text: &str| {
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        (!text.is_empty()).then(|| json!({"type": "text", "text": text}))
    };
    let (mut elements, mut rest) = (Vec::new(), markup);
    while let Some((before, inner, after)) = rest
        .split_once('<')
        .and_then(|(before, tail)| tail.split_once('>').map(|(inner, after)| (before, inner, after)))
    {
        let (target, label) = inner.split_once('|').unwrap_or((inner, ""));
        elements.extend(plain(before));
        elements.push(match (target.split_at_checked(1), label) {
            (Some(("@", id)), _) => json!({"type": "user", "user_id": id}),
            (Some(("#", id)), _) => json!({"type": "channel", "channel_id": id}),
            (Some(("!", name)), _) => match name.strip_prefix("subteam^") {
                Some(id) => json!({"type": "usergroup", "usergroup_id": id}),
                None => json!({"type": "broadcast", "range": name}),
            },
            (_, "") => json!({"type": "link", "url": target.replace("&amp;", "&")}),
            _ => json!({"type": "link", "url": target.replace("&amp;", "&"), "text": label}),
        });
        rest = after;
    }
    elements.extend(plain(rest));
    elements
}

/// Rewrites a text. What is already in angle brackets, and what is already an entity, stays.
fn rewrite(text: &str) -> String {
    let mut output = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let taken = if let Some(link) = bracketed(rest) {
            output.push_str(link);
            link.len()
        } else if let Some(entity) = ["&amp;", "&lt;", "&gt;"].into_iter().find(|entity| rest.starts_with(entity)) {
            output.push_str(entity);
            entity.len()
        } else if ["http://", "https://"].iter().any(|scheme| rest.starts_with(scheme)) {
            let url = leading(rest, |letter| letter.is_whitespace() || "<>|".contains(letter));
            output.push_str(&format!("<{}>", escape(url)));
            url.len()
        } else if next.is_alphanumeric() {
            let word = leading(rest, |letter| !(letter.is_alphanumeric() || "@._+-".contains(letter)));
            output.push_str(&shown_word(word));
            word.len()
        } else {
            output.push_str(&escape(&rest[..next.len_utf8()]));
            next.len_utf8()
        };
        rest = &rest[taken..];
    }
    output
}

/// Returns the link, mention or command in angle brackets at the start of a text.
fn bracketed(text: &str) -> Option<&str> {
    let end = text.strip_prefix('<')?.find(['<', '>', '\n'])? + 1;
    let is_reference = ["<http", "<mailto:", "<@", "<#", "<!"].iter().any(|start| text.starts_with(start));
    (is_reference && text[end..].starts_with('>')).then(|| &text[..=end])
}

/// Returns the start of a text up to the first letter that ends it, without punctuation at its end.
fn leading(text: &str, ends: impl Fn(char) -> bool) -> &str {
    text[..text.find(ends).unwrap_or(text.len())]
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '-', '_', '+', '@'])
}

fn shown_word(word: &str) -> String {
    let is_address = word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.contains('@') && !host.starts_with('.')
    });
    if is_address { format!("<mailto:{word}|{word}>") } else { word.to_owned() }
}

fn escape(text: &str) -> String {
    text.replace("&amp;", "&").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
