//! The text of a message's blocks and attachments. Apps often post with them and without a `text`.
//!
//! <https://docs.slack.dev/reference/block-kit/blocks> <https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments>

use serde_json::Value;
use std::collections::HashSet;

use super::markup::{MentionKind, Reader, link, unescape};

/// The fields of a block that hold what it shows, in the order of the screen.
const SHOWN_FIELDS: [&str; 13] = [
    "title",
    "subtitle",
    "header",
    "label",
    "text",
    "body",
    "description",
    "fields",
    "elements",
    "accessory",
    "actions",
    "alt_text",
    "details",
];

/// Returns the whole text of a message: its `text`, and what its blocks and attachments say beyond it.
pub(super) fn of_message(reader: &mut Reader<'_>, text: &str, blocks: &Value, attachments: &Value) -> String {
    let text = reader.read(text);
    // Slack writes the `text` of a person's message into blocks too, and apps repeat theirs.
    let mut parts = vec![joined(text, of_blocks(reader, blocks))];
    let mut said: HashSet<String> = parts.iter().map(|part| words(part)).collect();
    for attachment in items(attachments) {
        let attached = of_attachment(reader, attachment);
        if !attached.is_empty() && said.insert(words(&attached)) {
            parts.push(attached);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Adds what a file says to the text of its message, unless that says it.
pub(super) fn with_file(text: String, file: &str) -> String {
    match (says(&text, file), text.is_empty()) {
        (true, _) => text,
        (false, true) => file.to_owned(),
        (false, false) => format!("{text}\n{file}"),
    }
}

/// Joins two texts of a message, unless one has all words of the other.
fn joined(text: String, more: String) -> String {
    match (says(&text, &more), says(&more, &text)) {
        (true, _) => text,
        (false, true) => more,
        (false, false) => format!("{text}\n{more}"),
    }
}

/// True if a text has all words of another in their order.
fn says(text: &str, other: &str) -> bool {
    words(text).contains(&words(other))
}

/// Returns the words of a text, each between spaces, without signs of markup and what ends a sentence. An emoji is a word, and its tone of
/// skin is none: Slack writes that in a `text` and in blocks in its own ways.
fn words(text: &str) -> String {
    let mut words = String::from(" ");
    for word in text.split_whitespace() {
        let word = word.trim_matches(|c| "*_~`>•".contains(c)).trim_end_matches(|c| ".,;:!?".contains(c));
        let word = word.split_once("::skin-tone-").map_or(word, |(emoji, _)| emoji);
        if !word.is_empty() {
            words.push_str(word);
            words.push(' ');
        }
    }
    words
}

/// Returns the text of blocks, a line or more for each.
fn of_blocks(reader: &mut Reader<'_>, blocks: &Value) -> String {
    let mut lines = Vec::new();
    collect_texts(reader, blocks, &mut lines);
    lines.retain(|line| !line.trim().is_empty());
    lines.join("\n")
}

/// Returns the text of an attachment; of one without any its `fallback`. A preview of a link says nothing of the message.
fn of_attachment(reader: &mut Reader<'_>, attachment: &Value) -> String {
    let is_preview = attachment["from_url"].is_string() || attachment["original_url"].is_string();
    let is_shared = ["is_msg_unfurl", "is_share"].iter().any(|flag| attachment[flag] == true);
    if is_preview && !is_shared {
        return String::new();
    }
    let mut lines = Vec::new();
    let mut push = |reader: &mut Reader<'_>, text: &Value| lines.extend(text.as_str().map(|text| reader.read(text)));
    push(reader, &attachment["pretext"]);
    push(reader, &attachment["author_name"]);
    match (attachment["title"].as_str(), attachment["title_link"].as_str()) {
        (Some(title), Some(address)) => push(reader, &Value::from(format!("<{address}|{title}>"))),
        _ => push(reader, &attachment["title"]),
    }
    push(reader, &attachment["text"]);
    for field in items(&attachment["fields"]) {
        let part = |name: &str| field[name].as_str().unwrap_or_default();
        push(reader, &Value::from([part("title"), part("value")].join(": ").trim_start_matches(": ")));
    }
    push(reader, &attachment["footer"]);
    lines.push(of_blocks(reader, &attachment["blocks"]));
    lines.retain(|line| !line.trim().is_empty());
    match lines.is_empty() {
        true => reader.read(attachment["fallback"].as_str().unwrap_or_default()),
        false => lines.join("\n"),
    }
}

/// Returns an element of a rich text: a paragraph, a list, a quote or code.
fn rich_element(reader: &mut Reader<'_>, element: &Value) -> String {
    let inline = |reader: &mut Reader<'_>| -> String {
        items(&element["elements"]).map(|part| inline_text(reader, part)).collect()
    };
    match element["type"].as_str() {
        Some("rich_text_list") => {
            let indent = "  ".repeat(usize::try_from(element["indent"].as_u64().unwrap_or(0).min(10)).unwrap_or(0));
            let first = element["offset"].as_u64().unwrap_or(0);
            let lines = items(&element["elements"]).zip(1..).map(|(item, number)| {
                let mark = match element["style"].as_str() {
                    Some("ordered") => format!("{}.", first.saturating_add(number)),
                    _ => "•".to_owned(),
                };
                format!("{indent}{mark} {}", rich_element(reader, item))
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Some("rich_text_quote") => {
            inline(reader).lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
        }
        Some("rich_text_preformatted") => format!("```\n{}\n```", inline(reader)),
        _ => inline(reader).trim_end_matches('\n').to_owned(),
    }
}

/// Returns an element inside a line. Its texts are not escaped.
fn inline_text(reader: &mut Reader<'_>, part: &Value) -> String {
    let field = |name: &str| part[name].as_str().unwrap_or_default();
    match part["type"].as_str() {
        Some("user") => reader.mention(MentionKind::Person, field("user_id"), ""),
        Some("channel") => reader.mention(MentionKind::Channel, field("channel_id"), ""),
        Some("usergroup") => reader.mention(MentionKind::Group, field("usergroup_id"), ""),
        Some("broadcast") => reader.broadcast(field("range")),
        Some("emoji") => match part["skin_tone"].as_u64() {
            Some(tone) => format!(":{}::skin-tone-{tone}:", field("name")),
            None => format!(":{}:", field("name")),
        },
        Some("link") => link(field("url"), field("text")),
        Some("date") => field("fallback").to_owned(),
        Some("color") => field("value").to_owned(),
        _ => field("text").to_owned(),
    }
}

/// Returns a row of a table, its cells apart by `|`.
fn table_row(reader: &mut Reader<'_>, row: &Value) -> String {
    let cells = items(row).map(|cell| match cell["type"].as_str() {
        Some("rich_text") => {
            items(&cell["elements"]).map(|element| rich_element(reader, element)).collect::<Vec<_>>().join(" ")
        }
        _ => cell["text"].as_str().unwrap_or_default().to_owned(),
    });
    cells.collect::<Vec<_>>().join(" | ")
}

/// Collects what a block of any kind shows, a new one included: its text objects, in the order of the screen.
fn collect_texts(reader: &mut Reader<'_>, value: &Value, lines: &mut Vec<String>) {
    if let Value::Array(parts) = value {
        parts.iter().for_each(|part| collect_texts(reader, part, lines));
    }
    let Value::Object(fields) = value else { return };
    match (value["type"].as_str(), &value["text"]) {
        (Some("rich_text"), _) => lines.extend(items(&value["elements"]).map(|element| rich_element(reader, element))),
        (Some("table"), _) => lines.extend(items(&value["rows"]).map(|row| table_row(reader, row))),
        (Some("plain_text" | "raw_text"), Value::String(text)) => lines.push(unescape(text)),
        (_, Value::String(text)) => lines.push(reader.read(text)),
        _ => SHOWN_FIELDS.iter().filter_map(|name| fields.get(*name)).for_each(|field| match field {
            Value::String(text) => lines.push(unescape(text)),
            other => collect_texts(reader, other, lines),
        }),
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str, blocks: Value, attachments: Value) -> String {
        of_message(&mut Reader::new(&|_| None), text, &blocks, &attachments)
    }

    #[test]
    fn every_block_has_a_text() {
        let mrkdwn = |text: &str| json!({ "type": "mrkdwn", "text": text });
        for (block, text) in [
            (json!({ "type": "header", "text": { "type": "plain_text", "text": "Build &amp; test" } }), "Build & test"),
            (
                json!({ "type": "section", "text": mrkdwn("*Down*: <https://x.example|page>"), "fields": [mrkdwn("A"), mrkdwn("B")],
                    "accessory": { "type": "button", "text": { "type": "plain_text", "text": "Open" } } }),
                "*Down*: page (https://x.example)\nA\nB\nOpen",
            ),
            (
                json!({ "type": "context", "elements": [mrkdwn("by <@U9>"), { "type": "image", "alt_text": "a cat" }] }),
                "by @U9\na cat",
            ),
            (json!({ "type": "markdown", "text": "**b** & `<c>` <@U9> &lt;!here>" }), "**b** & `<c>` @U9 <!here>"),
            (
                json!({ "type": "card", "body": { "type": "rich_text", "elements": [{ "type": "rich_text_section",
                    "elements": [{ "type": "text", "text": "Ask " }, { "type": "user", "user_id": "U9" }] }] } }),
                "Ask @U9",
            ),
            (
                json!({ "type": "image", "title": { "type": "plain_text", "text": "Chart" }, "alt_text": "rising", "image_url": "https://x" }),
                "Chart\nrising",
            ),
            (
                json!({ "type": "table", "rows": [[{ "type": "raw_text", "text": "a" }, { "type": "raw_text", "text": "b" }]] }),
                "a | b",
            ),
            (json!({ "type": "a_new_one", "body": mrkdwn("new") }), "new"),
            (json!({ "type": "divider" }), ""),
        ] {
            assert_eq!(read("", json!([block]), Value::Null), text, "{block}");
        }
    }

    #[test]
    fn a_rich_text_has_all_its_parts() {
        let text = |text: &str| json!({ "type": "text", "text": text });
        let section = |elements: Value| json!({ "type": "rich_text_section", "elements": elements });
        let elements = json!([
            section(json!([text("Hi "), { "type": "user", "user_id": "U1" }, text(" "), { "type": "emoji", "name": "tada" },
                { "type": "link", "url": "https://x.example", "text": "x" }, { "type": "broadcast", "range": "here" }])),
            { "type": "rich_text_list", "style": "ordered", "elements": [section(json!([text("a")])), section(json!([text("b")]))] },
            { "type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [section(json!([text("c")]))] },
            { "type": "rich_text_quote", "elements": [text("q")] },
            { "type": "rich_text_preformatted", "elements": [text("if a < b")] },
        ]);
        let blocks = json!([{ "type": "rich_text", "elements": elements }]);
        assert_eq!(
            read("", blocks, Value::Null),
            "Hi @U1 :tada:x (https://x.example)@here\n1. a\n2. b\n  • c\n> q\n```\nif a < b\n```"
        );
    }

    #[test]
    fn an_attachment_is_read_and_a_preview_is_not() {
        let attachment = json!({ "pretext": "New", "title": "Bug 1", "title_link": "https://x.example/1", "text": "It &lt; fails",
            "fields": [{ "title": "Priority", "value": "High" }], "fallback": "unused" });
        let expected = "New\nBug 1 (https://x.example/1)\nIt < fails\nPriority: High";
        assert_eq!(read("", Value::Null, json!([attachment])), expected);
        assert_eq!(read("", Value::Null, json!([{ "fallback": "only" }])), "only");
        let preview = json!([{ "from_url": "https://x.example", "title": "A page" }]);
        assert_eq!(read("See <https://x.example>", Value::Null, preview), "See https://x.example");
        let shared = json!([{ "from_url": "https://x.slack.com/archives/C1/p1", "is_share": true, "text": "quoted" }]);
        assert_eq!(read("Look", Value::Null, shared), "Look\nquoted");
    }

    #[test]
    fn nothing_is_said_twice() {
        let rich = |text: &str| json!([{ "type": "rich_text", "elements": [{ "type": "rich_text_section", "elements": [{ "type": "text", "text": text }] }] }]);
        assert_eq!(read("a *bold* word", rich("a bold word"), Value::Null), "a *bold* word");
        assert_eq!(read("Alert", rich("Alert: disk full"), Value::Null), "Alert: disk full");
        assert_eq!(read("New alert", rich("Disk full"), Value::Null), "New alert\nDisk full");
        assert_eq!(
            read("Hi :wave::skin-tone-2: all", rich("Hi :wave: all"), Value::Null),
            "Hi :wave::skin-tone-2: all"
        );
        // Letters within a longer word, and emoji alone, are words of their own.
        let shared = |text: &str| json!([{ "is_share": true, "text": text }]);
        assert_eq!(read("no", Value::Null, shared("I know the answer")), "no\nI know the answer");
        assert_eq!(read("5", rich("15 items"), Value::Null), "5\n15 items");
        assert_eq!(read("🚨🚨", Value::Null, shared("Server down")), "🚨🚨\nServer down");
        assert_eq!(read("down", rich("🚨"), shared("down")), "down\n🚨\ndown");
        for (text, block) in
            [(":hourglass: Build", ":x: Build"), ("Balance 5", "Balance -5"), ("run 10:15:00", "run 10:20:00")]
        {
            assert_eq!(read(text, rich(block), Value::Null), format!("{text}\n{block}"));
        }
        assert_eq!(with_file("no".to_owned(), "File: Log\nno errors"), "no\nFile: Log\nno errors");
    }
}
