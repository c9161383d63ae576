//! Changes whose response is lost: a repetition leaves the same state, so they are repeated once; what is said of them is never `none`.

use crate::support::TestApp;
use crate::support::builders::{Intent, intent};
use crate::support::responses::{Outcome, TaskStatus};
use engine::adapters;
use engine::adapters::action::Effect;
use sandbox::Fault;
use sandbox::fixtures::notion::PAGE;
use serde_json::json;

/// Actions that read the place before they change it.
const READ_FIRST: [&str; 2] = ["delete_block", "move_page"];

/// The example of every action that changes something idempotently, with its provider.
fn changes() -> impl Iterator<Item = (&'static str, Intent)> {
    adapters::ALL.iter().flat_map(|adapter| {
        let changes = adapter.actions.iter().filter(|action| action.effect == Effect::Idempotent);
        changes.map(|action| (adapter.api.name, intent(adapter.tool.as_str(), action.name).context(action.example())))
    })
}

/// Applies the next `times` writes at a provider and loses their responses.
fn lose_writes(app: &TestApp, provider: &str, times: u32) {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        app.fault(Fault::apply_then_drop(provider).on_method(method).times(times));
    }
}

async fn start(tool: &str) -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", tool).await;
    app
}

#[tokio::test]
async fn change_is_repeated_once_when_its_response_is_lost() {
    let mut wrong = vec![];
    for (provider, change) in changes() {
        let app = start(&change.tool()).await;
        let before = app.ledger().0.len();
        lose_writes(&app, provider, 1);
        let answer = app.submit("u1", change.clone()).await;
        if answer.body["success"] != true || app.ledger().0.len() == before {
            wrong.push(format!("{change:?}: {}", answer.body));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn response_lost_twice_has_an_unknown_outcome() {
    let mut wrong = vec![];
    for (provider, change) in changes() {
        let app = start(&change.tool()).await;
        lose_writes(&app, provider, 9);
        let answer = app.submit("u1", change.clone()).await;
        // An action that reads the place first finds the change of the first call.
        if READ_FIRST.contains(&change.json()["intent"].as_str().unwrap_or_default()) && answer.body["success"] == true
        {
            continue;
        }
        let error = &answer.body["error"];
        if (&error["code"], &error["outcome"]) != (&json!("RESPONSE_LOST"), &json!("unknown")) {
            wrong.push(format!("{change:?}: {}", answer.body));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn later_failure_of_a_task_does_not_unmake_a_change_that_may_have_been_made() {
    let app = start("asana").await;
    let delete = intent("asana", "complete_task").context(json!({ "taskId": "1200000000000022" }));
    let task = app.submit("u1", delete.at(app.after(10))).await.scheduled();
    lose_writes(&app, "asana", 2);
    app.run_processor_after(11).await;
    app.task(&task).await.assert_status(TaskStatus::Retrying).last_error_code("RESPONSE_LOST");
    let gone = json!({ "errors": [{ "message": "task: Not a recognized ID" }] });
    app.fault(Fault::status("asana", 404, gone).on_method("PUT"));
    app.run_processor_after(20 * 60).await;
    let task = app.task(&task).await;
    task.assert_status(TaskStatus::Failed).last_error_code("PROVIDER_NOT_FOUND").last_error_outcome(Outcome::Unknown);
}

#[tokio::test]
async fn deletion_of_what_never_existed_fails() {
    for (tool, action, context) in [
        ("asana", "delete_task", json!({ "taskId": "1299999999999999" })),
        ("gmail", "delete_draft", json!({ "draftId": "r-1" })),
        ("gmail", "trash_email", json!({ "messageId": "18f00000000fffff" })),
        ("slack", "delete_message", json!({ "channel": "general", "ts": "1735689600.999999" })),
    ] {
        let app = start(tool).await;
        app.submit("u1", intent(tool, action).context(context)).await.failed("PROVIDER_NOT_FOUND");
    }
}

#[tokio::test]
async fn change_before_a_call_with_an_ended_token_is_partial() {
    let app = TestApp::start().await;
    // Without a refresh token the account must be connected again.
    app.store_token("u1", "notion", json!({})).await.ok();
    let unauthorized = json!({ "object": "error", "status": 401, "code": "unauthorized", "message": "no" });
    app.fault(Fault::status("notion", 401, unauthorized).at_path(&format!("/v1/pages/{PAGE}/markdown")));
    let change = json!({ "pageId": PAGE, "title": "Renamed", "content": "New" });
    let failed = app.submit("u1", intent("notion", "update_page").context(change)).await.failed("REAUTH_REQUIRED");
    assert_eq!(failed.error.outcome, Outcome::Partial);
    let task = app.task(&failed.task_id()).await;
    task.assert_status(TaskStatus::Failed).last_error_outcome(Outcome::Partial);
    assert_eq!(task.last_error.unwrap().data.unwrap()["done"].as_array().map(Vec::len), Some(1));
}
