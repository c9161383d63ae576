//! Validation of a request body's `data` against the writable fields. Asana rejects unknown fields and values of a wrong type.

use serde_json::{Map, Value};

use super::{ErrorResponse, bad_request};
use crate::http::ApiRequest;

/// The type of a field's value.
#[derive(Clone, Copy)]
pub(crate) enum FieldType {
    /// A string.
    Text,
    /// A boolean.
    Bool,
    /// A date, for example `2026-11-23`.
    Day,
    /// An ISO 8601 timestamp.
    Instant,
    /// An id, or another name of one object: `me`, an e-mail address.
    Id,
    /// A list of ids.
    Ids,
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// A JSON object.
    Record,
    /// A list of JSON objects.
    Records,
}

/// A writable field.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    field_type: FieldType,
    /// True if null clears the field.
    pub(crate) nullable: bool,
}

/// Creates a field that cannot be null.
pub(crate) const fn field(name: &'static str, field_type: FieldType) -> Field {
    Field { name, field_type, nullable: false }
}

/// Creates a field that null clears.
pub(crate) const fn nullable(name: &'static str, field_type: FieldType) -> Field {
    Field { name, field_type, nullable: true }
}

/// Returns the `data` of a body after validating it against `fields`.
pub(crate) fn request_data(request: &ApiRequest, fields: &[Field]) -> Result<Map<String, Value>, ErrorResponse> {
    let body = request.json().ok_or_else(|| bad_request("Could not parse request data, invalid JSON"))?;
    let Some(Value::Object(data)) = body.get("data") else { return Err(bad_request("data: Missing input")) };
    for (name, value) in data {
        let field = fields.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| bad_request(&format!("{name}: Cannot write this property")))?;
        if !(value.is_null() && field.nullable) {
            field
                .field_type
                .check(value)
                .map_err(|expected| bad_request(&format!("{name}: Value is not {expected}")))?;
        }
    }
    Ok(data.clone())
}

/// Rejects a body in which a field is missing or empty.
pub(crate) fn require_field(data: &Map<String, Value>, name: &str) -> Result<(), ErrorResponse> {
    match data.get(name) {
        None | Some(Value::Null) => Err(bad_request(&format!("{name}: Missing input"))),
        Some(Value::String(text)) if text.is_empty() => Err(bad_request(&format!("{name}: Value is empty"))),
        Some(_) => Ok(()),
    }
}

impl FieldType {
    fn check(self, value: &Value) -> Result<(), &'static str> {
        let text = value.as_str();
        let (is_valid, expected) = match self {
            Self::Text | Self::Id => (value.is_string(), "a string"),
            Self::Bool => (value.is_boolean(), "a boolean"),
            Self::Day => (text.is_some_and(is_day), "a valid date"),
            Self::Instant => (text.is_some_and(is_instant), "a valid datetime"),
            Self::Ids => (all_items(value, Value::is_string), "an array of strings"),
            Self::Choice(known) => (text.is_some_and(|text| known.contains(&text)), "a recognized value"),
            Self::Record => (value.is_object(), "an object"),
            Self::Records => (all_items(value, Value::is_object), "an array of objects"),
        };
        if is_valid { Ok(()) } else { Err(expected) }
    }
}

fn all_items(value: &Value, is_valid: fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(is_valid))
}

/// True if the text is exactly one date.
pub(crate) fn is_day(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok_and(|day| day.to_string() == text)
}

/// True if the text is a timestamp.
pub(crate) fn is_instant(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}
