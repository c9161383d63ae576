//! The response of a route.

use super::responses::{ErrorDetail, PluginFailure, PluginSuccess, Refusal, Scheduled, View};
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

    /// Asserts the status 200 and returns the body as a view.
    #[track_caller]
    pub(crate) fn view<V: View>(self) -> V {
        parse(self.ok())
    }

    /// Asserts that the intent succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> PluginSuccess {
        let body = self.ok();
        assert_eq!(body["success"], true, "{body}");
        parse(body)
    }

    /// Asserts that the intent failed with a code.
    #[track_caller]
    pub(crate) fn failed(self, code: &str) -> PluginFailure {
        let body = self.ok();
        assert_eq!((&body["success"], &body["error"]["code"]), (&false.into(), &code.into()), "{body}");
        parse(body)
    }

    /// Asserts that the outcome of the intent is not known yet.
    #[track_caller]
    pub(crate) fn unresolved(self) -> PluginFailure {
        let body = self.accepted();
        assert_eq!((&body["success"], &body["error"]["outcome"]), (&false.into(), &"unknown".into()), "{body}");
        parse(body)
    }

    /// Asserts that the intent was accepted for later and returns the id of its task.
    #[track_caller]
    pub(crate) fn scheduled(self) -> String {
        let body = self.accepted();
        assert_eq!(body["success"], true, "{body}");
        if body.get("taskId").is_some() {
            return parse::<Scheduled>(body).task_id;
        }
        // The main endpoint has the id in the result's data too.
        let accepted: PluginSuccess = parse(body);
        assert_eq!(accepted.data()["taskId"], accepted.task_id(), "{accepted:?}");
        accepted.task_id()
    }

    /// Asserts an error response of a status, a code and the complete set of fields. Returns the message.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> String {
        self.refusal(status, code).message
    }

    /// As [`TestResponse::refused`]; returns the whole error.
    #[track_caller]
    pub(crate) fn refusal(self, status: u16, code: &str) -> ErrorDetail {
        let error = &self.body["error"];
        assert_eq!((self.status, &error["code"]), (status, &Value::from(code)), "{}", self.body);
        assert_eq!(error["outcome"], "none", "{}", self.body);
        parse::<Refusal>(self.body).error
    }

    /// The code of the error, or `done` without one.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("done")
    }
}

impl PluginSuccess {
    /// The id of the intent's task.
    #[track_caller]
    pub(crate) fn task_id(&self) -> String {
        let metadata = self.metadata.as_ref().unwrap_or_else(|| panic!("no metadata: {self:?}"));
        metadata.task_id.clone().unwrap_or_else(|| panic!("no task: {self:?}"))
    }

    /// The data that the action read or created; `null` without any.
    pub(crate) fn data(&self) -> &Value {
        self.data.as_ref().unwrap_or(&Value::Null)
    }
}

impl PluginFailure {
    /// The id of the intent's task.
    #[track_caller]
    pub(crate) fn task_id(&self) -> String {
        let metadata = self.metadata.as_ref().unwrap_or_else(|| panic!("no metadata: {self:?}"));
        metadata.task_id.clone().unwrap_or_else(|| panic!("no task: {self:?}"))
    }
}

/// A body as a view.
#[track_caller]
fn parse<V: View>(body: Value) -> V {
    match serde_json::from_value(body.clone()) {
        Ok(view) => view,
        Err(error) => panic!("{error} in {body}"),
    }
}
