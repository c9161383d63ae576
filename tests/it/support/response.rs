//! The response of a route.

use lambda_http::{Body, Response};
use serde_json::Value;

/// A route's response with its body as JSON.
#[derive(Debug)]
pub(crate) struct TestResponse {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl TestResponse {
    pub(crate) fn new(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = match body {
            Body::Text(text) => serde_json::from_str(&text).expect("a JSON body"),
            _ => Value::Null,
        };
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Asserts the status 200 and returns the body.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Asserts the status 202 and returns the body.
    #[track_caller]
    pub(crate) fn accepted(self) -> Value {
        assert_eq!(self.status, 202, "{}", self.body);
        self.body
    }

    /// Asserts an error response of a status, a code and the complete set of fields. Returns the message.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> String {
        let error = &self.body["error"];
        assert_eq!((self.status, &error["code"]), (status, &Value::from(code)), "{}", self.body);
        let fields = |object: &Value| object.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&self.body), ["error", "requestId"]);
        let mut optional = fields(error);
        optional.retain(|field| field != "retryAfterMs" && field != "connectUrl");
        assert_eq!(
            (optional, &error["outcome"]),
            (["code", "message", "outcome"].map(String::from).to_vec(), &"none".into())
        );
        error["message"].as_str().expect("a text").to_owned()
    }
}
