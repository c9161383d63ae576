//! The input of a request from its query.

use super::{Found, MAX_FAULTS, TWO_IN_QUERY, add_new, missing_field, unknown_field, values};
use crate::error::{FieldFault, Result};
use crate::lambda::request::{Input, parse_query};

/// Reads query parameters. An empty one is refused like any other wrong value: `agentId=` must not list what all agents did.
///
/// # Errors
/// [`Error::Missing`](crate::error::Error::Missing), [`Error::Invalid`](crate::error::Error::Invalid),
/// [`Error::Fields`](crate::error::Error::Fields); the error of the only wrong field.
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
    let errors = values::errors(|name| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()));
    let mut known = Found { faults, errors };
    while known.faults.len() < MAX_FAULTS {
        match parse_query::<T>(&fields) {
            Ok(input) if known.is_empty() => return Ok(input),
            Ok(input) => return Err(known.into_error(input.further_faults())),
            Err(error) => {
                let (found, faults) = (error.fields(), &mut known.faults);
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
    Err(known.into_error(vec![]))
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
