//! What Google refuses before it looks at a request's meaning: parameters and fields a method does not have, and wrong types
//! (discovery document gmail.v1).

use serde_json::Value;

use super::{Refused, bad};
use crate::http::Call;

/// The parameters every method has.
const COMMON: [&str; 11] = [
    "$.xgafv",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "upload_protocol",
];

/// What a field holds.
pub(crate) enum Shape {
    Text,
    TextList,
    /// Anything: fields the sandbox does not read.
    Any,
    Object(Fields),
}

/// The fields an object may have.
pub(crate) type Fields = &'static [(&'static str, Shape)];

pub(crate) const DRAFT: Fields = &[("id", Shape::Text), ("message", Shape::Object(MESSAGE))];

pub(crate) const MESSAGE: Fields = &[
    ("raw", Shape::Text),
    ("threadId", Shape::Text),
    ("id", Shape::Text),
    ("labelIds", Shape::TextList),
    ("snippet", Shape::Text),
    ("historyId", Shape::Text),
    ("internalDate", Shape::Text),
    ("sizeEstimate", Shape::Any),
    ("payload", Shape::Any),
    ("classificationLabelValues", Shape::Any),
];

pub(crate) const LABELS_OF_MESSAGE: Fields = &[
    ("addLabelIds", Shape::TextList),
    ("removeLabelIds", Shape::TextList),
    ("addClassificationLabels", Shape::Any),
    ("removeClassificationLabelIds", Shape::TextList),
];

pub(crate) const LABEL: Fields = &[
    ("id", Shape::Text),
    ("name", Shape::Text),
    ("labelListVisibility", Shape::Text),
    ("messageListVisibility", Shape::Text),
    ("type", Shape::Text),
    ("color", Shape::Object(&[("backgroundColor", Shape::Text), ("textColor", Shape::Text)])),
    ("messagesTotal", Shape::Any),
    ("messagesUnread", Shape::Any),
    ("threadsTotal", Shape::Any),
    ("threadsUnread", Shape::Any),
];

/// Refuses a parameter that the method does not have.
pub(crate) fn parameters(call: &Call, known: &[&str]) -> Result<(), Refused> {
    let unknown =
        call.query.iter().find(|(name, _)| !known.contains(&name.as_str()) && !COMMON.contains(&name.as_str()));
    match unknown {
        None => Ok(()),
        Some((name, _)) => Err(bad(
            "badRequest",
            &format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter."),
        )),
    }
}

/// The body of a method without parameters of its own, when it has this shape.
pub(crate) fn body(call: &Call, fields: Fields) -> Result<Value, Refused> {
    parameters(call, &[])?;
    let body = call.json().filter(Value::is_object).ok_or_else(|| bad("badRequest", "Parse Error"))?;
    fits(&body, fields, "")?;
    Ok(body)
}

fn fits(object: &Value, fields: Fields, at: &str) -> Result<(), Refused> {
    for (name, value) in object.as_object().into_iter().flatten() {
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        let Some((_, shape)) = fields.iter().find(|(known, _)| known == name) else {
            let place = if at.is_empty() { String::new() } else { format!(" at '{at}'") };
            let message = format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field.");
            return Err(bad("badRequest", &message));
        };
        let right = match shape {
            _ if value.is_null() => true,
            Shape::Any => true,
            Shape::Text => value.is_string(),
            Shape::TextList => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
            Shape::Object(_) => value.is_object(),
        };
        if !right {
            return Err(bad("badRequest", &format!("Invalid value at '{path}'")));
        }
        if let Shape::Object(inner) = shape {
            fits(value, inner, &path)?;
        }
    }
    Ok(())
}
