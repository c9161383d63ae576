//! Data within limits: of its texts, of the items of its lists, and of the fields of its objects.

use serde_json::{Map, Value};

use super::Cuts;

/// The end of a text that was cut.
const CUT: char = '\u{2026}';

/// The fields that say what an object is: the last to be left out.
const IDENTIFYING: [&str; 14] = [
    "id",
    "ts",
    "name",
    "title",
    "subject",
    "text",
    "content",
    "from",
    "author",
    "status",
    "createdAt",
    "dueOn",
    "link",
    "cursor",
];

/// The limits of one attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Characters of a text.
    pub(super) text: usize,
    /// Characters of a text without a space, such as an id, a cursor or a link: a part of one is worth nothing.
    pub(super) opaque: usize,
    /// Items of a list.
    pub(super) items: usize,
    /// Fields of an object.
    pub(super) fields: usize,
}

impl Limits {
    /// Limits only the longest of opaque texts.
    pub(super) const NONE: Self = Self { text: usize::MAX, opaque: 600, items: usize::MAX, fields: usize::MAX };
}

/// Returns data within limits, and counts what was left out.
pub(super) fn limited(data: Value, limits: Limits, cuts: &mut Cuts) -> Value {
    within(data, limits, "The list", cuts)
}

fn within(value: Value, limits: Limits, path: &str, cuts: &mut Cuts) -> Value {
    match value {
        Value::String(text) => {
            let is_opaque = !text.contains(char::is_whitespace);
            let most = if is_opaque { limits.text.max(limits.opaque) } else { limits.text };
            let (text, is_cut) = cut(&text, most);
            cuts.texts += usize::from(is_cut);
            Value::String(text)
        }
        Value::Array(items) => {
            let all = items.len();
            if all > limits.items {
                cuts.lists.push((path.to_owned(), limits.items, all));
            }
            items.into_iter().take(limits.items).map(|item| within(item, limits, path, cuts)).collect()
        }
        Value::Object(fields) => {
            cuts.fields += fields.len().saturating_sub(limits.fields);
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            fields.sort_by_key(|(name, _)| IDENTIFYING.iter().position(|one| one == name).unwrap_or(IDENTIFYING.len()));
            let shown = fields.into_iter().take(limits.fields).map(|(name, value)| {
                let value = within(value, limits, &name, cuts);
                (name, value)
            });
            Value::Object(shown.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// Cuts a text after so many characters. Returns true if something was cut.
pub(super) fn cut(text: &str, most: usize) -> (String, bool) {
    match text.char_indices().nth(most) {
        None => (text.to_owned(), false),
        Some(_) => {
            let shown: String = text.chars().take(most.saturating_sub(1)).chain([CUT]).collect();
            (shown, true)
        }
    }
}

/// Returns the number of items of the longest list in a value.
pub(super) fn longest_list(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(longest_list).max().unwrap_or(0).max(items.len()),
        Value::Object(fields) => fields.values().map(longest_list).max().unwrap_or(0),
        _ => 0,
    }
}
