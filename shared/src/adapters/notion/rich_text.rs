//! Rich text: plain text in pieces.
//! <https://developers.notion.com/reference/rich-text>

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::ops::Deref;

use crate::adapters::input::{Line, Text};

/// Characters of one piece: <https://developers.notion.com/reference/request-limits>. Notion does not define a character; UTF-16
/// units, as in its own client, are the stricter reading.
pub(super) const MAX_PIECE_UNITS: usize = 2000;
/// Pieces of one text: <https://developers.notion.com/reference/request-limits>
pub(super) const MAX_PIECES: usize = 100;
/// Characters of one text.
const MAX_CHARS: usize = MAX_PIECE_UNITS * MAX_PIECES;
/// Bytes of one request: <https://developers.notion.com/reference/request-limits>
const MAX_PAYLOAD_BYTES: usize = 500_000;
/// Bytes of Markdown in a request, as JSON: there is room for an id, a title and some properties beside it.
const MAX_MARKDOWN_BYTES: usize = 499_000;

/// A title of an input: a line in a single piece.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Line<MAX_PIECE_UNITS>")]
#[schemars(inline, with = "Line<MAX_PIECE_UNITS>")]
pub(super) struct Title(Line<MAX_PIECE_UNITS>);

/// A plain text of an input, which becomes rich text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Text<MAX_CHARS>")]
#[schemars(inline, with = "Text<MAX_CHARS>")]
pub(super) struct PlainText(Text<MAX_CHARS>);

/// Markdown of an input, which Notion itself splits into blocks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Text<MAX_MARKDOWN_BYTES>")]
#[schemars(inline, with = "Text<MAX_MARKDOWN_BYTES>")]
pub(super) struct Markdown(Text<MAX_MARKDOWN_BYTES>);

impl TryFrom<Line<MAX_PIECE_UNITS>> for Title {
    type Error = &'static str;

    fn try_from(title: Line<MAX_PIECE_UNITS>) -> Result<Self, Self::Error> {
        match title.encode_utf16().count() <= MAX_PIECE_UNITS {
            true => Ok(Self(title)),
            false => Err("must have at most 2,000 characters, of which an emoji counts as two"),
        }
    }
}

impl TryFrom<Text<MAX_CHARS>> for PlainText {
    type Error = &'static str;

    fn try_from(text: Text<MAX_CHARS>) -> Result<Self, Self::Error> {
        match fits_limits(&text) {
            true => Ok(Self(text)),
            false => Err("must have at most 200,000 characters and 500,000 bytes; an emoji counts as two characters"),
        }
    }
}

impl TryFrom<Text<MAX_MARKDOWN_BYTES>> for Markdown {
    type Error = &'static str;

    fn try_from(markdown: Text<MAX_MARKDOWN_BYTES>) -> Result<Self, Self::Error> {
        match json!(*markdown).to_string().len() <= MAX_MARKDOWN_BYTES {
            true => Ok(Self(markdown)),
            false => Err("must have at most 499,000 bytes as JSON, in which a line break has two"),
        }
    }
}

impl Deref for Title {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for PlainText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for Markdown {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Converts plain text to rich text: in one piece if it fits, else split after white space if possible.
pub(super) fn to_rich_text(text: &str) -> Vec<Value> {
    split_pieces(text).into_iter().map(|content| json!({ "type": "text", "text": { "content": content } })).collect()
}

/// Converts rich text to plain text.
pub(super) fn to_plain(rich: &Value) -> String {
    let text_of = |piece: &Value| {
        let texts = [&piece["plain_text"], &piece["text"]["content"], &piece["equation"]["expression"]];
        texts.into_iter().find_map(Value::as_str).map(str::to_owned)
    };
    rich.as_array().into_iter().flatten().filter_map(text_of).collect()
}

/// True if the text is within Notion's limits.
pub(super) fn fits_limits(text: &str) -> bool {
    text.len() <= MAX_PAYLOAD_BYTES && split_pieces(text).len() <= MAX_PIECES
}

/// Splits a text into pieces that fit: after white space if possible.
pub(super) fn split_pieces(text: &str) -> Vec<&str> {
    let mut pieces = vec![];
    let mut remaining = text;
    while !remaining.is_empty() {
        let (piece, after) = remaining.split_at(piece_end(remaining));
        pieces.push(piece);
        remaining = after;
    }
    pieces
}

/// Returns the end of the first piece of a non-empty text.
fn piece_end(text: &str) -> usize {
    let (mut units, mut after_space) = (0, None);
    for (index, char) in text.char_indices() {
        units += char.len_utf16();
        if units > MAX_PIECE_UNITS {
            return after_space.unwrap_or(index);
        }
        if char.is_whitespace() {
            after_space = Some(index + char.len_utf8());
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn splits_text_between_words() {
        assert!(to_rich_text("").is_empty());
        assert_eq!(to_rich_text("Hi"), [json!({ "type": "text", "text": { "content": "Hi" } })]);
        let long = "word ".repeat(500);
        let parted = split_pieces(&long);
        assert_eq!(parted.iter().map(|piece| piece.len()).collect::<Vec<_>>(), [2000, 500]);
        assert_eq!(split_pieces(&"😀".repeat(1001)).len(), 2);
        assert!(fits_limits(&"x".repeat(200_000)) && !fits_limits(&"x".repeat(200_001)));
    }

    proptest! {
        #[test]
        fn text_survives_a_round_trip(text in "(?s)(.{0,40}|[a-z ]{1900,2100}|\\PC{1900,4100})") {
            prop_assert!(split_pieces(&text).iter().all(|piece| (1..=MAX_PIECE_UNITS).contains(&piece.encode_utf16().count())));
            prop_assert_eq!(to_plain(&json!(to_rich_text(&text))), text);
        }
    }
}
