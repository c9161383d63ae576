//! Calls of the budgets of requests, and of a retry by hand.

use super::calls;
use crate::support::TestApp;
use crate::support::builders::message;
use sandbox::Fault;
use serde_json::{Value, json};

/// The calls of so many requests of a kind.
async fn of_requests(app: &TestApp, count: usize, method: &str, path: &str, body: Option<Value>) -> Vec<String> {
    let mut all = vec![];
    for _ in 0..count {
        all.extend(calls(app, method, path, body.clone()).await);
    }
    all
}

#[tokio::test]
async fn fifty_requests_of_a_minute_are_free_and_each_further_fifty_are_one_write() {
    let app = TestApp::start().await;
    for (requests, leases) in [(50, 0), (1, 1), (49, 0), (1, 1)] {
        assert_eq!(of_requests(&app, requests, "GET", "?format=mcp", None).await, vec!["UpdateItem"; leases]);
    }
    let policy = json!({ "tool": "gmail", "message": "m" });
    for (requests, leases) in [(50, 0), (1, 1), (49, 0), (1, 1)] {
        let calls = of_requests(&app, requests, "POST", "/errors/fallbacks", Some(policy.clone())).await;
        assert_eq!(calls, vec!["UpdateItem"; requests + leases], "writes are counted apart; {requests} policies");
    }
    app.advance(60);
    assert!(of_requests(&app, 50, "GET", "?format=mcp", None).await.is_empty());
}

#[tokio::test]
async fn a_retry_by_hand_is_the_limit_and_then_the_task() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let refused = json!({ "ok": false, "error": "channel_not_found" });
    app.fault(Fault::status("slack", 200, refused).at_path("/api/chat.postMessage"));
    let id = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    app.run_processor_after(11).await;
    let retry = calls(&app, "POST", "/tasks", Some(json!({ "taskId": id }))).await;
    assert_eq!((retry, app.calls.longest_chain()), (vec!["UpdateItem".to_owned(); 2], 2));
}
