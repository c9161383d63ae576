//! Secret leak test: searches for canary secrets in the trace log, in every row, event and response, and in `Debug` output, while
//! providers echo secrets in their errors, responses are lost, calls panic and AWS fails.

mod captured_log;
mod provider_proxy;

use crate::support::builders::{Intent, email, intent, message};
use crate::support::{TestApp, connect_code};
use captured_log::CapturedLog;
use engine::integrations::Callback;
use provider_proxy::{ProviderBehaviour, ProviderProxy, Secrets};
use sandbox::Fault;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

const SECRET_KINDS: [&str; 12] = [
    "access token",
    "refresh token",
    "client secret",
    "OAuth code",
    "state",
    "PKCE verifier",
    "connect code secret",
    "JWT",
    "keyring key",
    "mail body",
    "message text",
    "Idempotency-Key",
];
const MAIL_CANARY: &str = "canary-of-a-mail-body-57c1";
const TEXT_CANARY: &str = "canary-of-a-message-text-9e02";
const IDEMPOTENCY_CANARY: &str = "canary-of-an-idempotency-key-33d8";
const FLOWS_KEY: &str = "canary-of-a-key-of-flows-0123456789abcdef";
const KEYRING_KEY: &str = "canary-of-a-keyring-key-0123456789abcdef";
const BEHAVIOURS: [ProviderBehaviour; 11] = [
    ProviderBehaviour::PassThrough,
    ProviderBehaviour::EchoRequest(200),
    ProviderBehaviour::EchoRequest(400),
    ProviderBehaviour::EchoRequest(401),
    ProviderBehaviour::EchoRequest(403),
    ProviderBehaviour::EchoRequest(404),
    ProviderBehaviour::EchoRequest(409),
    ProviderBehaviour::EchoRequest(429),
    ProviderBehaviour::EchoRequest(500),
    ProviderBehaviour::LoseResponse,
    ProviderBehaviour::Panic,
];
/// The kinds that are the caller's own words. The answer to an intent may quote them to the caller, and nothing else may have them.
const OWN_WORDS: [&str; 2] = ["mail body", "message text"];
/// The captured output by location (log, rows, events, replies, answers to intents, `Debug`).
#[derive(Default)]
struct CapturedOutput(BTreeMap<&'static str, String>);

impl CapturedOutput {
    fn add(&mut self, place: &'static str, text: &str) {
        let all = self.0.entry(place).or_default();
        all.push_str(text);
        all.push('\n');
    }

    /// Every kind of secret found in the output (whole, or its first or last 16 characters), with its location, but for the caller's
    /// own words in the answer to the caller.
    fn leaks(&self, secrets: &Secrets) -> BTreeSet<(&'static str, &'static str)> {
        let parts = search_fragments(secrets);
        let mut leaks = BTreeSet::new();
        for (place, text) in &self.0 {
            for (length, parts) in &parts {
                let found = text.as_bytes().windows(*length).filter_map(|window| parts.get(window));
                leaks.extend(found.map(|kind| (*kind, *place)));
            }
        }
        leaks.retain(|(kind, place)| *place != "answers to intents" || !OWN_WORDS.contains(kind));
        leaks
    }
}

/// The fragments of each secret to search for, by length: one pass over a text finds all fragments of a length.
fn search_fragments(secrets: &Secrets) -> BTreeMap<usize, HashMap<&[u8], &'static str>> {
    let mut parts: BTreeMap<usize, HashMap<&[u8], &'static str>> = BTreeMap::new();
    for (kind, secret) in secrets.iter().flat_map(|(kind, all)| all.iter().map(|secret| (*kind, secret.as_bytes()))) {
        let length = secret.len().min(16);
        // All JWTs of an issuer start with the same characters.
        let first = (kind != "JWT").then(|| &secret[..length]);
        let same_length = parts.entry(length).or_default();
        same_length.extend(first.into_iter().chain([&secret[secret.len() - length..]]).map(|part| (part, kind)));
    }
    parts
}

impl CapturedOutput {
    /// Excerpts around the leaks, for the failure message.
    fn excerpts(&self, secrets: &Secrets) -> String {
        let mut excerpts = vec![];
        for (kind, place) in self.leaks(secrets) {
            let all = secrets[kind].iter().filter_map(|secret| self.0[place].find(&secret[..16.min(secret.len())]));
            let found = all.take(2).map(|at| {
                let around = self.0[place].bytes().skip(at.saturating_sub(300)).take(400).collect::<Vec<_>>();
                format!("{kind} in {place}: {}", String::from_utf8_lossy(&around))
            });
            excerpts.extend(found);
        }
        excerpts.join("\n")
    }
}

/// A deployment whose output is captured.
struct LeakCheck {
    app: TestApp,
    proxy: ProviderProxy,
    output: CapturedOutput,
    agent_count: usize,
}

impl LeakCheck {
    async fn start(vault: &str) -> Self {
        let flows = json!({ "current": "f1", "f1": FLOWS_KEY }).to_string();
        let keyring = json!({ "current": "k1", "k1": KEYRING_KEY }).to_string();
        let variables = sandbox::settings::engine_variables("http://issuer", "http://sandbox");
        let mut clients: Value = serde_json::from_str(&variables["PLUGIN_ENGINE_CLIENTS"]).unwrap();
        clients["slack"]["userScopes"] = json!(["search:read"]);
        let clients = clients.to_string();
        let settings = [
            ("PLUGIN_ENGINE_CLIENTS", clients.as_str()),
            ("PLUGIN_ENGINE_VAULT", vault),
            ("PLUGIN_ENGINE_KEYRING", keyring.as_str()),
            ("PLUGIN_ENGINE_FLOWS_KEYRING", flows.as_str()),
            ("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "100000"),
        ];
        let mut app = TestApp::start_with(&settings).await;
        let outside = ProviderProxy::default();
        app.cold_start_with_client(outside.http());
        for (kind, secret) in [
            ("mail body", MAIL_CANARY),
            ("message text", TEXT_CANARY),
            ("Idempotency-Key", IDEMPOTENCY_CANARY),
            ("keyring key", KEYRING_KEY),
            ("keyring key", FLOWS_KEY),
        ] {
            outside.record_secret(kind, secret);
        }
        Self { app, proxy: outside, output: CapturedOutput::default(), agent_count: 0 }
    }

    /// Sends one request and captures its response.
    async fn request(&mut self, method: &str, path: &str, user: &str, body: Option<Value>) -> Value {
        let token = self.app.token(user);
        self.proxy.record_secret("JWT", &token);
        self.proxy.record_secret("JWT", token.rsplit('.').next().unwrap());
        let key = format!("{IDEMPOTENCY_CANARY}-{}", self.agent_count);
        let body = body.map(|body| body.to_string());
        let headers = [("idempotency-key", key.as_str())];
        let sent = self.app.send_with(method, path, Some(&token), body, &headers);
        let answer = self.app.with_advancing_clock(sent).await;
        let place = if (method, path) == ("POST", "") { "answers to intents" } else { "replies" };
        self.output.add(place, &format!("{:?} {}", answer.headers, answer.body));
        answer.body
    }

    /// Gives consent at the provider and returns the connect code. State and code are expected in the two redirects.
    async fn consent(&mut self, user: &str, tool: &str) -> String {
        let url = self.app.auth_url(user, tool).await;
        let state =
            url::Url::parse(&url).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        self.proxy.record_secret("state", &state);
        let back = self.app.browse(&format!("{url}&auto=allow")).await;
        let callback: Callback = serde_urlencoded::from_str(url::Url::parse(&back).unwrap().query().unwrap()).unwrap();
        self.output.add("Debug", &format!("{callback:?}"));
        let code = connect_code(&self.app.callback(&back).await).unwrap().to_owned();
        self.proxy.record_secret("connect code secret", code.split_once('.').unwrap().1);
        code
    }

    fn next_agent(&mut self) -> String {
        self.agent_count += 1;
        format!("agent-{}", self.agent_count)
    }

    /// Connects, acts, refreshes and disconnects while the provider shows one behaviour.
    async fn run_lifecycle(&mut self, user: &str, tool: &str, behaviour: ProviderBehaviour) {
        self.proxy.set(behaviour);
        let code = self.consent(user, tool).await;
        self.request("POST", "/integrations/connect", user, Some(json!({ "connectCode": code }))).await;
        self.proxy.set(ProviderBehaviour::PassThrough);
        let code = self.consent(user, tool).await;
        self.request("POST", "/integrations/connect", user, Some(json!({ "connectCode": code }))).await;
        self.proxy.set(behaviour);
        for _ in 0..2 {
            for intent in actions(tool) {
                let agent = self.next_agent();
                let intent = intent.agent(&agent);
                self.request("POST", "", user, Some(intent.json())).await;
                let later = intent.at(self.app.after(5));
                self.request("POST", "/tasks/schedule", user, Some(later.json())).await;
                self.request("GET", &format!("/errors?agentId={agent}"), user, None).await;
            }
            self.app.advance(60);
            let tick = self.app.run_processor();
            self.app.with_advancing_clock(tick).await;
            // In the second round every token has expired.
            self.app.advance(13 * 3600);
            self.app.sandbox.sandbox.expire_tokens(tool);
        }
        let until = self.app.clock.now() + jiff::SignedDuration::from_secs(120);
        let shards: Vec<u8> = (0..16).collect();
        let _ = self.app.with_advancing_clock(self.app.engine.integrations.refresh_due(&shards, until)).await;
        self.app.check_role("process-due-tasks");
        self.request("DELETE", "/integrations", user, Some(json!({ "tool": tool }))).await;
    }

    /// Sends invalid requests that contain secrets in fields meant for other values.
    async fn send_misplaced_secrets(&mut self, user: &str) {
        let long = |text: &str| format!("{text} ").repeat(3);
        let bodies = [
            ("", email().context(json!(MAIL_CANARY)).json()),
            ("", email().context(json!({ "to": 1, "body": [MAIL_CANARY] })).json()),
            ("", message().context(json!({ "channel": [TEXT_CANARY], "text": 1 })).json()),
            ("/integrations", json!({ "tool": "gmail", "accessToken": ["x"], "scopes": long(MAIL_CANARY) })),
            ("/integrations", json!({ "tool": "gmail", "accessToken": "a b", "metadata": TEXT_CANARY })),
            ("/integrations/connect", json!({ "connectCode": format!("{TEXT_CANARY}.{MAIL_CANARY}") })),
        ];
        for (path, body) in bodies {
            self.request("POST", path, user, Some(body)).await;
        }
        let forged = format!("{}x", self.app.token(user));
        let answer = self.app.send("GET", "", Some(&forged), None).await;
        self.output.add("replies", &answer.body.to_string());
    }

    /// Runs requests while AWS fails and echoes every known secret in its errors.
    async fn fail_aws(&mut self, user: &str) {
        self.proxy.set(ProviderBehaviour::PassThrough);
        let quoted = format!("{:?}", self.proxy.secrets());
        for (status, code) in [(500, "InternalFailure"), (400, "ValidationException"), (200, "")] {
            self.app.cold_start_with_client(self.proxy.http());
            let body = if status == 200 { json!(quoted) } else { json!({ "__type": code, "message": quoted }) };
            self.app.fault(Fault::status("aws", status, body).times(12));
            for intent in actions("gmail") {
                let agent = self.next_agent();
                self.request("POST", "", user, Some(intent.agent(&agent).json())).await;
            }
            self.request("DELETE", "/integrations", user, Some(json!({ "tool": "gmail" }))).await;
        }
    }

    /// Captures all rows, events and the engine's `Debug` output.
    async fn collect_output(&mut self) {
        let tables = self.app.tables.clone();
        for table in [&tables.integrations, &tables.tasks, &tables.errors, &tables.fallbacks, &tables.mappings] {
            let rows = self.app.store.scan().table_name(table).send().await.unwrap();
            for mut row in rows.items.unwrap_or_default() {
                if *table == tables.tasks {
                    // A task's payload is stored on purpose.
                    row.remove("payload");
                }
                self.output.add("rows", &format!("{row:?}"));
            }
        }
        for effect in self.app.sandbox.sandbox.effects() {
            if effect.request["Detail"].is_object() {
                self.output.add("events", &effect.request.to_string());
            }
        }
        self.output.add("Debug", &format!("{:?} {:?} {:?}", self.app.deployment, self.app.shell(), self.app.engine));
    }
}

fn actions(tool: &str) -> Vec<Intent> {
    use sandbox::fixtures::{notion, slack};
    match tool {
        "gmail" => {
            vec![email().with("body", MAIL_CANARY), intent("gmail", "fetch_emails").with("query", "subject:Dinner")]
        }
        "slack" => {
            let search = intent("slack", "search_workspace").context(json!({ "query": "launch" }));
            vec![
                message().with("text", TEXT_CANARY),
                intent("slack", "fetch_messages").with("channel", slack::RANDOM),
                search,
            ]
        }
        "notion" => vec![
            intent("notion", "create_page")
                .context(json!({ "title": "A", "content": TEXT_CANARY, "parent": notion::PAGE })),
        ],
        _ => vec![
            intent("asana", "create_task")
                .context(json!({ "name": "A", "notes": TEXT_CANARY, "projectId": "1200000000000010" })),
        ],
    }
}

async fn run_leak_check(vault: &str, behaviours: &[ProviderBehaviour]) -> (CapturedOutput, Secrets) {
    let log = CapturedLog::default();
    let _capture = log.capture();
    let mut watch = LeakCheck::start(vault).await;
    for tool in ["gmail", "slack", "notion", "asana"] {
        for (at, behaviour) in behaviours.iter().enumerate() {
            watch.run_lifecycle(&format!("{tool}-{at}"), tool, *behaviour).await;
        }
    }
    watch.proxy.set(ProviderBehaviour::PassThrough);
    watch.app.connect("u1", "gmail").await;
    watch.send_misplaced_secrets("u1").await;
    watch.fail_aws("u1").await;
    watch.collect_output().await;
    tracing::info!(target: "engine", "the end");
    assert!(log.text().contains("the end") && log.text().contains("request refused"), "the log was not captured");
    watch.output.add("log", &log.text());
    (watch.output, watch.proxy.secrets())
}

#[tokio::test]
async fn no_secret_appears_in_any_output_and_planted_ones_are_reported() {
    // Provider errors do not depend on the vault, so the second vault runs fewer behaviours.
    for (vault, behaviours) in [("encrypted-column", BEHAVIOURS.as_slice()), ("secrets-manager", &BEHAVIOURS[..4])] {
        let (output, secrets) = run_leak_check(vault, behaviours).await;
        assert_eq!(secrets.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from(SECRET_KINDS));
        let (count, bytes) =
            (secrets.values().map(BTreeSet::len).sum::<usize>(), output.0.values().map(String::len).sum::<usize>());
        let _ = writeln!(
            io::stderr(),
            "\ncanaries, {vault}: {count} secrets of 12 kinds, none in {bytes} bytes of {:?}",
            output.0.keys()
        );
        assert_eq!(output.leaks(&secrets), BTreeSet::new(), "{}", output.excerpts(&secrets));
        for (kind, all) in &secrets {
            let mut planted = CapturedOutput::default();
            planted.add("rows", &format!("{{\"message\":\"{}\"}}", all.first().unwrap()));
            assert_eq!(planted.leaks(&secrets), BTreeSet::from([(*kind, "rows")]));
        }
    }
}

#[tokio::test]
async fn lines_of_other_crates_would_leak_without_the_cap() {
    for capped in [true, false] {
        let log = CapturedLog::default();
        let _capture = if capped { log.capture() } else { log.capture_without_cap() };
        let mut watch = LeakCheck::start("secrets-manager").await;
        watch.run_lifecycle("u1", "gmail", ProviderBehaviour::PassThrough).await;
        watch.output.add("log", &log.text());
        let leaks = watch.output.leaks(&watch.proxy.secrets());
        let leaked = leaks.iter().any(|(_, place)| *place == "log");
        assert_eq!(leaked, !capped, "{leaks:?}");
    }
}

#[tokio::test]
async fn a_planted_secret_is_reported_in_the_log() {
    let log = CapturedLog::default();
    let capture = log.capture();
    tracing::trace!(target: "engine::oauth", token = IDEMPOTENCY_CANARY, "planted");
    drop(capture);
    let mut output = CapturedOutput::default();
    output.add("log", &log.text());
    let secrets = Secrets::from([("access token", BTreeSet::from([IDEMPOTENCY_CANARY.to_owned()]))]);
    assert_eq!(output.leaks(&secrets), BTreeSet::from([("access token", "log")]));
}
