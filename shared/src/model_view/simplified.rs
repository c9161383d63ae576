//! Data without what a model cannot use: nulls, bytes, HTML beside its text.

use serde_json::{Map, Value};

use super::Cuts;

/// The least number of characters of a text that counts as bytes by its characters alone.
const MIN_BYTES_CHARS: usize = 256;
/// Fields of a file, of which one makes a short text beside it bytes.
const FILE_FIELDS: [&str; 4] = ["filename", "fileName", "contentType", "mimeType"];
/// Fields that hold the bytes of a file.
const BYTES_FIELDS: [&str; 4] = ["content", "data", "bytes", "base64"];
/// A text, and the same in HTML.
const HTML_FIELDS: [(&str, &str); 3] = [("text", "html"), ("body", "html"), ("textBody", "htmlBody")];

/// Returns the data in the form for a model, and counts what was left out.
pub(super) fn simplified(data: Value, cuts: &mut Cuts) -> Value {
    match data {
        Value::Array(items) => items.into_iter().map(|item| simplified(item, cuts)).collect(),
        Value::Object(fields) => object(fields, cuts),
        other => other,
    }
}

fn object(mut fields: Map<String, Value>, cuts: &mut Cuts) -> Value {
    fields.retain(|_, value| !value.is_null());
    for (text, html) in HTML_FIELDS {
        let has_text = fields.get(text).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
        if has_text && fields.get(html).is_some_and(Value::is_string) {
            fields.remove(html);
            cuts.html += 1;
        }
    }
    drop_bytes(&mut fields, cuts);
    Value::Object(fields.into_iter().map(|(name, value)| (name, simplified(value, cuts))).collect())
}

/// Replaces the bytes of files by their size.
fn drop_bytes(fields: &mut Map<String, Value>, cuts: &mut Cuts) {
    let is_file = FILE_FIELDS.iter().any(|field| fields.contains_key(*field));
    let is_bytes = |name: &str, text: &str| {
        let is_short_file = is_file && BYTES_FIELDS.contains(&name) && !text.is_empty();
        let is_id = name.ends_with("ursor") || name.ends_with("Id") || name == "id";
        is_base64(text) && (is_short_file || (text.len() >= MIN_BYTES_CHARS && !is_id))
    };
    let found = fields.iter().filter_map(|(name, value)| {
        let text = value.as_str().filter(|text| is_bytes(name, text))?;
        Some((name.clone(), text.trim_end_matches('=').len() * 3 / 4))
    });
    for (name, size) in found.collect::<Vec<_>>() {
        fields.remove(&name);
        fields.entry("size").or_insert_with(|| size.into());
        cuts.files += 1;
    }
}

/// True for a text of the characters of base64, in either alphabet.
fn is_base64(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    text.trim_end_matches('=').bytes().all(is_digit)
}
