//! Server-side request forgery: whatever a caller or a provider sends as an id, calls go only to the providers' documented paths,
//! redirects are not followed, and responses are limited in size. OWASP API7 and API10 (2023).
#![expect(clippy::print_stdout, reason = "the number of cases is shown with --nocapture")]

mod canary_hosts;
mod payloads;
mod recorded_actions;
mod shapes;

use crate::support::builders::{fetch_emails, intent, mapping};
use crate::support::{EffectKind, RecordedAction, TestApp, connect_code, record};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use canary_hosts::{CanaryHost, redirect};
use engine::adapters::action::ActionDef;
use engine::adapters::{self, Adapter};
use engine::http::{Http, HttpError, Request};
use recorded_actions::{ResponseChanges, contexts_with_payload, outbound_calls};
use sandbox::settings::FRONTEND_URL;
use serde_json::{Value, json};
use shapes::violation;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// JSON pointers to every text in a context.
fn text_pointers(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::String(_) => vec![at.to_owned()],
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(i, item)| text_pointers(item, &format!("{at}/{i}"))).collect()
        }
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, field)| text_pointers(field, &format!("{at}/{name}"))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

fn all_actions() -> impl Iterator<Item = (&'static Adapter, &'static ActionDef)> {
    adapters::ALL.iter().flat_map(|adapter| adapter.actions.iter().map(move |action| (*adapter, action)))
}

/// Tool and name of every action.
fn all_names() -> BTreeSet<(&'static str, &'static str)> {
    all_actions().map(|(adapter, action)| (adapter.tool.as_str(), action.name)).collect()
}

/// Every action, with its provider's responses to the action's example.
async fn record_all_actions() -> Vec<(&'static Adapter, &'static ActionDef, RecordedAction)> {
    let mut actions = vec![];
    for (adapter, action) in all_actions() {
        actions.push((adapter, action, record(adapter, action).await));
    }
    actions
}

#[test]
fn payloads_cover_every_text_field_of_every_action() {
    let (all, distinct) = (payloads::all(), payloads::all().into_iter().collect::<BTreeSet<String>>());
    assert_eq!(distinct.len(), all.len(), "a payload occurs twice");
    for (adapter, action) in all_actions() {
        let fields: BTreeSet<String> = contexts_with_payload(action, "x").into_iter().map(|(field, _)| field).collect();
        for (name, field) in action.schema()["properties"].as_object().unwrap() {
            let text = field.to_string().contains("string") || field.to_string().contains("$ref");
            assert!(!text || fields.contains(name), "{}.{} {name}: {field}", adapter.tool, action.name);
        }
    }
}

#[tokio::test]
async fn no_field_redirects_a_call_to_another_host() {
    let (mut tried, mut refused, mut calls) = (0, 0, 0);
    let mut breaches = BTreeSet::new();
    let (mut tried_fields, mut called_tools) = (BTreeSet::new(), BTreeSet::new());
    for (adapter, action, recorded) in &record_all_actions().await {
        for (number, payload) in payloads::all().iter().enumerate() {
            // Every payload goes to every action, each time to a different third of its fields.
            for (field, context) in contexts_with_payload(action, payload).into_iter().skip(number % 3).step_by(3) {
                tried += 1;
                tried_fields.insert((adapter.tool.as_str(), action.name, field.clone()));
                if action.accept(context.clone()).is_err() {
                    refused += 1;
                    continue;
                }
                for request in outbound_calls(adapter, action, recorded, context, ResponseChanges::default()).await {
                    calls += 1;
                    called_tools.insert(adapter.tool.as_str());
                    let why = violation(adapter, &request);
                    breaches.extend(why.map(|why| format!("{} {field} {payload:?}: {why}", action.name)));
                }
            }
        }
    }
    println!("{tried} contexts, {refused} refused, {calls} calls");
    assert!(breaches.is_empty(), "{breaches:#?}");
    let fields = |(adapter, action): (&Adapter, &ActionDef)| -> Vec<_> {
        let fields = contexts_with_payload(action, "x").into_iter();
        fields.map(|(field, _)| (adapter.tool.as_str(), action.name, field)).collect()
    };
    assert_eq!(tried_fields, all_actions().flat_map(fields).collect(), "every field of every action was tried");
    // A guard against vacuity. Not every action calls: some accept no payload at all, or refuse it when they build the URL.
    assert_eq!(called_tools, adapters::ALL.iter().map(|adapter| adapter.tool.as_str()).collect());
}

#[tokio::test]
async fn no_provider_id_redirects_a_call_to_another_host() {
    let (mut tried, mut calls) = (0, 0);
    let (mut breaches, mut called_actions) = (BTreeSet::new(), BTreeSet::new());
    for (adapter, action, recorded) in &record_all_actions().await {
        for (number, id) in payloads::all().iter().enumerate() {
            let hidden_path = ["", "/databases/", "/drafts/"][number % 3];
            tried += 1;
            let changes = ResponseChanges { id: Some(id), hidden_path };
            for request in outbound_calls(adapter, action, recorded, action.example(), changes).await {
                calls += 1;
                called_actions.insert((adapter.tool.as_str(), action.name));
                breaches.extend(violation(adapter, &request).map(|why| format!("{} {id:?}: {why}", action.name)));
            }
        }
    }
    println!("{tried} providers, {calls} calls");
    assert!(breaches.is_empty(), "{breaches:#?}");
    assert_eq!(called_actions, all_names(), "every action called its provider");
}

/// Negative control: ids concatenated into URLs as plain text.
#[test]
fn planted_urls_are_reported() {
    let slack = adapters::find("slack").unwrap();
    let notion = adapters::find("notion").unwrap();
    let (mut built, mut missed) = (0, vec![]);
    for payload in payloads::all() {
        for (adapter, url) in [
            (notion, format!("https://api.notion.com/v1/databases/{payload}")),
            (slack, format!("https://slack.com/api/{payload}")),
            (slack, format!("https://{payload}.slack.com/api/chat.postMessage")),
            (notion, format!("https://api.notion.com{payload}/v1/databases/1")),
        ] {
            let Ok(request) = http::Request::get(url).body(Default::default()) else { continue };
            built += 1;
            if violation(adapter, &request).is_none() {
                missed.push(payload.clone());
            }
        }
    }
    // A payload that is one plain path segment harms nothing; `http` removes what follows a `#`.
    let is_plain = |payload: &String| {
        let sent = payload.split('#').next().unwrap_or_default();
        sent.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:".contains(&byte))
    };
    let harmful: Vec<&String> = missed.iter().filter(|payload| !is_plain(payload)).collect();
    println!("{built} naive calls, {} missed", missed.len());
    assert!(harmful.is_empty() && built > missed.len(), "{harmful:#?}");
    let mut request: Request =
        http::Request::get("https://api.notion.com/v1/databases/1").body(Default::default()).unwrap();
    assert_eq!(violation(notion, &request), None);
    request.headers_mut().insert("host", http::HeaderValue::from_static("evil.example"));
    assert!(violation(notion, &request).is_some());
}

/// The real HTTP client, and the list of URLs it called.
fn recording_client() -> (Http, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(vec![]));
    let (log, out) = (Arc::clone(&seen), Http::client());
    let http = Http::new(move |request: Request| {
        log.lock().unwrap().push(request.uri().to_string());
        let out = out.clone();
        Box::pin(async move { out.send(request).await })
    });
    (http, seen)
}

#[tokio::test]
async fn no_other_request_text_causes_an_outbound_call() {
    let (http, seen) = recording_client();
    let app = TestApp::start_with_client(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "100000")], http).await;
    let keys = format!("{}/.well-known/jwks.json", app.sandbox.issuer());
    let mut tried = 0;
    for payload in payloads::all() {
        let text = percent_encoded(&payload);
        for query in [
            format!("state={text}&code={text}"),
            format!("state={text}&error={text}"),
            format!("iss={text}&code={text}&error=x"),
        ] {
            app.callback(&format!("{}?{query}", sandbox::settings::OAUTH_REDIRECT_URI)).await;
        }
        let bodies = [
            ("POST", "/integrations/connect", json!({ "connectCode": payload })),
            ("POST", "/integrations/connect", json!({ "connectCode": format!("{payload}.{payload}") })),
            ("POST", "/integrations", json!({ "tool": payload, "accessToken": "t" })),
            ("DELETE", "/integrations", json!({ "tool": payload })),
            ("POST", "", intent(&payload, "send_message").json()),
            ("POST", "", intent("slack", &payload).json()),
            ("POST", "/context-mappings", mapping("notion", &payload, &payload)),
            ("POST", "/tasks", json!({ "taskId": payload })),
            ("POST", "/tasks", json!({ "taskId": encoded_id("task_", &format!("a#I#{payload}")) })),
            (
                "PUT",
                "/context-mappings",
                json!({ "id": encoded_id("map_", &format!("a#{payload}#k")), "externalId": "x" }),
            ),
            ("DELETE", "/context-mappings", json!({ "id": encoded_id("map_", &format!("a#notion#{payload}")) })),
            ("PATCH", "/errors", json!({ "errorId": payload })),
        ];
        for (method, path, body) in bodies {
            let answer = app.send(method, path, Some(&app.token("u1")), Some(body.to_string())).await;
            assert!(answer.status < 500, "{method} {path} {body}: {}", answer.body);
            tried += 1;
        }
        let cursor = encoded_id("", &Value::from(payload.as_str()).to_string());
        for path in [
            format!("/oauth/authorize?tool={text}"),
            format!("/integrations/status?tool={text}"),
            format!("/context-mappings/lookup?agentId=a&tool=notion&contextKey={text}"),
            format!("/integrations?cursor={cursor}"),
            format!("/tasks?agentId=a&cursor={cursor}"),
            format!("/errors?agentId=a&cursor={cursor}"),
            format!("/context-mappings?agentId=a&tool=notion&cursor={cursor}"),
        ] {
            let answer = app.get("u1", &path).await;
            assert!(answer.status < 500, "{path}: {}", answer.body);
            tried += 1;
        }
    }
    println!("{tried} requests, outside: {:?}", seen.lock().unwrap());
    assert_eq!(*seen.lock().unwrap(), [keys], "only the issuer's key set was fetched");
}

#[tokio::test]
async fn an_authorization_code_reaches_only_the_token_endpoint() {
    let (http, seen) = recording_client();
    let app = TestApp::start_with_client(&[], http).await;
    app.get("u1", "/integrations").await.ok();
    seen.lock().unwrap().clear();
    let mut exchanged = 0;
    for (number, payload) in payloads::all().iter().step_by(10).enumerate() {
        let user = &format!("user-{number}");
        let url = app.auth_url(user, "gmail").await;
        let back = app.browse(&format!("{url}&auto=allow")).await;
        let state = back.split_once("state=").unwrap().1.split('&').next().unwrap();
        let landed = app
            .callback(&format!(
                "{}?state={state}&code={}",
                sandbox::settings::OAUTH_REDIRECT_URI,
                percent_encoded(payload)
            ))
            .await;
        assert!(landed.starts_with(&format!("{FRONTEND_URL}#")), "{landed}");
        if let Some(code) = connect_code(&landed) {
            exchanged += 1;
            let answer = app.post(user, "/integrations/connect", json!({ "connectCode": code })).await;
            assert!((400..500).contains(&answer.status), "{payload:?}: {} {}", answer.status, answer.body);
        }
    }
    let seen = seen.lock().unwrap();
    let tokens = format!("{}/google/token", app.sandbox.url);
    assert_eq!(*seen, vec![tokens; exchanged], "one call a code");
    // A guard against vacuity: some payloads are codes that a callback accepts.
    assert_ne!(exchanged, 0);
}

/// An id or a cursor in this service's encoding, with content it would not produce.
fn encoded_id(prefix: &str, address: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(address))
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let canary = CanaryHost::start().await;
    for status in [301, 302, 303, 307, 308] {
        for to in [format!("{}/latest/meta-data/", canary.url), "http://169.254.169.254/latest/meta-data/".to_owned()] {
            redirect_every_caller(status, &to).await;
        }
    }
    assert_eq!(canary.visits(), 0);
    // Negative control: a client that follows redirects reaches the canary.
    let following = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut redirecting = CanaryHost::redirecting(&canary.url).await;
    following.get(&redirecting.url).send().await.unwrap();
    assert_eq!((redirecting.visits(), canary.visits()), (1, 1));
    redirecting.stop();
}

/// Redirects each kind of outbound call once: the key set, the token endpoint for a code and for a refresh token, an action, the
/// revocation.
async fn redirect_every_caller(status: u16, to: &str) {
    let app = TestApp::start().await;
    let plan = |provider: &str, path: &str| app.fault(redirect(provider, path, status, to));
    plan("issuer", "");
    app.get("u1", "/integrations").await.refused(503, "UNAVAILABLE");
    // The key set is fetched again only after a minute.
    app.advance(61);

    let code = app.consent("u1", "gmail", "").await;
    plan("google", "/token");
    app.post("u1", "/integrations/connect", json!({ "connectCode": code })).await.refused(502, "PROVIDER_UNAVAILABLE");

    app.connect("u1", "gmail").await;
    plan("gmail", "");
    app.submit("u1", fetch_emails()).await.failed("PROVIDER_REJECTED");
    app.advance(2 * 3600);
    plan("google", "/token");
    app.submit("u1", fetch_emails()).await.failed("PROVIDER_UNAVAILABLE");
    plan("google", "/revoke");
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    app.effects(EffectKind::TokenRevoked).assert_none();
    assert_eq!(app.sandbox.sandbox.pending_faults(), [], "every planned redirect was used");
}

#[tokio::test]
async fn a_response_over_5_mib_is_rejected_while_streaming() {
    let most = engine::http::MAX_RESPONSE_BYTES;
    for (length, chunked, fits) in
        [(most, true, true), (most, false, true), (most + 1, true, false), (most + 1, false, false)]
    {
        let host = CanaryHost::answering(length, chunked).await;
        let request = http::Request::get(&host.url).body(Default::default()).unwrap();
        assert_eq!(Http::client().send(request).await.is_ok(), fits, "{length} bytes, chunked: {chunked}");
    }
    let endless = CanaryHost::answering(usize::MAX, true).await;
    let request = http::Request::get(&endless.url).body(Default::default()).unwrap();
    let error = Http::client().send(request).await.unwrap_err();
    assert!(matches!(error, HttpError::TooLarge(status) if status == 200), "{error}");
    // The sockets' buffers accept some bytes beyond the limit.
    let written = endless.written().await;
    println!("{written} bytes were written before the connection closed");
    assert!(written < 6 * most, "{written}");
}
