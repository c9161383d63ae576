//! The mentions that a message may make: which of Slack's references in a text, in Markdown and in blocks notify.
//!
//! A text names a person as `<@U0123456789>` or `<@ann@example.com>`, a channel as `<#C0123456789>`, a user group as
//! `<!subteam^S0123456789>` and all members as `<!here>`: <https://docs.slack.dev/messaging/formatting-message-text#advanced>

use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::person;
use super::text::escape;
use crate::adapters::api::Api;
use crate::error::Result;

/// Who is notified: `people` as `<@ann@example.com>`, or `all`: `<!here>` too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum Mentions {
    None,
    #[default]
    People,
    All,
}

impl Mentions {
    /// Returns a text in Slack's markup, escaped except for the mentions that are allowed.
    ///
    /// # Errors
    /// No person with a mentioned address, or a failure of the look-up.
    pub(super) async fn write_text(self, api: &Api<'_>, text: &str) -> Result<String> {
        let mut markup = String::with_capacity(text.len());
        let mut end = 0;
        for reference in references(text) {
            let Some(live) = self.live(api, &text[reference.clone()]).await? else { continue };
            markup.push_str(&escape(&text[end..reference.start]));
            markup.push_str(&live);
            end = reference.end;
        }
        markup.push_str(&escape(&text[end..]));
        Ok(markup)
    }

    /// Returns Markdown in which mentions that are not allowed are escaped. Code is not changed: Slack shows it as it is.
    ///
    /// # Errors
    /// As [`Mentions::write_text`].
    pub(super) async fn write_markdown(self, api: &Api<'_>, markdown: &str) -> Result<String> {
        let code = code_ranges(markdown);
        let mut written = String::with_capacity(markdown.len());
        let mut end = 0;
        for reference in references(markdown) {
            if code.iter().any(|range| range.contains(&reference.start)) {
                continue;
            }
            written.push_str(&markdown[end..reference.start]);
            match self.live(api, &markdown[reference.clone()]).await? {
                Some(live) => written.push_str(&live),
                None => written.push_str(&markdown[reference.clone()].replacen('<', "&lt;", 1)),
            }
            end = reference.end;
        }
        written.push_str(&markdown[end..]);
        Ok(written)
    }

    /// Replaces mentions in blocks that are not allowed by what they show.
    pub(super) fn limit_blocks(self, blocks: &mut Value) {
        match blocks {
            Value::Array(parts) => parts.iter_mut().for_each(|part| self.limit_blocks(part)),
            Value::Object(fields) => {
                let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
                let field = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
                let (needed, shown) = match kind.as_str() {
                    "user" => (Self::People, format!("@{}", field("user_id"))),
                    "usergroup" => (Self::All, format!("@{}", field("usergroup_id"))),
                    "broadcast" => (Self::All, format!("@{}", field("range"))),
                    _ => (Self::None, String::new()),
                };
                if self < needed {
                    *blocks = json!({ "type": "text", "text": shown });
                    return;
                }
                match fields.get_mut("text") {
                    Some(Value::String(text)) if kind == "mrkdwn" => *text = self.limit_markup(text, &[]),
                    Some(Value::String(text)) if kind == "markdown" => {
                        let code = code_ranges(text);
                        *text = self.limit_markup(text, &code);
                    }
                    _ => fields.values_mut().for_each(|field| self.limit_blocks(field)),
                }
            }
            _ => {}
        }
    }

    /// Escapes mentions in a block's markup that are not allowed.
    fn limit_markup(self, markup: &str, code: &[Range<usize>]) -> String {
        let mut limited = markup.to_owned();
        for reference in references(markup).into_iter().rev() {
            let is_code = code.iter().any(|range| range.contains(&reference.start));
            if !is_code && self < needed_for(&markup[reference.clone()]) {
                limited.replace_range(reference.start..=reference.start, "&lt;");
            }
        }
        limited
    }

    /// Returns the mention that a reference makes, if it is one and is allowed. An address is looked up.
    async fn live(self, api: &Api<'_>, reference: &str) -> Result<Option<String>> {
        if self < needed_for(reference) {
            return Ok(None);
        }
        if let Some(person) = reference.starts_with("<@").then(|| person::parse(reference)).flatten() {
            return Ok(Some(format!("<@{}>", person.resolve_id(api).await?)));
        }
        Ok(is_known(reference).then(|| reference.to_owned()))
    }
}

/// Returns the places of `<@...>`, `<#...>` and `<!...>` in a text; of one without an end that of its first two characters.
fn references(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices('<').map(|(start, _)| start);
    let starts = starts.filter(|start| text[start + 1..].starts_with(['@', '#', '!']));
    let end = |start: usize| match text[start + 1..].find(['<', '>', '\n']) {
        Some(length) if text[start + 1 + length..].starts_with('>') => start + length + 2,
        _ => start + 2,
    };
    starts.map(|start| start..end(start)).collect()
}

/// Returns the policy that a reference needs.
fn needed_for(reference: &str) -> Mentions {
    if reference.starts_with("<!") { Mentions::All } else { Mentions::People }
}

/// True for a mention of a channel by its id, of a user group, and of all members.
fn is_known(reference: &str) -> bool {
    let inner = reference.trim_start_matches('<').trim_end_matches('>');
    let is_id = |id: &str| id.len() >= 9 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let id = inner.split('|').next().unwrap_or(inner);
    matches!(id, "!here" | "!channel" | "!everyone")
        || id.strip_prefix('#').is_some_and(|id| id.starts_with(['C', 'G']) && is_id(id))
        || id.strip_prefix("!subteam^").is_some_and(|id| id.starts_with('S') && is_id(id))
}

/// Returns the places of code in Markdown: blocks between fences of three or more, and spans between equal runs of backticks.
/// <https://spec.commonmark.org/0.31.2/#fenced-code-blocks> <https://spec.commonmark.org/0.31.2/#code-spans>
fn code_ranges(markdown: &str) -> Vec<Range<usize>> {
    let (mut ranges, mut open, mut prose, mut at) = (Vec::new(), None::<(usize, &str)>, 0, 0);
    for line in markdown.split_inclusive('\n') {
        let fence = fence_of(line);
        match (open, fence) {
            (None, Some(fence)) => {
                ranges.extend(code_spans(markdown, prose..at));
                open = Some((at, fence));
            }
            (Some((start, opened)), Some(fence)) if closes(opened, fence, line) => {
                prose = at + line.len();
                ranges.push(start..prose);
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    match open {
        Some((start, _)) => ranges.push(start..at),
        None => ranges.extend(code_spans(markdown, prose..at)),
    }
    ranges
}

/// Returns the fence with which a line starts, if any.
fn fence_of(line: &str) -> Option<&str> {
    let indented = line.trim_start_matches(' ');
    let mark = indented.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let rest = indented.trim_start_matches(mark);
    let fence = &indented[..indented.len() - rest.len()];
    let is_span = mark == '`' && rest.contains('`');
    (line.len() - indented.len() <= 3 && fence.len() >= 3 && !is_span).then_some(fence)
}

fn closes(opened: &str, fence: &str, line: &str) -> bool {
    fence.starts_with(opened) && line.trim() == fence
}

/// Returns the places of code spans in a part without fences.
fn code_spans(markdown: &str, part: Range<usize>) -> Vec<Range<usize>> {
    let (mut spans, mut at) = (Vec::new(), part.start);
    while let Some(start) = markdown[at..part.end].find('`').map(|offset| at + offset) {
        let length = markdown[start..part.end].bytes().take_while(|byte| *byte == b'`').count();
        at = start + length;
        // A span ends at a run of the same length, and not behind its paragraph.
        let end = markdown[at..part.end].find("\n\n").map_or(part.end, |offset| at + offset);
        let mut next = at;
        while let Some(run) = markdown[next..end].find('`').map(|offset| next + offset) {
            let run_length = markdown[run..end].bytes().take_while(|byte| *byte == b'`').count();
            next = run + run_length;
            if run_length == length {
                spans.push(start..next);
                at = next;
                break;
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::ActionHarness;

    async fn write(mentions: Mentions, text: &str, is_markdown: bool) -> String {
        let harness =
            ActionHarness::new(&ADAPTER, |_| Ok((200, json!({ "ok": true, "user": { "id": "U0123456789" } }))));
        let api = harness.api(ADAPTER.action("send_message").unwrap(), None);
        match is_markdown {
            true => mentions.write_markdown(&api, text).await.unwrap(),
            false => mentions.write_text(&api, text).await.unwrap(),
        }
    }

    #[tokio::test]
    async fn a_text_has_the_mentions_that_its_policy_allows() {
        let text = "a & <@ann@example.com> <@U0123456789> <@x> <#C0123456789> <!here> <!subteam^S0123456789> <!x";
        for (mentions, markup) in [
            (
                Mentions::None,
                "a &amp; &lt;@ann@example.com&gt; &lt;@U0123456789&gt; &lt;@x&gt; &lt;#C0123456789&gt; &lt;!here&gt; \
                 &lt;!subteam^S0123456789&gt; &lt;!x",
            ),
            (
                Mentions::People,
                "a &amp; <@U0123456789> <@U0123456789> &lt;@x&gt; <#C0123456789> &lt;!here&gt; \
                 &lt;!subteam^S0123456789&gt; &lt;!x",
            ),
            (
                Mentions::All,
                "a &amp; <@U0123456789> <@U0123456789> &lt;@x&gt; <#C0123456789> <!here> <!subteam^S0123456789> &lt;!x",
            ),
        ] {
            assert_eq!(write(mentions, text, false).await, markup);
        }
    }

    #[tokio::test]
    async fn code_in_markdown_is_not_changed() {
        let code = "Use `<!here>` or ``a ` <@U0123456789>``:\n\n```c\n#include <#x>\nif (a <!b) & c\n```\n~~~\n<!here>\n```\n~~~\n";
        for mentions in [Mentions::None, Mentions::People, Mentions::All] {
            assert_eq!(write(mentions, code, true).await, code);
        }
        let text = "> `a` <!here> <@U0123456789> & <https://x.example> `\n\n<!channel>`";
        assert_eq!(
            write(Mentions::People, text, true).await,
            "> `a` &lt;!here> <@U0123456789> & <https://x.example> `\n\n&lt;!channel>`"
        );
        assert!(write(Mentions::None, text, true).await.contains("&lt;@U0123456789>"));
        assert_eq!(write(Mentions::All, text, true).await, text);
    }

    #[test]
    fn blocks_have_the_mentions_that_their_policy_allows() {
        let elements = |parts: Value| {
            json!([{ "type": "rich_text", "elements": [{ "type": "rich_text_section", "elements": parts }] },
            { "type": "section", "text": { "type": "mrkdwn", "text": "<!here> <@U1> <https://x.example|x>" } },
            { "type": "header", "text": { "type": "plain_text", "text": "<!here>" } },
            { "type": "markdown", "text": "`<!here>` <!here>" }])
        };
        let blocks = elements(json!([{ "type": "user", "user_id": "U1" }, { "type": "broadcast", "range": "here" },
            { "type": "usergroup", "usergroup_id": "S1" }]));
        let limited = |mentions: Mentions| {
            let mut limited = blocks.clone();
            mentions.limit_blocks(&mut limited);
            limited
        };
        assert_eq!(limited(Mentions::All), blocks);
        let people = limited(Mentions::People);
        assert_eq!(
            people[0]["elements"][0]["elements"],
            json!([{ "type": "user", "user_id": "U1" }, { "type": "text", "text": "@here" }, { "type": "text", "text": "@S1" }])
        );
        assert_eq!(people[1]["text"]["text"], "&lt;!here> <@U1> <https://x.example|x>");
        assert_eq!(
            (&people[2]["text"]["text"], &people[3]["text"]),
            (&json!("<!here>"), &json!("`<!here>` &lt;!here>"))
        );
        let none = limited(Mentions::None);
        assert_eq!(none[0]["elements"][0]["elements"][0], json!({ "type": "text", "text": "@U1" }));
        assert_eq!(none[1]["text"]["text"], "&lt;!here> &lt;@U1> <https://x.example|x>");
    }
}
