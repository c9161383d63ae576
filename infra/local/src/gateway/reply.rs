//! The responses of the gateway: those of the functions, and its own.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A function's response of the payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Returns the name of the function that a path of the Lambda API invokes.
pub(super) fn invoked_function(path: &str) -> Option<&str> {
    path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")
}

/// Returns an answer of the gateway itself.
pub(super) fn message(status: StatusCode, message: &str) -> Response {
    json(status, &json!({ "message": message }))
}

/// Returns a response with a JSON body.
pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Converts a function's response. JSON without a `statusCode` is the body of a 200; API Gateway answers a malformed one with 500.
pub(super) fn http(payload: Value) -> Response {
    if payload.get("statusCode").is_none() {
        return json(StatusCode::OK, &payload);
    }
    converted(payload).unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

fn converted(payload: Value) -> Option<Response> {
    let payload: Payload = serde_json::from_value(payload).ok()?;
    let body = payload.body.unwrap_or_default();
    let body = if payload.is_base64_encoded { Body::from(STANDARD.decode(body).ok()?) } else { Body::from(body) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(payload.status_code).ok()?;
    for (name, value) in payload.headers {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        response.headers_mut().insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(text).ok()?);
    }
    for cookie in payload.cookies {
        response.headers_mut().append(header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_responses_are_converted() {
        let response =
            http(json!({ "statusCode": 302, "headers": { "location": "/a", "x-count": 2 }, "cookies": ["a=1", "b=2"],
            "body": "AAE=", "isBase64Encoded": true }));
        assert_eq!(response.status(), 302);
        assert_eq!(
            (&response.headers()["location"], &response.headers()["x-count"]),
            (&"/a".parse().unwrap(), &"2".parse().unwrap())
        );
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        for body in [json!({}), json!("text")] {
            assert_eq!(http(body.clone()).status(), 200, "{body}");
        }
        for malformed in [json!({ "statusCode": 99 }), json!({ "statusCode": 200, "headers": { "a b": "" } })] {
            assert_eq!(http(malformed.clone()).status(), 500, "{malformed}");
        }
    }

    #[test]
    fn lambda_paths_name_their_function() {
        assert_eq!(invoked_function("/2015-03-31/functions/tasks/invocations"), Some("tasks"));
        assert_eq!(invoked_function("/api/plugin-engine/tasks"), None);
    }
}
