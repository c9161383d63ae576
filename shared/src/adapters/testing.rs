//! A test harness of actions: a provider as a closure that records the calls and answers them.

mod surprises;

pub(crate) use surprises::assert_surprises_degrade;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use secrecy::SecretString;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use url::Url;

use super::action::{ActionDef, ActionOutput, Reconciliation};
use super::api::{Api, JsonResponse};
use super::content::Source;
use super::files::{ActionFiles, FileOutput, NewFile};
use super::{Adapter, LookupCache};
use crate::clock::Clock;
use crate::error::{Error, Kind, Result};
use crate::http::{Body, ByteStream, Http, HttpError, Request, Response};
use crate::ids::FileId;

/// The current time of every test.
pub(crate) const NOW: &str = "2026-11-23T10:00:00Z";
/// The effect key of every test.
pub(crate) const EFFECT_KEY: &str = "task_abc.1";

/// A recorded request.
#[derive(Clone, Debug)]
pub(crate) struct SentRequest {
    /// The method and the path, as `GET /v1/pages`.
    pub(crate) line: String,
    /// The query, decoded, in the order sent.
    pub(crate) query: Vec<(String, String)>,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body, `Null` when there is none.
    pub(crate) body: Value,
    /// The bytes of the body.
    pub(crate) content: Bytes,
}

impl SentRequest {
    /// Returns a header's value, empty if it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the first value of a query parameter, empty if it is absent.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Returns the body as a text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }

    fn read(request: &Request) -> Self {
        let url = Url::parse(&request.uri().to_string()).unwrap();
        Self {
            line: format!("{} {}", request.method(), url.path()),
            query: url.query_pairs().into_owned().collect(),
            headers: request.headers().clone(),
            body: serde_json::from_slice(request.body().bytes()).unwrap_or_default(),
            content: request.body().bytes().clone(),
        }
    }
}

/// A step of an action other than `run`.
pub(crate) enum Step {
    /// [`Action::prepare`](super::action::Action::prepare).
    Prepare,
    /// [`Action::reconcile`](super::action::Action::reconcile).
    Reconcile,
    /// [`Action::discard`](super::action::Action::discard).
    Discard,
}

/// Checks and runs an action against `provider`, which answers each call with a status and a body.
/// Returns the output and the recorded calls.
pub(crate) async fn run(
    adapter: &'static Adapter,
    intent: &str,
    context: Value,
    provider: impl Fn(&SentRequest) -> (u16, Value) + Send + Sync + 'static,
) -> (Result<ActionOutput>, Vec<SentRequest>) {
    run_fallible(adapter, intent, context, move |sent| Ok(provider(sent))).await
}

/// As [`run`], with a provider whose response can be lost.
pub(crate) async fn run_fallible(
    adapter: &'static Adapter,
    intent: &str,
    context: Value,
    provider: impl Fn(&SentRequest) -> Result<(u16, Value), HttpError> + Send + Sync + 'static,
) -> (Result<ActionOutput>, Vec<SentRequest>) {
    let harness = ActionHarness::new(adapter, provider);
    let action = adapter.action(intent).unwrap();
    let context = action.accept(context).unwrap();
    let output = action.run(&harness.api(action, None), &context).await;
    (output, harness.calls())
}

/// As [`run`], with a stored checkpoint.
pub(crate) async fn run_with_checkpoint(
    adapter: &'static Adapter,
    intent: &str,
    checkpoint: &str,
    context: Value,
    provider: impl Fn(&SentRequest) -> (u16, Value) + Send + Sync + 'static,
) -> (Result<ActionOutput>, Vec<SentRequest>) {
    let harness = ActionHarness::new(adapter, move |sent| Ok(provider(sent)));
    let action = adapter.action(intent).unwrap();
    let output = action.run(&harness.api(action, Some(checkpoint)), &context).await;
    (output, harness.calls())
}

/// Runs a step of an action other than `run`.
pub(crate) async fn run_step(
    adapter: &'static Adapter,
    intent: &str,
    checkpoint: Option<&str>,
    step: Step,
    context: Value,
    provider: impl Fn(&SentRequest) -> Result<(u16, Value), HttpError> + Send + Sync + 'static,
) -> (Result<StepOutput>, Vec<SentRequest>) {
    let harness = ActionHarness::new(adapter, provider);
    let action = adapter.action(intent).unwrap();
    let api = harness.api(action, checkpoint);
    let output = match step {
        Step::Prepare => action.prepare(&api, &context).await.map(StepOutput::Checkpoint),
        Step::Reconcile => action.reconcile(&api, &context).await.map(StepOutput::Reconciliation),
        Step::Discard => action.discard(&api, &context).await.map(|()| StepOutput::Discarded),
    };
    (output, harness.calls())
}

/// The output of a step.
#[derive(Debug, PartialEq)]
pub(crate) enum StepOutput {
    /// The checkpoint of [`Step::Prepare`].
    Checkpoint(Option<String>),
    /// The result of [`Step::Reconcile`].
    Reconciliation(Reconciliation),
    /// The success of [`Step::Discard`].
    Discarded,
}

impl StepOutput {
    /// Returns the external id of an effect that was found applied.
    pub(crate) fn applied_id(&self) -> Option<&str> {
        match self {
            Self::Reconciliation(Reconciliation::Applied(output)) => output.external_id.as_deref(),
            _ => None,
        }
    }
}

/// A provider and what an action needs to call it, for tests that run several actions. The token is a person's, so that no call is made to
/// check the rights of another one.
pub(crate) struct ActionHarness {
    adapter: &'static Adapter,
    http: Http,
    lookups: LookupCache,
    url: Url,
    token: SecretString,
    clock: Clock,
    calls: Arc<Mutex<Vec<SentRequest>>>,
    files: Arc<MemoryFiles>,
}

/// The files of an attempt in memory. One that a context names has the content of [`MemoryFiles::content`].
#[derive(Debug, Default)]
pub(crate) struct MemoryFiles {
    /// The files that actions stored.
    stored: Mutex<Vec<(NewFile, Bytes)>>,
}

impl MemoryFiles {
    /// The content of a named file of a size.
    pub(crate) fn content(size: u64) -> Bytes {
        (0..size).map(|at| b'a' + (at % 26) as u8).collect()
    }

    /// Returns the files that actions stored.
    pub(crate) fn stored(&self) -> Vec<(NewFile, Bytes)> {
        self.stored.lock().unwrap().clone()
    }
}

impl ActionFiles for MemoryFiles {
    fn source(&self, _file: &FileId, size: u64) -> Source {
        Source::bytes(Self::content(size))
    }

    fn store(&self, file: NewFile, content: ByteStream) -> BoxFuture<'_, Result<FileOutput>> {
        Box::pin(async move {
            let content = Body::stream(Some(file.size), content).collect(usize::MAX).await;
            let content = content.map_err(Error::unavailable)?;
            let NewFile { filename, content_type, size } = file.clone();
            let mut stored = self.stored.lock().unwrap();
            stored.push((file, content));
            let file = FileId::new(&format!("{:026}", stored.len()));
            Ok(FileOutput { file, filename, content_type, size, text: None })
        })
    }
}

impl ActionHarness {
    /// Returns a harness whose provider answers each call by `provider`.
    pub(crate) fn new(
        adapter: &'static Adapter,
        provider: impl Fn(&SentRequest) -> Result<(u16, Value), HttpError> + Send + Sync + 'static,
    ) -> Self {
        let (calls, provider) = (Arc::new(Mutex::new(Vec::new())), Arc::new(provider));
        let log = Arc::clone(&calls);
        let http = Http::new(move |request| {
            let (log, provider) = (Arc::clone(&log), Arc::clone(&provider));
            Box::pin(async move {
                let (parts, body) = request.into_parts();
                let body = body.collect(usize::MAX).await.map_err(|error| HttpError::Lost(error.to_string()))?;
                let sent = SentRequest::read(&Request::from_parts(parts, body.into()));
                let answer = provider(&sent).map(|(status, body)| response(status, &body));
                log.lock().unwrap().push(sent);
                answer
            })
        });
        let (url, token) = (Url::parse(adapter.api.url).unwrap(), SecretString::from("xoxp-token-1"));
        Self {
            adapter,
            http,
            lookups: LookupCache::default(),
            url,
            token,
            clock: Clock::manual(NOW.parse().unwrap()),
            calls,
            files: Arc::default(),
        }
    }

    /// Returns the API for one action.
    pub(crate) fn api<'a>(&'a self, action: &ActionDef, checkpoint: Option<&'a str>) -> Api<'a> {
        let (base_url, token) = (self.url.clone(), &self.token);
        Api {
            effect: action.effect,
            smaller_request: action.smaller_request,
            effect_key: EFFECT_KEY.to_owned(),
            checkpoint,
            files: Arc::clone(&self.files) as _,
            ..Api::new(&self.http, &self.lookups, self.adapter, base_url, token, &self.clock)
        }
    }

    /// Returns the files that actions stored.
    pub(crate) fn stored_files(&self) -> Vec<(NewFile, Bytes)> {
        self.files.stored()
    }

    /// Returns the calls recorded so far.
    pub(crate) fn calls(&self) -> Vec<SentRequest> {
        self.calls.lock().unwrap().clone()
    }
}

/// Returns the field and the reason for which a context is rejected.
pub(crate) fn refusal(adapter: &'static Adapter, intent: &str, context: Value) -> (String, String) {
    let faults = match adapter.action(intent).unwrap().accept(context.clone()) {
        Err(error) => error.fields(),
        Ok(accepted) => panic!("{context} was accepted: {accepted}"),
    };
    match faults.as_slice() {
        [one] if !one.is_missing => (one.field.clone(), one.reason.clone()),
        faults if faults.iter().all(|fault| fault.is_missing) => {
            let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
            (fields.join(","), "missing".to_owned())
        }
        faults => panic!("{context} was rejected for several fields: {faults:?}"),
    }
}

/// Builds a response for a classifier.
pub(crate) fn json_response(status: u16, body: Value) -> JsonResponse {
    JsonResponse { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body }
}

/// Returns the kind of a failed run's error.
pub(crate) fn error_kind(result: &Result<ActionOutput>) -> Kind {
    match result {
        Err(Error::Provider(error)) => error.kind,
        other => panic!("not a failure of the provider: {other:?}"),
    }
}

/// Asserts that the adapter, its actions and their fields have descriptions.
pub(crate) fn assert_actions_described(adapter: &'static Adapter) {
    assert!(!adapter.description.is_empty());
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
    http::Response::builder().status(status).body(Body::from(serde_json::to_vec(body).unwrap())).unwrap()
}

/// Asserts that an action which finds nothing to delete fails, and that only a repetition of it takes this for done.
pub(crate) async fn assert_absent_is_done_only_on_a_retry(
    adapter: &'static Adapter,
    action: &str,
    context: Value,
    absent: (u16, Value),
) {
    let answer = absent.clone();
    let (output, _) = run(adapter, action, context.clone(), move |_| answer.clone()).await;
    assert_eq!(error_kind(&output), Kind::NotFound);
    let harness = ActionHarness::new(adapter, move |_| Ok(absent.clone()));
    let action = adapter.action(action).unwrap();
    let api = Api { is_retry: true, ..harness.api(action, None) };
    assert!(action.run(&api, &context).await.is_ok());
}
