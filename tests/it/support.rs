//! [`TestApp`]: one deployment per test, over an embedded DynamoDB engine and sandbox providers on their own sockets. The routes run
//! in process; requests pass through lambda_http's decoding of API Gateway events.

mod action_harness;
pub(crate) mod builders;
mod effects;
mod faulty_client;
mod files;
mod log;
mod page_example;
mod response;
mod response_drift;
pub(crate) mod responses;
mod routes;
pub(crate) mod samples;
mod seeded_slack;
mod steps;
mod store;
mod task_asserts;
mod uploads;

pub(crate) use action_harness::{ActionHarness, NOW, RecordedAction, grant_for, record};
pub(crate) use effects::EffectKind;
pub(crate) use faulty_client::{CallFault, Counted, FaultyClient};
pub(crate) use files::{assert_same, root, sources, text};
pub(crate) use log::Log;
pub(crate) use response::TestResponse;
pub(crate) use samples::Sample;
pub(crate) use store::{Calls, UsedAction};

use crate::{openapi, specs, template};
use aws_config::SdkConfig;
use engine::account::AccountId;
use engine::clock::{Clock, Random};
use engine::config::{Config, TableNames};
use engine::deployment::{Deployment, Environment};
use engine::engine::Engine;
use engine::http::Http;
use engine::ids::UserId;
use engine::lambda::{self, Request, Shell};
use engine::processor::{self, DueEvent, Summary};
use jiff::{SignedDuration, Timestamp};
use responses::Connected;
use sandbox::settings::{self, FRONTEND_URL, OAUTH_REDIRECT_URI};
use sandbox::{RunningSandbox, Sandbox, Strangeness};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::LazyLock;

/// The path prefix of all routes.
pub(crate) const BASE: &str = "/api/plugin-engine";

/// The strangeness of the providers in every test that does not ask for another.
const STRANGENESS: Strangeness = Strangeness::strict();

/// One deployment for one test.
pub(crate) struct TestApp {
    pub(crate) deployment: &'static Deployment,
    pub(crate) engine: &'static Engine,
    pub(crate) sandbox: RunningSandbox,
    pub(crate) clock: Clock,
    pub(crate) calls: Calls,
    pub(crate) store: aws_sdk_dynamodb::Client,
    pub(crate) tables: TableNames,
    pub(crate) aws: SdkConfig,
    config: Config,
    browser: reqwest::Client,
}

impl TestApp {
    /// Starts a deployment with the default local settings.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a deployment with changed settings; an empty value unsets a setting.
    pub(crate) async fn start_with(changes: &[(&str, &str)]) -> Self {
        Self::start_with_client(changes, specs::checked_client(Http::client())).await
    }

    /// Starts a deployment whose providers are as their reference pages show them. The reason says what the test is about instead;
    /// few tests may have one.
    pub(crate) async fn as_documented(_reason: &str) -> Self {
        Self::start_among(Strangeness::documented(), &[], specs::checked_client(Http::client())).await
    }

    /// Starts a deployment with changed settings and the test's own outbound HTTP client.
    pub(crate) async fn start_with_client(changes: &[(&str, &str)], http: Http) -> Self {
        Self::start_among(STRANGENESS, changes, http).await
    }

    async fn start_among(strangeness: Strangeness, changes: &[(&str, &str)], http: Http) -> Self {
        let sandbox = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        sandbox.sandbox.set_strangeness(strangeness);
        let mut variables = settings::engine_variables(&sandbox.issuer(), &sandbox.url);
        variables.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let set = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
        let config = Config::read(&set).unwrap();
        let calls = Calls::default();
        let aws = store::start(&sandbox, &calls, &config).await;
        // A morning, so that no test's hours cross midnight by chance.
        sandbox.sandbox.advance_clock((8 * 3600 - sandbox.sandbox.now()).rem_euclid(24 * 3600));
        let clock = Clock::manual(Timestamp::from_second(sandbox.sandbox.now()).unwrap());
        let store = aws_sdk_dynamodb::Client::new(&aws);
        let deployment = new_deployment(&config, &aws, &clock, calls.recording(http, config.files.endpoint.as_ref()));
        let browser =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let engine = deployment.part();
        Self { deployment, engine, sandbox, clock, calls, store, tables: config.tables.clone(), aws, config, browser }
    }

    /// Replaces the engine by a cold one with empty caches.
    pub(crate) fn cold_start(&mut self) {
        self.cold_start_with_client(specs::checked_client(Http::client()));
    }

    /// Replaces the engine by a cold one whose functions have another timeout.
    pub(crate) fn cold_start_with_timeout(&mut self, seconds: u64) {
        self.config.timeout = std::time::Duration::from_secs(seconds);
        self.cold_start();
    }

    /// Advances the clocks of the engine and of the providers.
    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        self.sandbox.sandbox.advance_clock(seconds);
    }

    /// Runs a future while the clock advances whenever the engine waits for it: retries after a delay run at once.
    pub(crate) async fn with_advancing_clock<T>(&self, future: impl Future<Output = T>) -> T {
        let time = async {
            loop {
                // Calls in flight come first: a token call takes no longer than a few polls of the row.
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                if self.clock.has_sleepers() {
                    self.clock.advance(SignedDuration::from_millis(100));
                }
            }
        };
        tokio::select! {
            output = future => output,
            () = time => unreachable!("time does not end"),
        }
    }

    /// Replaces the engine by a cold one with another outbound HTTP client.
    pub(crate) fn cold_start_with_client(&mut self, http: Http) {
        let http = self.calls.recording(http, self.config.files.endpoint.as_ref());
        self.deployment = new_deployment(&self.config, &self.aws, &self.clock, http);
        self.engine = self.deployment.part();
    }

    /// A valid token of a user.
    pub(crate) fn token(&self, user: &str) -> String {
        self.sandbox.sandbox.sign_token(json!({ "sub": user, "exp": self.clock.now().as_second() + 3600 }))
    }

    /// A valid token of a service that may act for users with a delegation.
    pub(crate) fn service_token(&self, id: &str) -> String {
        let exp = self.clock.now().as_second() + 3600;
        self.sandbox.sandbox.sign_token(json!({ "sub": id, "scope": "read act-as", "exp": exp }))
    }

    pub(crate) async fn get(&self, user: &str, path: &str) -> TestResponse {
        self.send("GET", path, Some(&self.token(user)), None).await
    }

    pub(crate) async fn post(&self, user: &str, path: &str, body: Value) -> TestResponse {
        self.send("POST", path, Some(&self.token(user)), Some(body.to_string())).await
    }

    pub(crate) async fn put(&self, user: &str, path: &str, body: Value) -> TestResponse {
        self.send("PUT", path, Some(&self.token(user)), Some(body.to_string())).await
    }

    pub(crate) async fn patch(&self, user: &str, path: &str, body: Value) -> TestResponse {
        self.send("PATCH", path, Some(&self.token(user)), Some(body.to_string())).await
    }

    pub(crate) async fn delete(&self, user: &str, path: &str, body: Option<Value>) -> TestResponse {
        self.send("DELETE", path, Some(&self.token(user)), body.map(|body| body.to_string())).await
    }

    /// Sends one request as API Gateway does; `path` is below [`BASE`] and may have a query.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<String>,
    ) -> TestResponse {
        self.send_with(method, path, token, body, &[]).await
    }

    /// Sends one request as [`TestApp::send`], with additional headers.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> TestResponse {
        let mut event = event(method, path, token, body);
        for (name, value) in headers {
            event["headers"][name] = (*value).into();
        }
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        let Some(function) = function(path) else { panic!("no function serves {path}") };
        self.handle_event(function, &event.to_string()).await
    }

    /// Passes a complete event to a function's route and checks the response against the role and the API document.
    pub(crate) async fn handle_event(&self, function: &str, event: &str) -> TestResponse {
        let request = lambda_http::request::from_str(event).expect("an event of API Gateway");
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let route = routes::route(function);
        let response = lambda::handle_request(self.shell(), request, |request| route(self.deployment, request)).await;
        let answer = TestResponse::new(response);
        self.calls.record_links(self.config.files.endpoint.as_ref(), &answer.body);
        self.check_role(function);
        openapi::check_response(&method, &path, &answer);
        answer
    }

    /// Runs the processor as the schedule does each minute, with a single poll for due tasks.
    pub(crate) async fn run_processor(&self) -> Summary {
        let event: DueEvent = serde_json::from_value(json!({ "windowSeconds": 0 })).unwrap();
        let summary = processor::run(self.engine, event, self.shell().deadline(0)).await.unwrap();
        self.check_role("process-due-tasks");
        summary
    }

    /// Runs the processor for every request since the first `seen` to continue waiting tasks, as the bus does. Returns the number
    /// of all requests.
    pub(crate) async fn resume_requested(&self, seen: usize) -> usize {
        let requested = self.effects(EffectKind::ResumeRequested);
        for request in requested.iter().skip(seen) {
            let event = json!({ "detail": request.request["Detail"] });
            let event: DueEvent = serde_json::from_value(event).unwrap();
            processor::run(self.engine, event, self.shell().deadline(0)).await.unwrap();
            self.check_role("process-due-tasks");
        }
        requested.len()
    }

    /// Asserts that the template's role of a function allows all recorded AWS calls.
    pub(crate) fn check_role(&self, function: &str) {
        for used in self.calls.take_used_actions() {
            assert!(template::grants(function, &used, &self.tables), "the role of {function} does not allow {used:?}");
        }
    }

    /// Connects a tool as a user does: authorize, consent, callback, and completion with the connect code.
    pub(crate) async fn connect(&self, user: &str, tool: &str) -> TestResponse {
        self.connect_with(user, tool, "").await
    }

    /// Connects the account of a person of the sandbox; returns its id.
    pub(crate) async fn connect_account(&self, user: &str, tool: &str, person: &str) -> String {
        let connected: Connected = self.connect_with(user, tool, &format!("&account={person}")).await.view();
        connected.integration.account.id
    }

    /// Connects a tool with further parameters of the consent page.
    pub(crate) async fn connect_with(&self, user: &str, tool: &str, choices: &str) -> TestResponse {
        let code = self.consent(user, tool, choices).await;
        let answer = self.post(user, "/integrations/connect", json!({ "connectCode": code })).await;
        assert_eq!(answer.status, 200, "connecting {tool}: {}", answer.body);
        if tool == "slack" {
            let account = &answer.body["integration"]["account"]["id"];
            self.give_seeded_messages(user, account.as_str().unwrap()).await;
        }
        answer
    }

    /// Runs the flow up to the consent and returns the connect code that the frontend receives.
    pub(crate) async fn consent(&self, user: &str, tool: &str, choices: &str) -> String {
        let url = self.auth_url(user, tool).await;
        let back = self.browse(&format!("{url}&auto=allow{choices}")).await;
        let landed = self.callback(&back).await;
        connect_code(&landed).unwrap_or_else(|| panic!("no connect code in {landed}")).to_owned()
    }

    pub(crate) async fn auth_url(&self, user: &str, tool: &str) -> String {
        let answer = self.get(user, &format!("/oauth/authorize?tool={tool}")).await;
        assert_eq!(answer.status, 200, "authorizing {tool}: {}", answer.body);
        answer.body["authUrl"].as_str().expect("an authUrl").to_owned()
    }

    /// Opens a page of a provider and returns its redirect.
    pub(crate) async fn browse(&self, url: &str) -> String {
        let page = self.browser.get(url).send().await.unwrap();
        let status = page.status();
        let location = page.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        location.unwrap_or_else(|| panic!("{url} answered {status} without a redirect"))
    }

    /// Opens the callback and returns its redirect.
    pub(crate) async fn callback(&self, url: &str) -> String {
        let (path, query) = url.split_once('?').expect("a query");
        assert_eq!(path, OAUTH_REDIRECT_URI);
        let answer = self.send("GET", &format!("/oauth/callback?{query}"), None, None).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        let location = answer.headers["location"].to_str().unwrap().to_owned();
        assert!(location.starts_with(FRONTEND_URL), "{location}");
        location
    }

    /// The verified id of a user; only a valid token yields one.
    pub(crate) async fn user(&self, user: &str) -> UserId {
        let event = http::Request::builder().header("authorization", format!("Bearer {}", self.token(user)));
        Request::new(self.shell(), event.body(lambda_http::Body::Empty).unwrap()).caller().await.unwrap()
    }

    /// The shell around every route.
    pub(crate) fn shell(&self) -> &'static Shell {
        self.deployment.part()
    }

    /// Creates a secret, as an operator does.
    pub(crate) async fn create_secret(&self, name: &str, text: &str) {
        let secret = json!({ "Name": name, "SecretString": text });
        self.secrets_manager("CreateSecret", secret).await;
    }

    /// Writes a version of a secret.
    pub(crate) async fn put_secret(&self, name: &str, version: &str, text: &str) {
        let secret = json!({ "SecretId": name, "ClientRequestToken": version, "SecretString": text });
        self.secrets_manager("PutSecretValue", secret).await;
    }

    /// Describes a secret, as an operator does.
    pub(crate) async fn describe_secret(&self, name: &str) -> Value {
        self.secrets_manager("DescribeSecret", json!({ "SecretId": name })).await
    }

    async fn secrets_manager(&self, operation: &str, body: Value) -> Value {
        let call = self.browser.post(self.sandbox.aws_endpoint()).body(body.to_string());
        let call = call.header("x-amz-target", format!("secretsmanager.{operation}"));
        let answer = call.header("content-type", "application/x-amz-json-1.1").send().await.unwrap();
        assert!(answer.status().is_success(), "{operation}: {}", answer.status());
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

fn new_deployment(config: &Config, aws: &SdkConfig, clock: &Clock, http: Http) -> &'static Deployment {
    let environment = Environment { aws: aws.clone(), http, clock: clock.clone(), random: Random::system() };
    Deployment::start(config.clone(), environment)
}

/// The function that serves a path below [`BASE`], as configured for `cargo lambda watch`.
fn function(path: &str) -> Option<&'static str> {
    static FUNCTIONS: LazyLock<BTreeMap<String, String>> =
        LazyLock::new(|| template::watch_routes().into_iter().map(|(_, path, function)| (path, function)).collect());
    FUNCTIONS.get(&format!("{BASE}{path}")).map(String::as_str)
}

/// An account's id, as the engine stores it.
pub(crate) fn account_id(id: &str) -> AccountId {
    serde_json::from_value(id.into()).expect("a text")
}

/// The connect code in the fragment of the page where the browser lands, if it has one.
pub(crate) fn connect_code(landed: &str) -> Option<&str> {
    let (_, fragment) = landed.split_once("#connectCode=")?;
    fragment.split('&').next()
}

/// An event of an HTTP API, payload format 2.0:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
pub(crate) fn event(method: &str, path: &str, token: Option<&str>, body: Option<String>) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path = format!("{BASE}{path}");
    let mut headers = json!({ "host": "api.example.com", "content-type": "application/json" });
    if let Some(token) = token {
        headers["authorization"] = format!("Bearer {token}").into();
    }
    json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "api.example.com", "domainPrefix": "api",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t" },
            "requestId": "request-1", "routeKey": format!("{method} {path}"), "stage": "$default",
            "time": "23/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_000_000_000_u64
        },
        "body": body,
        "isBase64Encoded": false
    })
}
