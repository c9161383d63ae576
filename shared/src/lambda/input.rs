//! The input of a request, from its JSON body or its query, refused with every missing and every wrong field at once.
//!
//! serde names one fault. Its field is left out and the input is read again, until no fault is left.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::request::{Input, parse_query};
use crate::error::{Error, FieldFault, MAX_FAULTS, Result};
use crate::redact;

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
/// is a text or a list: an empty time is no time, and must not start an intent at once.
///
/// # Errors
/// [`Error::Missing`], [`Error::Invalid`], [`Error::Fields`].
pub(super) fn of_body<T: Input>(mut fields: Map<String, Value>) -> Result<T> {
    let is_optional = |name: &str| !T::REQUIRED.contains(&name);
    let mut faults = vec![];
    fields.retain(|name, value| {
        let is_absent = is_optional(name)
            && is_absent(value, T::EMPTY_CLEARS.contains(&name.as_str()))
            && (value.is_null() || is_of_type::<T>(&[name], value));
        if is_absent {
            faults.extend(unknown_field::<T>(name));
        }
        !is_absent
    });
    for name in T::OBJECTS {
        if let Some(object) = fields.get_mut(*name).and_then(Value::as_object_mut) {
            object.retain(|field, value| !(is_absent(value, false) && is_of_type::<T>(&[name, field], value)));
        }
    }
    let missing = T::REQUIRED
        .iter()
        .filter(|name| fields.get(**name).is_none_or(|value| is_absent(value, false) && !value.is_array()));
    let missing: Vec<FieldFault> = missing.map(|name| FieldFault::missing(*name, "is required")).collect();
    read("body", Value::Object(fields), missing.into_iter().chain(faults).collect())
}

/// Reads query parameters. An empty one is refused like any other wrong value: `agentId=` must not list what all agents did.
///
/// # Errors
/// [`Error::Missing`], [`Error::Invalid`], [`Error::Fields`].
pub(super) fn of_query<T: Input>(mut fields: Vec<(String, String)>) -> Result<T> {
    fields.retain(|(name, value)| !(T::REQUIRED.contains(&name.as_str()) && value.trim().is_empty()));
    let missing = T::REQUIRED.iter().filter(|name| !fields.iter().any(|(field, _)| field == *name));
    let mut faults: Vec<FieldFault> = missing.map(|name| FieldFault::missing(*name, "is required")).collect();
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
    Err(Error::of_fields(faults))
}

/// Reads one item of the list `whole` of a bulk request.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Fields`] with the paths inside the item, or with `whole` if the item as a whole is invalid.
pub(super) fn of_item<T: DeserializeOwned>(whole: &str, item: Value) -> Result<T> {
    read(whole, item, vec![])
}

/// Reads a value. `faults` are those that are known already.
fn read<T: DeserializeOwned>(whole: &str, mut value: Value, mut faults: Vec<FieldFault>) -> Result<T> {
    for _ in 0..MAX_FAULTS {
        let found = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(input) if faults.is_empty() => return Ok(input),
            Ok(_) => break,
            Err(error) => SerdeFault::of(whole, error),
        };
        let field = &found.fault.field;
        // A field that was left out is missing now.
        let is_known =
            faults.iter().any(|fault| fault.field == *field || fault.field.starts_with(&format!("{field}[")));
        let is_left_out = match found.fault.is_missing {
            // With some value in its place, serde names the next one that is missing.
            true => !is_known && found.fill_in(&mut value),
            false => found.remove_from(&mut value),
        };
        if !is_known {
            faults.push(found.fault);
        }
        if !is_left_out {
            break;
        }
    }
    faults.sort_by(|one, other| (!one.is_missing, &one.field).cmp(&(!other.is_missing, &other.field)));
    Err(Error::of_fields(faults))
}

impl SerdeFault {
    /// Reads serde's error about a value. The field is the path of the wrong value, or `whole` for the value as a whole.
    fn of<E: std::error::Error>(whole: &str, error: serde_path_to_error::Error<E>) -> Self {
        let mut path = steps(error.path());
        let reason = error.into_inner().to_string();
        // serde names an unknown and a missing field in its text and not in the path.
        let named = ["unknown field `", "missing field `"].iter().find_map(|start| reason.strip_prefix(start));
        if let Some(name) = named.and_then(|text| text.split('`').next())
            && !matches!(path.last(), Some(Step::Name(last)) if last == name)
        {
            path.push(Step::Name(name.to_owned()));
        }
        let field = text(&path);
        let field = if field.is_empty() { whole.to_owned() } else { field };
        let plain = redact::plain_reason(&reason);
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
        Value::Array(items) => items.is_empty(),
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::clock;
    use crate::lambda::object;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Fields {
        agent_id: String,
        #[serde(default)]
        limit: u16,
        #[serde(default)]
        dry_run: bool,
        label: Option<String>,
        scopes: Option<Vec<String>>,
        #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
        execute_at: Option<Timestamp>,
        #[serde(default, deserialize_with = "object")]
        part: Option<Inner>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        count: Option<u32>,
        text: Option<String>,
    }

    impl Input for Fields {
        const REQUIRED: &'static [&'static str] = &["agentId"];
        const OBJECTS: &'static [&'static str] = &["part"];
        const EMPTY_CLEARS: &'static [&'static str] = &["label"];
    }

    fn body(body: Value) -> Result<Fields> {
        of_body(body.as_object().unwrap().clone())
    }

    fn faults(result: Result<Fields>) -> Vec<String> {
        let fields = result.unwrap_err().fields();
        fields.into_iter().map(|fault| format!("{}: {}", fault.field, fault.reason)).collect()
    }

    #[test]
    fn every_missing_and_wrong_field_is_named() {
        let wrong = json!({ "limit": "x", "dryRun": 7, "scopes": ["s", 7], "executeAt": "tomorrow", "lable": "y",
            "part": { "count": -1, "text": {}, "other": 1 } });
        let found = faults(body(wrong));
        for fault in [
            "agentId: is required",
            "limit: must be a whole number, 0 or more, for example 5",
            "dryRun: must be true or false",
            "scopes[1]: must be a text, for example \"abc\"",
            "executeAt: must be an ISO 8601 time with a zone, for example 2030-01-31T09:00:00Z",
            "part.count: must be a whole number, 0 or more, for example 5",
            "part.text: must be a text, for example \"abc\"",
            "part.other: unknown field; known fields are count, text",
        ] {
            assert!(found.iter().any(|found| found == fault), "{fault}: {found:?}");
        }
        assert!(
            found.iter().any(|found| found.starts_with("lable: unknown field; did you mean label?; known fields are ")),
            "{found:?}"
        );
        assert_eq!(found.len(), 9, "{found:?}");
        let query = [("limit", "x"), ("dryRun", "7"), ("colour", "red")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let found: Vec<String> =
            of_query::<Fields>(query).unwrap_err().fields().into_iter().map(|fault| fault.field).collect();
        assert_eq!(found, ["agentId", "limit", "dryRun", "colour"]);
    }

    #[test]
    fn absent_null_and_empty_are_the_same_in_optional_fields() {
        let plain = body(json!({ "agentId": "a" })).unwrap();
        let filled = json!({ "agentId": "a", "limit": null, "dryRun": null, "label": null, "scopes": [],
            "part": null });
        assert_eq!(body(filled).unwrap(), plain);
        let filled = json!({ "agentId": "a", "part": { "count": 3, "text": "" }, "scopes": null });
        assert_eq!(body(filled).unwrap().part, Some(Inner { count: Some(3), text: None }));
        // An empty text is no time and no number.
        let time = "executeAt: must be an ISO 8601 time with a zone, for example 2030-01-31T09:00:00Z";
        assert_eq!(faults(body(json!({ "agentId": "a", "executeAt": "" }))), [time]);
        assert_eq!(faults(body(json!({ "agentId": "a", "part": { "count": "" } }))).len(), 1);
        assert!(faults(body(json!({ "agentId": "a", "no": "" })))[0].starts_with("no: unknown field; "));
        assert!(
            of_query::<Fields>(vec![("agentId".to_owned(), "a".to_owned()), ("no".to_owned(), String::new())]).is_err()
        );
        // The empty label differs from an absent one.
        assert_eq!(body(json!({ "agentId": "a", "label": "" })).unwrap().label.as_deref(), Some(""));
        assert_eq!(faults(body(json!({ "agentId": " ", "limit": null }))), ["agentId: is required"]);
    }
}
