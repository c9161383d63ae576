//! The content of a message: text, Markdown, blocks.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::ops::Deref;

use super::mention_policy::Mentions;
use crate::adapters::api::Api;
use crate::adapters::input::{Items, Text};
use crate::error::{Error, Result};

/// Slack silently truncates longer texts: <https://docs.slack.dev/reference/methods/chat.postMessage>
pub(super) const MAX_TEXT_CHARS: usize = 40_000;

/// Markdown: <https://docs.slack.dev/reference/methods/chat.postMessage#arg_markdown_text>
pub(super) type Markdown = Text<12_000>;

/// Block Kit blocks: <https://docs.slack.dev/reference/block-kit/blocks>
pub(super) type Blocks = Items<Map<String, Value>, 50>;

/// A text in Slack's markup, escaped, of at most `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(inline, with = "String", extend("minLength" = 1, "maxLength" = MAX, "x-multiline" = true))]
pub(super) struct Markup<const MAX: usize> {
    escaped: String,
    written: String,
}

/// The content of a new or edited message.
pub(super) struct Content<'a> {
    /// The text as it was written.
    pub(super) text: Option<&'a str>,
    pub(super) markdown: Option<&'a Markdown>,
    pub(super) blocks: Option<&'a Blocks>,
    pub(super) mentions: Mentions,
}

impl<'de, const MAX: usize> Deserialize<'de> for Markup<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Text::<MAX>::deserialize(deserializer)?.to_string();
        let escaped = escape(&written);
        let count = escaped.chars().count();
        if count > MAX {
            return Err(D::Error::custom(format!(
                "must have at most {MAX} characters; it has {count}, because Slack counts & as 5 and < and > as 4"
            )));
        }
        Ok(Self { escaped, written })
    }
}

impl<const MAX: usize> Deref for Markup<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.escaped
    }
}

impl<const MAX: usize> Markup<MAX> {
    /// Returns the text as it was written.
    pub(super) fn as_written(&self) -> &str {
        &self.written
    }
}

impl Content<'_> {
    /// Checks that the content is `text` and `blocks`, or `markdown`.
    ///
    /// # Errors
    /// [`Error::Missing`] or [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        match (self.markdown, self.text.is_some() || self.blocks.is_some()) {
            (Some(_), true) => Err(Error::invalid("markdown", "cannot be combined with text or blocks")),
            (None, false) => Err(Error::Missing(vec!["text or markdown or blocks".to_owned()])),
            _ => Ok(()),
        }
    }

    /// Writes the content to a request body, with the mentions that are allowed.
    ///
    /// # Errors
    /// As [`Mentions::write_text`].
    pub(super) async fn write_to(&self, api: &Api<'_>, body: &mut Value) -> Result<()> {
        if let Some(text) = self.text {
            body["text"] = json!(self.mentions.write_text(api, text).await?);
        }
        if let Some(markdown) = self.markdown {
            body["markdown_text"] = json!(self.mentions.write_markdown(api, markdown).await?);
        }
        if let Some(blocks) = self.blocks {
            body["blocks"] = json!(blocks);
            self.mentions.write_blocks(api, &mut body["blocks"]).await?;
        }
        Ok(())
    }
}

/// Escapes Slack's three control characters, so that `<!channel>` in a model's text does not notify the whole channel. `*bold*`,
/// `_italic_` and bare links are kept.
///
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_neutralizes_mentions_and_entities() {
        assert_eq!(escape("a & b < c > d"), "a &amp; b &lt; c &gt; d");
        assert_eq!(escape("<!channel> &amp; *bold*"), "&lt;!channel&gt; &amp;amp; *bold*");
    }

    #[test]
    fn text_limit_counts_escaped_characters() {
        let parse = |text: String| serde_json::from_value::<Markup<20>>(json!(text));
        assert_eq!(&*parse("ä".repeat(20)).unwrap(), "ä".repeat(20));
        assert_eq!(&*parse("&".repeat(4)).unwrap(), "&amp;".repeat(4));
        assert!(parse("&".repeat(5)).unwrap_err().to_string().contains("it has 25, because"));
    }
}
