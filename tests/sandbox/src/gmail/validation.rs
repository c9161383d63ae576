//! Request validation: Google rejects unknown parameters, unknown fields and wrong types before it handles a request (discovery
//! document gmail.v1).

use serde_json::Value;

use super::{ErrorResponse, bad_request};
use crate::http::{ApiRequest, ApiResponse};

/// The maximum size of a request with JSON. Gmail documents none; senders of mails in `raw` met it at some megabytes
/// (<https://github.com/googleapis/google-api-go-client/issues/374>, <https://github.com/googleapis/google-api-nodejs-client/issues/1491>).
const MAX_JSON_BYTES: usize = 5 << 20;

/// The parameters of every method.
const COMMON_PARAMETERS: [&str; 11] = [
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

/// The type of a field's value.
pub(crate) enum FieldType {
    Text,
    TextList,
    /// Any value: for fields that the sandbox does not read.
    Any,
    Object(Fields),
}

/// The known fields of an object.
pub(crate) type Fields = &'static [(&'static str, FieldType)];

pub(crate) const DRAFT: Fields = &[("id", FieldType::Text), ("message", FieldType::Object(MESSAGE))];

pub(crate) const MESSAGE: Fields = &[
    ("raw", FieldType::Text),
    ("threadId", FieldType::Text),
    ("id", FieldType::Text),
    ("labelIds", FieldType::TextList),
    ("snippet", FieldType::Text),
    ("historyId", FieldType::Text),
    ("internalDate", FieldType::Text),
    ("sizeEstimate", FieldType::Any),
    ("payload", FieldType::Any),
    ("classificationLabelValues", FieldType::Any),
];

pub(crate) const MESSAGE_LABELS_CHANGE: Fields = &[
    ("addLabelIds", FieldType::TextList),
    ("removeLabelIds", FieldType::TextList),
    ("addClassificationLabels", FieldType::Any),
    ("removeClassificationLabelIds", FieldType::TextList),
];

pub(crate) const THREAD_LABELS_CHANGE: Fields =
    &[("addLabelIds", FieldType::TextList), ("removeLabelIds", FieldType::TextList)];

pub(crate) const BATCH_LABELS_CHANGE: Fields = &[
    ("ids", FieldType::TextList),
    ("addLabelIds", FieldType::TextList),
    ("removeLabelIds", FieldType::TextList),
    ("addClassificationLabels", FieldType::Any),
    ("removeClassificationLabelIds", FieldType::TextList),
];

pub(crate) const LABEL: Fields = &[
    ("id", FieldType::Text),
    ("name", FieldType::Text),
    ("labelListVisibility", FieldType::Text),
    ("messageListVisibility", FieldType::Text),
    ("type", FieldType::Text),
    ("color", FieldType::Object(&[("backgroundColor", FieldType::Text), ("textColor", FieldType::Text)])),
    ("messagesTotal", FieldType::Any),
    ("messagesUnread", FieldType::Any),
    ("threadsTotal", FieldType::Any),
    ("threadsUnread", FieldType::Any),
];

/// Rejects query parameters that the method does not have.
pub(crate) fn reject_unknown_parameters(request: &ApiRequest, known: &[&str]) -> Result<(), ErrorResponse> {
    let unknown = request
        .query
        .iter()
        .find(|(name, _)| !known.contains(&name.as_str()) && !COMMON_PARAMETERS.contains(&name.as_str()));
    match unknown {
        None => Ok(()),
        Some((name, _)) => Err(bad_request(
            "badRequest",
            &format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter."),
        )),
    }
}

/// Returns the validated body of a method that has no query parameters.
pub(crate) fn validated_body(request: &ApiRequest, fields: Fields) -> Result<Value, ErrorResponse> {
    reject_unknown_parameters(request, &[])?;
    if request.body.len() > MAX_JSON_BYTES {
        return Err(ApiResponse::html(413, "<title>Error 413 (Request Entity Too Large)!!1</title>".to_owned()));
    }
    let body = request.json().filter(Value::is_object).ok_or_else(|| bad_request("badRequest", "Parse Error"))?;
    validate_fields(&body, fields, "")?;
    Ok(body)
}

pub(crate) fn validate_fields(object: &Value, fields: Fields, at: &str) -> Result<(), ErrorResponse> {
    for (name, value) in object.as_object().into_iter().flatten() {
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        let Some((_, shape)) = fields.iter().find(|(known, _)| known == name) else {
            let place = if at.is_empty() { String::new() } else { format!(" at '{at}'") };
            let message = format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field.");
            return Err(bad_request("badRequest", &message));
        };
        let right = match shape {
            _ if value.is_null() => true,
            FieldType::Any => true,
            FieldType::Text => value.is_string(),
            FieldType::TextList => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
            FieldType::Object(_) => value.is_object(),
        };
        if !right {
            return Err(bad_request("badRequest", &format!("Invalid value at '{path}'")));
        }
        if let FieldType::Object(inner) = shape {
            validate_fields(value, inner, &path)?;
        }
    }
    Ok(())
}
