//! Fault injection: planned failures of networks and providers.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use hyper::body::{Body as _, Frame};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::sandbox::Sandbox;

/// The path prefixes that a fault can name.
pub(crate) const FAULT_PREFIXES: [&str; 9] =
    ["gmail", "google", "slack", "notion", "asana", "notes", "aws", "s3", "issuer"];

/// The number of spaces in an oversized response.
const OVERSIZE_BYTES: usize = (5 << 20) + 1;

/// The status and body of a provider's rate limit.
fn rate_limit(provider: &str) -> (u16, Value) {
    match provider {
        // https://docs.slack.dev/apis/web-api/rate-limits
        "slack" => (429, json!({"ok": false, "error": "ratelimited"})),
        // https://developers.notion.com/reference/request-limits
        "notion" => (
            429,
            json!({"object": "error", "status": 429, "code": "rate_limited", "message": "You have been rate limited."}),
        ),
        // https://developers.asana.com/docs/rate-limits
        "asana" => (429, json!({"errors": [{"message": "You have made too many requests recently."}]})),
        // https://developers.google.com/workspace/gmail/api/guides/handle-errors
        _ => {
            let message = "User-rate limit exceeded.";
            let errors = json!([{"domain": "usageLimits", "reason": "userRateLimitExceeded", "message": message}]);
            (403, json!({"error": {"code": 403, "message": message, "status": "PERMISSION_DENIED", "errors": errors}}))
        }
    }
}

/// A planned failure of the next matching requests. The first matching fault is applied; each use decrements `times`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The path prefix of the requests: `gmail`, `google`, `slack`, `notion`, `asana`, `notes`, `aws`, `s3` or
    /// `issuer`.
    pub provider: String,
    /// The HTTP method; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The start of the path below the provider's prefix (`/api/chat.postMessage`); any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The number of matching requests that are served before the first one fails.
    #[serde(default)]
    pub skip: u32,
    /// The number of requests that fail.
    pub times: u32,
    /// The kind of failure.
    pub kind: FaultKind,
    /// `delay`, `apply_then_delay`: the wait in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// `pad`: the number of spaces. `cut_upload`, `truncate`: the number of bytes before the end; for `truncate` half of the body
    /// if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// `status`: the HTTP status; 500 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `status`: response headers, for instance `retry-after`; values are strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Map<String, Value>>,
    /// `status`: the body. A JSON string is sent as plain text, any other value as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection closes before the request is handled.
    Refuse,
    /// The connection closes after a part of the request's body; the request is not handled.
    CutUpload,
    /// The request is handled after a delay.
    Delay,
    /// The response has a planned status, headers and body; the request is not handled.
    Status,
    /// The request takes effect, then the connection closes without a response.
    ApplyThenDrop,
    /// The request takes effect; the response is sent after a delay, in which the client can be stopped.
    ApplyThenDelay,
    /// The request takes effect; the connection closes after a part of the announced response body.
    Truncate,
    /// The request takes effect; spaces make the response's body longer, as long threads and wide rows do.
    Pad,
}

impl Fault {
    /// Creates a fault of one kind for the next request to `provider`.
    pub fn new(provider: &str, kind: FaultKind) -> Self {
        let provider = provider.to_owned();
        let (ms, bytes, status, headers, body) = (None, None, None, None, None);
        Self { provider, method: None, path: None, skip: 0, times: 1, kind, ms, bytes, status, headers, body }
    }

    /// Closes the connection before anything is handled.
    pub fn refuse(provider: &str) -> Self {
        Self::new(provider, FaultKind::Refuse)
    }

    /// Waits `ms` milliseconds, then handles the request.
    pub fn delay(provider: &str, ms: u64) -> Self {
        Self { ms: Some(ms), ..Self::new(provider, FaultKind::Delay) }
    }

    /// Responds with `status` and `body`, without effect.
    pub fn status(provider: &str, status: u16, body: Value) -> Self {
        Self { status: Some(status), body: Some(body), ..Self::new(provider, FaultKind::Status) }
    }

    /// Applies the effect, then closes the connection without a response.
    pub fn apply_then_drop(provider: &str) -> Self {
        Self::new(provider, FaultKind::ApplyThenDrop)
    }

    /// Applies the effect, then waits `ms` milliseconds before the response.
    pub fn apply_then_delay(provider: &str, ms: u64) -> Self {
        Self { ms: Some(ms), ..Self::new(provider, FaultKind::ApplyThenDelay) }
    }

    /// Reads so many bytes of the request's body, then closes the connection without effect.
    pub fn cut_upload(provider: &str, bytes: usize) -> Self {
        Self { bytes: Some(bytes), ..Self::new(provider, FaultKind::CutUpload) }
    }

    /// Applies the effect, then cuts the response body in half.
    pub fn truncate(provider: &str) -> Self {
        Self::new(provider, FaultKind::Truncate)
    }

    /// Applies the effect, then cuts the response body after so many bytes.
    pub fn cut_download(provider: &str, bytes: usize) -> Self {
        Self { bytes: Some(bytes), ..Self::truncate(provider) }
    }

    /// Applies the effect, then pads the response body with so many spaces.
    pub fn padded(provider: &str, bytes: usize) -> Self {
        Self { bytes: Some(bytes), ..Self::new(provider, FaultKind::Pad) }
    }

    /// Applies the effect, then pads the response body to more than 5 MiB.
    pub fn oversize(provider: &str) -> Self {
        Self::padded(provider, OVERSIZE_BYTES)
    }

    /// Responds with a provider's own rate limit: `retry-after` with a number of seconds, or no time at all.
    pub fn rate_limited(provider: &str, seconds: Option<u32>) -> Self {
        let (status, body) = rate_limit(provider);
        let limited = Self::status(provider, status, body);
        seconds.map_or(limited.clone(), |seconds| limited.header("retry-after", &seconds.to_string()))
    }

    /// Limits the fault to paths that start with `path` (below the provider's prefix).
    #[must_use]
    pub fn at_path(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// Limits the fault to one HTTP method.
    #[must_use]
    pub fn on_method(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    /// Serves `skip` matching requests before the first one that fails.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// Applies the fault to `times` requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Adds a response header (for `status`).
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.get_or_insert_default().insert(name.to_owned(), Value::from(value));
        self
    }

    fn matches(&self, provider: &str, method: &Method, path: &str) -> bool {
        let path_prefix = self.path.as_deref().unwrap_or("");
        self.times > 0
            && self.provider == provider
            && self.method.as_deref().is_none_or(|only| method.as_str().eq_ignore_ascii_case(only))
            && path.trim_start_matches('/').starts_with(path_prefix.trim_start_matches('/'))
    }
}

/// A marker in the extensions of a response that must not reach the client: the accept loop closes the socket instead. A caller
/// that uses the router in process must treat it as a connection error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DroppedConnection;

/// The pending faults.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultPlan {
    planned: Vec<Fault>,
}

impl FaultPlan {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.planned.push(fault);
    }

    pub(crate) fn planned(&self) -> &[Fault] {
        &self.planned
    }

    fn take_matching(&mut self, provider: &str, method: &Method, path: &str) -> Option<Fault> {
        let mut applied = None;
        for planned in self.planned.iter_mut().filter(|planned| planned.matches(provider, method, path)) {
            if planned.skip == 0 {
                planned.times -= 1;
                applied = Some(planned.clone());
                break;
            }
            planned.skip -= 1;
        }
        self.planned.retain(|fault| fault.times > 0);
        applied
    }
}

/// Middleware of every route: counts the request and applies a matching fault.
pub(crate) async fn inject_faults(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let (provider, path_below) = path.split_once('/').unwrap_or((path, ""));
    let fault = sandbox.with_state(|state| {
        *state.call_counts.entry(request.uri().path().to_owned()).or_default() += 1;
        state.faults.take_matching(provider, request.method(), path_below)
    });
    let Some(fault) = fault else { return next.run(request).await };
    match fault.kind {
        FaultKind::Refuse => dropped_connection(),
        FaultKind::CutUpload => {
            read_start(request.into_body(), fault.bytes.unwrap_or_default()).await;
            dropped_connection()
        }
        FaultKind::Delay => {
            wait(&fault).await;
            next.run(request).await
        }
        FaultKind::Status => status_response(fault),
        FaultKind::ApplyThenDrop => {
            next.run(request).await;
            dropped_connection()
        }
        FaultKind::ApplyThenDelay => {
            let response = next.run(request).await;
            wait(&fault).await;
            response
        }
        FaultKind::Pad => pad_body(next.run(request).await, fault.bytes.unwrap_or_default()).await,
        FaultKind::Truncate => truncate_body(next.run(request).await, fault.bytes).await,
    }
}

/// Reads the first bytes of a body.
async fn read_start(mut body: Body, bytes: usize) {
    let mut read = 0;
    while read < bytes {
        let next = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        let Some(Ok(frame)) = next else { return };
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}

async fn wait(fault: &Fault) {
    tokio::time::sleep(Duration::from_millis(fault.ms.unwrap_or(0))).await;
}

fn dropped_connection() -> Response {
    let mut response = Response::new(Body::empty());
    // This status should never be seen; it is an error so that a caller that ignores the marker does not mistake it for success.
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.extensions_mut().insert(DroppedConnection);
    response
}

fn status_response(fault: Fault) -> Response {
    let (content_type, body) = match fault.body {
        None => (None, Body::empty()),
        Some(Value::String(text)) => (Some("text/plain; charset=utf-8"), Body::from(text)),
        Some(json) => (Some("application/json"), Body::from(json.to_string())),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        fault.status.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(content_type) = content_type {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for (name, value) in fault.headers.unwrap_or_default() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(&text)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Adds spaces at the end of a body, which every parser of JSON skips.
async fn pad_body(response: Response, bytes: usize) -> Response {
    let (parts, body) = response.into_parts();
    let mut padded = to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
    padded.resize(padded.len() + bytes, b' ');
    Response::from_parts(parts, Body::from(padded))
}

async fn truncate_body(response: Response, bytes: Option<usize>) -> Response {
    let (mut parts, body) = response.into_parts();
    let full_body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(full_body.len()));
    let start = full_body.slice(..bytes.unwrap_or(full_body.len() / 2).min(full_body.len()));
    Response::from_parts(parts, Body::new(TruncatedBody { start: Some(start), yielded: false }))
}

/// A body that yields its start and then fails.
struct TruncatedBody {
    start: Option<Bytes>,
    yielded: bool,
}

impl hyper::body::Body for TruncatedBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Some(start) = self.start.take() {
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        if !self.yielded {
            // hyper discards unsent bytes if a body fails; one pending poll makes it flush the head and the start.
            self.yielded = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "the sandbox cut the body"))))
    }
}
