//! The mentions that a message may make: which of Slack's references in a text, in Markdown and in blocks notify.
//!
//! A text names a person as `<@U0123456789>`, a channel as `<#C0123456789>`, a user group as `<!subteam^S0123456789>` and all members as
//! `<!here>`: <https://docs.slack.dev/messaging/formatting-message-text#advanced>. A person is also named as `<@ann@example.com>` or
//! `<@Ann Lee>`, and a channel as `<#general>`, which is looked up. `@Ann Lee` alone mentions nobody: a text can be a quote.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use schemars::JsonSchema;
use serde::Deserialize;

use super::access::Use;
use super::channel::Channel;
use super::person::{self, Person};
use super::text::escape;
use crate::adapters::api::Api;
use crate::error::Result;

/// Who is notified: `people` as `<@ann@example.com>` or `<@Ann Lee>`, or `all`: `<!here>` too.
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
        let code = code_ranges(text);
        let mut markup = String::with_capacity(text.len());
        let mut end = 0;
        for reference in references(text) {
            if code.iter().any(|range| range.contains(&reference.start)) && !has_id(&text[reference.clone()]) {
                continue;
            }
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

    /// Returns the mention that a reference makes, if it is one and is allowed. An address and a name are looked up.
    pub(super) async fn live(self, api: &Api<'_>, reference: &str) -> Result<Option<String>> {
        if self < needed_for(reference) {
            return Ok(None);
        }
        match named(reference) {
            Some(Named::Person(person)) => Ok(Some(format!("<@{}>", person.resolve_id(api).await?))),
            Some(Named::Channel(channel)) => Ok(Some(format!("<#{}>", channel.resolve(api, Use::Post).await?.id))),
            None => Ok(is_known(reference).then(|| reference.to_owned())),
        }
    }
}

/// A person or a channel that a reference names otherwise than by Slack's markup.
enum Named {
    Person(Person),
    Channel(Channel),
}

/// Returns the person or the channel that a reference names; a person also by their id.
fn named(reference: &str) -> Option<Named> {
    let inner = reference.strip_prefix('<')?.strip_suffix('>')?;
    if let Some(person) = inner.strip_prefix('@') {
        return person::parse(reference).or_else(|| person::parse(&format!("@{person}"))).map(Named::Person);
    }
    let channel = inner.strip_prefix('#').filter(|_| !is_known(reference))?;
    match Channel::try_from(format!("#{channel}")).ok()? {
        name @ Channel::Name(_) => Some(Named::Channel(name)),
        Channel::Id(_) | Channel::Person(_) => None,
    }
}

/// True for a reference in Slack's own markup.
pub(super) fn has_id(reference: &str) -> bool {
    is_known(reference) || matches!(named(reference), Some(Named::Person(Person::Id(_))))
}

/// Returns the places of `<@...>`, `<#...>` and `<!...>` in a text; of one without an end that of its first two characters.
pub(super) fn references(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices('<').map(|(start, _)| start);
    let starts = starts.filter(|start| text[start + 1..].starts_with(['@', '#', '!']));
    let end = |start: usize| match text[start + 1..].find(['<', '>', '\n']) {
        Some(length) if text[start + 1 + length..].starts_with('>') => start + length + 2,
        _ => start + 2,
    };
    starts.map(|start| start..end(start)).collect()
}

/// True for a text with `@here`, `@channel` or `@everyone`.
pub(super) fn names_everyone(text: &str) -> bool {
    let text = text.to_lowercase();
    ["@here", "@channel", "@everyone"].iter().any(|word| text.contains(word))
}

/// Returns the policy that a reference needs.
pub(super) fn needed_for(reference: &str) -> Mentions {
    match reference.strip_prefix("<!") {
        Some(command) if command.starts_with("date^") => Mentions::None,
        Some(_) => Mentions::All,
        None => Mentions::People,
    }
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

/// Returns the places of code in Markdown: blocks between two fences, and spans within a line. Whether Slack takes more for code, its
/// pages do not say, so that what is mentioned there counts.
pub(super) fn code_ranges(markdown: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter() {
        let text = markdown[range.clone()].trim_end();
        let is_code = match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => text.ends_with(&text[..3]),
            Event::Code(_) => !text.contains('\n'),
            _ => false,
        };
        if is_code {
            ranges.push(range);
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        let text = "a & <@ann@example.com> <@U0123456789> <#C0123456789> <!here> <!subteam^S0123456789> <!x";
        for (mentions, markup) in [
            (
                Mentions::None,
                "a &amp; &lt;@ann@example.com&gt; &lt;@U0123456789&gt; &lt;#C0123456789&gt; &lt;!here&gt; \
                 &lt;!subteam^S0123456789&gt; &lt;!x",
            ),
            (
                Mentions::People,
                "a &amp; <@U0123456789> <@U0123456789> <#C0123456789> &lt;!here&gt; \
                 &lt;!subteam^S0123456789&gt; &lt;!x",
            ),
            (
                Mentions::All,
                "a &amp; <@U0123456789> <@U0123456789> <#C0123456789> <!here> <!subteam^S0123456789> &lt;!x",
            ),
        ] {
            assert_eq!(write(mentions, text, false).await, markup);
        }
    }

    #[tokio::test]
    async fn people_and_channels_are_mentioned_by_their_names() {
        let harness = ActionHarness::new(&ADAPTER, |sent| {
            let members =
                json!([{ "id": "U0ANN00001", "real_name": "Ann Lee" }, { "id": "U0ANN00002", "real_name": "Ann Ray" }]);
            let channels = json!([{ "id": "C0GENERAL1", "name": "general", "is_private": false }]);
            assert!(
                ["GET /api/users.list", "GET /api/users.conversations"].contains(&sent.line.as_str()),
                "{}",
                sent.line
            );
            Ok((200, json!({ "ok": true, "members": members, "channels": channels })))
        });
        let api = harness.api(ADAPTER.action("send_message").unwrap(), None);
        let text = "Ask <@Ann Lee> or <@@ann ray> in <#general>, not `<@nobody>`, @Ann Lee or <@U0ANN00002>";
        let markup =
            "Ask <@U0ANN00001> or <@U0ANN00002> in <#C0GENERAL1>, not `&lt;@nobody&gt;`, @Ann Lee or <@U0ANN00002>";
        assert_eq!(Mentions::People.write_text(&api, text).await.unwrap(), markup);
        let written = Mentions::People.write_markdown(&api, "**<@Ann Lee>** `<@nobody>`").await.unwrap();
        assert_eq!(written, "**<@U0ANN00001>** `<@nobody>`");
        let unclear = Mentions::People.write_text(&api, "<@Ann>").await.unwrap_err().to_string();
        assert!(unclear.contains("similar names have U0ANN00001 (Ann Lee), U0ANN00002 (Ann Ray)"), "{unclear}");
        assert_eq!(Mentions::None.write_text(&api, "<@Ann>").await.unwrap(), "&lt;@Ann&gt;");
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

    #[tokio::test]
    async fn only_what_slack_shows_as_code_is_code() {
        for live in [
            "\\`<!channel>\\`",
            "# a `\n<!channel> `",
            "- `\n- <!channel> `",
            "`\n \n<!channel>`",
            "> ```\n<!channel>\n> ```",
            "- x\n  ```\n<!channel>",
            "    <!channel>",
            "| a `b | c` |\n|---|---|\n| `x | <!channel>` |",
        ] {
            assert!(write(Mentions::People, live, true).await.contains("&lt;!channel>"), "{live}");
        }
    }
}
