//! The outbound proxy of a processor: it names every call to AWS and to the providers, and stops the process at the kill point.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::{RwLock, watch};
use tokio::task::JoinSet;

use crate::call_names;

/// The path of AWS; every other path belongs to a provider.
pub(crate) const AWS_PATH: &str = "/aws";
/// Headers of one connection only (RFC 9110 section 7.6.1); the length is set again.
const HOP_BY_HOP_HEADERS: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];

/// The time of a kill relative to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    /// The call is not forwarded.
    Before,
    /// The call was applied, and its response is lost.
    After,
}

/// Both timings.
pub(crate) const TIMINGS: [Timing; 2] = [Timing::Before, Timing::After];

/// The call at which a process is killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KillPoint {
    /// The n-th call of a name, counted from one.
    Named { call: String, nth: usize, timing: Timing },
    /// The n-th call of any name.
    Any { nth: usize, timing: Timing },
}

impl KillPoint {
    /// Returns the kill points before and after each of these calls.
    pub(crate) fn before_and_after(calls: &[String]) -> Vec<Self> {
        let mut seen: BTreeMap<&String, usize> = BTreeMap::new();
        let mut points = vec![];
        for call in calls {
            let nth = seen.entry(call).or_default();
            *nth += 1;
            points.extend(TIMINGS.map(|timing| Self::Named { call: call.clone(), nth: *nth, timing }));
        }
        points
    }

    /// Returns the kill point's name if it is at this call and timing.
    fn name_if_at(&self, calls: &[String], index: usize, now: Timing) -> Option<String> {
        let name = &calls[index];
        let count = calls[..=index].iter().filter(|call| *call == name).count();
        let is_reached = match self {
            Self::Any { nth, timing } => (*nth, *timing) == (index + 1, now),
            Self::Named { call, nth, timing } => (call, *nth, *timing) == (name, count, now),
        };
        is_reached.then(|| kill_point_name(name, count, now))
    }
}

fn kill_point_name(call: &str, nth: usize, timing: Timing) -> String {
    let timing = if timing == Timing::Before { "before" } else { "after" };
    if nth == 1 { format!("{call}.{timing}") } else { format!("{call}[{nth}].{timing}") }
}

/// The targets of the proxy.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) client: reqwest::Client,
    /// The URL of DynamoDB.
    pub(crate) store: String,
    /// The URL of the providers and the other AWS services.
    pub(crate) sandbox: String,
}

/// The proxy of one process.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) url: String,
    state: Arc<ProxyState>,
    _server: JoinSet<()>,
}

#[derive(Debug)]
struct ProxyState {
    upstream: Upstream,
    kill: Option<KillPoint>,
    calls: Mutex<Vec<String>>,
    /// The kill point's name, once it is reached.
    reached: watch::Sender<Option<String>>,
    in_flight: Arc<RwLock<()>>,
    /// The number of calls that were answered.
    answered: watch::Sender<usize>,
    /// True once the calls that stopped at the kill point go on: its process was frozen, and not killed.
    released: watch::Sender<bool>,
}

impl Proxy {
    /// Starts a proxy that stops forwarding at `kill`.
    pub(crate) async fn start(upstream: Upstream, kill: Option<KillPoint>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (calls, in_flight) = (Mutex::default(), Arc::default());
        let (reached, answered, released) =
            (watch::Sender::new(None), watch::Sender::new(0), watch::Sender::new(false));
        let state = Arc::new(ProxyState { upstream, kill, calls, reached, in_flight, answered, released });
        let router = Router::new().fallback(handle_call).with_state(Arc::clone(&state));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, state, _server: server }
    }

    /// Waits until the kill point is reached. Nothing is forwarded from then on, so the instruction at which the signal arrives
    /// does not matter.
    pub(crate) async fn wait_for_kill_point(&self) -> String {
        let mut reached = self.state.reached.subscribe();
        reached.wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }

    /// Lets the calls go on that stopped at the kill point, and waits until all of them are answered.
    pub(crate) async fn release(&self) {
        self.state.released.send_replace(true);
        let mut answered = self.state.answered.subscribe();
        answered.wait_for(|answered| *answered == self.calls().len()).await.unwrap();
    }

    /// Waits until no call is in flight: a forwarded call takes effect even if its process is dead.
    pub(crate) async fn wait_idle(&self) {
        drop(self.state.in_flight.write().await);
    }

    /// Returns the calls so far, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state.calls.lock().unwrap().clone()
    }
}

impl ProxyState {
    /// Records a call; returns its index.
    fn record_call(&self, name: String) -> usize {
        let mut calls = self.calls.lock().unwrap();
        calls.push(name);
        calls.len() - 1
    }

    /// Blocks if the kill point is here or was reached before: forever, if nothing releases the calls.
    async fn block_at_kill_point(&self, index: usize, timing: Timing) {
        let reached = self.kill.as_ref().and_then(|kill| kill.name_if_at(&self.calls.lock().unwrap(), index, timing));
        if reached.is_some() {
            self.reached.send_replace(reached);
        }
        if self.reached.borrow().is_some() {
            let _ = self.released.subscribe().wait_for(|released| *released).await;
        }
    }

    async fn forward(&self, parts: Parts, body: Bytes) -> Result<Response, reqwest::Error> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let is_store = aws_target(&parts.headers).is_some_and(|target| target.starts_with("DynamoDB"));
        let url = if is_store { self.upstream.store.clone() } else { format!("{}{path}", self.upstream.sandbox) };
        let host = parts.headers.get(HOST).cloned();
        let mut request = self.upstream.client.request(parts.method, url).headers(end_to_end_headers(parts.headers));
        // The signatures of S3 cover the host that the process called.
        if let Some(host) = host {
            request = request.header("x-forwarded-host", host);
        }
        let mut received = request.body(body).send().await?;
        let (status, headers) = (received.status(), std::mem::take(received.headers_mut()));
        let mut response = Response::new(received.bytes().await?.into());
        *response.status_mut() = status;
        *response.headers_mut() = end_to_end_headers(headers);
        Ok(response)
    }
}

async fn handle_call(
    State(state): State<Arc<ProxyState>>,
    parts: Parts,
    body: Bytes,
) -> Result<Response, (StatusCode, String)> {
    let index = state.record_call(call_names::call_name(&parts.method, &parts.uri, aws_target(&parts.headers), &body));
    state.block_at_kill_point(index, Timing::Before).await;
    let in_flight = Arc::clone(&state.in_flight).read_owned().await;
    // Forwarded in a separate task, because this one ends with the connection and so with the process.
    let forwarding = tokio::spawn({
        let state = Arc::clone(&state);
        async move {
            let received = state.forward(parts, body).await;
            drop(in_flight);
            received
        }
    });
    let received = forwarding.await.unwrap();
    state.answered.send_modify(|answered| *answered += 1);
    state.block_at_kill_point(index, Timing::After).await;
    received.map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

fn aws_target(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amz-target")?.to_str().ok()
}

fn end_to_end_headers(mut headers: HeaderMap) -> HeaderMap {
    for name in HOP_BY_HOP_HEADERS {
        headers.remove(name);
    }
    headers
}
