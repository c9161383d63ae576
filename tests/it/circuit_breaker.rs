//! The circuit breaker: it opens per agent and tool, probes with one call at a time, and reports its reason.

use crate::support::{TestApp, TestResponse};
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

fn fetch() -> Value {
    json!({ "agentId": "a", "tool": "slack", "intent": "fetch_messages", "context": { "channel": GENERAL } })
}

async fn fail_calls(app: &TestApp, times: u32) {
    let down = Fault::status("slack", 503, json!({})).at_path("/api/conversations.history").times(times);
    app.sandbox.sandbox.fault(down);
    for _ in 0..times {
        let result = app.post("u1", "", fetch()).await.ok();
        assert_eq!(result["error"]["code"], "PROVIDER_UNAVAILABLE", "{result}");
    }
}

async fn succeed_calls(app: &TestApp, times: usize) {
    for _ in 0..times {
        let result = app.post("u1", "", fetch()).await.ok();
        assert_eq!(result["success"], true, "{result}");
    }
}

/// The circuit breaker of the agent for Slack.
async fn breaker_status(app: &TestApp) -> Value {
    app.get("u1", "/errors/stats?agentId=a").await.ok()["circuitBreakers"][0].clone()
}

async fn error_code(app: &TestApp) -> Value {
    app.post("u1", "", fetch()).await.ok()["error"]["code"].clone()
}

async fn start() -> TestApp {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000")]).await;
    app.connect("u1", "slack").await;
    app
}

async fn close_breaker(app: &TestApp) -> TestResponse {
    app.delete("u1", "/errors/stats", Some(json!({ "agentId": "a", "tool": "slack" }))).await
}

#[tokio::test]
async fn breaker_stays_closed_at_10_failures_or_below_50_percent() {
    let app = start().await;
    fail_calls(&app, 10).await;
    succeed_calls(&app, 1).await;
    let now = breaker_status(&app).await;
    let fields = ["state", "shouldDisableTool", "failures", "successes"].map(|field| now[field].clone());
    assert_eq!(fields, [json!("closed"), json!(false), json!(10), json!(1)], "{now}");
    succeed_calls(&app, 10).await;
    fail_calls(&app, 1).await;
    assert_eq!(breaker_status(&app).await["state"], "closed", "eleven of twenty-two");
    fail_calls(&app, 1).await;
    let open = breaker_status(&app).await;
    assert_eq!(
        (&open["state"], &open["shouldDisableTool"]),
        (&json!("open"), &json!(true)),
        "twelve of twenty-three: {open}"
    );
    assert_eq!(open["reason"], "12 of 23 calls failed within an hour, the last with PROVIDER_UNAVAILABLE");
    assert_eq!(error_code(&app).await, "CIRCUIT_BREAKER_OPEN");
}

#[tokio::test]
async fn failures_expire_after_an_hour_and_a_healthy_tool_costs_no_call() {
    let app = start().await;
    app.calls.reset();
    succeed_calls(&app, 1).await;
    assert_eq!(app.calls.operations().len(), 2, "connection beside limit");
    fail_calls(&app, 6).await;
    app.advance(40 * 60);
    fail_calls(&app, 4).await;
    app.calls.reset();
    succeed_calls(&app, 1).await;
    assert_eq!(app.calls.operations().len(), 3, "a success is counted while there are failures");
    app.advance(25 * 60);
    fail_calls(&app, 6).await;
    let now = breaker_status(&app).await;
    assert_eq!((&now["failures"], &now["state"]), (&json!(10), &json!("closed")), "the first six have expired: {now}");
    app.advance(3600);
    assert_eq!(breaker_status(&app).await, Value::Null, "no calls are counted");
    app.calls.reset();
    succeed_calls(&app, 1).await;
    assert_eq!(app.calls.operations().len(), 2);
}

#[tokio::test]
async fn caller_errors_do_not_count() {
    let app = start().await;
    for _ in 0..12 {
        let mut wrong = fetch();
        wrong["context"]["channel"] = "C0NOSUCH".into();
        assert_eq!(app.post("u1", "", wrong).await.ok()["error"]["code"], "PROVIDER_NOT_FOUND");
    }
    assert_eq!(breaker_status(&app).await, Value::Null);
    succeed_calls(&app, 1).await;
}

#[tokio::test]
async fn open_periods_grow_to_60_minutes_until_a_probe_succeeds() {
    let app = start().await;
    fail_calls(&app, 11).await;
    for minutes in [5, 10, 20, 40, 60, 60] {
        app.advance(minutes * 60 - 1);
        assert_eq!(error_code(&app).await, "CIRCUIT_BREAKER_OPEN", "open for {minutes} minutes");
        app.advance(1);
        assert_eq!(breaker_status(&app).await["state"], "half_open");
        fail_calls(&app, 1).await;
        let open = breaker_status(&app).await;
        assert_eq!(open["state"], "open", "{open}");
        assert_eq!(open["reason"], "the probe failed with PROVIDER_UNAVAILABLE");
    }
    app.advance(3600);
    succeed_calls(&app, 2).await;
    assert_eq!(breaker_status(&app).await, Value::Null);
    assert_eq!((app.effects("circuit_breaker.opened").len(), app.effects("circuit_breaker.closed").len()), (1, 1));
}

#[tokio::test]
async fn exactly_one_of_many_calls_probes() {
    let app = start().await;
    fail_calls(&app, 11).await;
    app.advance(5 * 60);
    let before = app.effects("circuit_breaker.closed").len();
    let down = Fault::status("slack", 503, json!({})).at_path("/api/conversations.history").times(1);
    app.sandbox.sandbox.fault(down);
    let answers = futures::future::join_all((0..8).map(|_| error_code(&app))).await;
    let probes = answers.iter().filter(|code| **code == "PROVIDER_UNAVAILABLE").count();
    let refused = answers.iter().filter(|code| **code == "CIRCUIT_BREAKER_OPEN").count();
    assert_eq!((probes, refused), (1, 7), "{answers:?}");
    assert_eq!(app.effects("circuit_breaker.closed").len(), before);
}

#[tokio::test]
async fn an_inconclusive_probe_is_followed_by_another_after_a_minute() {
    let app = start().await;
    fail_calls(&app, 11).await;
    app.advance(5 * 60);
    let mut wrong = fetch();
    wrong["context"]["channel"] = "C0NOSUCH".into();
    assert_eq!(app.post("u1", "", wrong).await.ok()["error"]["code"], "PROVIDER_NOT_FOUND");
    assert_eq!(error_code(&app).await, "CIRCUIT_BREAKER_OPEN");
    app.advance(60);
    succeed_calls(&app, 1).await;
    assert_eq!(app.effects("circuit_breaker.closed").len(), 1);
}

#[tokio::test]
async fn a_user_can_close_the_breaker_and_a_service_cannot() {
    let app = start().await;
    close_breaker(&app).await.refused(404, "NOT_FOUND");
    fail_calls(&app, 11).await;
    assert_eq!(error_code(&app).await, "CIRCUIT_BREAKER_OPEN");
    let other = app.delete("u2", "/errors/stats", Some(json!({ "agentId": "a", "tool": "slack" }))).await;
    other.refused(404, "NOT_FOUND");
    app.post("u1", "/integrations", json!({ "service": "helper" })).await.ok();
    let body = json!({ "userId": "u1", "agentId": "a", "tool": "slack" }).to_string();
    app.send("DELETE", "/errors/stats", Some(&app.service_token("helper")), Some(body)).await.refused(403, "FORBIDDEN");
    close_breaker(&app).await.ok();
    assert_eq!(app.effects("circuit_breaker.closed").len(), 1);
    succeed_calls(&app, 1).await;
    assert_eq!(breaker_status(&app).await, Value::Null);
}
