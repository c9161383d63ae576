//! The validation of a context, whole or beside its references.

use serde_json::Value;
use std::cell::RefCell;

use super::{NamedFile, files, references};
use crate::adapters::action::ActionDef;
use crate::error::{Error, FieldFault, Result};
use crate::validate::{MAX_BODY_BYTES, MAX_VALUES, check_size};

/// Maximum nesting of a context.
const MAX_CONTEXT_DEPTH: usize = 32;

/// Returns the context in the form that the action takes.
///
/// # Errors
/// [`Error::TooLarge`]; [`Error::Invalid`], [`Error::Missing`] or [`Error::Fields`] with every missing and every wrong field.
pub(super) fn accept(action: &ActionDef, context: Value) -> Result<Value> {
    check_size("context", &context, MAX_BODY_BYTES)?;
    // A body has no more values; its JSON texts, which are read by now, can have.
    if count_values(&context) > MAX_VALUES {
        return Err(Error::invalid("context", format!("must have at most {MAX_VALUES} values in all")));
    }
    if !depth_within(&context, MAX_CONTEXT_DEPTH) {
        return Err(Error::invalid("context", format!("must be nested at most {MAX_CONTEXT_DEPTH} levels deep")));
    }
    action.accept(context)
}

/// Validates the fields of a context that have no reference, whatever the references of the others stand for: a fault with one text in
/// their place and not with another is one of the references. Neither is a text validated that is in a file.
///
/// # Errors
/// Those of [`accept`].
pub(super) fn check_beside_references(action: &ActionDef, context: &Value, named: &[NamedFile]) -> Result<()> {
    let faults = ["x", "123456789"].map(|text| {
        // Two keys stand for two ids: an action can refuse equal ones.
        let keys = RefCell::new(vec![]);
        let stand_in = |key: &str| {
            let mut keys = keys.borrow_mut();
            let at = keys.iter().position(|known| known == key).unwrap_or(keys.len());
            if at == keys.len() {
                keys.push(key.to_owned());
            }
            Some(format!("{text}{at}"))
        };
        let mut filled = references::replace(context.clone(), &stand_in);
        files::stand_in(action, &mut filled);
        accept(action, filled).err().map_or_else(Vec::new, |error| error.fields())
    });
    let [mut faults, others] = faults;
    let is_known = |fault: &FieldFault| !references::is_in(context, &fault.field) && !files::is_of_text(named, fault);
    faults.retain(|fault| others.contains(fault) && is_known(fault));
    if faults.is_empty() { Ok(()) } else { Err(Error::of_fields(faults)) }
}

fn count_values(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count_values).sum(),
        Value::Object(fields) => fields.values().map(count_values).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn depth_within(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| depth_within(item, levels - 1)),
        Value::Object(fields) => levels > 0 && fields.values().all(|field| depth_within(field, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
