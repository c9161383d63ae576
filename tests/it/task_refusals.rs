//! The answers about a task that cannot be cancelled or retried now, and of an outcome that is not known yet.

use crate::support::TestApp;
use crate::support::builders::message;
use crate::support::responses::TaskStatus;
use sandbox::Fault;
use sandbox::fixtures::asana;
use serde_json::{Value, json};

/// Asserts that a refusal has each part.
fn assert_says(message: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| message.contains(part)), "{message}: {parts:?}");
}

#[tokio::test]
async fn a_refusal_of_an_unknown_task_says_what_follows_and_what_works_then() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.fault(Fault::status("slack", 500, json!({})).at_path("/api/chat.postMessage"));
    let pending = app.submit("u1", message()).await;
    assert_eq!(pending.status, 202, "{}", pending.body);
    let error = &pending.body["error"];
    assert_says(error["message"].as_str().unwrap(), &["wait", "GET /tasks?taskId=<metadata.taskId>&wait=20"]);
    assert_eq!((&error["message"], &error["retryAfterMs"]), (&pending.body["message"], &json!(30_000)));
    let id = pending.body["metadata"]["taskId"].as_str().unwrap();
    let next = app.task(id).await.next_attempt_at.unwrap().to_string();
    let shown = app.get("u1", &format!("/tasks?taskId={id}&wait=1")).await.ok();
    assert!(shown["retryAfterMs"].as_u64().unwrap() <= 30_000, "{shown}");
    for refusal in [app.retry(id).await, app.force_retry(id).await] {
        let message = refusal.refused(409, "CONFLICT");
        assert_says(&message, &["is unknown", "still asks slack", &next, "has failed", "force", "&wait=20"]);
    }
    let message = app.cancel(id).await.refused(409, "CONFLICT");
    assert_says(&message, &["still asks slack", &next, "nothing of it is sent before"]);
}

#[tokio::test]
async fn a_refusal_says_when_a_task_goes_on_by_itself() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let at = app.after(600);
    let id = app.submit("u1", message().at(at)).await.scheduled();
    app.advance(1);
    assert_says(&app.retry(&id).await.refused(409, "CONFLICT"), &["is scheduled", "runs at its time", &at.to_string()]);
    app.delete("u1", "/integrations?tool=slack", None).await.ok();
    app.run_processor_after(601).await;
    app.task(&id).await.assert_status(TaskStatus::AwaitingConnection);
    let message = app.force_retry(&id).await.refused(409, "CONFLICT");
    assert_says(&message, &["goes on by itself", "/oauth/authorize?tool=slack"]);
    app.cancel(&id).await.ok();
    assert_says(&app.retry(&id).await.refused(409, "CONFLICT"), &["send a new intent"]);
}

#[tokio::test]
async fn force_is_what_a_task_that_needs_attention_needs() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    let comment = |text: &str| {
        let context = json!({ "taskId": asana::TASK, "text": text });
        crate::support::builders::intent("asana", "add_comment").context(context)
    };
    app.submit("u1", comment("Shipped.")).await.succeeded();
    app.fault(Fault::status("asana", 500, json!({})).at_path("/api/1.0/tasks/").on_method("POST"));
    let id = app.submit("u1", comment("Thank you.")).await.unresolved().task_id();
    for _ in 0..engine::retry::MAX_RECONCILE_ATTEMPTS {
        app.run_processor_after(3600).await;
    }
    assert_says(
        &app.retry(&id).await.refused(409, "CONFLICT"),
        &["needs_attention", "look in asana", "\"force\": true"],
    );
    app.force_retry(&id).await.ok();
}

#[tokio::test]
async fn an_account_that_is_not_connected_is_unknown_and_costs_no_connect() {
    let app = TestApp::start().await;
    for _ in 0..12 {
        let answer = app.get("u1", "/oauth/authorize?tool=slack&account=nobody").await;
        assert_says(
            &answer.refused(400, "UNKNOWN_ACCOUNT"),
            &["no slack account is connected", "/oauth/authorize?tool=slack"],
        );
    }
    app.delete("u1", "/integrations?tool=slack&account=nobody", None).await.refused(400, "UNKNOWN_ACCOUNT");
    let message = app.delete("u1", "/integrations?tool=slack", None).await.refused(404, "NOT_FOUND");
    assert_eq!(message, "Connection not found");
    app.connect("u1", "slack").await;
    let answer = app.get("u1", "/oauth/authorize?tool=slack&account=nobody").await;
    assert!(answer.body["error"]["accounts"][0]["id"].is_string(), "{}", answer.body);
    answer.refused(400, "UNKNOWN_ACCOUNT");
}

#[tokio::test]
async fn no_name_of_a_refused_call_is_stored_whatever_its_length() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let answer = app.submit("u1", message().with("channel", "#zeta")).await;
    let id = answer.body["metadata"]["taskId"].as_str().unwrap().to_owned();
    assert_says(answer.body["error"]["message"].as_str().unwrap(), &["'zeta'"]);
    let task = app.get("u1", &format!("/tasks?taskId={id}")).await.ok();
    let stored = [task["task"]["lastError"].clone(), app.get("u1", "/errors").await.ok()];
    assert!(stored.iter().all(|stored: &Value| !stored.to_string().contains("zeta")), "{stored:?}");
    app.advance(1);
    // An id is no word: what failed can be found again.
    app.submit("u1", message().with("channel", "C0NOSUCH001")).await.failed("PROVIDER_NOT_FOUND");
    assert_eq!(app.get("u1", "/errors").await.ok()["errors"][0]["payload"]["channel"], "C0NOSUCH001");
}

#[tokio::test]
async fn a_reported_error_of_unknown_outcome_is_not_denied() {
    let app = TestApp::start().await;
    let report = |code: &str| json!({ "agentId": "a", "tool": "gmail", "action": "send_email", "errorCode": code, "errorMessage": "x" });
    let answer = app.post("u1", "/errors", report("RESPONSE_LOST")).await.ok();
    assert_says(answer["fallbackMessage"].as_str().unwrap(), &["not certain", "safely"]);
}
