//! The people that a comment mentions, written as `<@ann@example.com>`, `<@Ann Lee>` or `<@1200000000000005>`. `@Ann Lee` alone mentions
//! nobody: a text can be a quote. Asana notifies whom a comment mentions: <https://developers.asana.com/docs/rich-text>

use std::collections::BTreeSet;

use super::markdown::{self, Mention};
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
            if let Ok(person) = serde_json::from_value::<Person>(json!(reference[2..reference.len() - 1])) {
                mentions.push((reference, person.resolve_gid(api, "markdown").await?));
            }
        }
        Ok(mentions)
    }
}

/// Returns `<@...>` wherever it is in the texts of Markdown, each once.
fn references(markdown: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in markdown::texts(markdown) {
        let mut rest = text.as_str();
        while let Some(start) = rest.find("<@") {
            rest = &rest[start..];
            match rest[2..].find(['<', '>', '\n']) {
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

    #[test]
    fn references_are_found_outside_code() {
        let markdown =
            "Hi <@Ann Lee>, <@ann@example.com> and **<@5>**, not `<@Bob>`, <@>, <@a\nb> or @Kim\n\n    <@Sam>";
        let found: Vec<String> = references(markdown).into_iter().collect();
        assert_eq!(found, ["<@5>", "<@Ann Lee>", "<@ann@example.com>"]);
    }
}
