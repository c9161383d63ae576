//! A provider in a closure: what a test needs to see an action's calls and to answer them.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use secrecy::SecretString;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use url::Url;

use super::Adapter;
use super::action::Done;
use super::api::{Api, Reply};
use crate::error::{Error, Kind, Result};
use crate::http::{Http, HttpError, Request, Response};

/// The time of every test.
pub(crate) const NOW: &str = "2026-11-23T10:00:00Z";
/// The effect key of every test.
pub(crate) const KEY: &str = "task_abc.1";

/// A call as it left.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// The method and the path, as `GET /v1/pages`.
    pub(crate) line: String,
    /// The query, decoded, in the order sent.
    pub(crate) query: Vec<(String, String)>,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body, `Null` when there is none.
    pub(crate) body: Value,
}

impl Sent {
    /// A header's value, empty when it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The first value of a query parameter, empty when it is absent.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn read(request: &Request) -> Self {
        let url = Url::parse(&request.uri().to_string()).unwrap();
        Self {
            line: format!("{} {}", request.method(), url.path()),
            query: url.query_pairs().into_owned().collect(),
            headers: request.headers().clone(),
            body: serde_json::from_slice(request.body()).unwrap_or_default(),
        }
    }
}

/// Checks and runs an action against `provider`, which answers each call with a status and a body.
/// Returns the calls that were made, too.
pub(crate) async fn run(
    adapter: &'static Adapter,
    intent: &str,
    context: Value,
    provider: impl Fn(&Sent) -> (u16, Value) + Send + Sync + 'static,
) -> (Result<Done>, Vec<Sent>) {
    run_over(adapter, intent, context, move |sent| Ok(provider(sent))).await
}

/// As [`run`], with a provider whose answer can be lost.
pub(crate) async fn run_over(
    adapter: &'static Adapter,
    intent: &str,
    context: Value,
    provider: impl Fn(&Sent) -> Result<(u16, Value), HttpError> + Send + Sync + 'static,
) -> (Result<Done>, Vec<Sent>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&calls);
    let http = Http::new(move |request| {
        let sent = Sent::read(&request);
        let answer = provider(&sent).map(|(status, body)| response(status, &body));
        log.lock().unwrap().push(sent);
        Box::pin(async move { answer })
    });
    let action = adapter.action(intent).unwrap();
    action.check(&context).unwrap();
    let api = Api {
        http: &http,
        adapter,
        base_url: &Url::parse(adapter.api.url).unwrap(),
        token: &SecretString::from("token-1"),
        effect: action.effect,
        effect_key: KEY,
        now: NOW.parse().unwrap(),
    };
    let done = action.run(&api, &context).await;
    let calls = calls.lock().unwrap().clone();
    (done, calls)
}

/// The field and the reason for which a context is refused.
pub(crate) fn refusal(adapter: &'static Adapter, intent: &str, context: Value) -> (String, String) {
    match adapter.action(intent).unwrap().check(&context) {
        Err(Error::Invalid { field, reason }) => (field, reason),
        Err(Error::Missing(fields)) => (fields.join(","), "missing".to_owned()),
        other => panic!("{context} was not refused: {other:?}"),
    }
}

/// A reply for a classifier.
pub(crate) fn reply(status: u16, body: Value) -> Reply {
    Reply { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body }
}

/// What a failed run means.
pub(crate) fn kind(done: &Result<Done>) -> Kind {
    match done {
        Err(Error::Provider(error)) => error.kind,
        other => panic!("not a failure of the provider: {other:?}"),
    }
}

/// Asserts what every adapter owes to the tool list: each action described, each of its fields too.
pub(crate) fn assert_described(adapter: &'static Adapter) {
    assert!(!adapter.description.is_empty() && !adapter.fallback.is_empty());
    for action in adapter.actions {
        let schema = action.schema();
        let name = action.name;
        assert!(schema["description"].as_str().is_some_and(|text| text.len() > 10), "{name}: {schema}");
        assert_eq!(schema["additionalProperties"], false, "{name}");
        for (field, about) in schema["properties"].as_object().unwrap() {
            assert!(about["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}.{field}: {about}");
        }
    }
}

fn response(status: u16, body: &Value) -> Response {
    http::Response::builder().status(status).body(Bytes::from(serde_json::to_vec(body).unwrap())).unwrap()
}
