//! Secrets are looked for where they do not belong: in the log at its most talkative, in every row, event and reply, and in what
//! types say of themselves, while providers quote them in their errors, answers are lost, calls panic and AWS fails.

mod outside;

use crate::support::{TestApp, connect_code};
use engine::integrations::Callback;
use outside::{Mood, Outside, Secrets};
use sandbox::Fault;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

const KINDS: [&str; 12] = [
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
const MAIL: &str = "canary-of-a-mail-body-57c1";
const TEXT: &str = "canary-of-a-message-text-9e02";
const KEY: &str = "canary-of-an-idempotency-key-33d8";
const KEYRING_KEY: &str = "canary-of-a-keyring-key-0123456789abcdef";
const MOODS: [Mood; 11] = [
    Mood::Through,
    Mood::Quote(200),
    Mood::Quote(400),
    Mood::Quote(401),
    Mood::Quote(403),
    Mood::Quote(404),
    Mood::Quote(409),
    Mood::Quote(429),
    Mood::Quote(500),
    Mood::Lost,
    Mood::Panic,
];
/// Crates whose log is ours.
const LOG: &str = "off,engine=trace,plugin_engine=trace,integrations=trace,oauth_authorize=trace,oauth_callback=trace,\
                   tasks=trace,tasks_schedule=trace,errors=trace,metrics=trace";

/// What was said, by the place it was said in.
#[derive(Default)]
struct Said(BTreeMap<&'static str, String>);

impl Said {
    fn add(&mut self, place: &'static str, text: &str) {
        let all = self.0.entry(place).or_default();
        all.push_str(text);
        all.push('\n');
    }

    /// Every kind of secret that was said, whole or its first or last sixteen characters, and where.
    fn leaks(&self, secrets: &Secrets) -> BTreeSet<(&'static str, &'static str)> {
        let parts = parts(secrets);
        let mut leaks = BTreeSet::new();
        for (place, text) in &self.0 {
            for (length, parts) in &parts {
                let said = text.as_bytes().windows(*length).filter_map(|window| parts.get(window));
                leaks.extend(said.map(|kind| (*kind, *place)));
            }
        }
        leaks
    }
}

/// What of each secret is looked for, by its length: one pass over a text finds all of a length.
fn parts(secrets: &Secrets) -> BTreeMap<usize, HashMap<&[u8], &'static str>> {
    let mut parts: BTreeMap<usize, HashMap<&[u8], &'static str>> = BTreeMap::new();
    for (kind, secret) in secrets.iter().flat_map(|(kind, all)| all.iter().map(|secret| (*kind, secret.as_bytes()))) {
        let length = secret.len().min(16);
        // Every JWT of an issuer begins alike.
        let first = (kind != "JWT").then(|| &secret[..length]);
        let same_length = parts.entry(length).or_default();
        same_length.extend(first.into_iter().chain([&secret[secret.len() - length..]]).map(|part| (part, kind)));
    }
    parts
}

impl Said {
    /// Where the leaks are, for whoever has to mend them.
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

/// The log of this thread, which is the test's alone.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn keep(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(LOG));
        subscriber.with_writer(move || log.clone()).finish().set_default()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// A deployment under watch.
struct Watch {
    app: TestApp,
    outside: Outside,
    said: Said,
    agents: usize,
}

impl Watch {
    async fn start(vault: &str) -> Self {
        let keyring = json!({ "current": "k1", "k1": KEYRING_KEY }).to_string();
        let settings = [
            ("PLUGIN_ENGINE_VAULT", vault),
            ("PLUGIN_ENGINE_KEYRING", keyring.as_str()),
            ("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "100000"),
        ];
        let mut app = TestApp::start_with(&settings).await;
        let outside = Outside::default();
        app.restart_over(outside.http());
        for (kind, secret) in
            [("mail body", MAIL), ("message text", TEXT), ("Idempotency-Key", KEY), ("keyring key", KEYRING_KEY)]
        {
            outside.note(kind, secret);
        }
        Self { app, outside, said: Said::default(), agents: 0 }
    }

    /// One request, whose reply is kept.
    async fn ask(&mut self, method: &str, path: &str, user: &str, body: Option<Value>) -> Value {
        let token = self.app.token(user);
        self.outside.note("JWT", &token);
        self.outside.note("JWT", token.rsplit('.').next().unwrap());
        let key = format!("{KEY}-{}", self.agents);
        let body = body.map(|body| body.to_string());
        let headers = [("idempotency-key", key.as_str())];
        let sent = self.app.send_with(method, path, Some(&token), body, &headers);
        let answer = self.app.as_time_passes(sent).await;
        self.said.add("replies", &format!("{:?} {}", answer.headers, answer.body));
        answer.body
    }

    /// A consent; its two redirects carry the state and the connect code, as they must.
    async fn consent(&mut self, user: &str, tool: &str) -> String {
        let url = self.app.auth_url(user, tool).await;
        let state =
            url::Url::parse(&url).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        self.outside.note("state", &state);
        let back = self.app.browse(&format!("{url}&auto=allow")).await;
        let callback: Callback = serde_urlencoded::from_str(url::Url::parse(&back).unwrap().query().unwrap()).unwrap();
        self.said.add("Debug", &format!("{callback:?}"));
        let code = connect_code(&self.app.callback(&back).await).unwrap().to_owned();
        self.outside.note("connect code secret", code.split_once('.').unwrap().1);
        code
    }

    fn agent(&mut self) -> String {
        self.agents += 1;
        format!("agent-{}", self.agents)
    }

    /// A connection's whole life, with the provider in one mood after it was made.
    async fn live(&mut self, user: &str, tool: &str, mood: Mood) {
        self.outside.set(mood);
        let code = self.consent(user, tool).await;
        self.ask("POST", "/integrations", user, Some(json!({ "connectCode": code }))).await;
        self.outside.set(Mood::Through);
        let code = self.consent(user, tool).await;
        self.ask("POST", "/integrations", user, Some(json!({ "connectCode": code }))).await;
        self.outside.set(mood);
        for _ in 0..2 {
            for (intent, context) in actions(tool) {
                let agent = self.agent();
                let mut intent = json!({ "agentId": agent, "tool": tool, "intent": intent, "context": context });
                self.ask("POST", "", user, Some(intent.clone())).await;
                intent["executeAt"] = (self.app.clock.now() + jiff::SignedDuration::from_secs(5)).to_string().into();
                self.ask("POST", "/tasks/schedule", user, Some(intent)).await;
                self.ask("GET", &format!("/errors?agentId={agent}"), user, None).await;
            }
            self.app.advance(60);
            let tick = self.app.tick();
            self.app.as_time_passes(tick).await;
            // The second time every token has ended.
            self.app.advance(13 * 3600);
            self.app.sandbox.sandbox.expire_tokens(tool);
        }
        let until = self.app.clock.now() + jiff::SignedDuration::from_secs(120);
        let shards: Vec<u8> = (0..16).collect();
        let _ = self.app.as_time_passes(self.app.engine.integrations.refresh_due(&shards, until)).await;
        self.app.check_role("process-due-tasks");
        self.ask("DELETE", "/integrations", user, Some(json!({ "tool": tool }))).await;
    }

    /// Requests that are wrong in ways that put secrets where others belong.
    async fn misplace(&mut self, user: &str) {
        let long = |text: &str| format!("{text} ").repeat(3);
        let bodies = [
            ("", json!({ "agentId": "a", "tool": "gmail", "intent": "send_email", "context": MAIL })),
            (
                "",
                json!({ "agentId": "a", "tool": "gmail", "intent": "send_email", "context": { "to": 1, "body": [MAIL] } }),
            ),
            (
                "",
                json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": { "channel": [TEXT], "text": 1 } }),
            ),
            ("/integrations", json!({ "tool": "gmail", "accessToken": ["x"], "scopes": long(MAIL) })),
            ("/integrations", json!({ "tool": "gmail", "accessToken": "a b", "metadata": TEXT })),
            ("/integrations", json!({ "connectCode": format!("{TEXT}.{MAIL}") })),
        ];
        for (path, body) in bodies {
            self.ask("POST", path, user, Some(body)).await;
        }
        let forged = format!("{}x", self.app.token(user));
        let answer = self.app.send("GET", "", Some(&forged), None).await;
        self.said.add("replies", &answer.body.to_string());
    }

    /// AWS fails and quotes what it holds.
    async fn fail_aws(&mut self, user: &str) {
        self.outside.set(Mood::Through);
        let quoted = format!("{:?}", self.outside.secrets());
        for (status, code) in [(500, "InternalFailure"), (400, "ValidationException"), (200, "")] {
            self.app.restart_over(self.outside.http());
            let body = if status == 200 { json!(quoted) } else { json!({ "__type": code, "message": quoted }) };
            self.app.sandbox.sandbox.fault(Fault::status("aws", status, body).times(12));
            for (intent, context) in actions("gmail") {
                let agent = self.agent();
                let intent = json!({ "agentId": agent, "tool": "gmail", "intent": intent, "context": context });
                self.ask("POST", "", user, Some(intent)).await;
            }
            self.ask("DELETE", "/integrations", user, Some(json!({ "tool": "gmail" }))).await;
        }
    }

    /// Everything that is kept or told: rows, events, and what the types say of themselves.
    async fn look_around(&mut self) {
        let tables = self.app.tables.clone();
        for table in [tables.integrations, tables.tasks, tables.errors, tables.fallbacks, tables.mappings] {
            let rows = self.app.store.scan().table_name(table).send().await.unwrap();
            for mut row in rows.items.unwrap_or_default() {
                // What a task is to do is what its user wants kept.
                row.remove("context");
                self.said.add("rows", &format!("{row:?}"));
            }
        }
        for effect in self.app.sandbox.sandbox.effects() {
            if effect.request["Detail"].is_object() {
                self.said.add("events", &effect.request.to_string());
            }
        }
        self.said.add("Debug", &format!("{:?}", self.app.engine));
    }
}

fn actions(tool: &str) -> Vec<(&'static str, Value)> {
    use sandbox::fixtures::{notion, slack};
    match tool {
        "gmail" => vec![
            ("send_email", json!({ "to": "kim@example.com", "subject": "Hello", "body": MAIL })),
            ("fetch_emails", json!({ "query": "subject:Dinner" })),
        ],
        "slack" => vec![
            ("send_message", json!({ "channel": slack::GENERAL, "text": TEXT })),
            ("fetch_messages", json!({ "channel": slack::RANDOM })),
        ],
        "notion" => vec![("create_page", json!({ "title": "A", "content": TEXT, "parent": notion::PAGE }))],
        _ => vec![("create_task", json!({ "name": "A", "notes": TEXT, "projectId": "1200000000000010" }))],
    }
}

async fn watch(vault: &str, moods: &[Mood]) -> (Said, Secrets) {
    let log = Log::default();
    let _kept = log.keep();
    let mut watch = Watch::start(vault).await;
    for tool in ["gmail", "slack", "notion", "asana"] {
        for (at, mood) in moods.iter().enumerate() {
            watch.live(&format!("{tool}-{at}"), tool, *mood).await;
        }
    }
    watch.outside.set(Mood::Through);
    watch.app.connect("u1", "gmail").await;
    watch.misplace("u1").await;
    watch.fail_aws("u1").await;
    watch.look_around().await;
    tracing::info!(target: "engine", "the end");
    assert!(log.text().contains("the end") && log.text().contains("request refused"), "the log is kept");
    watch.said.add("log", &log.text());
    (watch.said, watch.outside.secrets())
}

#[tokio::test]
async fn no_secret_is_said_anywhere_and_one_that_is_said_is_found() {
    // What providers say does not depend on the vault.
    for (vault, moods) in [("sealed", MOODS.as_slice()), ("secrets-manager", &MOODS[..4])] {
        let (said, secrets) = watch(vault, moods).await;
        assert_eq!(secrets.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from(KINDS));
        let (count, bytes) =
            (secrets.values().map(BTreeSet::len).sum::<usize>(), said.0.values().map(String::len).sum::<usize>());
        let _ = writeln!(
            io::stderr(),
            "\ncanaries, {vault}: {count} secrets of 12 kinds, none in {bytes} bytes of {:?}",
            said.0.keys()
        );
        assert_eq!(said.leaks(&secrets), BTreeSet::new(), "{}", said.excerpts(&secrets));
        for (kind, all) in &secrets {
            let mut planted = Said::default();
            planted.add("rows", &format!("{{\"message\":\"{}\"}}", all.first().unwrap()));
            assert_eq!(planted.leaks(&secrets), BTreeSet::from([(*kind, "rows")]));
        }
    }
}

#[tokio::test]
async fn a_planted_line_is_found_in_the_log() {
    let log = Log::default();
    let kept = log.keep();
    tracing::trace!(target: "engine::oauth", token = KEY, "planted");
    drop(kept);
    let mut said = Said::default();
    said.add("log", &log.text());
    let secrets = Secrets::from([("access token", BTreeSet::from([KEY.to_owned()]))]);
    assert_eq!(said.leaks(&secrets), BTreeSet::from([("access token", "log")]));
}
