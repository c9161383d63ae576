//! At-most-once effects: lost responses, crashes, provider rate limits, and repeated requests.

mod crashed_processes;
mod idempotency_keys;

use crate::support::TestApp;
use jiff::SignedDuration;
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

/// Seconds after which a negative reconciliation is trusted.
const AFTER_RECONCILE_GRACE: i64 = 31;

fn intent(tool: &str, intent: &str, context: Value) -> Value {
    json!({ "agentId": "a", "tool": tool, "intent": intent, "context": context })
}

fn email() -> Value {
    intent("gmail", "send_email", json!({ "to": "r@example.com", "subject": "Hello", "body": "Once." }))
}

fn message() -> Value {
    intent("slack", "send_message", json!({ "channel": GENERAL, "text": "Once." }))
}

async fn schedule(app: &TestApp, mut intent: Value) -> String {
    intent["executeAt"] = (app.clock.now() + SignedDuration::from_secs(10)).to_string().into();
    app.post("u1", "", intent).await.accepted()["metadata"]["taskId"].as_str().unwrap().to_owned()
}

async fn task(app: &TestApp, id: &str) -> Value {
    app.get("u1", &format!("/tasks?taskId={id}")).await.ok()["task"].clone()
}

fn history_statuses(task: &Value) -> Vec<&str> {
    task["history"].as_array().unwrap().iter().map(|line| line["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_mail_with_a_lost_response_is_reconciled_at_once() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.sandbox.sandbox.fault(Fault::apply_then_drop("gmail").at_path("/gmail/v1/users/me/drafts/send"));
    let result = app.post("u1", "", email()).await.ok();
    assert_eq!(result["success"], true, "{result}");
    let sent = app.effects("message_sent");
    assert_eq!((sent.len(), &result["externalId"]), (1, &json!(sent[0].id)));
    let id = result["metadata"]["taskId"].as_str().unwrap();
    assert_eq!((&task(&app, id).await["status"], app.effects("task.completed").len()), (&json!("completed"), 1));
}

#[tokio::test]
async fn an_effect_not_applied_is_retried_after_the_reconcile_grace() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.sandbox.sandbox.fault(Fault::status("gmail", 503, json!({})).at_path("/gmail/v1/users/me/drafts/send"));
    let id = schedule(&app, email()).await;
    app.advance(11);
    app.run_processor().await;
    let unknown = task(&app, &id).await;
    assert_eq!((&unknown["status"], &unknown["lastError"]["outcome"]), (&json!("unknown"), &json!("unknown")));
    app.advance(AFTER_RECONCILE_GRACE - 11);
    assert_eq!(app.run_processor().await.ran, 0, "a negative reconciliation is not trusted yet");
    app.advance(11);
    assert_eq!(app.run_processor().await.ran, 1);
    let done = task(&app, &id).await;
    assert_eq!((&done["status"], &done["attempts"]), (&json!("completed"), &json!(2)), "{done}");
    assert_eq!(history_statuses(&done), ["scheduled", "unknown", "completed"]);
    assert_eq!((app.effects("message_sent").len(), app.effects("draft_created").len()), (1, 1));
}

#[tokio::test]
async fn a_failed_reconciliation_is_repeated_without_consuming_an_attempt() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.sandbox.sandbox.fault(Fault::apply_then_drop("slack").at_path("/api/chat.postMessage"));
    app.sandbox.sandbox.fault(Fault::status("slack", 503, json!({})).at_path("/api/conversations.history").times(2));
    let id = schedule(&app, message()).await;
    app.advance(11);
    app.run_processor().await;
    app.advance(AFTER_RECONCILE_GRACE);
    app.run_processor().await;
    let waiting = task(&app, &id).await;
    assert_eq!(
        (&waiting["status"], &waiting["attempts"]),
        (&json!("unknown"), &json!(1)),
        "reconciliation does not consume an attempt"
    );
    app.advance(60);
    app.run_processor().await;
    let (done, posted) = (task(&app, &id).await, app.effects("message_posted"));
    assert_eq!((&done["status"], posted.len(), &done["externalId"]), (&json!("completed"), 1, &json!(posted[0].id)));
    assert_eq!(history_statuses(&done), ["scheduled", "unknown", "unknown", "completed"]);
}

#[tokio::test]
async fn slack_channels_and_files_are_reconciled_and_lost_uploads_are_repeated() {
    let file = || intent("slack", "upload_file", json!({ "channel": GENERAL, "filename": "a.txt", "content": "a" }));
    for (path, kind, body) in [
        ("/api/conversations.create", "channel_created", intent("slack", "create_channel", json!({ "name": "once" }))),
        ("/api/files.completeUploadExternal", "file_shared", file()),
    ] {
        let app = TestApp::start().await;
        app.connect("u1", "slack").await;
        app.sandbox.sandbox.fault(Fault::apply_then_drop("slack").at_path(path));
        let result = app.post("u1", "", body).await.ok();
        let created = app.effects(kind);
        assert_eq!((&result["success"], created.len()), (&json!(true), 1), "{kind}: {result}");
        assert_eq!(result["externalId"], created[0].id, "{kind}");
    }
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.sandbox.sandbox.fault(Fault::apply_then_drop("slack").at_path("/upload/v1/"));
    let id = schedule(&app, file()).await;
    for _ in 0..2 {
        app.advance(60);
        app.run_processor().await;
    }
    let done = task(&app, &id).await;
    assert_eq!((&done["status"], app.effects("file_shared").len()), (&json!("completed"), 1), "{done}");
    assert_eq!(history_statuses(&done), ["scheduled", "retrying", "completed"], "the outcome was never unknown");
}

#[tokio::test]
async fn every_reconcilable_action_is_reconciled_after_a_lost_response() {
    for (tool, path, kind, body) in [
        ("slack", "/api/chat.postMessage", "message_posted", message()),
        (
            "gmail",
            "/gmail/v1/users/me/drafts",
            "draft_created",
            intent("gmail", "create_draft", json!({ "to": "r@example.com", "subject": "S", "body": "B" })),
        ),
        ("asana", "/api/1.0/tasks", "task_created", intent("asana", "create_task", json!({ "name": "Ship" }))),
        (
            "asana",
            "/api/1.0/tasks/1200000000000021/subtasks",
            "task_created",
            intent("asana", "create_subtask", json!({ "taskId": "1200000000000021", "name": "Ship" })),
        ),
        (
            "asana",
            "/api/1.0/tasks/1200000000000021/stories",
            "comment_added",
            intent("asana", "add_comment", json!({ "taskId": "1200000000000021", "text": "Shipped." })),
        ),
        ("asana", "/api/1.0/projects", "project_created", intent("asana", "create_project", json!({ "name": "Ship" }))),
        ("asana", "/api/1.0/tags", "tag_created", intent("asana", "create_tag", json!({ "name": "Ship" }))),
        (
            "asana",
            "/api/1.0/projects/1200000000000010/sections",
            "section_created",
            intent("asana", "create_section", json!({ "projectId": "1200000000000010", "name": "Ship" })),
        ),
        (
            "slack",
            "/api/chat.scheduleMessage",
            "message_scheduled",
            intent("slack", "schedule_message", json!({ "channel": GENERAL, "text": "t" })),
        ),
    ] {
        let app = TestApp::start().await;
        app.connect("u1", tool).await;
        let mut body = body;
        if kind == "message_scheduled" {
            body["context"]["post_at"] = (app.clock.now() + SignedDuration::from_hours(1)).to_string().into();
        }
        app.sandbox.sandbox.fault(Fault::apply_then_drop(tool).at_path(path).on_method("POST"));
        let result = app.post("u1", "", body).await.ok();
        let created = app.effects(kind);
        assert_eq!((&result["success"], created.len()), (&json!(true), 1), "{kind}: {result}");
        assert_eq!(result["externalId"], created[0].id, "{kind}");
    }
}

fn page(parent: &str) -> Value {
    intent("notion", "create_page", json!({ "title": "Once", "parent": parent }))
}

#[tokio::test]
async fn an_inconclusive_outcome_needs_attention_and_a_forced_retry() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app.sandbox.sandbox.fault(Fault::apply_then_drop("notion").at_path("/v1/pages").on_method("POST"));
    // A page with this title may be this one or another user's.
    let pending = app.post("u1", "", page(sandbox::fixtures::notion::PAGE)).await.accepted();
    assert_eq!(
        (&pending["success"], &pending["error"]["code"]),
        (&json!(false), &json!("OUTCOME_UNKNOWN")),
        "{pending}"
    );
    let id = pending["metadata"]["taskId"].as_str().unwrap();
    for _ in 0..engine::retry::MAX_RECONCILE_ATTEMPTS {
        app.advance(3600);
        app.run_processor().await;
    }
    assert_eq!(task(&app, id).await["status"], "needs_attention");
    assert_eq!((app.effects("page_created").len(), app.effects("task.needs_attention").len()), (1, 1));
    // A user may retry it, with `force`.
    app.post("u1", "/tasks", json!({ "taskId": id })).await.refused(409, "CONFLICT");
    app.post("u1", "/tasks", json!({ "taskId": id, "force": true })).await.ok();
    app.run_processor().await;
    assert_eq!((app.effects("page_created").len(), &task(&app, id).await["status"]), (2, &json!("completed")));
}

#[tokio::test]
async fn a_page_not_applied_is_created_by_the_retry() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app.sandbox.sandbox.fault(Fault::status("notion", 504, Value::Null).at_path("/v1/pages").on_method("POST"));
    let id = schedule(&app, page(sandbox::fixtures::notion::DATABASE)).await;
    app.advance(11);
    app.run_processor().await;
    assert_eq!((app.effects("page_created").len(), &task(&app, &id).await["status"]), (0, &json!("unknown")));
    app.advance(AFTER_RECONCILE_GRACE);
    app.run_processor().await;
    assert_eq!((app.effects("page_created").len(), &task(&app, &id).await["status"]), (1, &json!("completed")));
}

#[tokio::test]
async fn a_lost_database_row_is_reconciled_by_its_key_property() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    let properties = json!({ "Task": "title", "Plugin Engine key": "text" });
    let context = json!({ "title": "Tasks", "parent": sandbox::fixtures::notion::PAGE, "properties": properties });
    let created = app.post("u1", "", intent("notion", "create_database", context)).await.ok();
    let database = created["externalId"].as_str().unwrap();
    // An identical page does not confuse reconciliation.
    app.post("u1", "", page(database)).await.ok();
    app.sandbox.sandbox.fault(Fault::apply_then_drop("notion").at_path("/v1/pages").on_method("POST"));
    let result = app.post("u1", "", page(database)).await.ok();
    let pages = app.effects("page_created");
    assert_eq!((&result["success"], pages.len()), (&json!(true), 2), "{result}");
    assert_eq!(result["externalId"], pages[1].id);
}

#[tokio::test]
async fn an_unresolved_immediate_intent_is_202_and_never_sent_late() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.sandbox.sandbox.fault(Fault::status("slack", 500, json!({})).at_path("/api/chat.postMessage"));
    let pending = app.post("u1", "", message()).await.accepted();
    assert_eq!((&pending["success"], &pending["error"]["outcome"]), (&json!(false), &json!("unknown")), "{pending}");
    let id = pending["metadata"]["taskId"].as_str().unwrap();
    assert_eq!(task(&app, id).await["status"], "unknown");
    app.advance(AFTER_RECONCILE_GRACE);
    app.run_processor().await;
    let failed = task(&app, id).await;
    assert_eq!(
        (&failed["status"], &failed["lastError"]["code"]),
        (&json!("failed"), &json!("ABORTED_NO_EFFECT")),
        "{failed}"
    );
    assert_eq!(app.effects("message_posted").len(), 0);
}

#[tokio::test]
async fn a_rejected_mail_deletes_its_draft() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let refusal = json!({ "error": { "code": 403, "message": "off", "errors": [{ "reason": "domainPolicy" }] } });
    app.sandbox.sandbox.fault(Fault::status("gmail", 403, refusal).at_path("/gmail/v1/users/me/drafts/send"));
    let result = app.post("u1", "", email()).await.ok();
    assert_eq!(result["error"]["code"], "PROVIDER_REJECTED", "{result}");
    assert_eq!((app.effects("draft_created").len(), app.effects("draft_deleted").len()), (1, 1));
}

#[tokio::test]
async fn a_cooldown_applies_to_all_tasks_of_the_user_and_tool() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let limited =
        Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" })).header("retry-after", "60");
    app.sandbox.sandbox.fault(limited.at_path("/api/chat.postMessage").times(2));
    let remaining = || app.sandbox.sandbox.pending_faults().first().map_or(0, |fault| fault.times);
    let first = schedule(&app, message()).await;
    app.advance(11);
    app.run_processor().await;
    let mut ids = vec![first];
    for _ in 0..5 {
        ids.push(schedule(&app, message()).await);
    }
    app.advance(11);
    app.run_processor().await;
    assert_eq!(remaining(), 1, "the other tasks wait without a call");
    let now = app.post("u1", "", message()).await.ok();
    assert_eq!(now["error"]["code"], "PROVIDER_RATE_LIMITED", "{now}");
    assert!((30_000..=60_000).contains(&now["error"]["retryAfterMs"].as_u64().unwrap()), "{now}");
    assert_eq!(remaining(), 1, "an immediate intent makes no call either");
    // All six are due at once; one of them probes.
    app.advance(60);
    app.run_processor().await;
    assert_eq!((remaining(), app.effects("message_posted").len()), (0, 0), "one probe met the limit again");
    for _ in 0..20 {
        app.advance(15);
        app.run_processor().await;
    }
    assert_eq!(app.effects("message_posted").len(), 6);
    for id in &ids {
        let task = task(&app, id).await;
        assert_eq!((&task["status"], &task["attempts"]), (&json!("completed"), &json!(1)), "{task}");
    }
}

#[tokio::test]
async fn a_large_payload_is_stored_in_a_side_item() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let mut long = message();
    long["context"]["text"] = "x".repeat(5000).into();
    let id = schedule(&app, long).await;
    let listed = app.get("u1", "/tasks?agentId=a").await.ok();
    assert_eq!((listed["tasks"].as_array().unwrap().len(), &listed["tasks"][0]["payload"]), (1, &Value::Null));
    assert_eq!(task(&app, &id).await["payload"]["text"].as_str().unwrap().len(), 5000);
    app.advance(11);
    assert_eq!(app.run_processor().await.ran, 1);
    assert_eq!(app.effects("message_posted").len(), 1);
}

#[tokio::test]
async fn scheduling_is_limited_to_1000_tasks_per_user_and_day() {
    let app = TestApp::start().await;
    // The counter after 999 requests.
    let day = app.clock.now().as_second().div_euclid(86_400) * 86_400;
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let used = aws_sdk_dynamodb::types::AttributeValue::N("999".to_owned());
    let put = app.store.put_item().table_name(&app.tables.tasks).item("pk", text("u1"));
    put.item("sk", text(&format!("limit#schedules#{day}"))).item("used", used).send().await.unwrap();
    schedule(&app, message()).await;
    let mut later = message();
    later["executeAt"] = (app.clock.now() + SignedDuration::from_secs(60)).to_string().into();
    app.post("u1", "", later.clone()).await.refused(429, "RATE_LIMITED");
    app.post("u2", "", later).await.accepted();
}
