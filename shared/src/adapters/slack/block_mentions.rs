//! The mentions in blocks: <https://docs.slack.dev/reference/block-kit/blocks>

use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::Range;

use super::mention_policy::{Mentions, code_ranges, has_id, names_everyone, needed_for, references};
use crate::adapters::api::Api;
use crate::error::Result;

/// The mention in Slack's markup for each reference by a name or an address.
type Live = HashMap<String, String>;

impl Mentions {
    /// Writes the mentions of blocks: those that are allowed by ids, and what others show.
    ///
    /// # Errors
    /// As [`Mentions::write_text`].
    pub(super) async fn write_blocks(self, api: &Api<'_>, blocks: &mut Value) -> Result<()> {
        let (mut named, mut live) = (Vec::new(), Live::new());
        add_named(blocks, &mut named);
        for reference in named {
            if let Some(mention) = self.live(api, &reference).await? {
                live.insert(reference, mention);
            }
        }
        self.limit_blocks(blocks, &live);
        Ok(())
    }

    fn limit_blocks(self, blocks: &mut Value, live: &Live) {
        match blocks {
            Value::Array(parts) => parts.iter_mut().for_each(|part| self.limit_blocks(part, live)),
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
                // https://docs.slack.dev/reference/block-kit/composition-objects/text-object: otherwise "certain mentions" in plain
                // words count too.
                if kind == "mrkdwn" && self < Self::All && names_everyone(field("text")) {
                    fields.insert("verbatim".to_owned(), json!(true));
                }
                match fields.get_mut("text") {
                    Some(Value::String(text)) if kind == "mrkdwn" => *text = self.limit_markup(text, &[], live),
                    Some(Value::String(text)) if kind == "markdown" => {
                        let code = code_ranges(text);
                        *text = self.limit_markup(text, &code, live);
                    }
                    _ => fields.values_mut().for_each(|field| self.limit_blocks(field, live)),
                }
            }
            _ => {}
        }
    }

    /// Writes the mentions of a block's markup, and escapes those that are not allowed.
    fn limit_markup(self, markup: &str, code: &[Range<usize>], live: &Live) -> String {
        let mut limited = markup.to_owned();
        for reference in references(markup).into_iter().rev() {
            let is_code = code.iter().any(|range| range.contains(&reference.start));
            if is_code {
                continue;
            }
            if self < needed_for(&markup[reference.clone()]) {
                limited.replace_range(reference.start..=reference.start, "&lt;");
            } else if let Some(mention) = live.get(&markup[reference.clone()]) {
                limited.replace_range(reference, mention);
            }
        }
        limited
    }
}

/// Adds the references in the markup of blocks that name a person or a channel by a name or an address, except in code.
fn add_named(blocks: &Value, named: &mut Vec<String>) {
    match blocks {
        Value::Array(parts) => parts.iter().for_each(|part| add_named(part, named)),
        Value::Object(fields) => match (fields.get("type").and_then(Value::as_str), fields.get("text")) {
            (Some("mrkdwn" | "markdown"), Some(Value::String(text))) => {
                let code = code_ranges(text);
                let is_shown = |reference: &Range<usize>| !code.iter().any(|range| range.contains(&reference.start));
                let texts = references(text).into_iter().filter(is_shown).map(|reference| text[reference].to_owned());
                named.extend(texts.filter(|reference| !has_id(reference)));
            }
            _ => fields.values().for_each(|field| add_named(field, named)),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::ActionHarness;

    #[tokio::test]
    async fn people_and_channels_in_blocks_are_mentioned_by_their_names() {
        let harness = ActionHarness::new(&ADAPTER, |_| {
            let members = json!([{ "id": "U0ANN00001", "real_name": "Ann Lee" }]);
            let channels = json!([{ "id": "C0GENERAL1", "name": "general", "is_private": false }]);
            Ok((200, json!({ "ok": true, "members": members, "channels": channels })))
        });
        let api = harness.api(ADAPTER.action("send_message").unwrap(), None);
        let section =
            |kind: &str, text: &str| json!([{ "type": "section", "fields": [{ "type": kind, "text": text }] }]);
        let text = "<@Ann Lee> in <#general>, `<@nobody>` <!here>";
        let mut blocks = section("markdown", text);
        Mentions::People.write_blocks(&api, &mut blocks).await.unwrap();
        assert_eq!(blocks, section("markdown", "<@U0ANN00001> in <#C0GENERAL1>, `<@nobody>` &lt;!here>"));
        let mut blocks = section("plain_text", text);
        Mentions::People.write_blocks(&api, &mut blocks).await.unwrap();
        assert_eq!(blocks, section("plain_text", text));
        let mut blocks = section("mrkdwn", "<@Ann Ray>");
        assert!(
            Mentions::People.write_blocks(&api, &mut blocks).await.is_err(),
            "an unknown person is not passed over"
        );
        Mentions::None.write_blocks(&api, &mut blocks).await.unwrap();
        assert_eq!(blocks, section("mrkdwn", "&lt;@Ann Ray>"));
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
            mentions.limit_blocks(&mut limited, &Live::new());
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

    #[test]
    fn plain_words_in_blocks_are_no_mentions_and_dates_are_shown() {
        let section = |text: &str| json!([{ "type": "section", "text": { "type": "mrkdwn", "text": text } }]);
        let limited = |mentions: Mentions, text: &str| {
            let mut blocks = section(text);
            mentions.limit_blocks(&mut blocks, &Live::new());
            blocks[0]["text"].clone()
        };
        assert_eq!(limited(Mentions::People, "@here")["verbatim"], true);
        assert_eq!(limited(Mentions::All, "@here")["verbatim"], Value::Null);
        let date = "<!date^1392734382^{date_short}|Feb 18>";
        assert_eq!(limited(Mentions::None, date), json!({ "type": "mrkdwn", "text": date }));
    }
}
