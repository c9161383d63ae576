//! Rich text (<https://developers.notion.com/reference/rich-text>).

use serde_json::{Value, json};

use super::{ErrorResponse, validation_error};

/// The maximum length of one piece of text, in UTF-16 units.
const MAX_PIECE_CHARS: usize = 2_000;
/// The maximum number of pieces in one list.
const MAX_PIECES: usize = 100;

/// Converts a list of pieces from a request to the API's form: checks limits and adds defaults.
pub(crate) fn normalize(pieces: &Value, path: &str) -> Result<Value, ErrorResponse> {
    let Some(list) = pieces.as_array() else {
        return Err(validation_error(&format!("{path} should be an array.")));
    };
    if list.len() > MAX_PIECES {
        return Err(validation_error(&format!("{path}.length should be ≤ `{MAX_PIECES}`.")));
    }
    list.iter().map(|piece| normalize_piece(piece, path)).collect()
}

fn normalize_piece(piece: &Value, path: &str) -> Result<Value, ErrorResponse> {
    let mut annotations = json!({
        "bold": false, "italic": false, "strikethrough": false, "underline": false, "code": false, "color": "default",
    });
    for (name, value) in piece["annotations"].as_object().into_iter().flatten() {
        annotations[name] = value.clone();
    }
    if let Some(content) = piece["text"]["content"].as_str() {
        if content.encode_utf16().count() > MAX_PIECE_CHARS {
            return Err(validation_error(&format!("{path}.text.content.length should be ≤ `{MAX_PIECE_CHARS}`.")));
        }
        let link = piece["text"]["link"].clone();
        if link["url"].as_str().is_some_and(|url| url::Url::parse(url).is_err()) {
            return Err(validation_error("Invalid URL for link."));
        }
        return Ok(json!({
            "type": "text", "text": {"content": content, "link": link}, "annotations": annotations,
            "plain_text": content, "href": link["url"],
        }));
    }
    if let Some(expression) = piece["equation"]["expression"].as_str() {
        return Ok(json!({
            "type": "equation", "equation": {"expression": expression}, "annotations": annotations,
            "plain_text": expression, "href": null,
        }));
    }
    if piece["mention"].is_object() {
        let label = piece["plain_text"].as_str().unwrap_or("@");
        return Ok(json!({
            "type": "mention", "mention": piece["mention"], "annotations": annotations, "plain_text": label, "href": null,
        }));
    }
    Err(validation_error(&format!("{path} should hold text, mention or equation.")))
}

/// Splits a text into as many pieces as it needs; none for an empty text.
pub(crate) fn from_plain(text: &str) -> Value {
    let letters: Vec<char> = text.chars().collect();
    let pieces = letters.chunks(MAX_PIECE_CHARS / 2).map(|chunk| chunk.iter().collect::<String>());
    pieces
        .map(|content| json!({"text": {"content": content}}))
        .filter_map(|piece| normalize_piece(&piece, "text").ok())
        .collect()
}

/// Returns the text without formatting.
pub(crate) fn plain_text(pieces: &Value) -> String {
    pieces.as_array().into_iter().flatten().filter_map(|piece| piece["plain_text"].as_str()).collect()
}
