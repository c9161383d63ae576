//! `dryRun`: returns the request an intent would send, without sending it.

use crate::support::TestApp;
use sandbox::fixtures;
use serde_json::{Value, json};

fn intent(tool: &str, action: &str, context: Value) -> Value {
    json!({ "agentId": "a", "tool": tool, "intent": action, "context": context, "dryRun": true })
}

#[tokio::test]
async fn a_dry_run_returns_the_resolved_request_and_sends_nothing() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let before = app.effects("message_posted").len();
    let dry =
        app.post("u1", "", intent("slack", "send_message", json!({ "channel": "general", "text": "hi" }))).await.ok();
    assert_eq!((&dry["success"], &dry["metadata"]["dryRun"]), (&json!(true), &json!(true)), "{dry}");
    let request = &dry["data"]["request"];
    assert_eq!(request["method"], "POST");
    assert!(request["url"].as_str().unwrap().ends_with("/api/chat.postMessage"), "{request}");
    assert_eq!(request["body"]["channel"], fixtures::slack::GENERAL, "the name is resolved");
    assert!(request["headers"]["authorization"].is_null() && !dry.to_string().contains("xox"), "{dry}");
    assert_eq!(app.effects("message_posted").len(), before);
    let tasks = app.get("u1", "/tasks?agentId=a&kind=immediate").await;
    assert!(tasks.body["tasks"].as_array().is_none_or(Vec::is_empty), "nothing is journaled: {}", tasks.body);
}

#[tokio::test]
async fn a_dry_run_reports_failures_and_logs_none() {
    let app = TestApp::start().await;
    let not_connected =
        app.post("u1", "", intent("slack", "send_message", json!({ "channel": "general", "text": "hi" }))).await;
    assert_eq!(not_connected.ok()["error"]["code"], "NOT_CONNECTED");
    app.connect("u1", "slack").await;
    let nowhere = intent("slack", "send_message", json!({ "channel": "nowhere", "text": "hi" }));
    assert_eq!(app.post("u1", "", nowhere).await.ok()["success"], false);
    app.post("u1", "", intent("slack", "send_message", json!({ "channel": "general" })))
        .await
        .refused(400, "MISSING_FIELDS");
    let mut later = intent("slack", "send_message", json!({ "channel": "general", "text": "hi" }));
    later["executeAt"] = "2030-01-01T00:00:00Z".into();
    assert!(app.post("u1", "", later).await.refused(400, "INVALID_FIELD").contains("dryRun"));
    let errors = app.get("u1", "/errors?agentId=a").await.ok();
    assert_eq!(errors["errors"], json!([]), "a dry run is no failure of anything");
}
