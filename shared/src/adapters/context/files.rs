//! The files that a context names, found by its action's schema: `{"file": "file_..."}` where the action takes a file, and in the place of a
//! text of several lines.

use serde_json::{Map, Value};
use std::iter;

use super::{form, names, properties};
use crate::adapters::action::ActionDef;

/// The start of a file's id.
const ID_START: &str = "file_";

/// A place of a context that names a file.
#[derive(Debug)]
pub enum FileSlot<'a> {
    /// A file: its object, into which the facts are written.
    File(&'a mut Map<String, Value>),
    /// A long text that is in the file. The value is replaced by the text.
    Text {
        /// The object `{"file": "file_..."}`.
        value: &'a mut Value,
        /// Most characters of the text; `None` if the field has no bound.
        max_chars: Option<u64>,
    },
}

impl FileSlot<'_> {
    /// Returns the text by which the slot names the file.
    pub fn id(&self) -> &str {
        let id = match self {
            Self::File(fields) => fields.get("file"),
            Self::Text { value, .. } => value.get("file"),
        };
        id.and_then(Value::as_str).unwrap_or_default()
    }
}

/// Calls `visit` with each place that names a file, and its path.
pub(in crate::adapters) fn visit_files(
    action: &ActionDef,
    context: &mut Value,
    visit: &mut dyn FnMut(&str, FileSlot<'_>),
) {
    // The schema is made only for a context that needs it.
    if names_file(context) {
        walk(&action.marked_schema(), context, "", visit);
    }
}

fn names_file(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(names_file),
        Value::Object(fields) => fields.get("file").is_some_and(Value::is_string) || fields.values().any(names_file),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn walk(schema: &Value, value: &mut Value, path: &str, visit: &mut dyn FnMut(&str, FileSlot<'_>)) {
    if is_file(schema) {
        if let Value::Object(fields) = value
            && fields.get("file").is_some_and(Value::is_string)
        {
            visit(path, FileSlot::File(fields));
        }
        return;
    }
    if takes_long_text(schema) && is_reference(value) {
        return visit(path, FileSlot::Text { value, max_chars: schema["maxLength"].as_u64() });
    }
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                walk(&schema["items"], item, &format!("{path}[{at}]"), visit);
            }
        }
        Value::Object(fields) => {
            for (name, property) in properties(schema).into_iter().flatten() {
                for name in iter::once(name.as_str()).chain(names(property, "x-aliases")) {
                    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                    if let Some(value) = fields.get_mut(name) {
                        walk(property, value, &path, visit);
                    }
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// True for a schema of a file.
pub(super) fn is_file(schema: &Value) -> bool {
    schema.get("x-file").is_some()
}

/// True for a text that is the id of a file.
pub(super) fn is_id(text: &str) -> bool {
    text.starts_with(ID_START)
}

fn takes_long_text(schema: &Value) -> bool {
    form::types(schema) == ["string"] && schema["x-multiline"] == true
}

fn is_reference(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| fields.len() == 1 && fields.get("file").is_some_and(Value::is_string))
}
