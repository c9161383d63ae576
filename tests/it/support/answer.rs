//! What a route answered.

use lambda_http::{Body, Response};
use serde_json::Value;

/// A route's answer, its body read as JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn new(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = match body {
            Body::Text(text) => serde_json::from_str(&text).expect("a JSON body"),
            _ => Value::Null,
        };
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The answer to a request that was accepted.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The answer to a request that was accepted for later.
    #[track_caller]
    pub(crate) fn accepted(self) -> Value {
        assert_eq!(self.status, 202, "{}", self.body);
        self.body
    }

    /// The answer to a request that was refused: its status and its whole shape.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> String {
        assert_eq!((self.status, &self.body["code"]), (status, &Value::from(code)), "{}", self.body);
        let fields: Vec<&str> = self.body.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(fields, ["code", "error", "requestId"]);
        self.body["error"].as_str().expect("a text").to_owned()
    }
}
