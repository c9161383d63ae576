//! Arguments of a Slack method from query, form or JSON (<https://docs.slack.dev/apis/web-api>).

use serde_json::{Map, Value};

use super::slack_error;
use crate::http::ApiRequest;

/// The arguments of one request. Forms have text values only, JSON bodies have types; the getters accept both.
pub(crate) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Reads the query, then the body. A JSON body is ignored by methods that do not accept one, as in Slack.
    pub(crate) fn read(request: &ApiRequest, takes_json: bool) -> Self {
        let mut all = Map::new();
        all.extend(request.query.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))));
        if let Some(form) = request.form() {
            all.extend(form.0.into_iter().map(|(name, value)| (name, Value::from(value))));
        } else if takes_json
            && request.is_json()
            && let Some(Value::Object(body)) = request.json()
        {
            all.extend(body);
        }
        Self(all)
    }

    /// Returns a text or number argument that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Returns a flag: `true`, `1` or JSON's true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(flag)) => *flag,
            _ => matches!(self.text(name).as_deref(), Some("true" | "1")),
        }
    }

    /// Returns a structured argument: JSON, or JSON in a form field.
    pub(crate) fn structure(&self, name: &str) -> Option<Value> {
        match self.0.get(name)? {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(serde_json::from_str(text).unwrap_or(Value::Null)),
            other => Some(other.clone()),
        }
    }

    /// Rejects undocumented arguments and values of a wrong type. `known` lists the arguments with a type suffix: `#` number, `?`
    /// flag, `{}` structure, none text. Slack itself ignores an unknown argument; the sandbox reports it to developers.
    pub(crate) fn reject_undocumented(&self, known: &str) -> Result<(), Value> {
        for (name, value) in self.0.iter().filter(|(name, _)| *name != "token") {
            let has_name = |argument: &&str| argument.trim_end_matches(['#', '?', '{', '}']) == name;
            let argument = known.split(' ').find(has_name).ok_or_else(|| slack_error("invalid_arg_name"))?;
            if !has_type(argument, value) {
                return Err(slack_error("invalid_arguments"));
            }
        }
        Ok(())
    }

    /// Returns the arguments without the token, the form in the ledger.
    pub(crate) fn without_token(&self) -> Value {
        let mut arguments = self.0.clone();
        arguments.remove("token");
        Value::Object(arguments)
    }
}

/// True if a value has the type of the suffix. Values from a form or a query are text.
fn has_type(argument: &str, value: &Value) -> bool {
    match (argument.chars().last(), value) {
        (_, Value::Null) => true,
        (Some('#'), Value::String(text)) => text.is_empty() || text.parse::<i64>().is_ok(),
        (Some('#'), Value::Number(_)) | (Some('?'), Value::Bool(_)) => true,
        (Some('?'), Value::String(text)) => ["", "true", "false", "1", "0"].contains(&text.as_str()),
        (Some('}'), Value::String(text)) => text.is_empty() || serde_json::from_str::<Value>(text).is_ok(),
        (Some('}'), Value::Array(_) | Value::Object(_)) => true,
        (Some('#' | '?' | '}'), _) => false,
        (_, value) => value.is_string(),
    }
}
