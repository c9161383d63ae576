//! At-most-once effects: lost responses, crashes, provider rate limits, and repeated requests.

mod asana_creates;
mod crashed_processes;
mod discards;
mod files;
mod forced_retries;
mod gmail_creates;
mod idempotency_keys;
mod kills_in_transfers;
mod notion_creates;
mod promises;
mod quarantine;
mod slack_creates;

use crate::support::builders::{Intent, email, intent, message};
use crate::support::responses::{Outcome, TaskStatus};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::json;

/// Seconds after which a negative reconciliation is trusted.
const AFTER_RECONCILE_GRACE: i64 = 31;

/// A deployment with a connection.
async fn connected_app(tool: &str) -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", tool).await;
    app
}

/// Schedules an intent in 10 seconds.
async fn schedule(app: &TestApp, intent: Intent) -> String {
    app.submit("u1", intent.at(app.after(10))).await.scheduled()
}

/// Submits an intent and asserts that it succeeds with exactly one effect of a kind, whose id it returns.
async fn assert_applied_once(app: &TestApp, kind: EffectKind, intent: Intent) {
    let result = app.submit("u1", intent).await.succeeded();
    assert_eq!(result.external_id, Some(app.effects(kind).only().id), "{kind:?}");
}

#[tokio::test]
async fn a_mail_with_a_lost_response_is_reconciled_at_once() {
    let app =
        TestApp::as_documented("a current list resolves it in the request; a list that lags is asked again later")
            .await;
    app.connect("u1", "gmail").await;
    app.fault(Fault::apply_then_drop("gmail").at_path("/gmail/v1/users/me/drafts/send"));
    let result = app.submit("u1", email()).await.succeeded();
    assert_eq!(result.external_id, Some(app.effects(EffectKind::MessageSent).only().id));
    app.task(&result.task_id()).await.assert_completed();
    app.effects(EffectKind::TaskCompleted).assert_count(1);
}

#[tokio::test]
async fn an_effect_not_applied_is_retried_after_the_reconcile_grace() {
    let app = connected_app("gmail").await;
    app.fault(Fault::status("gmail", 503, json!({})).at_path("/gmail/v1/users/me/drafts/send"));
    let id = schedule(&app, email()).await;
    app.run_processor_after(11).await;
    app.task(&id).await.assert_status(TaskStatus::Unknown).last_error_outcome(Outcome::Unknown);
    let early = app.run_processor_after(AFTER_RECONCILE_GRACE - 11).await;
    assert_eq!(early.ran, 0, "a negative reconciliation is not trusted yet");
    assert_eq!(app.run_processor_after(11).await.ran, 1);
    let done = app.task(&id).await;
    done.assert_completed().attempts(2);
    done.history(&[TaskStatus::Scheduled, TaskStatus::Unknown, TaskStatus::Completed]);
    app.effects(EffectKind::MessageSent).assert_count(1);
    app.effects(EffectKind::DraftCreated).assert_count(1);
}

#[tokio::test]
async fn a_failed_reconciliation_is_repeated_without_consuming_an_attempt() {
    let app = connected_app("slack").await;
    app.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
    app.fault(Fault::status("slack", 503, json!({})).at_path("/api/conversations.history").times(2));
    let id = schedule(&app, message()).await;
    app.run_processor_after(11).await;
    app.run_processor_after(AFTER_RECONCILE_GRACE).await;
    app.task(&id).await.assert_status(TaskStatus::Unknown).attempts(1);
    app.run_processor_after(60).await;
    let done = app.task(&id).await;
    done.assert_completed().external_id(&app.effects(EffectKind::MessagePosted).only().id);
    done.history(&[TaskStatus::Scheduled, TaskStatus::Unknown, TaskStatus::Unknown, TaskStatus::Completed]);
}

/// Shares a file in a channel.
fn file() -> Intent {
    intent("slack", "upload_file").context(json!({ "channel": GENERAL, "file": { "filename": "a.txt", "text": "a" } }))
}

#[tokio::test]
async fn a_lost_upload_is_repeated_because_it_shares_nothing() {
    let app = connected_app("slack").await;
    app.fault(Fault::apply_then_drop("slack").at_path("/upload/v1/"));
    let id = schedule(&app, file()).await;
    for _ in 0..2 {
        app.run_processor_after(60).await;
    }
    let done = app.task(&id).await;
    // The outcome was never unknown.
    done.assert_completed().history(&[TaskStatus::Scheduled, TaskStatus::Retrying, TaskStatus::Completed]);
    app.effects(EffectKind::FileShared).assert_count(1);
}

#[tokio::test]
async fn every_reconcilable_action_is_reconciled_after_a_lost_response() {
    let task = "1200000000000021";
    let subtask = json!({ "taskId": task, "name": "Ship" });
    let draft = json!({ "to": "r@example.com", "subject": "S", "body": "B" });
    let soon = TestApp::start().await.after(3600).to_string();
    let scheduled = json!({ "channel": GENERAL, "text": "t", "post_at": soon });
    for (path, kind, intent) in [
        ("/api/chat.postMessage", EffectKind::MessagePosted, message()),
        (
            "/api/conversations.create",
            EffectKind::ChannelCreated,
            intent("slack", "create_channel").with("name", "once"),
        ),
        ("/api/files.completeUploadExternal", EffectKind::FileShared, file()),
        (
            "/api/chat.scheduleMessage",
            EffectKind::MessageScheduled,
            intent("slack", "schedule_message").context(scheduled),
        ),
        ("/gmail/v1/users/me/drafts", EffectKind::DraftCreated, intent("gmail", "create_draft").context(draft)),
        ("/api/1.0/tasks", EffectKind::TaskCreated, intent("asana", "create_task").with("name", "Ship")),
        (
            &format!("/api/1.0/tasks/{task}/subtasks"),
            EffectKind::TaskCreated,
            intent("asana", "create_subtask").context(subtask),
        ),
    ] {
        let tool = intent.tool();
        let app = TestApp::as_documented("a current list resolves each of them in the request").await;
        app.connect("u1", &tool).await;
        app.fault(Fault::apply_then_drop(&tool).at_path(path).on_method("POST"));
        assert_applied_once(&app, kind, intent).await;
        assert!(app.faults_occurred(), "{path} was not called");
    }
}

#[tokio::test]
async fn an_inconclusive_outcome_needs_attention_and_a_forced_retry() {
    let app = connected_app("asana").await;
    let comment = |text: &str| {
        intent("asana", "add_comment").context(json!({ "taskId": sandbox::fixtures::asana::TASK, "text": text }))
    };
    // The person's other comment may be this one in another form.
    app.submit("u1", comment("Shipped.")).await.succeeded();
    app.fault(Fault::status("asana", 500, json!({})).at_path("/api/1.0/tasks/").on_method("POST"));
    let pending = app.submit("u1", comment("Thank you.")).await.unresolved();
    assert_eq!(pending.error.code, "OUTCOME_UNKNOWN");
    let id = pending.task_id();
    for _ in 0..engine::retry::MAX_RECONCILE_ATTEMPTS {
        app.run_processor_after(3600).await;
    }
    app.task(&id).await.assert_status(TaskStatus::NeedsAttention);
    app.effects(EffectKind::CommentAdded).assert_count(1);
    app.effects(EffectKind::TaskNeedsAttention).assert_count(1);
    // A user may retry it, with `force`.
    app.retry(&id).await.refused(409, "CONFLICT");
    app.force_retry(&id).await.ok();
    app.run_processor().await;
    app.task(&id).await.assert_completed();
    app.effects(EffectKind::CommentAdded).assert_count(2);
}

#[tokio::test]
async fn an_unresolved_immediate_intent_is_202_and_never_sent_late() {
    let app = connected_app("slack").await;
    app.fault(Fault::status("slack", 500, json!({})).at_path("/api/chat.postMessage"));
    let id = app.submit("u1", message()).await.unresolved().task_id();
    app.task(&id).await.assert_status(TaskStatus::Unknown);
    app.run_processor_after(AFTER_RECONCILE_GRACE).await;
    // Slack may allow one history a minute.
    app.run_processor_after(60).await;
    app.task(&id).await.assert_status(TaskStatus::Failed).last_error_code("ABORTED_NO_EFFECT");
    app.effects(EffectKind::MessagePosted).assert_none();
}

#[tokio::test]
async fn a_rejected_mail_deletes_its_draft() {
    let app = connected_app("gmail").await;
    let refusal = json!({ "error": { "code": 403, "message": "off", "errors": [{ "reason": "domainPolicy" }] } });
    app.fault(Fault::status("gmail", 403, refusal).at_path("/gmail/v1/users/me/drafts/send"));
    app.submit("u1", email()).await.failed("PROVIDER_FORBIDDEN");
    app.effects(EffectKind::DraftCreated).assert_count(1);
    app.effects(EffectKind::DraftDeleted).assert_count(1);
}

#[tokio::test]
async fn a_cooldown_applies_to_all_tasks_of_the_user_and_tool() {
    let app = connected_app("slack").await;
    let limited =
        Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" })).header("retry-after", "60");
    app.fault(limited.at_path("/api/chat.postMessage").times(2));
    let remaining = || app.sandbox.sandbox.pending_faults().first().map_or(0, |fault| fault.times);
    let mut ids = vec![schedule(&app, message()).await];
    app.run_processor_after(11).await;
    for _ in 0..5 {
        ids.push(schedule(&app, message()).await);
    }
    app.run_processor_after(11).await;
    assert_eq!(remaining(), 1, "the other tasks wait without a call");
    let now = app.submit("u1", message()).await.failed("PROVIDER_RATE_LIMITED");
    let wait = now.error.retry_after_ms.unwrap();
    assert!((30_000..=70_000).contains(&wait), "the tickets of the tasks come first: {wait}");
    assert_eq!(remaining(), 1, "an immediate intent makes no call either");
    // The first one calls again, and the others have their time after it.
    app.run_processor_after(50).await;
    assert_eq!(remaining(), 0, "the first call met the limit again");
    app.effects(EffectKind::MessagePosted).assert_none();
    for _ in 0..20 {
        app.run_processor_after(15).await;
    }
    app.effects(EffectKind::MessagePosted).assert_count(6);
    for id in &ids {
        app.task(id).await.assert_completed().attempts(1);
    }
}

#[tokio::test]
async fn a_large_payload_is_sent_and_left_out_of_lists() {
    let app = connected_app("slack").await;
    let long = "x".repeat(5000);
    let id = schedule(&app, message().with("text", long.as_str())).await;
    let listed = app.tasks("agentId=a").await.tasks;
    assert_eq!((listed.len(), &listed[0].payload), (1, &None));
    assert_eq!(app.task(&id).await.payload.unwrap()["text"], long);
    assert_eq!(app.run_processor_after(11).await.ran, 1);
    assert_eq!(app.effects(EffectKind::MessagePosted).only().request["text"], long);
}

#[tokio::test]
async fn scheduling_is_limited_to_1000_tasks_per_user_and_day() {
    let app = TestApp::start().await;
    for user in ["u1", "u2"] {
        app.connect(user, "slack").await;
    }
    // The counter after 999 requests.
    let day = app.clock.now().as_second().div_euclid(86_400) * 86_400;
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let used = aws_sdk_dynamodb::types::AttributeValue::N("999".to_owned());
    let put = app.store.put_item().table_name(&app.tables.tasks).item("pk", text("u1##limits"));
    put.item("sk", text(&format!("schedules#{day}"))).item("used", used).send().await.unwrap();
    schedule(&app, message()).await;
    let later = || message().at(app.after(60));
    app.submit("u1", later()).await.refused(429, "RATE_LIMITED");
    app.submit("u2", later()).await.scheduled();
}
