//! `/errors` with its bulk, fallback, statistics and trends routes.

use crate::support::TestApp;
use serde_json::{Value, json};

fn report(tool: &str, code: &str) -> Value {
    json!({
        "agentId": "agent_456", "tool": tool, "action": "send_email", "errorCode": code,
        "errorMessage": "Authentication failed", "payload": { "to": "recipient@example.com", "limit": 3 }
    })
}

async fn reported(app: &TestApp, tool: &str, code: &str) -> String {
    let body = app.post("u1", "/errors", report(tool, code)).await.ok();
    assert!(body["fallbackMessage"].is_string(), "{body}");
    body["errorId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_reported_error_is_listed_and_resolved_once() {
    let app = TestApp::start().await;
    let first = reported(&app, "gmail", "AUTHENTICATION_ERROR").await;
    app.advance(1);
    let second = reported(&app, "gmail", "AUTHENTICATION_ERROR").await;
    let listed = app.get("u1", "/errors?agentId=agent_456").await.ok();
    let rows = listed["errors"].as_array().unwrap();
    assert_eq!((&rows[0]["id"], &rows[1]["id"]), (&json!(second), &json!(first)), "newest first");
    assert_eq!(rows[0]["payload"], json!({ "to": "[redacted]", "limit": 3 }));
    assert_eq!(rows[0]["resolved"], false);

    let resolve = || json!({ "errorId": first });
    assert_eq!(app.patch("u1", "/errors", resolve()).await.ok()["changed"], true);
    assert_eq!(app.patch("u1", "/errors", resolve()).await.ok()["changed"], false);
    let unknown = json!({ "errorId": "err_01J00000000000000000000000" });
    app.patch("u1", "/errors", unknown).await.refused(404, "NOT_FOUND");
    app.patch("u1", "/errors", json!({ "errorId": "error_123" })).await.refused(404, "NOT_FOUND");
    let listed = app.get("u1", "/errors?agentId=agent_456").await.ok();
    assert_eq!(listed["errors"][1]["resolved"], true);
    assert!(listed["errors"][1]["resolvedAt"].is_string());

    let bulk = json!({ "action": "resolve", "errorIds": [first, second, "err_nonsense"] });
    let body = app.post("u1", "/errors/bulk", bulk).await.ok();
    assert_eq!((&body["count"], &body["success"]), (&json!(1), &json!(false)), "one really changed: {body}");
    let unsupported = json!({ "action": "delete", "errorIds": [first] });
    app.post("u1", "/errors/bulk", unsupported).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn errors_page() {
    let app = TestApp::start().await;
    for n in 0..3 {
        reported(&app, "gmail", &format!("E{n}")).await;
        app.advance(1);
    }
    let first = app.get("u1", "/errors?agentId=agent_456&limit=2").await.ok();
    let cursor = first["cursor"].as_str().unwrap();
    let second = app.get("u1", &format!("/errors?agentId=agent_456&limit=2&cursor={cursor}")).await.ok();
    let codes = |page: &Value| -> Vec<Value> {
        page["errors"].as_array().unwrap().iter().map(|row| row["errorCode"].clone()).collect()
    };
    assert_eq!((codes(&first), codes(&second)), (vec![json!("E2"), json!("E1")], vec![json!("E0")]));
}

#[tokio::test]
async fn the_narrowest_fallback_applies() {
    let app = TestApp::start().await;
    let read = async |query: &str| {
        app.get("u1", &format!("/errors/fallbacks?tool=gmail{query}")).await.ok()["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let built_in = read("").await;
    assert!(!built_in.is_empty());
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail", "message": "Tool." })).await.ok();
    let set = json!({ "tool": "gmail", "agentId": "a", "message": "Agent." });
    let answer = app.post("u1", "/errors/fallbacks", set.clone()).await.ok();
    assert_eq!(answer, json!({ "success": true, "tool": "gmail", "agentId": "a", "message": "Agent." }));
    assert_eq!(
        (read("").await, read("&agentId=a").await, read("&agentId=b").await),
        ("Tool.".into(), "Agent.".into(), "Tool.".into())
    );
    let other = app.get("u2", "/errors/fallbacks?tool=gmail&agentId=a").await.ok();
    assert_eq!(other["message"], json!(built_in), "another user's messages are their own");
    let long = json!({ "tool": "gmail", "message": "x".repeat(1001) });
    app.post("u1", "/errors/fallbacks", long).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn statistics_and_trends_count_each_day() {
    let app = TestApp::start().await;
    reported(&app, "gmail", "A").await;
    reported(&app, "slack", "B").await;
    app.advance(24 * 3600);
    for _ in 0..2 {
        reported(&app, "gmail", "B").await;
    }
    let stats = app.get("u1", "/errors/stats?days=7").await.ok();
    assert_eq!(stats["stats"], json!({ "gmail": 3, "slack": 1 }), "{stats}");
    assert_eq!(app.get("u1", "/errors/stats?days=1").await.ok()["stats"], json!({ "gmail": 2 }));

    let trends = app.get("u1", "/errors/trends?days=3&tool=gmail").await.ok();
    let counts: Vec<&Value> = trends["trends"].as_array().unwrap().iter().map(|day| &day["count"]).collect();
    assert_eq!(counts, [0, 1, 2], "{trends}");
    assert_eq!(trends["frequentErrors"], json!({ "A": 1, "B": 2 }));
    assert_eq!((&trends["period"]["days"], &trends["period"]["tool"]), (&json!(3), &json!("gmail")));
    assert_eq!(app.get("u1", "/errors/trends").await.ok()["period"]["tool"], "all");
    assert_eq!(app.get("u2", "/errors/stats").await.ok()["stats"], json!({}), "only the caller's own");
    for days in ["0", "91", "-1", "abc", "1e9", "NaN"] {
        app.get("u1", &format!("/errors/stats?days={days}")).await.refused(400, "INVALID_FIELD");
        app.get("u1", &format!("/errors/trends?days={days}")).await.refused(400, "INVALID_FIELD");
    }
}
