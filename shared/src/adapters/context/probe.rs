//! The faults that only an action's own check finds. It names one at a time, so the field of each is replaced and the check repeated.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

use super::{form, names, properties, top_name};
use crate::adapters::action::ActionDef;
use crate::answer;
use crate::error::{Error, FieldFault};

/// Maximum number of faults that are looked for.
const MAX_CHECKS: usize = 32;
/// Number of bytes of contexts that are checked together: each check parses a whole context.
const MAX_CHECKED_BYTES: usize = 32 * 1024 * 1024;

/// The checks of one context, as many as its size allows.
struct Checks<'a> {
    action: &'a ActionDef,
    left: usize,
}

impl Checks<'_> {
    /// Returns the error of the action's check; `None` also when no check is left.
    fn error(&mut self, context: &Map<String, Value>) -> Option<Error> {
        self.left = self.left.checked_sub(1)?;
        self.action.check_parsed(&Value::Object(context.clone())).err()
    }
}

/// Adds the faults of the action's own check to those of the schema. A field with a fault is left out, or has the value of the
/// example if it is required. A fault that may come from this alone is not added.
pub(super) fn find_faults(
    action: &ActionDef,
    schema: &Value,
    example: &Value,
    mut context: Map<String, Value>,
    faults: &mut Vec<FieldFault>,
) {
    let (mut replaced, mut removed) = (BTreeSet::new(), BTreeMap::new());
    let is_restored = |fault: &&FieldFault| fault.field.contains('[') && context_has_list(&context, &fault.field);
    for fault in faults.iter().filter(|fault| !is_restored(fault)).cloned().collect::<Vec<_>>() {
        replace(schema, example, &mut context, top_name(&fault.field), &mut replaced);
    }
    let mut checks = Checks { action, left: MAX_CHECKED_BYTES / answer::written_len(&context).max(1) };
    for _ in 0..MAX_CHECKS {
        let Some(error) = checks.error(&context) else { return };
        let mut found = error.fields();
        let Some(first) = found.first().cloned() else { return };
        if replaced.contains(top_name(&first.field))
            || is_consequence(&mut checks, (schema, example), &context, &replaced, &error)
        {
            return;
        }
        let field = top_name(&first.field).to_owned();
        let is_declared = properties(schema).is_some_and(|fields| fields.contains_key(&field));
        let is_missing = first.is_missing;
        for fault in found.iter_mut().filter(|fault| fault.is_missing) {
            let property = &schema["properties"][top_name(&fault.field)];
            if fault.reason.ends_with("is required") && !property.is_null() {
                let form = form::describe(schema, property, example.get(&fault.field));
                fault.reason = format!("{}; {form}", fault.reason);
            }
        }
        for fault in &mut found {
            fault.field = as_given(&fault.field, &removed);
        }
        // An item with a fault was checked with the value of another one.
        found.retain(|fault| faults.iter().all(|known| known.field != fault.field && !is_of_same_item(known, fault)));
        faults.extend(found);
        if !is_declared {
            return;
        }
        if remove_items(&mut context, &first.field, &mut removed) {
            continue;
        }
        replace(schema, example, &mut context, &field, &mut replaced);
        if is_missing {
            context.entry(&field).or_insert_with(|| any_value(schema, &schema["properties"][&field]));
        }
    }
}

/// Puts back the lists of which only some items have a fault, so that the others are checked. An item with a fault gives way to one
/// without.
pub(super) fn restore_lists(original: &Map<String, Value>, context: &mut Map<String, Value>, faults: &[FieldFault]) {
    for (field, value) in original {
        let of_field = |fault: &&FieldFault| top_name(&fault.field) == field;
        let wrong: Option<BTreeSet<usize>> =
            faults.iter().filter(of_field).map(|fault| item_position(&fault.field)).collect();
        let (Some(items), Some(wrong)) = (value.as_array(), wrong.filter(|wrong| !wrong.is_empty())) else { continue };
        let Some(other) = (0..items.len()).find(|at| !wrong.contains(at)) else { continue };
        let mended = items.iter().enumerate().map(|(at, item)| if wrong.contains(&at) { &items[other] } else { item });
        context.insert(field.clone(), mended.cloned().collect());
    }
}

/// Removes the items of a list up to the one with a fault, so that those after it are checked. `removed` counts them. False if none is
/// left, or if the fault is not one of an item.
fn remove_items(context: &mut Map<String, Value>, path: &str, removed: &mut BTreeMap<String, usize>) -> bool {
    let Some(Value::Array(items)) = context.get_mut(top_name(path)) else { return false };
    let Some(at) = item_position(path).filter(|at| at + 1 < items.len()) else { return false };
    items.drain(..=at);
    *removed.entry(top_name(path).to_owned()).or_default() += at + 1;
    true
}

/// Returns the path of an item, or of a part of one, in the list as it was given.
fn as_given(path: &str, removed: &BTreeMap<String, usize>) -> String {
    match (item_position(path), removed.get(top_name(path)), path.split_once(']')) {
        (Some(at), Some(count), Some((_, part))) => format!("{}[{}]{part}", top_name(path), at + count),
        _ => path.to_owned(),
    }
}

fn is_of_same_item(one: &FieldFault, other: &FieldFault) -> bool {
    let item = |fault: &FieldFault| Some((top_name(&fault.field).to_owned(), item_position(&fault.field)?));
    item(one).is_some() && item(one) == item(other)
}

/// Returns the position in the path of an item, such as `to[2]`, or of a part of one.
fn item_position(path: &str) -> Option<usize> {
    let (_, tail) = path.split_once('[')?;
    tail.split_once(']')?.0.parse().ok()
}

fn context_has_list(context: &Map<String, Value>, path: &str) -> bool {
    context.get(top_name(path)).is_some_and(Value::is_array)
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
    checks: &mut Checks<'_>,
    (schema, example): (&Value, &Value),
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
            // The value of the example is valid: what is then still wrong is no consequence.
            let value = example.get(field).cloned();
            let value = value.unwrap_or_else(|| any_value(schema, &schema["properties"][field]));
            with_value.insert(field.clone(), value);
            checks.error(&with_value).is_none_or(|repeated| {
                let found = repeated.fields();
                let is_of_value = found.first().is_some_and(|fault| top_name(&fault.field) == field);
                // A value that is refused does not show whether another one would end a missing field.
                // Neither does it of a rule about the context as a whole.
                let may_end =
                    error.code() == "MISSING_FIELDS" || error.fields().iter().any(|fault| fault.field.is_empty());
                found != error.fields() && (!is_of_value || may_end)
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
