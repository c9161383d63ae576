//! Rich text: plain text in pieces, as Notion wants it and as it gives it back.
//! <https://developers.notion.com/reference/rich-text>

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::validate::check_text;

/// <https://developers.notion.com/reference/request-limits>: characters of one piece, pieces of one text, and bytes of one
/// request. Notion does not say what a character is to it; UTF-16, as in its own client, is the stricter reading.
const MAX_PIECE_UNITS: usize = 2000;
const MAX_PIECES: usize = 100;
const MAX_PAYLOAD_BYTES: usize = 500_000;

/// Plain text as rich text: in one piece if it fits, else parted after white space where there is some.
pub(super) fn to_rich_text(text: &str) -> Vec<Value> {
    split_pieces(text).into_iter().map(|content| json!({ "type": "text", "text": { "content": content } })).collect()
}

/// Rich text as plain text.
pub(super) fn to_plain(rich: &Value) -> String {
    let words = |piece: &Value| piece["plain_text"].as_str().or(piece["text"]["content"].as_str()).map(str::to_owned);
    rich.as_array().into_iter().flatten().filter_map(words).collect()
}

/// Whether Notion takes a text so long.
pub(super) fn fits_limits(text: &str) -> bool {
    text.len() <= MAX_PAYLOAD_BYTES && split_pieces(text).len() <= MAX_PIECES
}

/// Checks a title: a single line in a single piece.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn check_title(field: &str, title: &str) -> Result<()> {
    check_text(field, title, MAX_PAYLOAD_BYTES)?;
    if title.encode_utf16().count() > MAX_PIECE_UNITS {
        return Err(Error::invalid(field, format!("must be at most {MAX_PIECE_UNITS} characters")));
    }
    Ok(())
}

/// Checks Markdown, which Notion itself parts into blocks.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn check_markdown(field: &str, markdown: &str) -> Result<()> {
    if markdown.len() > MAX_PAYLOAD_BYTES {
        return Err(Error::invalid(field, format!("must be at most {MAX_PAYLOAD_BYTES} bytes")));
    }
    Ok(())
}

fn split_pieces(text: &str) -> Vec<&str> {
    let mut pieces = vec![];
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(piece_end(rest));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Where the first piece of a text that is not empty ends.
fn piece_end(text: &str) -> usize {
    let (mut units, mut after_space) = (0, None);
    for (at, char) in text.char_indices() {
        units += char.len_utf16();
        if units > MAX_PIECE_UNITS {
            return after_space.unwrap_or(at);
        }
        if char.is_whitespace() {
            after_space = Some(at + char.len_utf8());
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
        fn nothing_is_lost(text in "(?s)(.{0,40}|[a-z ]{1900,2100}|\\PC{1900,4100})") {
            prop_assert!(split_pieces(&text).iter().all(|piece| (1..=MAX_PIECE_UNITS).contains(&piece.encode_utf16().count())));
            prop_assert_eq!(to_plain(&json!(to_rich_text(&text))), text);
        }
    }
}
