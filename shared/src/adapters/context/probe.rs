//! The faults that only an action's own check finds. It names one at a time, so the field of each is replaced and the check repeated.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

use super::{form, names, properties, top_name};
use crate::adapters::action::ActionDef;
use crate::error::{Error, FieldFault};

/// Maximum number of checks.
const MAX_CHECKS: usize = 32;

/// Adds the faults of the action's own check to those of the schema. A field with a fault is left out, or has the value of the
/// example if it is required. A fault that may come from this alone is not added.
pub(super) fn find_faults(
    action: &ActionDef,
    schema: &Value,
    example: &Value,
    mut context: Map<String, Value>,
    faults: &mut Vec<FieldFault>,
) {
    let mut replaced = BTreeSet::new();
    for fault in faults.iter() {
        replace(schema, example, &mut context, top_name(&fault.field), &mut replaced);
    }
    for _ in 0..MAX_CHECKS {
        let Err(error) = action.check_parsed(&Value::Object(context.clone())) else { return };
        let found = error.fields();
        let Some(first) = found.first() else { return };
        if replaced.contains(top_name(&first.field)) || is_consequence(action, schema, &context, &replaced, &error) {
            return;
        }
        let field = top_name(&first.field).to_owned();
        let is_declared = properties(schema).is_some_and(|fields| fields.contains_key(&field));
        let is_missing = first.is_missing;
        faults.extend(found);
        if !is_declared {
            return;
        }
        replace(schema, example, &mut context, &field, &mut replaced);
        if is_missing {
            context.entry(&field).or_insert_with(|| any_value(schema, &schema["properties"][&field]));
        }
    }
}

/// Removes a field, or gives it the value of the example if it is required.
fn replace(
    schema: &Value,
    example: &Value,
    context: &mut Map<String, Value>,
    field: &str,
    replaced: &mut BTreeSet<String>,
) {
    if names(schema, "required").any(|required| required == field) {
        context.insert(field.to_owned(), example[field].clone());
    } else {
        context.remove(field);
    }
    replaced.insert(field.to_owned());
}

/// True if an error may be due to the fields that were replaced: it names one of them, or ends when one of them has a value.
fn is_consequence(
    action: &ActionDef,
    schema: &Value,
    context: &Map<String, Value>,
    replaced: &BTreeSet<String>,
    error: &Error,
) -> bool {
    let text = error.to_string();
    let words: Vec<&str> = text.split(|char: char| !char.is_alphanumeric() && char != '_').collect();
    replaced.iter().any(|field| {
        let is_named = words.contains(&field.as_str());
        let is_ended = !context.contains_key(field) && {
            let mut with_value = context.clone();
            with_value.insert(field.clone(), any_value(schema, &schema["properties"][field]));
            let repeated = action.check_parsed(&Value::Object(with_value)).err();
            repeated.is_none_or(|repeated| {
                let found = repeated.fields();
                let is_of_value = found.first().is_some_and(|fault| top_name(&fault.field) == field);
                // A value that is refused does not show whether another one would end a missing field.
                found != error.fields() && (!is_of_value || error.code() == "MISSING_FIELDS")
            })
        };
        is_named || is_ended
    })
}

/// Returns some value of a field's type.
fn any_value(root: &Value, schema: &Value) -> Value {
    let schema = form::resolve(root, schema);
    if let Some(choice) = form::choices(root, schema).first() {
        return (*choice).into();
    }
    let schema = form::alternatives(root, schema).first().copied().unwrap_or(schema);
    match form::types(schema).first().copied() {
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("array") => Value::Array(vec![]),
        Some("object") => Value::Object(Map::new()),
        _ => "x".into(),
    }
}
