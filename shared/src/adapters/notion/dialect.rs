//! The dialect in which an input has its content, and what Notion is sent for it.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::markdown;
use crate::error::{Error, Result};

/// Bytes of content in a request, as JSON: there is room for an id, a title and some properties beside it.
/// <https://developers.notion.com/reference/request-limits>
const MAX_BYTES: usize = 499_000;

/// `markdown` is CommonMark, in which tags are text. `notion` is Notion's own dialect, with tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum Dialect {
    #[default]
    Markdown,
    Notion,
}

impl Dialect {
    /// Checks content as Notion is sent it.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::error::Kind::Invalid) for content that moves what exists, unless `allows_moves`, or that is too long.
    pub(super) fn check(self, field: &str, content: &str, allows_moves: bool) -> Result<()> {
        let moved = if self == Self::Notion && !allows_moves { markdown::find_move(content) } else { None };
        if let Some(name) = moved {
            let reason = format!(
                "must not have the tag <{name}> of what exists, because Notion moves it here; write a link, as \
                 [Plan](https://www.notion.so/..), or set `allowMoves` of notion_append_content"
            );
            return Err(Error::invalid(field, reason));
        }
        let sent = self.to_notion(content);
        if sent.trim().is_empty() {
            return Err(Error::invalid(field, "must have a text that is shown; a comment of HTML is none"));
        }
        if json!(sent).to_string().len() > MAX_BYTES {
            return Err(Error::invalid(field, "must have at most 499,000 bytes as Notion's Markdown"));
        }
        Ok(())
    }

    /// Returns content in Notion's dialect.
    pub(super) fn to_notion(self, content: &str) -> Cow<'_, str> {
        match self {
            Self::Markdown => Cow::Owned(markdown::to_notion(content)),
            Self::Notion => Cow::Borrowed(content),
        }
    }

    /// Returns content of Notion in this dialect.
    pub(super) fn read(self, content: &str) -> String {
        match self {
            Self::Markdown => markdown::from_notion(content),
            Self::Notion => content.to_owned(),
        }
    }

    /// Adds content to a request, in the field of this name, with the version of the dialect.
    pub(super) fn insert(self, body: &mut Value, field: &str, content: &str) {
        body[field] = json!(self.to_notion(content));
        body["markdown_version"] = json!(markdown::VERSION);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_that_moves_is_refused_in_every_spelling() {
        let url = "https://www.notion.so/7c1f0a527a3e4c549a550d1f6b3c0010";
        for content in [
            format!("<page url=\"{url}\">Plan</page>"),
            format!("a <PAGE URL='{url}'>Plan</PAGE>"),
            format!("> - <page\n\tcolor=\"red\"\n\turl={url}\n>Plan</page>"),
            format!("< page url=\"{url}\">"),
            format!("<page u&#114;l=\"{url}\">"),
            format!("<page color=\">\" url=\"{url}\">"),
            format!("<database\u{a0}url=\"{url}\" inline=\"true\">D</database>"),
            "<folder>F</folder>".to_owned(),
            format!("<synced-block url=\"{url}\">x</synced-block>"),
            format!("<synced-block-reference url=\"{url}\">x</synced-block-reference>"),
            format!("<custom-block definition-id=\"d\" url=\"{url}\" />"),
            format!("<meeting-notes view-url=\"{url}\">T</meeting-notes>"),
            format!("\\\\<page url=\"{url}\">"),
            format!("```a`\n<page url=\"{url}\">\n```"),
            format!("$$\n\n```\n$$\n<page url=\"{url}\">\n```"),
            format!("<page url=\"{url}\""),
        ] {
            let error = Dialect::Notion.check("content", &content, false).unwrap_err();
            assert!(error.to_string().contains("Notion moves it here"), "{content}: {error}");
            assert!(error.to_string().contains("`allowMoves` of notion_append_content"), "{error}");
            Dialect::Notion.check("content", &content, true).unwrap();
            Dialect::Markdown.check("content", &content, false).unwrap();
        }
        for content in [
            format!("```\n<page url=\"{url}\">Plan</page>\n```"),
            format!("\\<page url=\"{url}\">, &lt;page url=\"{url}\">"),
            "<page>New</page>".to_owned(),
            "<pages url=\"x\">".to_owned(),
        ] {
            Dialect::Notion.check("content", &content, false).unwrap();
        }
    }

    #[test]
    fn content_that_shows_nothing_is_refused() {
        for content in ["<!-- a -->", "[a]: https://a.example", "&nbsp;"] {
            let error = Dialect::Markdown.check("content", content, false).unwrap_err();
            assert!(error.to_string().contains("a text that is shown"), "{error}");
        }
    }

    #[test]
    fn content_that_is_too_long_when_it_is_escaped_is_refused() {
        let error = Dialect::Markdown.check("content", &"<".repeat(200_000), false).unwrap_err();
        assert!(error.to_string().contains("499,000 bytes"), "{error}");
        Dialect::Notion.check("content", &"<".repeat(200_000), false).unwrap();
    }
}
