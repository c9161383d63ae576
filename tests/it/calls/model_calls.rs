//! A model's calls cost what the routes cost that do the same.

use super::calls;
use crate::support::TestApp;
use crate::support::builders::message;
use serde_json::{Value, json};

/// The operations of a call.
async fn of_call(app: &TestApp, name: &str, arguments: Value, id: Option<&str>) -> Vec<String> {
    let body = json!({ "agentId": "a", "name": name, "arguments": arguments, "callId": id });
    calls(app, "POST", "/call", Some(body)).await
}

#[tokio::test]
async fn a_call_of_an_action_costs_what_its_intent_costs() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let intent = message().json();
    let context = intent["context"].clone();
    calls(&app, "POST", "", Some(intent.clone())).await;
    app.advance(2);
    let of_intent = calls(&app, "POST", "", Some(intent)).await;
    app.advance(2);
    assert_eq!(of_call(&app, "slack_send_message", context.clone(), None).await, of_intent);
    app.advance(2);
    let with_id = of_call(&app, "slack_send_message", context.clone(), Some("1")).await;
    let reservation = with_id.len() - of_intent.len();
    assert_eq!(reservation, 1, "the key: {with_id:?}");
    let replayed = of_call(&app, "slack_send_message", context, Some("1")).await;
    assert_eq!(replayed.last().map(String::as_str), Some("GetItem"), "the task: {replayed:?}");
}

#[tokio::test]
async fn an_own_tool_costs_what_its_route_costs() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let arguments = message().json()["context"].clone();
    let planned =
        json!({ "name": "slack_send_message", "arguments": arguments, "executeAt": app.after(3600).to_string() });
    of_call(&app, "engine_schedule_action", planned.clone(), None).await;
    let operations = of_call(&app, "engine_schedule_action", planned, None).await;
    assert_eq!(operations, ["UpdateItem", "Query", "UpdateItem", "PutItem"], "limits beside accounts; task");
    let task = app.tasks("agentId=a").await.tasks[0].task_id.clone().unwrap();
    let (of_task, key) = (json!({ "taskId": task }), json!({ "tool": "slack", "contextKey": "k", "externalId": "e" }));
    for (name, arguments, operations) in [
        ("engine_list_tasks", json!({}), &["Query"][..]),
        ("engine_show_task", of_task.clone(), &["GetItem"]),
        ("engine_cancel_task", of_task, &["UpdateItem"]),
        ("engine_list_connections", json!({}), &["Query"]),
        ("engine_start_connect", json!({ "tool": "gmail" }), &[]),
        ("engine_save_key", key.clone(), &["Query", "UpdateItem", "PutItem"]),
        ("engine_save_key", key, &["Query", "UpdateItem", "PutItem", "GetItem"]),
        ("engine_find_keys", json!({ "tool": "slack" }), &["Query"]),
        ("engine_list_errors", json!({}), &["Query"]),
    ] {
        assert_eq!(of_call(&app, name, arguments, None).await, operations, "{name}");
    }
}
