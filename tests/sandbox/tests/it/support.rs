//! A test client for the sandbox's router.

use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Request, StatusCode};
use sandbox::{Effect, Sandbox};
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:9876/callback";
pub(crate) const COMPOSE_SCOPE: &str = "https://www.googleapis.com/auth/gmail.compose";
pub(crate) const MODIFY_SCOPE: &str = "https://www.googleapis.com/auth/gmail.modify";

/// A request builder.
pub(crate) struct TestRequest {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// A response with its whole body.
pub(crate) struct TestResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) dropped: bool,
}

impl TestResponse {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Returns the value of a parameter in the `location` header.
    pub(crate) fn location(&self, name: &str) -> Option<String> {
        let location = url::Url::parse(self.headers.get("location")?.to_str().ok()?).ok()?;
        location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

impl TestRequest {
    fn new(method: &'static str, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn delete(path: &str) -> Self {
        Self::new("DELETE", path)
    }

    pub(crate) fn json(method: &'static str, path: &str, body: &Value) -> Self {
        Self { body: body.to_string(), ..Self::new(method, path) }.header("content-type", "application/json")
    }

    /// Uploads a mail with its metadata, as `multipart/related`.
    pub(crate) fn upload(method: &'static str, path: &str, metadata: &Value, mail: &str) -> Self {
        let body = format!(
            "--part\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n\
             --part\r\nContent-Type: message/rfc822\r\n\r\n{mail}\r\n--part--\r\n"
        );
        Self::new(method, &format!("{path}?uploadType=multipart")).related(body, "multipart/related; boundary=part")
    }

    /// Sets a body of a type.
    pub(crate) fn related(self, body: String, content_type: &str) -> Self {
        Self { body, ..self }.header("content-type", content_type)
    }

    pub(crate) fn post(path: &str, body: &Value) -> Self {
        Self::json("POST", path, body)
    }

    pub(crate) fn bytes(path: &str, body: String) -> Self {
        Self { body, ..Self::new("POST", path) }.header("content-type", "application/octet-stream")
    }

    pub(crate) fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(fields).unwrap();
        Self { body, ..Self::new("POST", path) }.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Replaces the method.
    pub(crate) fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// A form of fields and a file, whose name stands in the form as it is given here.
    pub(crate) fn form_data(path: &str, fields: &[(&str, &str)], file: (&str, &str, &str)) -> Self {
        let (name, content_type, content) = file;
        let mut body = String::new();
        for (field, value) in fields {
            body += &format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        }
        body += &format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n");
        body += &format!("Content-Type: {content_type}\r\n\r\n{content}\r\n--b--\r\n");
        Self { body, ..Self::new("POST", path) }.header("content-type", "multipart/form-data; boundary=b")
    }

    /// Replaces the line ends by those of Unix.
    pub(crate) fn with_unix_lines(self) -> Self {
        Self { body: self.body.replace("\r\n", "\n"), ..self }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn basic(self, user: &str, password: &str) -> Self {
        self.header("authorization", &format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
    }

    /// Sends the request to the router in process.
    pub(crate) async fn send(self, sandbox: &Sandbox) -> TestResponse {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = sandbox.router().oneshot(request.body(Body::from(self.body)).unwrap()).await.unwrap();
        let dropped = response.extensions().get::<sandbox::DroppedConnection>().is_some();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        TestResponse { status: parts.status, headers: parts.headers, text, dropped }
    }
}

/// Returns an access token of Alex's.
pub(crate) fn access_token(sandbox: &Sandbox, provider: &str, scopes: &[&str]) -> String {
    sandbox.grant(provider, sandbox::fixtures::ALEX, scopes).unwrap().access_token
}

/// Returns the effects of one kind.
pub(crate) fn effects_of_kind(sandbox: &Sandbox, kind: &str) -> Vec<Effect> {
    sandbox.effects().into_iter().filter(|effect| effect.kind == kind).collect()
}

/// Encodes a query.
pub(crate) fn encode_query(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap()
}
