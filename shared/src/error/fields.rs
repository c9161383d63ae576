//! The fields for which a request is refused.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Error, form};
use crate::wording::{agreeing, counted};

/// Maximum number of faults that an error names: a context of 2 MiB can have tens of thousands.
pub(crate) const MAX_FAULTS: usize = 64;
/// Longest path that a text shows, in characters: an object of any names can have long ones.
const MAX_PATH_CHARS: usize = 200;
/// Longest reason, in characters: it can quote what the caller sent.
const MAX_REASON_CHARS: usize = 2000;
/// Longest message that names every field, in characters.
const MAX_MESSAGE_CHARS: usize = 400;

/// A field of a request that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldFault {
    /// The path of the field, such as `context.to`.
    pub field: String,
    /// The allowed form, with an example.
    pub reason: String,
    /// True if the field is required and missing.
    #[serde(skip)]
    pub is_missing: bool,
}

impl FieldFault {
    /// The fault of a field with a wrong value.
    pub fn wrong(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: cut(reason.into(), MAX_REASON_CHARS), is_missing: false }
    }

    /// The fault of a required field that is missing.
    pub fn missing(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: cut(reason.into(), MAX_REASON_CHARS), is_missing: true }
    }

    /// Returns the fault as a caller or a log sees it: with a path that is not too long.
    #[must_use]
    pub(crate) fn shown(self) -> Self {
        Self { field: shown_path(&self.field), ..self }
    }

    /// Returns the words about a choice of which this field is a part: `one of text and markdown is required`.
    pub(crate) fn alternatives(&self) -> Option<&str> {
        self.reason.starts_with("one of ").then(|| self.reason.split(';').next()).flatten()
    }
}

/// Returns the start of a path that is too long to be shown, or the whole path.
pub(super) fn shown_path(path: &str) -> String {
    cut(path.to_owned(), MAX_PATH_CHARS)
}

/// Returns a text without what it has beyond `max` characters.
fn cut(mut text: String, max: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max) {
        text.truncate(end);
        text.push('\u{2026}');
    }
    text
}

/// Returns the sentence about missing fields.
pub(super) fn missing(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(MAX_FAULTS).map(|name| shown_path(name)).collect();
    format!("Missing required field{}: {}", agreeing(names.len(), "", "s"), shown.join(", "))
}

/// Returns one sentence for a person: it names all fields, or the first and the number of the others.
pub(super) fn message(faults: &[FieldFault]) -> String {
    let all = sentence(faults);
    match faults {
        [first, others @ ..] if !others.is_empty() && all.chars().count() > MAX_MESSAGE_CHARS => {
            let (first, count) = (sentence(std::slice::from_ref(first)), others.len());
            format!("{first}; and {}, see fields", counted(count, "more wrong field"))
        }
        _ => all,
    }
}

fn sentence(faults: &[FieldFault]) -> String {
    let names = missing_names(faults);
    let missing = (!names.is_empty()).then(|| missing(&names));
    let wrong = faults.iter().filter(|fault| !fault.is_missing);
    let wrong = wrong.map(|fault| format!("{}: {}", shown_path(&fault.field), fault.reason));
    let parts: Vec<String> = missing.into_iter().chain(wrong).collect();
    parts.join("; ")
}

/// Returns the names of the missing fields. Those of which one suffices are one name: `text or markdown`.
fn missing_names(faults: &[FieldFault]) -> Vec<String> {
    let mut names: Vec<(Option<&str>, String)> = vec![];
    for fault in faults.iter().filter(|fault| fault.is_missing) {
        let one_of = fault.alternatives();
        match names.iter_mut().find(|(known, _)| one_of.is_some() && *known == one_of) {
            Some((_, name)) => *name = format!("{name} or {}", fault.field),
            None => names.push((one_of, fault.field.clone())),
        }
    }
    names.into_iter().map(|(_, name)| name).collect()
}

impl Error {
    /// The error of the fields of a request that are missing or wrong. There is at least one, and the first 64 are named.
    pub fn of_fields(mut faults: Vec<FieldFault>) -> Self {
        faults.truncate(MAX_FAULTS);
        match faults.as_mut_slice() {
            [one] if !one.is_missing => {
                Self::Invalid { field: std::mem::take(&mut one.field), reason: std::mem::take(&mut one.reason) }
            }
            _ => Self::Fields(faults),
        }
    }

    /// The fields for which the request is refused, each with its reason.
    pub fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Missing(names) => names.iter().flat_map(|name| alternatives(name)).collect(),
            Self::Invalid { field, reason } => vec![FieldFault::wrong(field, reason)],
            Self::Fields(faults) => faults.clone(),
            Self::File(fault) => {
                let wrong = |field: &str| FieldFault::wrong(field, self.to_string().replace(&format!("{field}: "), ""));
                fault.field().map(wrong).into_iter().collect()
            }
            Self::UnknownTool(_) => vec![FieldFault::wrong("tool", self.to_string())],
            Self::UnknownName { .. } => vec![FieldFault::wrong("name", self.to_string())],
            Self::UnknownIntent { .. } => vec![FieldFault::wrong("intent", self.to_string())],
            _ => vec![],
        }
    }

    /// Puts a text before the path of each field. A fault without a path gets the text alone, without its last dot.
    #[must_use]
    pub(crate) fn with_field_prefix(self, prefix: &str) -> Self {
        let prefixed = |field: &str| match field {
            "" => prefix.trim_end_matches('.').to_owned(),
            field => format!("{prefix}{field}"),
        };
        match self {
            Self::Missing(names) => Self::Missing(names.iter().map(|name| prefixed(name)).collect()),
            Self::Invalid { field, reason } => Self::Invalid { field: prefixed(&field), reason },
            Self::Fields(faults) => Self::Fields(
                faults.into_iter().map(|fault| FieldFault { field: prefixed(&fault.field), ..fault }).collect(),
            ),
            other => other,
        }
    }
}

/// Returns the fault of a missing field. A name of the form `x or y` is that of several fields, of which one is required.
fn alternatives(name: &str) -> Vec<FieldFault> {
    let names: Vec<&str> = name.split(" or ").collect();
    let reason = match names.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("one of {} and {last} is required", others.join(", ")),
        _ => "is required".to_owned(),
    };
    let with_form = |name: &str| form(name).map_or_else(|| reason.clone(), |form| format!("{reason}; must be {form}"));
    names.iter().map(|name| FieldFault::missing(*name, with_form(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_every_field_or_counts_the_others() {
        let faults = vec![
            FieldFault::wrong("limit", "must be a whole number"),
            FieldFault::missing("to", "is required"),
            FieldFault::missing("body", "is required"),
        ];
        assert_eq!(message(&faults), "Missing required fields: to, body; limit: must be a whole number");
        let error = Error::of_fields(faults);
        assert_eq!((error.code(), error.fields().len()), ("MISSING_FIELDS", 3));
        let long: Vec<_> = (0..3).map(|at| FieldFault::wrong(format!("f{at}"), "x".repeat(200))).collect();
        assert_eq!(message(&long), format!("f0: {}; and 2 more wrong fields, see fields", "x".repeat(200)));
        assert_eq!(Error::of_fields(long).code(), "INVALID_FIELD");
    }

    #[test]
    fn one_of_several_required_fields_names_each() {
        let fields = Error::Missing(vec!["label or default".to_owned()]).fields();
        let names: Vec<_> = fields.iter().map(|fault| (fault.field.as_str(), fault.reason.as_str())).collect();
        let reason = "one of label and default is required";
        assert_eq!(names, [("label", reason), ("default", reason)]);
    }
}
