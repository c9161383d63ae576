//! The input of a request from its query.

use super::{MAX_FAULTS, TWO_IN_QUERY, add_new, missing_field, unknown_field};
use crate::error::{Error, FieldFault, Result};
use crate::lambda::request::{Input, parse_query};
use crate::tables::PageRequest;

/// Reads query parameters. An empty one is refused like any other wrong value: `agentId=` must not list what all agents did.
///
/// # Errors
/// [`Error::Missing`], [`Error::Invalid`], [`Error::Fields`].
pub(in crate::lambda) fn of_query<T: Input>(mut fields: Vec<(String, String)>) -> Result<T> {
    let mut faults = repeated(&mut fields);
    fields.retain(|(name, value)| !(T::REQUIRED.contains(&name.as_str()) && value.trim().is_empty()));
    let missing = T::REQUIRED.iter().filter(|name| !fields.iter().any(|(field, _)| field == *name));
    let missing: Vec<FieldFault> = missing.map(|name| missing_field::<T>(name)).collect();
    faults.splice(0..0, missing);
    let known = |name: &str| unknown_field::<T>(name).is_none();
    let empty = fields.iter().filter(|(name, value)| value.trim().is_empty() && known(name));
    faults.extend(empty.map(|(name, _)| FieldFault::wrong(name, "must not be empty")));
    fields.retain(|(name, value)| !(value.trim().is_empty() && known(name)));
    while faults.len() < MAX_FAULTS {
        match parse_query(&fields) {
            Ok(input) if faults.is_empty() => return Ok(input),
            Ok(_) => break,
            Err(error) => {
                let found = error.fields();
                let Some(wrong) = found.first().filter(|found| fields.iter().any(|(name, _)| *name == found.field))
                else {
                    // What is missing was found above, unless a wrong field was left out.
                    if faults.is_empty() {
                        faults.extend(found);
                    }
                    break;
                };
                fields.retain(|(name, _)| *name != wrong.field);
                faults.retain(|fault| fault.field != wrong.field);
                faults.push(wrong.clone());
            }
        }
    }
    add_new(&mut faults, page_faults(&fields));
    Err(Error::of_fields(faults))
}

/// Leaves each parameter once, and returns the faults of those with several values.
fn repeated(fields: &mut Vec<(String, String)>) -> Vec<FieldFault> {
    let mut once: Vec<(String, String)> = vec![];
    let mut faults: Vec<FieldFault> = vec![];
    for (name, value) in fields.drain(..) {
        match once.iter().find(|(known, _)| *known == name) {
            None => once.push((name, value)),
            Some((_, former)) if *former == value => {}
            Some(_) => add_new(&mut faults, vec![FieldFault::wrong(name, TWO_IN_QUERY)]),
        }
    }
    once.retain(|(name, _)| faults.iter().all(|fault| fault.field != *name));
    *fields = once;
    faults
}

/// Returns the faults of the parameters of a page, which every list has. A list that is not refused checks them itself.
fn page_faults(fields: &[(String, String)]) -> Vec<FieldFault> {
    let value = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let page = PageRequest { limit: value("limit").and_then(|limit| limit.parse().ok()), cursor: value("cursor") };
    page.faults()
}
