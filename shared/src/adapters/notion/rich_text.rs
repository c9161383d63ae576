//! Rich text: plain text in pieces.
//! <https://developers.notion.com/reference/rich-text>

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::validate::check_text;

/// Characters of one piece: <https://developers.notion.com/reference/request-limits>. Notion does not define a character; UTF-16
/// units, as in its own client, are the stricter reading.
pub(super) const MAX_PIECE_UNITS: usize = 2000;
/// Pieces of one text: <https://developers.notion.com/reference/request-limits>
const MAX_PIECES: usize = 100;
/// Bytes of one request: <https://developers.notion.com/reference/request-limits>
const MAX_PAYLOAD_BYTES: usize = 500_000;

/// Converts plain text to rich text: in one piece if it fits, else split after white space if possible.
pub(super) fn to_rich_text(text: &str) -> Vec<Value> {
    split_pieces(text).into_iter().map(|content| json!({ "type": "text", "text": { "content": content } })).collect()
}

/// Converts rich text to plain text.
pub(super) fn to_plain(rich: &Value) -> String {
    let text_of = |piece: &Value| piece["plain_text"].as_str().or(piece["text"]["content"].as_str()).map(str::to_owned);
    rich.as_array().into_iter().flatten().filter_map(text_of).collect()
}

/// True if the text is within Notion's limits.
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

/// Checks Markdown, which Notion itself splits into blocks.
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
