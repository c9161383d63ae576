//! JSON texts in a context: models write `"{\"a\": 1}"` for an object, and the strict schemas ask for it. They are read before anything
//! else, so that what they contain is checked, and its references found, like any other value.
//!
//! A text that is a file's id stands for the file, where an action takes one.
//!
//! In a text of one line `{"contextKey": "x"}` is a reference: where a schema allows only a text, a model cannot write the object.

use serde_json::{Map, Value};

use super::{files, form, properties};
use crate::adapters::action::ActionDef;
use crate::validate::UniqueJson;

/// Replaces each text by the object or the list that it contains, where the action allows only such a value.
pub(in crate::adapters) fn expand(action: &ActionDef, context: &mut Map<String, Value>) {
    // The schema is made only for a context that needs it.
    if context.values().any(has_json_text) {
        expand_fields(&action.marked_schema(), context);
    }
}

fn has_json_text(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim_start().starts_with(['{', '[']) || files::is_id(text),
        Value::Array(items) => items.iter().any(has_json_text),
        Value::Object(fields) => fields.values().any(has_json_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn expand_fields(schema: &Value, fields: &mut Map<String, Value>) {
    for (name, property) in properties(schema).into_iter().flatten() {
        if let Some(value) = fields.get_mut(name) {
            expand_value(property, value);
        }
    }
}

fn expand_value(schema: &Value, value: &mut Value) {
    if let Value::String(text) = &*value
        && files::is_file(schema)
        && files::is_id(text)
    {
        *value = serde_json::json!({ "file": text });
    }
    if let Value::String(text) = &*value
        && text.trim_start().starts_with(['{', '['])
        && let Ok(UniqueJson(parsed)) = serde_json::from_str(text)
        && ((is_container(schema) && (parsed.is_object() || parsed.is_array()))
            || (is_line(schema) && is_reference(&parsed)))
    {
        *value = parsed;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| expand_value(&schema["items"], item)),
        Value::Object(fields) => expand_fields(schema, fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// True for a schema of a text of one line, such as an id.
fn is_line(schema: &Value) -> bool {
    form::types(schema) == ["string"] && schema["x-multiline"] != true
}

fn is_reference(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| fields.len() == 1 && fields.get("contextKey").is_some_and(Value::is_string))
}

/// True for a schema that allows an object or a list and nothing else.
fn is_container(schema: &Value) -> bool {
    let types = form::types(schema);
    !types.is_empty() && types.iter().all(|kind| matches!(*kind, "object" | "array"))
}
