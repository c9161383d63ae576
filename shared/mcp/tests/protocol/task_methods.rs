//! The tasks extension.

use super::support::{Post, Small};
use serde_json::{Value, json};

fn with_tasks(method: &str, mut params: Value) -> Post {
    params["capabilities"] = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    Post::modern(method, params)
}

#[tokio::test]
async fn a_call_is_answered_with_its_task_without_what_belongs_to_a_status() {
    let result = with_tasks("tools/call", json!({ "name": "start" })).send(&Small::new()).await.result();
    let expected = json!({
        "resultType": "task",
        "taskId": "t1",
        "status": "working",
        "createdAt": "2026-11-29T12:00:00Z",
        "lastUpdatedAt": "2026-11-29T12:00:01Z",
        "ttlMs": null,
        "pollIntervalMs": 500,
        "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "small", "version": "1.2.3" } },
    });
    assert_eq!(result, expected);
}

#[tokio::test]
async fn a_task_is_read_with_its_result() {
    let result = with_tasks("tasks/get", json!({ "taskId": "t1" })).send(&Small::new()).await.result();
    assert_eq!((&result["resultType"], &result["status"]), (&json!("complete"), &json!("completed")));
    assert_eq!(result["result"], json!({ "content": [{ "type": "text", "text": "too late" }], "isError": true }));
}

#[tokio::test]
async fn answers_and_cancellations_are_acknowledged_without_the_task() {
    let catalogue = Small::new();
    let acknowledgment = json!({
        "resultType": "complete",
        "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "small", "version": "1.2.3" } },
    });
    let update = json!({ "taskId": "asking", "inputResponses": { "sure": { "action": "decline" } } });
    assert_eq!(with_tasks("tasks/update", update).send(&catalogue).await.result(), acknowledgment);
    let cancel = with_tasks("tasks/cancel", json!({ "taskId": "asking" })).send(&catalogue).await;
    assert_eq!(cancel.result(), acknowledgment);
    let calls = catalogue.calls.lock().unwrap().clone();
    assert_eq!(calls, [json!({ "updated": "asking", "keys": ["sure"] }), json!({ "cancelled": "asking" })]);
}

#[tokio::test]
async fn the_request_of_a_task_is_shown_to_a_client_that_can_answer() {
    let params = json!({ "taskId": "asking" });
    let mut post = with_tasks("tasks/get", params);
    post.body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"]["elicitation"] = json!({});
    let result = post.send(&Small::new()).await.result();
    assert_eq!(result["status"], "input_required");
    assert_eq!(result["inputRequests"]["sure"]["method"], "elicitation/create");
}

#[tokio::test]
async fn a_catalogue_without_tasks_has_no_methods_for_them() {
    for method in ["tasks/get", "tasks/update", "tasks/cancel", "subscriptions/listen"] {
        let answer = with_tasks(method, json!({ "taskId": "t1" })).send(&Small::of_tools(&["act"])).await;
        assert_eq!(answer.refusal(), (404, -32601), "{method}");
    }
}
