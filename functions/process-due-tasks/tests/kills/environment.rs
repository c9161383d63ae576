//! The test's environment: store, providers, a user with connections, the user's tasks, and the processors that run them.

mod freezing;
mod memory;

pub(crate) use freezing::FreezePoint;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::adapters;
use engine::clock::{Clock, Random};
use engine::config::Config;
use engine::deployment::{Deployment, Environment};
use engine::engine::Engine;
use engine::http::Http;
use engine::ids::{TaskId, UserId};
use engine::integrations::ReadyTokens;
use engine::intent::IntentRequest;
use engine::lambda::Request;
use engine::permissions::Caller;
use engine::scheduler::Schedule;
use engine::tables::tasks::{self, Task};
use engine::vault::Tokens;
use futures::future::{join_all, try_join_all};
use jiff::SignedDuration;
use runtime_driver::{Function, InvocationResult, Variables};
use sandbox::{RunningSandbox, Sandbox, settings};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use crate::proxy::{AWS_PATH, KillPoint, Proxy, Upstream};
use crate::violations::{Tally, TaskViolation, find_violation};

const BINARY: &str = env!("CARGO_BIN_EXE_process-due-tasks");
/// The function's timeout, as deployed.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(150);
/// The maximum time of a processor run in these tests, with a wide margin.
const RUN_TIMEOUT: Duration = Duration::from_secs(60);
/// The offset by which times are set back; more than the allowed clock skew.
const BACKDATE_BY: SignedDuration = SignedDuration::from_mins(1);
/// The maximum number of processor runs until all tasks are final.
const MAX_RECOVERY_RUNS: usize = 16;

/// A kind of task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskKind {
    pub(crate) tool: &'static str,
    pub(crate) action: &'static str,
    /// The kind of its effect in the sandbox's ledger.
    effect_kind: &'static str,
    /// The context; `%` is replaced by the marker that identifies a task's effects.
    context: &'static str,
    /// The recurrence of a series.
    recurrence: Option<&'static str>,
}

pub(crate) const SLACK: TaskKind = TaskKind {
    tool: "slack",
    action: "send_message",
    effect_kind: "message_posted",
    context: r#"{"channel": "C0GENERAL01", "text": "%"}"#,
    recurrence: None,
};
pub(crate) const GMAIL: TaskKind = TaskKind {
    tool: "gmail",
    action: "send_email",
    effect_kind: "message_sent",
    context: r#"{"to": "kim@example.com", "subject": "%", "body": "Hello"}"#,
    recurrence: None,
};
pub(crate) const ASANA: TaskKind = TaskKind {
    tool: "asana",
    action: "create_task",
    effect_kind: "task_created",
    context: r#"{"name": "%", "projectId": "1200000000000010"}"#,
    recurrence: None,
};
/// A read of whole mails. It has no effect.
pub(crate) const MAILS: TaskKind = TaskKind {
    tool: "gmail",
    action: "fetch_emails",
    effect_kind: "none",
    context: r#"{"includeBody": true, "limit": 50}"#,
    recurrence: None,
};
/// A series of three occurrences, each with its own message.
const SERIES: TaskKind = TaskKind { recurrence: Some(r#"{"every": "PT1M", "count": 3}"#), ..SLACK };
pub(crate) const KINDS: [TaskKind; 4] = [SLACK, GMAIL, ASANA, SERIES];

/// A task that was scheduled.
struct ScheduledTask {
    id: TaskId,
    kind: TaskKind,
}

/// The environment of one test.
pub(crate) struct TestEnvironment {
    sandbox: RunningSandbox,
    upstream: Upstream,
    /// The engine that prepares and checks the test, outside the processors.
    engine: &'static Engine,
    store: aws_sdk_dynamodb::Client,
    tasks_table: String,
    user: UserId,
    tasks: Vec<ScheduledTask>,
    log: Vec<String>,
    kills: BTreeMap<String, usize>,
    _open_proxy: Proxy,
}

/// A started processor that waits for its event.
pub(crate) struct Processor {
    function: Function,
    proxy: Proxy,
}

/// The record of a processor's run.
#[derive(Debug)]
pub(crate) struct ProcessorRun {
    /// The processor's calls, in order.
    pub(crate) calls: Vec<String>,
    /// The name of the kill point, if it was killed.
    pub(crate) killed_at: Option<String>,
}

impl TestEnvironment {
    /// Starts an environment in which a user has connected all tools.
    pub(crate) async fn start() -> Self {
        let sandbox = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let store = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let upstream = Upstream { client, store, sandbox: sandbox.url.clone() };
        let open_proxy = Proxy::start(upstream.clone(), None).await;
        let variables = variables(&sandbox, &open_proxy.url, &open_proxy.url);
        let config = Config::read(&|name| variables.get(name).cloned()).unwrap();
        let aws = sdk_config(&open_proxy.url).await;
        let store = aws_sdk_dynamodb::Client::new(&aws);
        engine::tables::schema::create_missing(&store, &config.tables).await.unwrap();
        let engine_environment =
            Environment { aws, http: Http::client(), clock: Clock::system(), random: Random::system() };
        let deployment = Deployment::start(config.clone(), engine_environment);
        let (engine, user) = (deployment.part(), verified_user(deployment, &sandbox).await);
        let (tasks, log, kills) = (vec![], vec![], BTreeMap::new());
        let tasks_table = config.tables.tasks;
        let environment =
            Self { sandbox, upstream, engine, store, tasks_table, user, tasks, log, kills, _open_proxy: open_proxy };
        for tool in ["slack", "gmail", "asana"] {
            environment.connect(tool, adapters::find(tool).unwrap().oauth.scopes).await;
        }
        environment
    }

    /// Stores a ready token, as `POST /integrations` does.
    pub(crate) async fn connect(&self, tool: &str, scopes: &[&str]) {
        let adapter = adapters::find(tool).unwrap();
        let granted = self.sandbox.sandbox.grant(tool, sandbox::fixtures::ALEX, scopes).unwrap();
        let tokens = Tokens::new(granted.access_token, Some(granted.refresh_token.into()));
        let ready = ReadyTokens::new(tokens, scopes.iter().map(|&scope| scope.to_owned()).collect());
        self.engine.integrations.connect_ready(&self.user, adapter, ready).await.unwrap();
    }

    /// Schedules a task that is due after `after`.
    pub(crate) async fn schedule(&mut self, kind: TaskKind, after: SignedDuration) {
        let context = serde_json::from_str(&kind.context.replace('%', &task_marker(self.tasks.len()))).unwrap();
        let intent = IntentRequest {
            agent_id: "agent_123".to_owned(),
            tool: kind.tool.to_owned(),
            intent: kind.action.to_owned(),
            context: Some(context),
            ..IntentRequest::default()
        };
        let recurrence = kind.recurrence.map(|recurrence| serde_json::from_str(recurrence).unwrap());
        let schedule = Schedule { at: Some(self.engine.clock.now() + after), recurrence };
        let accepted =
            self.engine.intake.schedule_intent(&Caller::user(self.user.clone()), intent, schedule, None).await.unwrap();
        let id = TaskId::parse(accepted.metadata["taskId"].as_str().unwrap()).unwrap();
        self.log.push(format!("{} {} is scheduled", kind.tool, kind.action));
        self.tasks.push(ScheduledTask { id, kind });
    }

    /// Starts a processor that will be killed at `kill`.
    pub(crate) async fn start_processor(&self, kill: Option<&KillPoint>) -> Processor {
        let proxy = Proxy::start(self.upstream.clone(), kill.cloned()).await;
        let variables = variables(&self.sandbox, &proxy.url, &proxy.url);
        let mut function = Function::start(Path::new(BINARY), &variables, FUNCTION_TIMEOUT).await.unwrap();
        function.wait_ready().await.unwrap();
        Processor { function, proxy }
    }

    /// Runs the due tasks with a new processor.
    pub(crate) async fn run(&mut self, kill: Option<&KillPoint>) -> ProcessorRun {
        let run = self.start_processor(kill).await.serve(&self.event(0)).await;
        self.record_run(&run);
        run
    }

    /// Runs the due tasks with several processors at once, each with its own kill point.
    pub(crate) async fn run_concurrently(&mut self, kills: &[KillPoint]) {
        let processors = join_all(kills.iter().map(|kill| self.start_processor(Some(kill)))).await;
        self.serve_all(processors, 0).await;
    }

    /// Invokes waiting processors with the same event: tasks due within `window_seconds`.
    pub(crate) async fn serve_all(&mut self, processors: Vec<Processor>, window_seconds: u8) {
        let event = self.event(window_seconds);
        let runs = join_all(processors.into_iter().map(|processor| processor.serve(&event))).await;
        runs.iter().for_each(|run| self.record_run(run));
    }

    /// Expires waits and runs new processors, each killed at `kill` if it gets there, until all tasks are final.
    pub(crate) async fn recover(&mut self, kill: Option<&KillPoint>) {
        for _ in 0..MAX_RECOVERY_RUNS {
            if !self.expire_waits().await {
                return;
            }
            self.run(kill).await;
        }
    }

    /// Adds a processor's run to the log.
    fn record_run(&mut self, run: &ProcessorRun) {
        let end = match &run.killed_at {
            Some(point) => format!("killed at {point}"),
            None => "completed".to_owned(),
        };
        self.log.push(format!("{end} ({})", run.calls.join(" ")));
        if let Some(point) = &run.killed_at {
            *self.kills.entry(point.clone()).or_default() += 1;
        }
    }

    /// Returns the schedule's event for the shards of the tasks.
    fn event(&self, window_seconds: u8) -> Value {
        let shards: BTreeSet<u8> = self.tasks.iter().map(|task| tasks::shard_of(&task.id.sort)).collect();
        json!({ "shards": shards, "windowSeconds": window_seconds })
    }

    async fn rows(&self) -> Vec<Task> {
        let caller = &Caller::user(self.user.clone());
        let get = self.tasks.iter().map(|task| self.engine.scheduler.get(caller, &task.id));
        try_join_all(get).await.unwrap()
    }

    /// Sets the due times and leases of all unfinished tasks back; returns true if there was one. A dead processor's lease lasts
    /// three minutes, and retries and reconciliations wait on purpose: the test cannot wait that long, and the processes use the
    /// system's clock.
    pub(crate) async fn expire_waits(&self) -> bool {
        let past = self.engine.clock.now() - BACKDATE_BY;
        let rows = self.rows().await;
        let unfinished: Vec<_> = rows.iter().zip(&self.tasks).filter(|(row, _)| !row.status.is_final()).collect();
        for (row, task) in &unfinished {
            let past = past.as_millisecond();
            self.set_field(&task.id, "dueAt", AttributeValue::S(format!("{past:015}#{}", row.ulid()))).await;
            self.set_field(&task.id, "leaseUntil", AttributeValue::N(past.to_string())).await;
        }
        !unfinished.is_empty()
    }

    /// Sets a field of a task's row if it exists: an unfinished task without a due time must stay detectable.
    async fn set_field(&self, id: &TaskId, field: &str, value: AttributeValue) {
        let updated = self
            .store
            .update_item()
            .table_name(&self.tasks_table)
            .key("pk", AttributeValue::S(tasks::partition(&self.user, &id.agent)))
            .key("sk", AttributeValue::S(id.sort.clone()))
            .update_expression("SET #field = :value")
            .condition_expression("attribute_exists(#field)")
            .expression_attribute_names("#field", field)
            .expression_attribute_values(":value", value)
            .send()
            .await;
        if let Err(error) = updated {
            let error = error.into_service_error();
            assert!(error.is_conditional_check_failed_exception(), "{error:?}");
        }
    }

    /// Compares the tasks with their effects and events; returns the counts.
    pub(crate) async fn tally(&mut self) -> Tally {
        let mut tally = Tally { kills: std::mem::take(&mut self.kills), ..Tally::default() };
        let effects = self.sandbox.sandbox.effects();
        for (index, (row, ScheduledTask { id, kind })) in self.rows().await.iter().zip(&self.tasks).enumerate() {
            let applied = effects.iter().filter(|effect| effect.kind == kind.effect_kind);
            let applied: Vec<_> =
                applied.filter(|effect| effect.request.to_string().contains(&task_marker(index))).cloned().collect();
            let events = effects.iter().filter(|effect| effect.request["Detail"]["taskId"] == id.to_string());
            let events: Vec<String> = events.map(|effect| effect.kind.clone()).collect();
            let code = row.last_error.as_ref().map(|error| format!(" {}", error.code)).unwrap_or_default();
            let state = format!("{}{code}", row.status.as_str());
            if let Some(kind) = find_violation(row, &applied, &events) {
                let log = self.log.join("; ");
                let description = format!("task {index} is {state}, effects {applied:?}, events {events:?}: {log}");
                tally.violations.push(TaskViolation { kind, description });
            }
            *tally.final_states.entry(state).or_default() += 1;
        }
        tally
    }
}

impl Processor {
    /// Invokes the processor with one event, until it responds or reaches its kill point and is killed.
    async fn serve(mut self, event: &Value) -> ProcessorRun {
        let invocation = async {
            tokio::select! {
                result = self.function.invoke(event) => match result.unwrap() {
                    // A run may fail, for example on an overloaded machine; recovery must find its tasks too.
                    InvocationResult::Response(_) | InvocationResult::Error(_) => None,
                    InvocationResult::Exited(status) => panic!("the processor exited without a kill: {status}"),
                },
                point = self.proxy.wait_for_kill_point() => Some(point),
            }
        };
        let killed_at = tokio::time::timeout(RUN_TIMEOUT, invocation).await.expect("the run ends before its timeout");
        self.function.kill().await.unwrap();
        self.proxy.wait_idle().await;
        ProcessorRun { calls: self.proxy.calls(), killed_at }
    }
}

/// Returns the marker that identifies a task's effects.
fn task_marker(task: usize) -> String {
    format!("task {task:03} of this environment")
}

/// Returns the user of a verified token; there is no other way to construct a [`UserId`].
async fn verified_user(deployment: &'static Deployment, sandbox: &RunningSandbox) -> UserId {
    let token = sandbox.sandbox.sign_token(json!({ "sub": "u1" }));
    let event = http::Request::builder().header("authorization", format!("Bearer {token}"));
    Request::new(deployment.part(), event.body(lambda_http::Body::Empty).unwrap()).caller().await.unwrap()
}

/// Returns the function's environment variables, as deployed, with the proxy as the only external service. `providers_url` may be a TLS
/// server before it.
fn variables(sandbox: &RunningSandbox, providers_url: &str, proxy_url: &str) -> Variables {
    let mut variables = settings::engine_variables(&sandbox.issuer(), providers_url);
    // As deployed: tokens are stored in Secrets Manager.
    variables.remove("PLUGIN_ENGINE_VAULT");
    let named = [
        ("PLUGIN_ENGINE_TIMEOUT_SECONDS", FUNCTION_TIMEOUT.as_secs().to_string()),
        ("AWS_ENDPOINT_URL", format!("{proxy_url}{AWS_PATH}")),
    ];
    variables.extend(settings::aws_variables());
    variables.extend(named.map(|(name, value)| (name.to_owned(), value)));
    variables
}

async fn sdk_config(proxy_url: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(engine::aws::connector(Http::client()))
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys("test", "test", None))
        .endpoint_url(format!("{proxy_url}{AWS_PATH}"))
        .load()
        .await
}
