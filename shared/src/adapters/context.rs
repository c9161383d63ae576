//! The context of an intent, as models write it: read by the JSON schema of its action, and refused with every fault at once.
//!
//! Equal meanings get one form before the action sees them: an optional field that is null or empty is absent, `"5"` is a
//! number where only a number is allowed, line ends are `\n`. The schema of a field has marks for this, which are not published:
//!
//! * `x-aliases`: former names of the field, as in `#[serde(alias)]`;
//! * `x-empty`: `refused` for a time: an empty one is no time, and is not taken for its absence;
//! * `x-file`: a file, with its most bytes: see `files.rs`;
//! * `x-form`: the form in words, where the schema alone does not say it;
//! * `x-multiline`: the text may have several lines. Control characters are removed from it, and refused in every other text;
//! * `x-tier`: `all` for a field that few calls need: a list of core actions for a model leaves it out.

mod expand;
mod files;
mod form;
mod probe;
mod walk;

pub(super) use expand::expand;
pub use files::FileSlot;
pub(super) use files::visit_files;

use serde_json::{Map, Value};

use super::action::ActionDef;
use crate::error::{Error, MAX_FAULTS, Result};
use walk::Walk;

/// Returns the context in the form that the action parses.
///
/// # Errors
/// [`Error::Missing`], [`Error::Invalid`] or [`Error::Fields`] with every missing and every wrong field, without `context.`.
pub(super) fn accept(action: &ActionDef, context: Value) -> Result<Value> {
    // The schema is made only for a context that needs it.
    let is_plain = context.as_object().is_some_and(has_plain_fields);
    let checked = if is_plain { action.check_parsed(&context) } else { Err(Error::invalid("", "")) };
    if checked.is_ok() {
        return Ok(context);
    }
    let Value::Object(fields) = context else { return Err(Error::invalid("", "must be a JSON object")) };
    let (schema, example) = (action.marked_schema(), action.example());
    let mut walk = Walk::new(&schema, &example);
    let accepted = walk.top(fields.clone());
    let mut faults = walk.into_faults();
    if faults.len() < MAX_FAULTS {
        let mut probed = accepted.clone();
        probe::restore_lists(&fields, &mut probed, &faults);
        probe::find_faults(action, &schema, &example, probed, &mut faults);
    }
    if faults.is_empty() {
        return Ok(Value::Object(accepted));
    }
    for fault in &mut faults {
        fault.field = as_sent(&schema, &fields, &fault.field);
    }
    faults.sort_by_key(|fault| !fault.is_missing);
    Err(Error::of_fields(faults))
}

/// Returns a path with the name under which the request has the field: a former one, if it used that.
fn as_sent(schema: &Value, fields: &Map<String, Value>, path: &str) -> String {
    let top = top_name(path);
    let mut aliases = names(&schema["properties"][top], "x-aliases");
    match aliases.find(|alias| fields.contains_key(*alias)).filter(|_| !fields.contains_key(top)) {
        Some(alias) => format!("{alias}{}", &path[top.len()..]),
        None => path.to_owned(),
    }
}

/// True if the value has nothing that is read as something else: no null, nothing empty, no control character.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty() && !text.chars().any(|char| char != '\n' && char.is_control()),
        Value::Array(items) => !items.is_empty() && items.iter().all(is_plain),
        Value::Object(fields) => !fields.is_empty() && has_plain_fields(fields),
    }
}

fn has_plain_fields(fields: &Map<String, Value>) -> bool {
    fields.values().all(is_plain) && fields.keys().all(|name| !name.contains(char::is_control))
}

/// The first name of a path such as `attachments[0].content`.
fn top_name(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or_default()
}

/// The value of a schema's list of names.
fn names<'a>(schema: &'a Value, field: &str) -> impl Iterator<Item = &'a str> {
    schema[field].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The properties of an object's schema.
fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema["properties"].as_object()
}

#[cfg(test)]
mod tests;
