//! The providers as one worker reaches them: the sandbox's router in process, with the network's and the providers' faults.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use engine::http::{Http, HttpError, Request, Response};
use http::header::{AUTHORIZATION, RETRY_AFTER};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use crate::door::tool_of;
use crate::faults::{ProviderFate, RetryAfter};
use crate::history::Call;
use crate::link::{self, Link};
use crate::work::marked;
use crate::world::World;

/// As the engine's own client: 10 s for the whole exchange.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// The calls that make something. All others only look, prepare or renew a token.
const CREATING: [&str; 7] = [
    "POST /slack/api/chat.postMessage",
    "POST /slack/api/chat.scheduleMessage",
    "POST /gmail/gmail/v1/users/me/messages/send",
    "POST /gmail/gmail/v1/users/me/drafts",
    "POST /gmail/gmail/v1/users/me/drafts/send",
    "POST /asana/api/1.0/tasks",
    "POST /notion/v1/pages",
];

/// A worker's way to the providers.
pub(crate) fn http(link: &Arc<Link>) -> Http {
    let link = Arc::clone(link);
    Http::new(move |request| {
        let link = Arc::clone(&link);
        Box::pin(async move {
            let answer = tokio::time::timeout(TOTAL_TIMEOUT, exchange(link, request)).await;
            answer.unwrap_or_else(|_| Err(HttpError::Lost("no answer in time".to_owned())))
        })
    })
}

async fn exchange(link: Arc<Link>, request: Request) -> Result<Response, HttpError> {
    let world = Arc::clone(&link.world);
    link.leave(10).await;
    let number = link.number();
    let line = format!("{} {}", request.method(), request.uri().path());
    let token_call = line.contains("oauth") || line.ends_with("/token");
    // Token endpoints are slow, which is when two callers meet there.
    link.leave(if token_call { 800 } else { 0 }).await;
    let creates = CREATING.contains(&line.as_str());
    record(&link, &request, &line, creates);
    let renewal = Renewal::begin(&link, request.body(), &line);
    let fate = {
        let mut state = world.state();
        let weather = state.weather.clone();
        let fate = weather.provider(&mut state.dice, number, !creates && !token_call && !line.starts_with("DELETE"));
        state.faults += usize::from(fate != ProviderFate::Served);
        fate
    };
    let shown = if fate == ProviderFate::Served { String::new() } else { format!("  <- {fate:?}") };
    world.trace(&format!("{} {line}{shown}", link.name));
    let served = carry_out(Arc::clone(&link), request, line.clone());
    let answer = match fate {
        ProviderFate::Served => served.await,
        ProviderFate::NotSent => return Err(HttpError::NotSent("no connection".to_owned())),
        ProviderFate::AnswerLost => {
            let _ = served.await;
            return Err(HttpError::Lost("reset".to_owned()));
        }
        ProviderFate::AnswerLate(by) => {
            let answer = served.await;
            tokio::time::sleep(by).await;
            answer
        }
        ProviderFate::ArrivesLate(by) => match link::later(by, served).await {
            Some(answer) => answer,
            None => Err(HttpError::Lost("reset".to_owned())),
        },
        ProviderFate::Cut => served.await.map(cut),
        ProviderFate::TooMany(told) => Ok(too_many(told, world.now())),
        ProviderFate::Failed { status, applied } => {
            if applied {
                let _ = served.await;
            }
            Ok(reply(status, &json!({})))
        }
        ProviderFate::Unauthorized if token_call => served.await,
        ProviderFate::Unauthorized => Ok(unauthorized(&line)),
        ProviderFate::Stale(age) => served.await.map(|response| turn_back(&link, &line, response, age)),
        ProviderFate::KilledBefore => return link.die(&line).await,
        ProviderFate::KilledAfter => {
            let _ = served.await;
            return link.die(&line).await;
        }
    };
    drop(renewal);
    link.leave(10).await;
    answer
}

/// A call for new tokens under way: no other may send the same refresh token before it is over.
struct Renewal(Arc<World>, (usize, String));

impl Renewal {
    fn begin(link: &Link, form: &Bytes, line: &str) -> Option<Self> {
        let form = String::from_utf8_lossy(form);
        if !form.contains("refresh_token") {
            return None;
        }
        let (world, at) = (Arc::clone(&link.world), link.world.elapsed());
        let mut state = world.state();
        let history = &mut state.history;
        let (token, owner) = history.tokens.iter().find(|(token, _)| form.contains(token.as_str()))?;
        let place = (*owner, tool_of(line).to_owned());
        if history.doors.entry(place.clone()).or_default().renew(token, at) && !history.skewed {
            history.violations.push(format!("{} renews tokens that another call renews: {line}", link.name));
        }
        drop(state);
        Some(Self(world, place))
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.state().history.doors.entry(self.1.clone()).or_default().renewed();
    }
}

/// Checks the call and notes it, at the moment it leaves.
fn record(link: &Link, request: &Request, line: &str, creates: bool) {
    let world = &link.world;
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    let task = task_of(link, request.body());
    // The row itself is looked up only for a call that must be journaled.
    let row = task.filter(|_| creates).and_then(|task| world.rows().into_iter().find(|row| row.task == Some(task)));
    let (clock, at, tool) = (link.clock(), world.elapsed(), tool_of(line));
    let call = Call { worker: &link.name, clock, line, tool, at, token, creates, task };
    world.state().history.called(call, row.as_ref());
}

/// The task a request is for: its mark in the body, or in the mail inside it, or a draft that was made for it.
fn task_of(link: &Link, body: &Bytes) -> Option<usize> {
    let text = String::from_utf8_lossy(body);
    if let Some(task) = marked(&text) {
        return Some(task);
    }
    let request = link::json(body);
    let raw = request["raw"].as_str().or_else(|| request["message"]["raw"].as_str());
    let mail = raw.and_then(|raw| URL_SAFE_NO_PAD.decode(raw.trim_end_matches('=')).ok());
    if let Some(mail) = mail {
        return marked(&String::from_utf8_lossy(&mail));
    }
    let draft = request["id"].as_str()?;
    let effects = link.world.sandbox.effects();
    let made = effects.iter().find(|effect| effect.kind == "draft_created" && effect.id == draft)?;
    marked(&made.request.to_string())
}

async fn carry_out(link: Arc<Link>, request: Request, line: String) -> Result<Response, HttpError> {
    let world = &link.world;
    let (sent, form) = (link::json(request.body()), request.body().clone());
    let response = link::ask(world, to_router(request)).await?;
    let status = response.status().as_u16();
    let mut state = world.state();
    if status < 300 {
        let at = world.elapsed();
        state.past.note(&line, &sent, &link::json(response.body()), at);
        learn_tokens(&mut state.history.tokens, &String::from_utf8_lossy(&form), response.body());
    }
    Ok(response)
}

/// New tokens belong to whom the refresh token belonged to.
fn learn_tokens(tokens: &mut std::collections::BTreeMap<String, usize>, form: &str, answer: &Bytes) {
    if !form.contains("refresh_token") {
        return;
    }
    let owner = tokens.iter().find(|(token, _)| form.contains(token.as_str())).map(|(_, owner)| *owner);
    let answer = link::json(answer);
    for name in ["access_token", "refresh_token"] {
        if let (Some(owner), Some(token)) = (owner, answer[name].as_str()) {
            tokens.insert(token.to_owned(), owner);
        }
    }
}

/// The same request without scheme and host, as a router wants it.
fn to_router(mut request: Request) -> Request {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    request
}

fn reply(status: u16, body: &Value) -> Response {
    let mut response = http::Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

fn cut(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let half = body.len() / 2;
    http::Response::from_parts(parts, body.slice(..half))
}

fn too_many(told: Option<RetryAfter>, now: Timestamp) -> Response {
    let mut response = reply(429, &json!({ "ok": false, "error": "ratelimited" }));
    let value = told.map(|told| match told {
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(ahead) => {
            (now + SignedDuration::from_secs(ahead.into())).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
        }
        RetryAfter::Negative => "-5".to_owned(),
        RetryAfter::Junk => "soon".to_owned(),
    });
    if let Some(value) = value.and_then(|value| value.parse().ok()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}

/// Each provider's word for a token that has ended.
fn unauthorized(line: &str) -> Response {
    if line.contains("/slack/") {
        return reply(200, &json!({ "ok": false, "error": "token_expired" }));
    }
    if line.contains("/notion/") {
        return reply(401, &json!({ "object": "error", "status": 401, "code": "unauthorized", "message": "No." }));
    }
    reply(401, &json!({ "error": { "code": 401, "status": "UNAUTHENTICATED", "message": "No." } }))
}

fn turn_back(link: &Link, line: &str, response: Response, age: Duration) -> Response {
    let world = &link.world;
    let since = world.elapsed().saturating_sub(age);
    let then = (world.now() - SignedDuration::try_from(age).unwrap_or_default()).as_duration().as_secs_f64();
    let mut status = response.status().as_u16();
    let (parts, body) = response.into_parts();
    let mut read = link::json(&body);
    if read.is_null() {
        return http::Response::from_parts(parts, body);
    }
    world.state().past.turn_back(line, &mut status, &mut read, then, since);
    let mut turned = reply(status, &read);
    *turned.headers_mut() = parts.headers;
    turned.headers_mut().remove(http::header::CONTENT_LENGTH);
    turned
}
