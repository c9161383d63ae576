//! Arguments as models write them: an object or the text of one, with `"5"` for 5 and null for an absent field.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::OwnTool;
use crate::adapters::action::{Action, ActionDef, ActionOutput, Meta};
use crate::adapters::api::Api;
use crate::error::{Error, FieldFault, Result};
use crate::validate::UniqueJson;

/// The field of an own tool's arguments that has the arguments of another tool.
const ARGUMENTS: &str = "arguments";
/// An example of arguments, for the text of an error.
const EXAMPLE: &str = "{\"to\": \"ann@example.com\"}";

/// Returns the arguments of a call: those of an object, or of the JSON text of one. Absent ones are none.
///
/// # Errors
/// [`Error::Invalid`] for another value, and for a text that is no JSON.
pub fn as_arguments(given: Option<Value>) -> Result<Map<String, Value>> {
    let refused = |reason: String| Error::invalid(ARGUMENTS, reason);
    let rule = || format!("must be a JSON object, for example {EXAMPLE}");
    let value = match given {
        Some(Value::String(text)) if text.trim().is_empty() => Value::Null,
        Some(Value::String(text)) => {
            let parsed = serde_json::from_str(&text).map_err(|error| {
                let (line, column) = (error.line(), error.column());
                let text = error.to_string();
                let what = match text.strip_suffix(&format!(" at line {line} column {column}")) {
                    _ if !error.is_data() => "the text is no JSON",
                    Some(rule) if rule.starts_with("must ") => rule,
                    _ => "a name occurs twice",
                };
                refused(format!("{}; {what} at line {line}, column {column}", rule()))
            });
            let UniqueJson(value) = parsed?;
            value
        }
        other => other.unwrap_or_default(),
    };
    match value {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Map::new()),
        _ => Err(refused(rule())),
    }
}

/// Returns an error about an intent in terms of a call: its context is the arguments. `prefix` stands before the name of each argument.
#[must_use]
pub fn in_terms_of_arguments(error: Error, prefix: &str) -> Error {
    let renamed = |fault: FieldFault| {
        let field = match fault.field.strip_prefix("context") {
            Some("") => ARGUMENTS.to_owned(),
            Some(path) => format!("{prefix}{}", path.trim_start_matches('.')),
            None => fault.field,
        };
        let reason = fault.reason.replace("beside context", "beside arguments");
        FieldFault { field, reason, ..fault }
    };
    match error {
        Error::Missing(_) | Error::Invalid { .. } | Error::Fields(_) => {
            Error::of_fields(error.fields().into_iter().map(renamed).collect())
        }
        Error::TooLarge { what: "context", limit } => Error::TooLarge { what: ARGUMENTS, limit },
        other => other,
    }
}

/// Returns the arguments of an own tool in the form that its type takes.
///
/// # Errors
/// [`Error::Missing`], [`Error::Invalid`] or [`Error::Fields`] with every missing and every wrong argument.
pub(super) fn accept<T: OwnTool>(mut given: Value) -> Result<Value> {
    if let Some(inner) = given.get_mut(ARGUMENTS) {
        *inner = Value::Object(as_arguments(Some(inner.take()))?);
    }
    let action = ActionDef::of::<AsContext<T>>();
    if let Some(fields) = given.as_object_mut() {
        action.expand_texts(fields);
    }
    action.accept(given).map_err(|error| in_terms_of_arguments(error, ""))
}

/// An own tool's input as the context of an action, so that it is read as one: by the same walk along its schema.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct AsContext<T>(T);

impl<T: OwnTool> Action for AsContext<T> {
    const META: Meta = Meta::read(T::META.name, &[]).example(T::META.example);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn run(&self, _: &Api<'_>) -> Result<ActionOutput> {
        Err(Error::internal("an own tool calls no provider"))
    }
}
