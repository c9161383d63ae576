//! References to context keys in an intent's context: an object `{"contextKey": "..."}` without other fields.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

use crate::error::{Error, Result};
use crate::validate::{MAX_CONTEXT_KEY_BYTES, check_name};

/// Maximum number of context keys in one intent.
const MAX_REFERENCES: usize = 10;

/// Finds the referenced keys, each with the path of its first occurrence.
///
/// # Errors
/// [`Error::Invalid`] for more than [`MAX_REFERENCES`] keys, and for a text that cannot be a key.
pub(super) fn find(context: &Map<String, Value>) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for (name, value) in context {
        collect(value, &Path::Field(&Path::Name("context"), name), &mut found);
    }
    if found.len() > MAX_REFERENCES {
        return Err(Error::invalid("context", format!("must name at most {MAX_REFERENCES} context keys")));
    }
    for (key, path) in &found {
        check_name(&format!("{path}.contextKey"), key, MAX_CONTEXT_KEY_BYTES)?;
    }
    Ok(found)
}

/// The way to a value. It is written only for a value that is a reference: a context can have thousands of values deep in it.
enum Path<'a> {
    Name(&'a str),
    Field(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, at) => write!(f, "{parent}[{at}]"),
        }
    }
}

/// Adds the keys to which a value refers, until there are too many.
fn collect(value: &Value, path: &Path<'_>, found: &mut BTreeMap<String, String>) {
    if found.len() > MAX_REFERENCES {
        return;
    }
    if let Some(key) = referenced_key(value) {
        found.entry(key.to_owned()).or_insert_with(|| path.to_string());
        return;
    }
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| collect(item, &Path::Item(path, at), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| collect(field, &Path::Field(path, name), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replaces the referenced keys with their ids.
pub(super) fn replace(value: Value, id_of: &dyn Fn(&str) -> Option<String>) -> Value {
    if let Some(id) = referenced_key(&value).and_then(id_of) {
        return id.into();
    }
    match value {
        Value::Array(items) => items.into_iter().map(|item| replace(item, id_of)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, replace(value, id_of))).collect())
        }
        other => other,
    }
}

/// True for the path of a field, such as `context.to[1]`, of which a part is a reference.
pub(super) fn is_in(context: &Value, path: &str) -> bool {
    let name = path.strip_prefix("context.").unwrap_or(path).split(['.', '[']).next().unwrap_or_default();
    has_reference(&context[name])
}

fn has_reference(value: &Value) -> bool {
    match value {
        _ if referenced_key(value).is_some() => true,
        Value::Array(items) => items.iter().any(has_reference),
        Value::Object(fields) => fields.values().any(has_reference),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn referenced_key(value: &Value) -> Option<&str> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.get("contextKey")?.as_str()
}
