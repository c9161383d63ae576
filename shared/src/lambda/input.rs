//! The input of a request, from its JSON body or its query, refused with every missing and every wrong field at once.
//!
//! serde names one fault. Its field is left out and the input is read again, until no fault is left.

mod query;
#[cfg(test)]
mod tests;
mod values;

pub(super) use query::of_query;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::request::Input;
use crate::error::{Error, FieldFault, MAX_FAULTS, Result, form};
use crate::redact;

/// The rule for a parameter that is in the query twice.
pub(super) const TWO_IN_QUERY: &str = "must have one value; the query has two";

/// A fault that serde named.
struct SerdeFault {
    fault: FieldFault,
    /// The path of the wrong value: the names and positions that lead to it.
    path: Vec<Step>,
}

enum Step {
    Name(String),
    Position(usize),
}

/// Reads the fields of a JSON body. An optional field that is null counts as absent, and so does an empty text or list where the field
/// is a text or a list: an empty time is no time, and must not start an intent at once. `found` are the errors of the request's headers.
///
/// # Errors
/// [`Error::Missing`], [`Error::Invalid`], [`Error::Fields`]; the error of the only wrong field.
pub(super) fn of_body<T: Input>(mut fields: Map<String, Value>, found: Vec<Error>) -> Result<T> {
    let is_optional = |name: &str| !T::REQUIRED.contains(&name);
    let mut faults = vec![];
    let mut few = Few::default();
    fields.retain(|name, value| {
        let is_absent = is_optional(name)
            && is_absent(value, T::EMPTY_CLEARS.contains(&name.as_str()))
            && few.has_next()
            && (value.is_null() || is_of_type::<T>(&[name], value));
        if is_absent {
            faults.extend(unknown_field::<T>(name));
        }
        !is_absent
    });
    for name in T::OBJECTS {
        let mut few = Few::default();
        if let Some(object) = fields.get_mut(*name).and_then(Value::as_object_mut) {
            object.retain(|field, value| {
                !(is_absent(value, false) && few.has_next() && is_of_type::<T>(&[name, field], value))
            });
        }
    }
    let missing = T::REQUIRED
        .iter()
        .filter(|name| fields.get(**name).is_none_or(|value| is_absent(value, false) && !value.is_array()));
    let missing: Vec<FieldFault> = missing.map(|name| missing_field::<T>(name)).collect();
    let faults = missing.into_iter().chain(faults).collect();
    let of_values = values::errors(|name| fields.get(name).and_then(Value::as_str).map(str::to_owned));
    let errors = found.into_iter().chain(of_values).collect();
    read("body", Value::Object(fields), Found { faults, errors }, T::further_faults)
}

/// A count of the empty fields of an object. A body can have thousands; no input has as many fields as an answer names, so that some of
/// more than those are unknown, and the request is refused for them.
#[derive(Default)]
struct Few(usize);

impl Few {
    /// True for the first empty fields of an object.
    fn has_next(&mut self) -> bool {
        self.0 += 1;
        self.0 <= MAX_FAULTS
    }
}

/// Reads one item of a bulk request: `whole` is its place, such as `mappings[0]`.
///
/// # Errors
/// [`Error::Missing`], [`Error::Invalid`], [`Error::Fields`] with the paths inside the item, or with `whole` if the item as a whole is
/// invalid.
pub(super) fn of_item<T: Input>(whole: &str, item: Value) -> Result<T> {
    match item {
        Value::Object(fields) => of_body(fields, vec![]),
        _ => Err(Error::invalid(whole, "must be a JSON object, for example {\"name\": \"value\"}")),
    }
}

/// Reads one id of a bulk request: `whole` is its place, such as `ids[0]`.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn of_id(whole: &str, item: Value) -> Result<String> {
    read(whole, item, Found::default(), |_| vec![])
}

/// Returns the error of the fault that serde named. `whole` is the name of the value as a whole.
pub(super) fn fault<E: std::error::Error>(whole: &str, error: serde_path_to_error::Error<E>) -> Error {
    let mut fault = SerdeFault::of(whole, error).fault;
    // The position in the text says no more than the path.
    if let Some(end) = fault.reason.find(" at line ") {
        fault.reason.truncate(end);
    }
    Error::of_fields(vec![fault])
}

/// The errors of a request so far.
#[derive(Default)]
struct Found {
    /// The faults of its form.
    faults: Vec<FieldFault>,
    /// The errors of values that its types accept.
    errors: Vec<Error>,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.faults.is_empty() && self.errors.is_empty()
    }

    /// Returns the error of everything found, or the only one: its code can say more. `further` are the faults that the route finds.
    fn into_error(mut self, further: Vec<FieldFault>) -> Error {
        add_new(&mut self.faults, self.errors.iter().flat_map(Error::fields).collect());
        add_new(&mut self.faults, further);
        match self.errors.iter().position(|error| error.fields() == self.faults) {
            Some(only) => self.errors.swap_remove(only),
            None => {
                self.faults.sort_by(|one, other| (!one.is_missing, &one.field).cmp(&(!other.is_missing, &other.field)));
                Error::of_fields(self.faults)
            }
        }
    }
}

/// Adds the faults of fields that have none yet, nor a part with one. Of several fields of which one is required, none is missing if
/// one of them has a fault.
fn add_new(faults: &mut Vec<FieldFault>, found: Vec<FieldFault>) {
    let is_in = |part: &str, whole: &str| {
        part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let has_fault = |faults: &[FieldFault], fault: &FieldFault| {
        faults.iter().any(|known| is_in(&known.field, &fault.field) || is_in(&fault.field, &known.field))
    };
    let known: Vec<&FieldFault> = found.iter().filter(|fault| has_fault(faults, fault)).collect();
    let is_alternative = |fault: &FieldFault| {
        let choice = fault.alternatives();
        choice.is_some() && known.iter().any(|known| known.alternatives() == choice)
    };
    let new: Vec<FieldFault> = found.iter().filter(|fault| !is_alternative(fault)).cloned().collect();
    for fault in new {
        if !has_fault(faults, &fault) {
            faults.push(fault);
        }
    }
}

/// Returns the fault of a required field that is missing: with the form of the field, which its type may say.
fn missing_field<T: DeserializeOwned>(name: &str) -> FieldFault {
    let of_type = |value: Value| {
        let alone = Value::Object(Map::from_iter([(name.to_owned(), value)]));
        let found = SerdeFault::of("body", serde_path_to_error::deserialize::<_, T>(alone).err()?).fault;
        (found.field == name && found.reason.starts_with("must be ")).then_some(found.reason)
    };
    let choice = of_type("?".into()).filter(|reason| reason.starts_with("must be one of"));
    let stated = || form(name).map(|form| format!("must be {form}"));
    let reason = choice.or_else(stated).or_else(|| of_type(Value::Array(vec![])));
    FieldFault::missing(name, reason.map_or_else(|| "is required".to_owned(), |form| format!("is required; {form}")))
}

/// Reads a value. `known` is what is wrong already; `further` finds what the types do not express.
fn read<T: DeserializeOwned>(
    whole: &str,
    mut value: Value,
    mut known: Found,
    further: impl Fn(&T) -> Vec<FieldFault>,
) -> Result<T> {
    for _ in 0..MAX_FAULTS {
        let found = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(input) if known.is_empty() => return Ok(input),
            Ok(input) => return Err(known.into_error(further(&input))),
            Err(error) => SerdeFault::of(whole, error),
        };
        let faults = &mut known.faults;
        let field = &found.fault.field;
        // A field that was left out is missing now.
        let is_known =
            faults.iter().any(|fault| fault.field == *field || fault.field.starts_with(&format!("{field}[")));
        let is_left_out = match found.fault.is_missing {
            // With some value in its place, serde names the next one that is missing.
            true => found.fill_in(&mut value),
            false => found.remove_from(&mut value),
        };
        if !is_known {
            faults.push(found.fault);
        }
        if !is_left_out {
            break;
        }
    }
    Err(known.into_error(vec![]))
}

impl SerdeFault {
    /// Reads serde's error about a value. The field is the path of the wrong value, or `whole` for the value as a whole.
    fn of<E: std::error::Error>(whole: &str, error: serde_path_to_error::Error<E>) -> Self {
        let mut path = steps(error.path());
        let reason = error.into_inner().to_string();
        // serde names an unknown and a missing field in its text and not in the path.
        let starts = ["unknown field `", "missing field `", "duplicate field `"];
        let named = starts.iter().find_map(|start| reason.strip_prefix(start));
        if let Some(name) = named.and_then(|text| text.split('`').next())
            && !matches!(path.last(), Some(Step::Name(last)) if last == name)
        {
            path.push(Step::Name(name.to_owned()));
        }
        let field = text(&path);
        let field = if field.is_empty() { whole.to_owned() } else { field };
        let mut plain = redact::plain_reason(&reason);
        if !plain.starts_with("must be one of")
            && ["invalid ", "cannot parse", "number too"].iter().any(|start| reason.starts_with(start))
            && let Some(form) = form(&field)
        {
            plain = format!("must be {form}");
        }
        let fault = if reason.starts_with("missing field ") {
            FieldFault::missing(field, plain)
        } else {
            FieldFault::wrong(field, plain)
        };
        Self { fault, path }
    }

    /// Gives a missing field some text. Returns false if there is no object for it.
    fn fill_in(&self, value: &mut Value) -> bool {
        let Some((Step::Name(name), parent)) = self.path.split_last() else { return false };
        let Some(object) = find(value, parent).and_then(Value::as_object_mut) else { return false };
        object.insert(name.clone(), "x".into());
        true
    }

    /// Removes the wrong value. Returns false if it has no field.
    fn remove_from(&self, value: &mut Value) -> bool {
        let names = self.path.iter().enumerate().rev().filter_map(|(at, step)| match step {
            Step::Name(name) => Some((at, name)),
            Step::Position(_) => None,
        });
        for (at, name) in names {
            let object = find(value, &self.path[..at]).and_then(Value::as_object_mut);
            if object.is_some_and(|object| object.remove(name).is_some()) {
                return true;
            }
        }
        false
    }
}

/// Returns the fault of a field that the input does not have.
fn unknown_field<T: DeserializeOwned>(name: &str) -> Option<FieldFault> {
    let alone = Map::from_iter([(name.to_owned(), Value::Null)]);
    let error = serde_path_to_error::deserialize::<_, T>(Value::Object(alone)).err()?;
    let is_unknown = error.inner().to_string().starts_with("unknown field ");
    is_unknown.then(|| SerdeFault::of(name, error).fault)
}

/// True if a value is of the type of its field. serde reads a field before it looks for missing ones.
fn is_of_type<T: DeserializeOwned>(path: &[&str], value: &Value) -> bool {
    let at_path = path
        .iter()
        .rev()
        .fold(value.clone(), |inner, name| Value::Object(Map::from_iter([((*name).to_owned(), inner)])));
    match serde_path_to_error::deserialize::<_, T>(&at_path) {
        Ok(_) => true,
        Err(error) => {
            let found = SerdeFault::of("body", error);
            found.fault.is_missing || found.fault.field != path.join(".")
        }
    }
}

/// True for a value that counts as absent.
pub(super) fn is_absent(value: &Value, empty_clears: bool) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => !empty_clears && text.trim().is_empty(),
        Value::Array(items) => !empty_clears && items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn steps(path: &Path) -> Vec<Step> {
    let step = |segment: &Segment| match segment {
        Segment::Map { key } => Some(Step::Name(key.clone())),
        Segment::Seq { index } => Some(Step::Position(*index)),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().filter_map(step).collect()
}

fn text(path: &[Step]) -> String {
    path.iter().fold(String::new(), |text, step| match step {
        Step::Name(name) if text.is_empty() => name.clone(),
        Step::Name(name) => format!("{text}.{name}"),
        Step::Position(at) => format!("{text}[{at}]"),
    })
}

fn find<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Name(name) => value.get_mut(name),
        Step::Position(at) => value.get_mut(at),
    })
}
