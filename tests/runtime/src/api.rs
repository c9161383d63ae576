//! The Lambda Runtime API: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot, watch};

use crate::InvocationResult;

/// A pending invocation.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) event: Bytes,
    pub(crate) timeout: Duration,
    pub(crate) result_sender: oneshot::Sender<InvocationResult>,
}

/// The Runtime API's server.
#[derive(Clone)]
pub(crate) struct RuntimeApi(Arc<Shared>);

/// The state shared by the handlers.
struct Shared {
    invocations: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    /// True after the first poll.
    polled: watch::Sender<bool>,
    current: Mutex<CurrentInvocation>,
}

/// The current invocation.
#[derive(Default)]
struct CurrentInvocation {
    number: u64,
    result_sender: Option<oneshot::Sender<InvocationResult>>,
}

impl RuntimeApi {
    pub(crate) fn new(invocations: mpsc::Receiver<Invocation>, polled: watch::Sender<bool>) -> Self {
        Self(Arc::new(Shared { invocations: tokio::sync::Mutex::new(invocations), polled, current: Mutex::default() }))
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(self)
    }

    /// Starts an invocation whose result goes to `result_sender`; returns its request id.
    fn start_invocation(&self, result_sender: oneshot::Sender<InvocationResult>) -> String {
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.number += 1;
        current.result_sender = Some(result_sender);
        request_id(current.number)
    }

    fn finish_invocation(&self, id: &str, result: InvocationResult) -> StatusCode {
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        if id != request_id(current.number) {
            return StatusCode::BAD_REQUEST;
        }
        // The receiver may be gone; that is not an error of the function.
        let _ = current.result_sender.take().map(|sender| sender.send(result));
        StatusCode::ACCEPTED
    }
}

fn request_id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

async fn next(State(api): State<RuntimeApi>) -> Response {
    api.0.polled.send_replace(true);
    let Some(invocation) = api.0.invocations.lock().await.recv().await else {
        // The environment is shutting down; the process is killed while it waits.
        return pending().await;
    };
    let deadline = since_epoch() + invocation.timeout;
    let mut response = Response::new(Body::from(invocation.event));
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:local".to_owned();
    let headers = [
        ("lambda-runtime-aws-request-id", api.start_invocation(invocation.result_sender)),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        ("content-type", "application/json".to_owned()),
    ];
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn response(State(api): State<RuntimeApi>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.finish_invocation(&id, InvocationResult::Response(json_or_text(&body)))
}

async fn error(State(api): State<RuntimeApi>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.finish_invocation(&id, InvocationResult::Error(json_or_text(&body)))
}

/// Parses JSON; other text becomes a JSON string.
fn json_or_text(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

#[expect(clippy::disallowed_methods, reason = "this replaces AWS, which has its own clock")]
fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
