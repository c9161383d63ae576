//! The embedded DynamoDB engine behind the real SDK, with a record of all calls.

mod s3_calls;
mod used_actions;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use engine::config::Config;
use http::StatusCode;
use sandbox::RunningSandbox;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) use used_actions::UsedAction;
use used_actions::used_actions;

/// The DynamoDB calls of one deployment, with their start and end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls(Arc<Mutex<CallLog>>);

#[derive(Debug, Default)]
struct CallLog {
    clock: usize,
    calls: Vec<Call>,
    uses: Vec<UsedAction>,
    /// Calls whose responses are lost after the call was applied, unless the call repeats an earlier one; and how many of them.
    lost_responses: Vec<(CallPattern, usize)>,
    /// Number of responses lost.
    lost: usize,
    /// Number of calls of all services, repetitions excluded; and the one whose response is lost.
    first_tries: usize,
    lost_call: Option<usize>,
    /// The table of batches whose keys are left unread, and how many of them.
    unread: (String, usize),
    /// The error code of the next call, which is not carried out.
    refusal: Option<&'static str>,
    kill: Option<Kill>,
}

/// Calls of an operation on a table.
#[derive(Clone, Debug)]
struct CallPattern {
    operation: &'static str,
    /// The table's name; empty for other services.
    table: String,
}

impl CallPattern {
    fn new(operation: &'static str, table: &str) -> Self {
        Self { operation, table: table.to_owned() }
    }

    fn matches(&self, used: &UsedAction) -> bool {
        used.table == self.table && used.action.split_once(':').is_some_and(|(_, name)| name == self.operation)
    }
}

/// A planned kill of the process.
#[derive(Clone, Debug)]
enum Kill {
    /// After that many further calls.
    AfterCalls(usize),
    /// Before the first matching call.
    Before(CallPattern),
    /// After the first matching call.
    After(CallPattern),
    /// The process is dead: no call reaches AWS.
    Dead,
}

/// The capacity units of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Units {
    pub(crate) read: f64,
    pub(crate) write: f64,
}

#[derive(Clone, Debug)]
struct Call {
    operation: String,
    uses: Vec<UsedAction>,
    started: usize,
    ended: usize,
    units: Units,
}

impl Calls {
    /// Resets the record of calls.
    pub(crate) fn reset(&self) {
        let mut log = self.0.lock().unwrap();
        *log = CallLog { uses: std::mem::take(&mut log.uses), kill: log.kill.take(), ..CallLog::default() };
    }

    /// Returns and clears the actions since the last call.
    pub(crate) fn take_used_actions(&self) -> Vec<UsedAction> {
        std::mem::take(&mut self.0.lock().unwrap().uses)
    }

    /// Loses the response of every call of an operation on a table, after the call was applied. The SDK repeats the call, and the
    /// response to the repetition arrives. Lasts until the next reset.
    pub(crate) fn lose_responses(&self, operation: &'static str, table: &str) {
        self.0.lock().unwrap().lost_responses.push((CallPattern::new(operation, table), usize::MAX));
    }

    /// Loses the response of the next call of an operation on a table, as [`Calls::lose_responses`] does of all.
    pub(crate) fn lose_response(&self, operation: &'static str, table: &str) {
        self.0.lock().unwrap().lost_responses.push((CallPattern::new(operation, table), 1));
    }

    /// Loses the response of the call of a number since the last reset, of any service, as [`Calls::lose_responses`] does.
    pub(crate) fn lose_response_of(&self, call: usize) {
        self.0.lock().unwrap().lost_call = Some(call);
    }

    /// The number of calls of all services since the last reset, repetitions excluded.
    pub(crate) fn first_tries(&self) -> usize {
        self.0.lock().unwrap().first_tries
    }

    /// Leaves all keys of the next batches of a table unread, as DynamoDB does when it is throttled.
    pub(crate) fn leave_unread(&self, table: &str, batches: usize) {
        self.0.lock().unwrap().unread = (table.to_owned(), batches);
    }

    /// Refuses the next call of DynamoDB with an error code.
    pub(crate) fn refuse_next(&self, code: &'static str) {
        self.0.lock().unwrap().refusal = Some(code);
    }

    /// Counts a call unless it is a repetition. Returns true if its response is lost.
    fn count(&self, is_repetition: bool) -> bool {
        let mut log = self.0.lock().unwrap();
        log.first_tries += usize::from(!is_repetition);
        let lost = !is_repetition && log.lost_call == Some(log.first_tries);
        log.lost += usize::from(lost);
        lost
    }

    /// The planned response of a call that is not carried out.
    fn planned_response(&self, operation: &str, request: &HttpRequest) -> Option<HttpResponse> {
        let mut log = self.0.lock().unwrap();
        if let Some(code) = log.refusal.take() {
            return Some(HttpResponse::new(
                StatusCode::BAD_REQUEST.into(),
                json!({ "__type": code }).to_string().into(),
            ));
        }
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        if operation != "BatchGetItem" || log.unread.1 == 0 || asked["RequestItems"].get(&log.unread.0).is_none() {
            return None;
        }
        log.unread.1 -= 1;
        let unread = json!({ "Responses": {}, "UnprocessedKeys": asked["RequestItems"] });
        Some(HttpResponse::new(StatusCode::OK.into(), unread.to_string().into()))
    }

    /// Asserts that a planned loss has occurred since the last reset, and resets the record.
    #[track_caller]
    pub(crate) fn assert_responses_lost(&self) {
        assert!(self.0.lock().unwrap().lost > 0, "no response was lost: {:?}", self.operations());
        self.reset();
    }

    /// Kills the process after that many further AWS calls of any service: later calls do not arrive.
    pub(crate) fn kill_after(&self, calls: usize) {
        self.0.lock().unwrap().kill = Some(Kill::AfterCalls(calls));
    }

    /// Kills the process before its next call of an operation on a table (empty for other services than DynamoDB).
    pub(crate) fn kill_before_call(&self, operation: &'static str, table: &str) {
        self.0.lock().unwrap().kill = Some(Kill::Before(CallPattern::new(operation, table)));
    }

    /// Kills the process after its next call of an operation on a table (empty for other services than DynamoDB).
    pub(crate) fn kill_after_call(&self, operation: &'static str, table: &str) {
        self.0.lock().unwrap().kill = Some(Kill::After(CallPattern::new(operation, table)));
    }

    /// Starts a new process. Returns true if the previous one was killed.
    pub(crate) fn replace_process(&self) -> bool {
        matches!(self.0.lock().unwrap().kill.take(), Some(Kill::AfterCalls(0) | Kill::Dead))
    }

    /// Records the actions of a call. Returns false if the process is dead.
    fn record(&self, uses: &[UsedAction]) -> bool {
        let mut log = self.0.lock().unwrap();
        match &mut log.kill {
            Some(Kill::AfterCalls(0) | Kill::Dead) => return false,
            Some(Kill::AfterCalls(left)) => *left -= 1,
            Some(Kill::Before(call)) if uses.iter().any(|used| call.matches(used)) => {
                log.kill = Some(Kill::Dead);
                return false;
            }
            Some(Kill::After(call)) if uses.iter().any(|used| call.matches(used)) => log.kill = Some(Kill::Dead),
            Some(Kill::Before(_) | Kill::After(_)) | None => {}
        }
        log.uses.extend_from_slice(uses);
        true
    }

    /// The operations since the last reset, in the order of their start.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.0.lock().unwrap().calls.iter().map(|call| call.operation.clone()).collect()
    }

    /// The operations since the last reset with their consumed capacity units, indexes included.
    pub(crate) fn units(&self) -> Vec<(String, Units)> {
        self.0.lock().unwrap().calls.iter().map(|call| (call.operation.clone(), call.units)).collect()
    }

    /// The number of completed calls of an operation on a table since the last reset: the progress of a run.
    pub(crate) fn completed(&self, operation: &'static str, table: &str) -> usize {
        let pattern = CallPattern::new(operation, table);
        let log = self.0.lock().unwrap();
        let ended = log.calls.iter().filter(|call| call.ended != usize::MAX);
        ended.filter(|call| call.uses.iter().any(|used| pattern.matches(used))).count()
    }

    /// The length of the longest chain of calls that each started after the previous one had ended.
    pub(crate) fn longest_chain(&self) -> usize {
        let calls = self.0.lock().unwrap().calls.clone();
        let mut chains: Vec<usize> = vec![];
        for (at, call) in calls.iter().enumerate() {
            let before = calls[..at].iter().zip(&chains).filter(|(other, _)| other.ended < call.started);
            chains.push(1 + before.map(|(_, chain)| *chain).max().unwrap_or_default());
        }
        chains.into_iter().max().unwrap_or_default()
    }

    /// Records the start of a call. Returns its position, and true if its response is lost.
    fn start_call(&self, operation: &str, uses: Vec<UsedAction>, is_repetition: bool) -> (usize, bool) {
        let mut log = self.0.lock().unwrap();
        log.clock += 1;
        let started = log.clock;
        let is_planned =
            |(pattern, left): &&mut (CallPattern, usize)| *left > 0 && uses.iter().any(|used| pattern.matches(used));
        let planned = log.lost_responses.iter_mut().find(is_planned).filter(|_| !is_repetition);
        let lost = planned.map(|(_, left)| *left -= 1).is_some();
        log.lost += usize::from(lost);
        log.calls.push(Call {
            operation: operation.to_owned(),
            uses,
            started,
            ended: usize::MAX,
            units: Units::default(),
        });
        (log.calls.len() - 1, lost)
    }

    fn finish_call(&self, call: usize, consumed: f64) {
        let mut log = self.0.lock().unwrap();
        log.clock += 1;
        let ended = log.clock;
        if let Some(call) = log.calls.get_mut(call) {
            call.ended = ended;
            let reads = matches!(call.operation.as_str(), "GetItem" | "BatchGetItem" | "Query");
            call.units = match reads {
                true => Units { read: consumed, write: 0.0 },
                false => Units { read: 0.0, write: consumed },
            };
        }
    }
}

/// The consumed capacity units in a response.
fn consumed_units(answer: &[u8]) -> f64 {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    match &answer["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
        table => table["CapacityUnits"].as_f64().unwrap_or_default(),
    }
}

/// Makes a call return its consumed units. The signature becomes invalid, which the embedded engine ignores.
fn request_consumed_units(request: &mut HttpRequest) {
    let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
    body["ReturnConsumedCapacity"] = "TOTAL".into();
    let body = body.to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

/// Starts an embedded store with the five tables. Returns the SDK's configuration for it and for the sandbox's other AWS
/// services.
pub(crate) async fn start(sandbox: &RunningSandbox, calls: &Calls, config: &Config) -> SdkConfig {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
    let (counted, other) = (calls.clone(), format!("{}/", sandbox.aws_endpoint()));
    let plain = engine::aws::connector(engine::http::Http::client());
    let client = http_client_fn(move |settings, components| {
        let inner = plain.http_connector(settings, components);
        SharedHttpConnector::new(CountingConnector { inner, calls: counted.clone(), other: other.clone() })
    });
    let aws = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client)
        .region(region())
        .credentials_provider(Credentials::from_keys("test", "test", None))
        .endpoint_url(store)
        // The deployed configuration, with shorter backoff.
        .retry_config(engine::aws::retry_config().with_initial_backoff(Duration::from_millis(1)))
        .timeout_config(engine::aws::timeout_config())
        .load()
        .await;
    let dynamodb = aws_sdk_dynamodb::Client::new(&aws);
    engine::tables::schema::create_missing(&dynamodb, &config.tables).await.unwrap();
    calls.reset();
    calls.take_used_actions();
    aws
}

/// A unique region: the SDK's retry quota is shared per process, service and region, so a test with many faults would consume the
/// retries of concurrent tests.
fn region() -> Region {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    Region::new(format!("test-{}", STARTED.fetch_add(1, Ordering::Relaxed)))
}

/// Sends DynamoDB calls to the store and records them; calls of other services go to the sandbox.
#[derive(Debug)]
struct CountingConnector {
    inner: SharedHttpConnector,
    calls: Calls,
    other: String,
}

impl HttpConnector for CountingConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let uses = used_actions(&target, request.body().bytes().unwrap_or_default());
        if !self.calls.record(&uses) {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the process is dead".into())));
        }
        // The SDK numbers the attempts of a call: "attempt=1; max=3".
        let attempt = request.headers().get("amz-sdk-request").unwrap_or_default();
        let is_repetition = !attempt.starts_with("attempt=1");
        let is_lost = self.calls.count(is_repetition);
        let lost_response = || Err(ConnectorError::io("the response was lost".into()));
        let Some(operation) = target.strip_prefix("DynamoDB_20120810.") else {
            request.set_uri(self.other.as_str()).expect("the sandbox's address is a URI");
            let answer = self.inner.call(request);
            return HttpConnectorFuture::new(async move {
                let answer = answer.await?;
                if is_lost { lost_response() } else { Ok(answer) }
            });
        };
        if let Some(planned) = self.calls.planned_response(operation, &request) {
            return HttpConnectorFuture::ready(Ok(planned));
        }
        let (call, lost) = self.calls.start_call(operation, uses, is_repetition);
        request_consumed_units(&mut request);
        let (calls, answer) = (self.calls.clone(), self.inner.call(request));
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            let body = ByteStream::new(std::mem::replace(answer.body_mut(), SdkBody::empty())).collect().await;
            let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
            calls.finish_call(call, consumed_units(&body));
            *answer.body_mut() = SdkBody::from(body);
            if lost || is_lost { lost_response() } else { Ok(answer) }
        })
    }
}
