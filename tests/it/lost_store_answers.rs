//! Answers of the store and of the vault that are lost after the call was applied: the SDK repeats the call, and every route states
//! what it did. And answers that leave a part of a batch unread.

pub(crate) mod requests;

use crate::support::builders::message;
use crate::support::responses::TaskStatus;
use crate::support::{BASE, TestApp, TestResponse, connect_code};
use crate::template::watch_routes;
use crate::token_refresh::VAULTS;
use aws_sdk_dynamodb::types::AttributeValue;
use requests::{REQUESTS, Request, prepare};
use sandbox::Fault;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a request leads to: its answer, the rows, the secrets and the effects. Random and long texts and all numbers are masked.
#[derive(Debug, PartialEq)]
struct Result {
    answer: String,
    rows: Vec<String>,
    secrets: usize,
    effects: Vec<String>,
}

/// Masks a text that is random or a time.
fn mask(text: &str) -> &str {
    match text {
        _ if text.len() <= 24 && !text.contains(|byte: char| byte.is_ascii_digit()) => text,
        _ if text.contains("#error=") => text,
        // The path of an address up to the connect code, the state or the time of a message.
        _ if text.starts_with("http") => {
            let path = text.splitn(4, '/').nth(3).unwrap_or_default();
            let path = path.split_inclusive('=').next().unwrap_or_default();
            path.split("file_").next().and_then(|path| path.split("/p1").next()).unwrap_or_default()
        }
        _ => "…",
    }
}

fn mask_json(value: &Value) -> Value {
    match value {
        Value::String(text) => mask(text).into(),
        Value::Array(items) => items.iter().map(mask_json).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), mask_json(value))).collect(),
        other => other.clone(),
    }
}

fn mask_attribute((name, value): (&String, &AttributeValue)) -> String {
    let value = match value {
        AttributeValue::S(text) if name == "sk" && text.starts_with("file_") => "file_…",
        AttributeValue::S(text) if name == "sk" => text.split(['#', '\u{1f}']).next().unwrap_or_default(),
        AttributeValue::S(text) => mask(text),
        AttributeValue::Bool(true) => "true",
        AttributeValue::Bool(false) => "false",
        // A counter counts its repetition too.
        _ => "…",
    };
    format!("{name}={value}")
}

async fn rows(app: &TestApp) -> Vec<String> {
    let tables = &app.tables;
    let mut rows = vec![];
    for table in [&tables.integrations, &tables.tasks, &tables.errors, &tables.fallbacks, &tables.mappings] {
        let items = app.store.scan().table_name(table).send().await.unwrap().items.unwrap_or_default();
        rows.extend(items.iter().map(|item| {
            let mut attributes: Vec<String> = item.iter().map(mask_attribute).collect();
            attributes.sort();
            format!("{table}: {}", attributes.join(" "))
        }));
    }
    rows.sort();
    rows
}

/// The effects at providers, and the events, which are delivered at least once.
fn effects(app: &TestApp) -> Vec<String> {
    let kinds = app.ledger().0.into_iter().map(|effect| effect.kind);
    let (events, mut effects): (Vec<String>, Vec<String>) = kinds.partition(|kind| kind.contains(['.', '-']));
    effects.extend(events.into_iter().collect::<BTreeSet<_>>());
    effects.sort();
    effects
}

async fn send(app: &TestApp, Request { path, body, key }: Request, name: &str) -> TestResponse {
    let (method, _) = name.split_once(' ').unwrap();
    let token = app.token("u1");
    let key: Vec<_> = key.iter().map(|key| ("idempotency-key", *key)).collect();
    app.send_with(method, &path, Some(&token), body.map(|body| body.to_string()), &key).await
}

/// Runs a request, with the answer of its call of a number lost. Returns its result and the number of its calls.
async fn run(vault: &str, name: &str, lost: Option<usize>) -> (Result, usize) {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_VAULT", vault)]).await;
    let request = prepare(&app, name).await;
    app.calls.reset();
    if let Some(call) = lost {
        app.calls.lose_response_of(call);
    }
    let answer = send(&app, request, name).await;
    let calls = app.calls.first_tries();
    if lost.is_some() {
        app.calls.assert_responses_lost();
    }
    app.calls.take_used_actions();
    let location = answer.headers.get("location").map(|to| mask(to.to_str().unwrap()).to_owned());
    let answer = format!("{} {location:?} {}", answer.status, mask_json(&answer.body));
    let secrets = app.sandbox.sandbox.secret_names().len();
    (Result { answer, rows: rows(&app).await, secrets, effects: effects(&app) }, calls)
}

/// Loses the answer of each call of a request, one at a time, and compares the results.
async fn lose_each(name: &str) -> Vec<String> {
    let (mut wrong, mut seen) = (vec![], 0);
    for vault in VAULTS {
        let (undisturbed, calls) = run(vault, name, None).await;
        assert!(
            undisturbed.answer.starts_with('2') || undisturbed.answer.starts_with("302"),
            "{name}: {undisturbed:?}"
        );
        assert!(!undisturbed.answer.contains("\"success\":false"), "{name}: {undisturbed:?}");
        // Without calls of its own, the second vault shows nothing new.
        if calls == seen {
            continue;
        }
        seen = calls;
        for call in 1..=calls {
            let (disturbed, _) = run(vault, name, Some(call)).await;
            if disturbed != undisturbed {
                wrong.push(format!("{name}, {vault}, call {call}:\n{disturbed:#?}\nis not\n{undisturbed:#?}"));
            }
        }
    }
    wrong
}

/// Runs every fourth request of the list.
async fn lose_each_of(part: usize) {
    let mut wrong = vec![];
    for name in REQUESTS.iter().skip(part).step_by(4) {
        wrong.extend(lose_each(name).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_route_states_what_it_did_when_an_answer_is_lost_1() {
    lose_each_of(0).await;
}

#[tokio::test]
async fn every_route_states_what_it_did_when_an_answer_is_lost_2() {
    lose_each_of(1).await;
}

#[tokio::test]
async fn every_route_states_what_it_did_when_an_answer_is_lost_3() {
    lose_each_of(2).await;
}

#[tokio::test]
async fn every_route_states_what_it_did_when_an_answer_is_lost_4() {
    lose_each_of(3).await;
}

#[test]
fn every_route_that_changes_something_has_a_request() {
    // These two change something although they are GET.
    let changes = |method: &str, path: &str| method != "GET" || path.contains("/oauth/");
    let routes = watch_routes().into_iter().filter(|(method, path, _)| changes(method, path));
    let routes: BTreeSet<String> =
        routes.map(|(method, path, _)| format!("{method} {}", &path[BASE.len()..])).collect();
    let requested: BTreeSet<String> =
        REQUESTS.iter().map(|name| name.split(':').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(requested, routes);
}

#[tokio::test]
async fn what_was_never_there_is_not_found() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    let code = app.consent("u1", "slack", "").await;
    let connect = json!({ "connectCode": code });
    app.post("u1", "/integrations/connect", connect.clone()).await.ok();
    app.post("u1", "/integrations/connect", connect).await.refused(404, "NOT_FOUND");
    app.delete("u1", "/delegations", Some(json!({ "service": "helper" }))).await.refused(404, "NOT_FOUND");
    app.delete("u1", "/errors/fallbacks", Some(json!({ "tool": "gmail" }))).await.refused(404, "NOT_FOUND");
    // A throttled call was not applied: its repetition has no effect of its own to find.
    let throttled = "com.amazonaws.dynamodb.v20120810#ThrottlingException";
    app.calls.refuse_next(throttled);
    app.delete("u1", "/delegations", Some(json!({ "service": "helper" }))).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn connect_code_is_used_once_also_when_the_answer_is_lost() {
    let app = TestApp::start().await;
    let url = app.auth_url("u1", "slack").await;
    let back = app.browse(&format!("{url}&auto=allow")).await;
    let landed = app.callback(&back).await;
    let connect = json!({ "connectCode": connect_code(&landed).unwrap() });
    app.post("u2", "/integrations/connect", connect.clone()).await.refused(404, "NOT_FOUND");
    app.calls.reset();
    app.calls.lose_response_of(1);
    let answers = futures::future::join_all((0..8).map(|_| app.post("u1", "/integrations/connect", connect.clone())));
    let answers: Vec<u16> = answers.await.iter().map(|answer| answer.status).collect();
    app.calls.assert_responses_lost();
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [200, 404].contains(status)), "{answers:?}");
}

#[tokio::test]
async fn unread_keys_of_a_batch_are_read_again() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let policy = json!({ "tool": "slack", "message": "Own text", "retry": { "maxAttempts": 1 } });
    app.post("u1", "/errors/fallbacks", policy).await.ok();
    let read = async || app.get("u1", "/errors/fallbacks?tool=slack&agentId=a").await;
    app.calls.leave_unread(&app.tables.fallbacks, 2);
    assert_eq!(read().await.ok()["message"], "Own text");
    app.calls.leave_unread(&app.tables.fallbacks, 9);
    read().await.refused(503, "UNAVAILABLE");
    app.calls.reset();
    // The owner's single attempt.
    let down = json!({ "ok": false, "error": "service_unavailable" });
    app.fault(Fault::status("slack", 200, down).at_path("/api/chat.postMessage"));
    let id = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    app.advance(11);
    app.calls.leave_unread(&app.tables.fallbacks, 1);
    assert_eq!(app.run_processor().await.ran, 1);
    app.task(&id).await.assert_status(TaskStatus::Failed);
}
