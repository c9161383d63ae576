//! Fuzz target: the body of an intent.

use super::deployment::handle;
use super::jwt::{claims, sign};
use lambda_http::Body;
use serde_json::Value;

/// Checks `POST /api/plugin-engine` with any body: the response is never 401, 500 or 501, and errors have a code and a message.
pub fn intent_body(data: &[u8]) {
    let token = format!("Bearer {}", sign(&claims()));
    let event = http::Request::post("https://api.example.com/api/plugin-engine")
        .header("authorization", token)
        .body(Body::Binary(data.to_vec()))
        .unwrap();
    let response = handle(event, plugin_engine::route);
    let status = response.status().as_u16();
    let input = String::from_utf8_lossy(data).into_owned();
    let Body::Text(text) = response.into_body() else { panic!("{input}: {status} without a body") };
    let body: Value = serde_json::from_str(&text).unwrap();
    assert!(!matches!(status, 401 | 500 | 501), "{input}: {status} {body}");
    assert!(
        status < 400 || (body["error"]["code"].is_string() && body["error"]["message"].is_string()),
        "{input}: {status} {body}"
    );
}
