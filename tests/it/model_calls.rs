//! `POST /call`: a model's calls of actions and of the engine's own tools.

mod accounts;
mod alike;
mod delegated;
mod failures;
mod json_texts;
mod own_tools;
mod repeated;
mod scripted;
mod views;

use crate::support::TestApp;
use crate::support::responses::CallAnswer;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

/// A call of agent `a`.
fn call(name: &str, arguments: Value) -> Value {
    json!({ "agentId": "a", "name": name, "arguments": arguments })
}

/// A call that posts a message.
fn message(text: &str) -> Value {
    call("slack_send_message", json!({ "channel": GENERAL, "text": text }))
}

/// The answer to a call of `u1`.
async fn answer(app: &TestApp, body: Value) -> CallAnswer {
    app.post("u1", "/call", body).await.view()
}

/// The answer to a call of `u1` that must be done.
#[track_caller]
fn done(answer: CallAnswer) -> CallAnswer {
    assert!(!answer.is_error, "{answer:?}");
    answer
}

/// The code of a call that must not be done; its text repeats no route.
#[track_caller]
fn code(answer: &CallAnswer) -> String {
    assert!(answer.is_error, "{answer:?}");
    let has_route = ["/api/", "GET /", "POST /"].iter().any(|route| answer.content.contains(route));
    assert!(!has_route, "{}", answer.content);
    answer.structured["error"]["code"].as_str().unwrap_or_default().to_owned()
}

/// A text of an answer's data.
#[track_caller]
fn text(answer: &CallAnswer, field: &str) -> String {
    answer.structured[field].as_str().unwrap_or_else(|| panic!("no {field} in {answer:?}")).to_owned()
}

async fn connected() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app
}
