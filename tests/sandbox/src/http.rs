//! Requests and responses of the handlers, shared by all providers.

use std::future::{Ready, ready};

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// The maximum request body. The largest file that a provider takes (Asana, 100 MiB) fits in base64.
const MAX_BODY_BYTES: usize = 160 << 20;

/// A handler's result: a response or an error response.
pub(crate) type HandlerResult = Result<ApiResponse, ApiResponse>;

/// A synchronous handler that runs under the state's lock.
pub(crate) type Handler = fn(&mut SandboxState, &ApiRequest) -> HandlerResult;

/// Adapts a [`Handler`] to axum.
pub(crate) fn handler(
    handler: Handler,
) -> impl Fn(State<Sandbox>, ApiRequest) -> Ready<Response> + Clone + Send + Sync + 'static {
    move |State(sandbox), request| {
        let reply = sandbox.with_state(|state| {
            state.start_request();
            handler(state, &request)
        });
        ready(reply.unwrap_or_else(|refusal| refusal).into_response())
    }
}

/// The credentials of an OAuth client.
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

/// A request with its whole body.
pub(crate) struct ApiRequest {
    pub(crate) headers: HeaderMap,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Bytes,
    path_params: Vec<(String, String)>,
}

impl ApiRequest {
    /// Returns the first value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns all values of a repeated query parameter.
    pub(crate) fn query_all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Returns a path parameter; empty if the route has none of that name.
    pub(crate) fn path_param(&self, name: &str) -> &str {
        self.path_params.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the token of `Authorization: Bearer`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header(AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    /// Returns the client credentials of `Authorization: Basic`, percent-decoded as required by RFC 6749 section 2.3.1.
    pub(crate) fn basic(&self) -> Option<Credentials> {
        let (scheme, encoded) = self.header(AUTHORIZATION.as_str())?.split_once(' ')?;
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        scheme.eq_ignore_ascii_case("basic").then(|| Credentials { client_id: plain(user), secret: plain(password) })
    }

    fn content_type(&self) -> &str {
        self.header(CONTENT_TYPE.as_str()).unwrap_or("").split(';').next().unwrap_or("").trim()
    }

    pub(crate) fn is_json(&self) -> bool {
        self.content_type().eq_ignore_ascii_case("application/json")
    }

    pub(crate) fn is_form(&self) -> bool {
        self.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    /// Returns the body as a form; `None` if it is not one.
    pub(crate) fn form(&self) -> Option<Form> {
        if !self.is_form() {
            return None;
        }
        serde_urlencoded::from_bytes(&self.body).ok().map(Form)
    }

    /// Returns the body as JSON, regardless of its content type; `None` if it is not JSON, or has a text with control characters.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok().filter(|body| !has_control_character(body))
    }
}

impl<S: Send + Sync> FromRequest<S> for ApiRequest {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let params = <RawPathParams as axum::extract::FromRequestParts<S>>::from_request_parts(&mut parts, state)
            .await
            .map(|raw| raw.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
            .unwrap_or_default();
        let query = serde_urlencoded::from_str(parts.uri.query().unwrap_or("")).unwrap_or_default();
        let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
        Ok(Self { headers: parts.headers, query, body, path_params: params })
    }
}

/// A decoded form body.
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Form {
    /// Returns the first value of a field that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// A response: status, headers and body.
#[derive(Debug)]
pub(crate) struct ApiResponse {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Content,
}

#[derive(Debug)]
enum Content {
    Json(Value),
    JsonText(String),
    Html(String),
    File(String, Bytes),
    Empty,
}

impl ApiResponse {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status: status_code(status), headers: Vec::new(), body: Content::Json(body) }
    }

    /// Creates a response of JSON that is written already, for long values.
    pub(crate) fn json_text(status: u16, body: String) -> Self {
        Self { status: status_code(status), headers: Vec::new(), body: Content::JsonText(body) }
    }

    pub(crate) fn html(status: u16, page: String) -> Self {
        Self { status: status_code(status), headers: Vec::new(), body: Content::Html(page) }
    }

    /// Creates a response with the content of a file.
    pub(crate) fn file(content_type: &str, content: Bytes) -> Self {
        let body = Content::File(content_type.to_owned(), content);
        Self { status: StatusCode::OK, headers: Vec::new(), body }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status: status_code(status), headers: Vec::new(), body: Content::Empty }
    }

    /// Creates a redirect (302) to `location`.
    pub(crate) fn redirect(location: &str) -> Self {
        Self::empty(302).header("location", location)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }
}

/// True for a control character of ASCII in a text, but for the line feed and the tab. Stricter than the providers, whose documents
/// are silent about it: no person's text has one, so a caller that sends one did not check its input.
fn has_control_character(value: &Value) -> bool {
    match value {
        Value::String(text) => is_control_text(text),
        Value::Array(items) => items.iter().any(has_control_character),
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| is_control_text(name) || has_control_character(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// True for a text with a control character of ASCII other than the line feed and the tab.
pub(crate) fn is_control_text(text: &str) -> bool {
    text.contains(|char: char| char.is_ascii_control() && !matches!(char, '\n' | '\t'))
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl IntoResponse for ApiResponse {
    fn into_response(self) -> Response {
        let (content_type, body) = match self.body {
            Content::Json(value) => ("application/json; charset=utf-8".to_owned(), Body::from(value.to_string())),
            Content::JsonText(text) => ("application/json; charset=utf-8".to_owned(), Body::from(text)),
            Content::Html(page) => ("text/html; charset=utf-8".to_owned(), Body::from(page)),
            Content::File(content_type, content) => (content_type, Body::from(content)),
            Content::Empty => (String::new(), Body::empty()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        if let Some(content_type) = HeaderValue::try_from(content_type).ok().filter(|value| !value.is_empty()) {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// The offset of the next page; `None` on the last one. The sandbox's cursors are offsets.
    pub(crate) next: Option<usize>,
}

/// Returns the page that starts at `start` and has at most `limit` items.
pub(crate) fn paginate<T>(items: Vec<T>, start: usize, limit: usize) -> Page<T> {
    let more = items.len() > start.saturating_add(limit);
    let items = items.into_iter().skip(start).take(limit).collect();
    Page { items, next: more.then_some(start + limit) }
}
