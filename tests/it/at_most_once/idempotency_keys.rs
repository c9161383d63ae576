//! `Idempotency-Key`: a repeated request does not repeat the effect.

use super::crashed_processes::{LEASE_EXPIRY_SECONDS, run_until_killed};
use super::message;
use crate::support::{TestApp, TestResponse};
use jiff::SignedDuration;
use sandbox::Fault;
use serde_json::{Value, json};

async fn send_with_key(app: &TestApp, path: &str, key: &str, body: &Value) -> TestResponse {
    app.send_with("POST", path, Some(&app.token("u1")), Some(body.to_string()), &[("idempotency-key", key)]).await
}

#[tokio::test]
async fn a_repeated_request_with_the_same_key_runs_once() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let first = send_with_key(&app, "", "k1", &message()).await;
    assert!(!first.headers.contains_key("idempotent-replayed"));
    let again = send_with_key(&app, "", "k1", &message()).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(first.ok(), again.ok());
    assert_eq!(app.effects("message_posted").len(), 1);

    let mut other = message();
    other["context"]["text"] = "Another.".into();
    send_with_key(&app, "", "k1", &other).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    send_with_key(&app, "", " ", &message()).await.refused(400, "INVALID_FIELD");
    send_with_key(&app, "", "k2", &message()).await.ok();
    app.advance(24 * 3600 + 1);
    app.post("u2", "", message()).await.ok();
    send_with_key(&app, "", "k1", &other).await.ok();
    assert_eq!(app.effects("message_posted").len(), 3, "a key expires after a day");
}

#[tokio::test]
async fn a_key_in_progress_is_409_and_a_failed_request_can_be_repeated() {
    let app = TestApp::start().await;
    let refused = send_with_key(&app, "", "k", &message()).await.ok();
    assert_eq!(refused["error"]["code"], "NOT_CONNECTED");
    app.connect("u1", "slack").await;
    app.sandbox.sandbox.fault(Fault::delay("slack", 60_000).at_path("/api/chat.postMessage"));
    run_until_killed(&app, send_with_key(&app, "", "k", &message()), || {
        app.sandbox.sandbox.pending_faults().is_empty()
    })
    .await;
    send_with_key(&app, "", "k", &message()).await.refused(409, "IDEMPOTENCY_IN_PROGRESS");
    app.advance(LEASE_EXPIRY_SECONDS);
    app.run_processor().await;
    let lost = send_with_key(&app, "", "k", &message()).await.ok();
    assert_eq!(
        (&lost["error"]["code"], &lost["error"]["outcome"]),
        (&json!("ABORTED_NO_EFFECT"), &json!("none")),
        "{lost}"
    );
}

#[tokio::test]
async fn scheduling_twice_with_one_key_creates_one_task_and_completes_a_lost_write() {
    let app = TestApp::start().await;
    let mut later = message();
    later["executeAt"] = (app.clock.now() + SignedDuration::from_secs(60)).to_string().into();
    app.calls.reset();
    // The process is killed after the key is written and before the task is.
    run_until_killed(&app, send_with_key(&app, "/tasks/schedule", "k", &later), || app.calls.has_completed("PutItem"))
        .await;
    let listed = async || app.get("u1", "/tasks?agentId=a").await.ok()["tasks"].as_array().unwrap().len();
    assert_eq!(listed().await, 0);
    let first = send_with_key(&app, "/tasks/schedule", "k", &later).await.accepted();
    app.advance(120);
    let again = send_with_key(&app, "/tasks/schedule", "k", &later).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!((first, listed().await), (again.accepted(), 1), "also after its time has passed");
}

#[tokio::test]
async fn exactly_one_of_many_requests_with_one_key_acts() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let body = message();
    let answers = futures::future::join_all((0..32).map(|_| send_with_key(&app, "", "k", &body))).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409)), "{answers:?}");
    assert_eq!(app.effects("message_posted").len(), 1);
}
