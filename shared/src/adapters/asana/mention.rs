//! The people that a comment mentions, written as `<@ann@example.com>`, `<@Ann Lee>` or `<@1200000000000005>`. `@Ann Lee` alone mentions
//! nobody: a text can be a quote. Asana notifies whom a comment mentions: <https://developers.asana.com/docs/rich-text>

use std::collections::BTreeSet;
use xmlparser::{Token, Tokenizer};

use super::link;
use super::markdown::{self, ESCAPED, Mention};
use super::prelude::*;
use super::rich_text::unescape;

/// Maximum number of people that a comment mentions.
const MAX_MENTIONS: usize = 20;

/// The people who are mentioned: `people` as `<@ann@example.com>` or `<@Ann Lee>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum Mentions {
    None,
    #[default]
    People,
}

impl Mentions {
    /// Returns the people whom a Markdown text mentions, with their ids.
    ///
    /// # Errors
    /// Nobody or several people of a name, too many mentions, or a failure of the look-up.
    pub(super) async fn resolve(self, api: &Api<'_>, markdown: Option<&Plain>) -> Result<Vec<Mention>> {
        let written =
            markdown.filter(|_| self == Self::People).map(|markdown| references(markdown)).unwrap_or_default();
        if written.len() > MAX_MENTIONS {
            let reason = format!("must mention at most {MAX_MENTIONS} people; it mentions {}", written.len());
            return Err(Error::invalid("context.markdown", reason));
        }
        let mut mentions = vec![];
        for reference in written {
            let name = &reference[2..reference.len() - 1];
            let Ok(person) = serde_json::from_value::<Person>(json!(name)) else { continue };
            match person.resolve_gid(api, "markdown").await {
                Ok(gid) => mentions.push((reference, gid)),
                // A message of Slack that is quoted.
                Err(Error::Invalid { .. }) if is_slack_id(name) => {}
                Err(Error::Invalid { field, reason }) => {
                    let advice = format!(
                        "{reason}; {reference} in a text is a mention: write it as code, or set \"mentions\": \"none\""
                    );
                    return Err(Error::invalid(field, advice));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(mentions)
    }
}

/// Returns the ids of the objects that a text in Asana's HTML names by their ids or by a link to a profile, each once. Asana tells a person
/// from another object only by the id.
pub(super) fn in_html(html: &str) -> BTreeSet<String> {
    let (mut found, mut is_link) = (BTreeSet::new(), false);
    for token in Tokenizer::from(html).map_while(Result::ok) {
        match token {
            Token::ElementStart { local, .. } => is_link = local.as_str() == "a",
            Token::Attribute { local, value, .. } if is_link => {
                let value = unescape(value.as_str());
                match (local.as_str(), link::gid_of(&value, "user")) {
                    ("data-asana-gid", _) => found.extend([value]),
                    ("href", Some(Ok(gid))) => found.extend([gid]),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// True for an id of a person in Slack, such as `U024BE7LH`.
fn is_slack_id(name: &str) -> bool {
    let rest = name.strip_prefix(['U', 'W']).unwrap_or_default();
    rest.len() >= 6 && rest.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// Returns `<@...>` wherever it is in the texts of Markdown, each once.
fn references(markdown: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in markdown::texts(markdown) {
        let mut rest = text.as_str();
        while let Some(start) = rest.find("<@") {
            rest = &rest[start..];
            match rest[2..].find(['<', '>', '\n', ESCAPED]) {
                Some(length) if length > 0 && rest[2 + length..].starts_with('>') => {
                    found.insert(rest[..length + 3].to_owned());
                    rest = &rest[length + 3..];
                }
                _ => rest = &rest[2..],
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness};

    #[test]
    fn references_are_found_outside_code() {
        let markdown =
            "Hi <@Ann Lee>, <@ann@example.com> and **<@5>**, not `<@Bob>`, <@>, <@a\nb> or @Kim\n\n    <@Sam>";
        let found: Vec<String> = references(markdown).into_iter().collect();
        assert_eq!(found, ["<@5>", "<@Ann Lee>", "<@ann@example.com>"]);
        assert_eq!(references("\\<@Sam>, &lt;@Sam&gt;, <\\@Sam>, <@Sam\\>").into_iter().next(), None);
    }

    #[tokio::test]
    async fn the_people_that_html_mentions_are_targets() {
        let html = "<body><a data-asana-gid=\"5\"/> <a href=\"https://app.asana.com/0/profile/6\">Sam</a> \
            <a href=\"https://x.example\">x</a> &lt;@7&gt;</body>";
        for (action, context) in [
            ("add_comment", json!({ "taskId": "42", "htmlText": html })),
            ("update_comment", json!({ "commentId": "42", "htmlText": html })),
            ("create_task", json!({ "projectId": "42", "name": "a", "htmlNotes": html })),
            ("create_subtask", json!({ "taskId": "42", "name": "a", "htmlNotes": html })),
            ("update_task", json!({ "taskId": "42", "htmlNotes": html })),
            ("create_project", json!({ "workspaceId": "7", "teamId": "8", "name": "a", "htmlNotes": html })),
            ("update_project", json!({ "projectId": "42", "htmlNotes": html })),
        ] {
            let harness = ActionHarness::new(&ADAPTER, |_| Ok((200, json!({ "data": {} }))));
            let def = ADAPTER.action(action).unwrap();
            let targets = def.targets(&harness.api(def, None), &context).await.unwrap();
            assert_eq!(targets[1..], [Target::person("5"), Target::person("6")], "{action}");
        }
    }

    #[tokio::test]
    async fn only_an_unknown_quoted_slack_id_is_text() {
        let comment = async |markdown: &str| {
            let context = json!({ "taskId": "42", "markdown": markdown });
            let (output, calls) = testing::run(&ADAPTER, "add_comment", context, |sent| match sent.line.as_str() {
                "GET /api/1.0/workspaces" => (200, json!({ "data": [{ "gid": "7", "name": "Home" }] })),
                "GET /api/1.0/users" => (200, json!({ "data": [{ "gid": "5", "name": "WILLIAM" }] })),
                _ => (201, json!({ "data": { "gid": "99" } })),
            })
            .await;
            let sent = calls.iter().find(|sent| sent.line.starts_with("POST"));
            output.map(|_| sent.unwrap().body["data"]["html_text"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(comment("Hi <@U024BE7LH>").await.unwrap(), "<body>Hi &lt;@U024BE7LH&gt;</body>");
        assert_eq!(comment("Hi <@WILLIAM>").await.unwrap(), "<body>Hi <a data-asana-gid=\"5\"/></body>");
        let refused = comment("Hi <@Bob>").await.unwrap_err().to_string();
        assert!(refused.contains("write it as code") && refused.contains("\"mentions\": \"none\""), "{refused}");
    }
}
