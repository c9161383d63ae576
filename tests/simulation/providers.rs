//! The providers as seen by one worker: the sandbox's router in process, with network and provider faults.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use engine::http::{Http, HttpError, NotAfter, Request, Response, TOTAL_TIMEOUT};
use http::HeaderValue;
use http::header::{AUTHORIZATION, HOST, RETRY_AFTER};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use crate::accounts::ToolAccount;
use crate::actions::marked_task;
use crate::faults::{ProviderFault, RetryAfter};
use crate::history::{Call, History};
use crate::killers;
use crate::mutation::Mutation;
use crate::network::{self, Network};
use crate::oracle::tool_of_path;
use crate::world::World;

/// The calls that create something, besides [`names_page`]. All others read, discard or refresh a token.
const CREATING_CALLS: [&str; 7] = [
    "POST /slack/api/chat.postMessage",
    "POST /slack/api/chat.scheduleMessage",
    "POST /gmail/gmail/v1/users/me/messages/send",
    "POST /gmail/gmail/v1/users/me/drafts",
    "POST /gmail/gmail/v1/users/me/drafts/send",
    "POST /asana/api/1.0/tasks",
    "POST /notion/v1/pages",
];

/// True for the call that gives a prepared page of Notion its title.
fn names_page(line: &str, body: &Bytes) -> bool {
    line.starts_with("PATCH /notion/v1/pages/") && marked_task(&String::from_utf8_lossy(body)).is_some()
}

/// The calls of a connect and a disconnect.
const ACCOUNT_CALLS: [&str; 6] = [
    "GET /google/v1/userinfo",
    "GET /gmail/gmail/v1/users/me/profile",
    "POST /slack/api/auth.test",
    "POST /slack/api/auth.revoke",
    "GET /notion/v1/users/me",
    "GET /asana/api/1.0/users/me",
];

/// The HTTP client of a worker.
pub(crate) fn http(network: &Arc<Network>) -> Http {
    let network = Arc::clone(network);
    Http::new(move |request| {
        let network = Arc::clone(&network);
        Box::pin(async move {
            let answer = tokio::time::timeout(TOTAL_TIMEOUT, exchange(network, request)).await;
            answer.unwrap_or_else(|_| Err(HttpError::Lost("no answer in time".to_owned())))
        })
    })
}

/// One call as its worker makes it: decided, connected, written.
struct Sending {
    request: Request,
    line: String,
    number: usize,
    token_call: bool,
    /// The time of the worker's clock, and of the run, when the call was decided.
    decided_at: (Timestamp, Duration),
}

async fn exchange(network: Arc<Network>, request: Request) -> Result<Response, HttpError> {
    // What a frozen worker begins, it begins when it is thawed.
    network.wait_until_thawed().await;
    if is_late(&request) {
        return Err(HttpError::NotSent("too late".to_owned()));
    }
    network.add_latency(10).await;
    let number = network.next_call_number();
    let line = format!("{} {}", request.method(), request.uri().path());
    let token_call = line.contains("oauth") || line.ends_with("/token");
    // Token endpoints are slow, so that concurrent refreshes occur.
    network.add_latency(if token_call { 800 } else { 0 }).await;
    let decided_at = (network.clock(), network.world.elapsed());
    network.draw_freeze(&line, false);
    let sending = Sending { request, line, number, token_call, decided_at };
    let left = network.leave(write(Arc::clone(&network), sending)).await;
    let answer = left.unwrap_or_else(|| Err(HttpError::Lost("reset".to_owned())));
    network.add_latency(10).await;
    network.wait_until_thawed().await;
    answer
}

/// True if nothing of a request may be written any more.
fn is_late(request: &Request) -> bool {
    request.extensions().get::<NotAfter>().is_some_and(NotAfter::has_passed)
}

/// Writes a call to its open connection, with its fault.
async fn write(network: Arc<Network>, sending: Sending) -> Result<Response, HttpError> {
    let world = Arc::clone(&network.world);
    if is_late(&sending.request) && world.mutation != Mutation::EarlyFence {
        world.trace(&format!("{} {} is too late", network.name, sending.line));
        return Err(HttpError::NotSent("too late".to_owned()));
    }
    let task = task_of(&network, sending.request.body().bytes());
    check_call(&network, &sending, task);
    let creator = task.filter(|_| sending.creates());
    let fault = draw_fault(&network, &sending, creator);
    let Sending { request, line, .. } = sending;
    let renewal = TokenRefresh::start(&network, request.body().bytes(), &line);
    let suffix = if fault == ProviderFault::None { String::new() } else { format!("  <- {fault:?}") };
    world.trace(&format!("{} {line}{suffix}", network.name));
    let served = execute(Arc::clone(&network), request, line.clone());
    let answer = match fault {
        ProviderFault::None => served.await,
        ProviderFault::NotSent => return Err(HttpError::NotSent("no connection".to_owned())),
        ProviderFault::ResponseLost => {
            let _ = served.await;
            return Err(HttpError::Lost("reset".to_owned()));
        }
        ProviderFault::ResponseDelayed(by) => {
            let answer = served.await;
            tokio::time::sleep(by).await;
            answer
        }
        ProviderFault::RequestDelayed(by) => match network::run_after(by, served).await {
            Some(answer) => answer,
            None => Err(HttpError::Lost("reset".to_owned())),
        },
        ProviderFault::Truncated => served.await.map(truncate),
        ProviderFault::RateLimited(delay) => Ok(rate_limited(delay, world.now())),
        ProviderFault::ServerError { status, applied } => {
            if applied {
                let _ = served.await;
            }
            Ok(reply(status, &json!({})))
        }
        ProviderFault::Unauthorized => Ok(unauthorized(&line)),
        ProviderFault::StaleRead(age) => served.await.map(|response| rewind(&network, &line, response, age)),
        ProviderFault::KilledBefore => {
            killers::record_crash(&network, creator);
            return network.kill_during(&line).await;
        }
        ProviderFault::KilledAfter => {
            let _ = served.await;
            return network.kill_during(&line).await;
        }
    };
    drop(renewal);
    answer
}

/// Draws the fault of a call. `creator`: the task of a call that creates something.
fn draw_fault(network: &Network, sending: &Sending, creator: Option<usize>) -> ProviderFault {
    let Sending { line, number, token_call, .. } = sending;
    let is_read = !sending.creates() && !token_call && !line.starts_with("DELETE");
    let mut state = network.world.state();
    let fault_plan = state.fault_plan.clone();
    let fault = fault_plan.provider(&mut state.rng, *number, is_read, creator);
    state.fault_count += usize::from(fault != ProviderFault::None);
    // A token endpoint needs no access token.
    if fault == ProviderFault::Unauthorized && *token_call { ProviderFault::None } else { fault }
}

impl Sending {
    /// True if the call creates something.
    fn creates(&self) -> bool {
        CREATING_CALLS.contains(&self.line.as_str()) || names_page(&self.line, self.request.body().bytes())
    }
}

/// A token call in flight: no other call may send the same refresh token meanwhile.
struct TokenRefresh(Arc<World>, ToolAccount);

impl TokenRefresh {
    fn start(network: &Network, form: &Bytes, line: &str) -> Option<Self> {
        let form = String::from_utf8_lossy(form);
        if !form.contains("refresh_token") {
            return None;
        }
        let (world, at) = (Arc::clone(&network.world), network.world.elapsed());
        let mut state = world.state();
        let history = &mut state.history;
        let (token, owner) = history.tokens.iter().find(|(token, _)| form.contains(token.as_str()))?;
        let key = *owner;
        if history.oracles.entry(key).or_default().start_refresh(token, at) && !history.skewed {
            history.violations.push(format!("{} refreshes tokens during another refresh: {line}", network.name));
        }
        drop(state);
        Some(Self(world, key))
    }
}

impl Drop for TokenRefresh {
    fn drop(&mut self) {
        self.0.state().history.oracles.entry(self.1).or_default().finish_refresh();
    }
}

/// Checks and records a call when it is sent.
fn check_call(network: &Network, sending: &Sending, task: Option<usize>) {
    let (world, creates) = (&network.world, sending.creates());
    let Sending { request, line, decided_at: (clock, at), .. } = sending;
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    // The row is read only for a call that must be journaled.
    let row = task.filter(|_| creates).and_then(|task| world.rows().into_iter().find(|row| row.task == Some(task)));
    let about_account = ACCOUNT_CALLS.contains(&line.as_str());
    let call = Call {
        worker: &network.name,
        clock: *clock,
        request_line: line,
        tool: tool_of_path(line),
        at: *at,
        token,
        about_account,
        creates,
        task,
    };
    world.state().history.record_call(call, row.as_ref());
}

/// The task of a request: from the marker in the body or in the mail inside it, or from the draft it names.
fn task_of(network: &Network, body: &Bytes) -> Option<usize> {
    let text = String::from_utf8_lossy(body);
    if let Some(task) = marked_task(&text) {
        return Some(task);
    }
    let request = network::parse_json(body);
    let raw = request["raw"].as_str().or_else(|| request["message"]["raw"].as_str());
    let mail = raw.and_then(|raw| URL_SAFE_NO_PAD.decode(raw.trim_end_matches('=')).ok());
    if let Some(mail) = mail {
        return marked_task(&String::from_utf8_lossy(&mail));
    }
    let draft = request["id"].as_str()?;
    let effects = network.world.sandbox.effects();
    let created = effects.iter().find(|effect| effect.kind == "draft_created" && effect.id == draft)?;
    marked_task(&created.request.to_string())
}

async fn execute(network: Arc<Network>, request: Request, line: String) -> Result<Response, HttpError> {
    let world = &network.world;
    let (sent, form) = (network::parse_json(request.body().bytes()), request.body().bytes().clone());
    if world.mutation.drops_call(&line, &sent) {
        return Ok(reply(200, &json!({})));
    }
    let now = world.elapsed();
    let refused = world.state().provider_limit.as_mut().and_then(|limit| limit.refuse(&line, now));
    let is_refused = refused.is_some();
    let response = match refused {
        Some(response) => response,
        None => network::send_to_sandbox(world, to_router_request(request)).await?,
    };
    let status = response.status().as_u16();
    world.state().history.rate_limited += usize::from(is_refused || status == 429);
    if status >= 400 {
        world.trace(&format!("{}   answered {status}", network.name));
    }
    let mut state = world.state();
    if status == 400 {
        record_ended_grant(&mut state.history, &String::from_utf8_lossy(&form));
    }
    if status < 300 {
        let at = world.elapsed();
        state.past.record(&line, &sent, &network::parse_json(response.body().bytes()), at);
        record_tokens(&mut state.history.tokens, &String::from_utf8_lossy(&form), response.body().bytes());
    }
    Ok(response)
}

/// Records that a refresh token is refused: it was used, and the answer with the next one was lost. A person must connect again.
fn record_ended_grant(history: &mut History, form: &str) {
    let refused =
        history.tokens.iter().find(|(token, _)| form.contains("refresh_token") && form.contains(token.as_str()));
    if let Some((_, owner)) = refused {
        let ended = (owner.tool, owner.account);
        history.ended_accounts.insert(ended);
    }
}

/// Records new tokens for the owner of the refresh token.
fn record_tokens(tokens: &mut std::collections::BTreeMap<String, ToolAccount>, form: &str, answer: &Bytes) {
    if !form.contains("refresh_token") {
        return;
    }
    let owner = tokens.iter().find(|(token, _)| form.contains(token.as_str())).map(|(_, owner)| *owner);
    let answer = network::parse_json(answer);
    for name in ["access_token", "refresh_token"] {
        if let (Some(owner), Some(token)) = (owner, answer[name].as_str()) {
            tokens.insert(token.to_owned(), owner);
        }
    }
}

/// The request without scheme and host, as the router expects it.
fn to_router_request(mut request: Request) -> Request {
    // On a socket this header is a part of every request, and the signatures of S3 cover it.
    let host = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    request.headers_mut().extend(host.map(|host| (HOST, host)));
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    request
}

fn reply(status: u16, body: &Value) -> Response {
    let mut response = http::Response::new(body.to_string().into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

fn truncate(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let half = body.bytes().len() / 2;
    http::Response::from_parts(parts, body.bytes().slice(..half).into())
}

fn rate_limited(delay: Option<RetryAfter>, now: Timestamp) -> Response {
    let mut response = reply(429, &json!({ "ok": false, "error": "ratelimited" }));
    let value = delay.map(|delay| match delay {
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(ahead) => {
            (now + SignedDuration::from_secs(ahead.into())).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
        }
        RetryAfter::Negative => "-5".to_owned(),
        RetryAfter::Malformed => "soon".to_owned(),
    });
    if let Some(value) = value.and_then(|value| value.parse().ok()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}

/// Each provider's response to an expired token.
fn unauthorized(line: &str) -> Response {
    if line.contains("/slack/") {
        return reply(200, &json!({ "ok": false, "error": "token_expired" }));
    }
    if line.contains("/notion/") {
        return reply(401, &json!({ "object": "error", "status": 401, "code": "unauthorized", "message": "No." }));
    }
    reply(401, &json!({ "error": { "code": 401, "status": "UNAUTHENTICATED", "message": "No." } }))
}

fn rewind(network: &Network, line: &str, response: Response, age: Duration) -> Response {
    let world = &network.world;
    let since = world.elapsed().saturating_sub(age);
    let then = (world.now() - SignedDuration::try_from(age).unwrap_or_default()).as_duration().as_secs_f64();
    let mut status = response.status().as_u16();
    let (parts, body) = response.into_parts();
    let mut read = network::parse_json(body.bytes());
    if read.is_null() {
        return http::Response::from_parts(parts, body);
    }
    world.state().past.rewind(line, &mut status, &mut read, then, since);
    let mut turned = reply(status, &read);
    *turned.headers_mut() = parts.headers;
    turned.headers_mut().remove(http::header::CONTENT_LENGTH);
    turned
}
