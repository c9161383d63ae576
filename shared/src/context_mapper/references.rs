//! References to context keys in an intent's context: an object `{"contextKey": "..."}` without other fields.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Finds the referenced keys, each with the path of its first occurrence.
pub(super) fn find(context: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, value) in context {
        collect(value, &format!("context.{name}"), &mut found);
    }
    found
}

fn collect(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
    if let Some(key) = referenced_key(value) {
        found.entry(key.to_owned()).or_insert_with(|| path.to_owned());
        return;
    }
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| collect(item, &format!("{path}[{at}]"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| collect(field, &format!("{path}.{name}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replaces the referenced keys with their ids.
pub(super) fn replace_all(context: Map<String, Value>, ids: &BTreeMap<String, String>) -> Map<String, Value> {
    context.into_iter().map(|(name, value)| (name, replace(value, ids))).collect()
}

fn replace(value: Value, ids: &BTreeMap<String, String>) -> Value {
    if let Some(id) = referenced_key(&value).and_then(|key| ids.get(key)) {
        return id.clone().into();
    }
    match value {
        Value::Array(items) => items.into_iter().map(|item| replace(item, ids)).collect(),
        Value::Object(fields) => Value::Object(replace_all(fields, ids)),
        other => other,
    }
}

fn referenced_key(value: &Value) -> Option<&str> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.get("contextKey")?.as_str()
}
