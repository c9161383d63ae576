//! The content of a message: text, Markdown, blocks.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};

/// Slack silently truncates longer texts: <https://docs.slack.dev/reference/methods/chat.postMessage>
pub(super) const MAX_TEXT_CHARS: usize = 40_000;
const MAX_MARKDOWN_CHARS: usize = 12_000;
/// <https://docs.slack.dev/reference/block-kit/blocks>
const MAX_BLOCKS: usize = 50;

/// The content of a new or edited message.
pub(super) struct Content<'a> {
    pub(super) text: Option<&'a str>,
    pub(super) markdown: Option<&'a str>,
    pub(super) blocks: Option<&'a [Map<String, Value>]>,
}

impl Content<'_> {
    /// Checks that the content is `text` and `blocks`, or `markdown`, with a text of at most `max_text_chars` characters.
    ///
    /// # Errors
    /// [`Error::Missing`] or [`Error::Invalid`] naming the field.
    pub(super) fn check(&self, max_text_chars: usize) -> Result<()> {
        if self.markdown.is_some() && (self.text.is_some() || self.blocks.is_some()) {
            return Err(Error::invalid("markdown", "cannot be combined with text or blocks"));
        }
        if self.text.or(self.markdown).is_none() && self.blocks.is_none() {
            return Err(Error::Missing(vec!["text or markdown or blocks".to_owned()]));
        }
        if self.blocks.is_some_and(|blocks| blocks.is_empty() || blocks.len() > MAX_BLOCKS) {
            return Err(Error::invalid(
                "blocks",
                format!("must be 1 to {MAX_BLOCKS} blocks, for example [{{\"type\": \"divider\"}}]"),
            ));
        }
        self.text.map_or(Ok(()), |text| check("text", text, max_text_chars))?;
        self.markdown.map_or(Ok(()), |markdown| check("markdown", markdown, MAX_MARKDOWN_CHARS))
    }

    /// Writes the content to a request body.
    pub(super) fn write_to(&self, body: &mut Value) {
        if let Some(text) = self.text {
            body["text"] = json!(escape(text));
        }
        if let Some(markdown) = self.markdown {
            body["markdown_text"] = json!(escape_mentions(markdown));
        }
        if let Some(blocks) = self.blocks {
            body["blocks"] = json!(blocks);
        }
    }
}

/// Checks the text in a field.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check(field: &str, text: &str, max_chars: usize) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    if escape(text).chars().count() > max_chars {
        return Err(Error::invalid(field, format!("must be at most {max_chars} characters")));
    }
    Ok(())
}

/// Escapes Slack's three control characters, so that `<!channel>` in a model's text does not notify the whole channel. `*bold*`,
/// `_italic_` and bare links are kept.
///
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Escapes only the beginnings of mentions: Markdown itself uses `&`, `<` and `>`.
fn escape_mentions(markdown: &str) -> String {
    ["!", "@", "#"]
        .iter()
        .fold(markdown.to_owned(), |text, kind| text.replace(&format!("<{kind}"), &format!("&lt;{kind}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_neutralizes_mentions_and_entities() {
        assert_eq!(escape("a & b < c > d"), "a &amp; b &lt; c &gt; d");
        assert_eq!(escape("<!channel> &amp; *bold*"), "&lt;!channel&gt; &amp;amp; *bold*");
        assert_eq!(
            escape_mentions("> a & **b** <!here> <@U1> <https://x.example>"),
            "> a & **b** &lt;!here> &lt;@U1> <https://x.example>"
        );
    }

    #[test]
    fn text_limit_counts_escaped_characters() {
        assert!(check("text", &"ä".repeat(MAX_TEXT_CHARS), MAX_TEXT_CHARS).is_ok());
        assert!(check("text", &"&".repeat(MAX_TEXT_CHARS / 5 + 1), MAX_TEXT_CHARS).is_err());
        assert!(check("text", " \n", MAX_TEXT_CHARS).is_err());
    }

    #[test]
    fn content_must_be_text_and_blocks_or_markdown() {
        let blocks = [Map::new()];
        let check =
            |text, markdown, blocks| Content { text, markdown, blocks }.check(10).map_err(|error| error.to_string());
        assert!(check(Some("Hi"), None, Some(&blocks)).is_ok() && check(None, Some("Hi"), None).is_ok());
        assert!(check(None, None, Some(&blocks)).is_ok());
        for (text, markdown, blocks) in [
            (None, None, None),
            (Some("Hi"), Some("Hi"), None),
            (None, Some("Hi"), Some(&blocks[..])),
            (None, None, Some(&[][..])),
            (Some("longer than ten"), None, None),
            (None, Some(" "), None),
        ] {
            assert!(check(text, markdown, blocks).is_err(), "{text:?} {markdown:?}");
        }
    }
}
