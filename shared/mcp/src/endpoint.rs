//! The endpoint: an HTTP request in, an HTTP response out.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http>.

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};
use std::fmt::Write;

use crate::catalogue::Catalogue;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::events::Events;
use crate::frame::{self, Frame};
use crate::message::{Message, Refusal, Request};
use crate::methods::{self, Exchange};
use crate::negotiation;
use crate::revision::Revision;
use crate::settings::Settings;

/// The type of a body with several messages.
const EVENT_STREAM: &str = "text/event-stream";

/// Facts on a request, for log lines and metrics. Each response has them among its extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Method, if the protocol has it.
    pub method: Option<&'static str>,
    /// Tool, prompt, resource or task as the client named it: one that need not exist.
    pub name: Option<String>,
    /// Code of the refusal, if the request was refused.
    pub code: Option<i32>,
}

/// Answers one request of a client.
///
/// It never fails: every fault is an answer with a code of the protocol. Nothing is stored between two requests.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http>.
pub async fn handle<C: Catalogue>(
    catalogue: &C,
    request: &http::Request<Bytes>,
    settings: &Settings,
) -> http::Response<Bytes> {
    if let Err(error) = check_transport(request, settings) {
        return refusal(None, &error, Revision::V2026_07_28);
    }
    match Message::parse(request.body(), settings.max_body_bytes) {
        Err(Refusal { id, error }) => refusal(id.as_ref(), &error, Revision::V2026_07_28),
        Ok(Message::Notification) => response(StatusCode::ACCEPTED, None, String::new()),
        Ok(Message::Request(message)) => answer(catalogue, request.headers(), &message, settings).await,
    }
}

/// Checks what concerns no message: the origin and the HTTP method.
fn check_transport(request: &http::Request<Bytes>, settings: &Settings) -> Result<()> {
    let allowed = |origin: &HeaderValue| settings.origins.iter().any(|it| it.as_bytes() == origin.as_bytes());
    if !request.headers().get_all(ORIGIN).iter().all(allowed) {
        return Err(Error::ForbiddenOrigin);
    }
    if request.method() == Method::POST { Ok(()) } else { Err(Error::HttpMethod) }
}

/// Answers a request of JSON-RPC.
async fn answer<C: Catalogue>(
    catalogue: &C,
    headers: &HeaderMap,
    message: &Request,
    settings: &Settings,
) -> http::Response<Bytes> {
    let mut response = match negotiation::client(headers, message) {
        Ok(client) => match serve(catalogue, headers, message, settings, &client).await {
            Ok((notifications, answer)) => success(headers, &notifications, answer),
            Err(error) => refusal(Some(&message.id), &error, client.revision()),
        },
        Err(error) => refusal(Some(&message.id), &error, Revision::V2026_07_28),
    };
    if let Some(served) = response.extensions_mut().get_mut::<Served>() {
        let (method, name) = methods::names(message);
        (served.method, served.name) = (method, name.map(str::to_owned));
    }
    response
}

/// Serves a request's method. Returns the notifications and the answer.
async fn serve<C: Catalogue>(
    catalogue: &C,
    headers: &HeaderMap,
    message: &Request,
    settings: &Settings,
    client: &Client,
) -> Result<(Vec<Value>, String)> {
    let absent = Map::new();
    let meta = message.params.get("_meta").and_then(Value::as_object).unwrap_or(&absent);
    let unnamed_level = client.revision().is_legacy().then(|| catalogue.log_level());
    let events = Events::from_meta(meta, unnamed_level)?;
    let frame = Frame { id: &message.id, client, settings };
    let answer = Exchange { catalogue, headers, message, meta, events: &events, frame }.serve().await?;
    Ok((events.into_notifications(), answer))
}

/// Builds the response to a served request: events if there are notifications that the client reads, else JSON.
fn success(headers: &HeaderMap, notifications: &[Value], answer: String) -> http::Response<Bytes> {
    if notifications.is_empty() || !accepts_events(headers) {
        return response(StatusCode::OK, Some("application/json"), answer);
    }
    let mut body = String::new();
    for message in notifications.iter().map(Value::to_string).chain([answer]) {
        // JSON contains no line break outside its texts, and there it is escaped.
        let _ = write!(body, "event: message\ndata: {message}\n\n");
    }
    let mut response = response(StatusCode::OK, Some(EVENT_STREAM), body);
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// True if the client reads events, as every client must. One without the header reads them too.
fn accepts_events(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    let names = |value: &str| value.contains(EVENT_STREAM) || value.contains("*/*") || value.contains("text/*");
    values.peek().is_none() || values.any(names)
}

fn refusal(id: Option<&Value>, error: &Error, revision: Revision) -> http::Response<Bytes> {
    let (status, object) = error.answer(revision);
    let mut response = response(status, Some("application/json"), frame::error(id, &object));
    response.extensions_mut().insert(Served { code: Some(object.code), ..Served::default() });
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

fn response(status: StatusCode, content_type: Option<&'static str>, body: String) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response.extensions_mut().insert(Served::default());
    // Every answer is specific to one caller.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
