//! The people that a comment mentions, written as `<@ann@example.com>`, `<@Ann Lee>` or `<@1200000000000005>`. `@Ann Lee` alone mentions
//! nobody: a text can be a quote. Asana notifies whom a comment mentions: <https://developers.asana.com/docs/rich-text>

use std::collections::BTreeSet;

use super::markdown::{self, ESCAPED, Mention};
use super::prelude::*;

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
    use crate::adapters::testing;

    #[test]
    fn references_are_found_outside_code() {
        let markdown =
            "Hi <@Ann Lee>, <@ann@example.com> and **<@5>**, not `<@Bob>`, <@>, <@a\nb> or @Kim\n\n    <@Sam>";
        let found: Vec<String> = references(markdown).into_iter().collect();
        assert_eq!(found, ["<@5>", "<@Ann Lee>", "<@ann@example.com>"]);
        assert_eq!(references("\\<@Sam>, &lt;@Sam&gt;, <\\@Sam>, <@Sam\\>").into_iter().next(), None);
    }

    #[tokio::test]
    async fn only_a_quoted_slack_id_of_nobody_is_text() {
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
