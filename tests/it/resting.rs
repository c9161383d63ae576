//! The breaker: a tool that keeps failing for an agent rests, is tried again by one call at a time, and says why.

use crate::support::{Answer, TestApp};
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

fn fetch() -> Value {
    json!({ "agentId": "a", "tool": "slack", "intent": "fetch_messages", "context": { "channel": GENERAL } })
}

async fn fails(app: &TestApp, times: u32) {
    let down = Fault::status("slack", 503, json!({})).at_path("/api/conversations.history").times(times);
    app.sandbox.sandbox.fault(down);
    for _ in 0..times {
        let result = app.post("u1", "", fetch()).await.ok();
        assert_eq!(result["error"]["code"], "PROVIDER_UNAVAILABLE", "{result}");
    }
}

async fn works(app: &TestApp, times: usize) {
    for _ in 0..times {
        let result = app.post("u1", "", fetch()).await.ok();
        assert_eq!(result["success"], true, "{result}");
    }
}

/// How the agent's use of Slack stands.
async fn state(app: &TestApp) -> Value {
    app.get("u1", "/errors/stats?agentId=a").await.ok()["circuitBreakers"][0].clone()
}

async fn code(app: &TestApp) -> Value {
    app.post("u1", "", fetch()).await.ok()["error"]["code"].clone()
}

async fn start() -> TestApp {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000")]).await;
    app.connect("u1", "slack").await;
    app
}

async fn reset(app: &TestApp) -> Answer {
    app.delete("u1", "/errors/stats", Some(json!({ "agentId": "a", "tool": "slack" }))).await
}

#[tokio::test]
async fn ten_failures_are_borne_and_so_are_more_that_are_under_half() {
    let app = start().await;
    fails(&app, 10).await;
    works(&app, 1).await;
    let now = state(&app).await;
    let shown = ["state", "shouldDisableTool", "failures", "successes"].map(|field| now[field].clone());
    assert_eq!(shown, [json!("closed"), json!(false), json!(10), json!(1)], "{now}");
    works(&app, 10).await;
    fails(&app, 1).await;
    assert_eq!(state(&app).await["state"], "closed", "eleven of twenty-two");
    fails(&app, 1).await;
    let open = state(&app).await;
    assert_eq!(
        (&open["state"], &open["shouldDisableTool"]),
        (&json!("open"), &json!(true)),
        "twelve of twenty-three: {open}"
    );
    assert_eq!(open["reason"], "12 of 23 calls failed within an hour, the last with PROVIDER_UNAVAILABLE");
    assert_eq!(code(&app).await, "CIRCUIT_BREAKER_OPEN");
}

#[tokio::test]
async fn failures_an_hour_old_are_forgotten_and_a_healthy_tool_costs_nothing() {
    let app = start().await;
    app.calls.reset();
    works(&app, 1).await;
    assert_eq!(app.calls.operations().len(), 2, "connection beside limit");
    fails(&app, 6).await;
    app.advance(40 * 60);
    fails(&app, 4).await;
    app.calls.reset();
    works(&app, 1).await;
    assert_eq!(app.calls.operations().len(), 3, "a success is set against the failures");
    app.advance(25 * 60);
    fails(&app, 6).await;
    let now = state(&app).await;
    assert_eq!((&now["failures"], &now["state"]), (&json!(10), &json!("closed")), "the first six are over: {now}");
    app.advance(3600);
    assert_eq!(state(&app).await, Value::Null, "nothing is left to say");
    app.calls.reset();
    works(&app, 1).await;
    assert_eq!(app.calls.operations().len(), 2);
}

#[tokio::test]
async fn what_the_caller_did_wrong_does_not_count() {
    let app = start().await;
    for _ in 0..12 {
        let mut wrong = fetch();
        wrong["context"]["channel"] = "C0NOSUCH".into();
        assert_eq!(app.post("u1", "", wrong).await.ok()["error"]["code"], "PROVIDER_NOT_FOUND");
    }
    assert_eq!(state(&app).await, Value::Null);
    works(&app, 1).await;
}

#[tokio::test]
async fn rests_grow_until_a_try_works() {
    let app = start().await;
    fails(&app, 11).await;
    for minutes in [5, 10, 20, 40, 60, 60] {
        app.advance(minutes * 60 - 1);
        assert_eq!(code(&app).await, "CIRCUIT_BREAKER_OPEN", "a rest of {minutes} minutes");
        app.advance(1);
        assert_eq!(state(&app).await["state"], "half_open");
        fails(&app, 1).await;
        let open = state(&app).await;
        assert_eq!(open["state"], "open", "{open}");
        assert_eq!(open["reason"], "it was tried again and failed with PROVIDER_UNAVAILABLE");
    }
    app.advance(3600);
    works(&app, 2).await;
    assert_eq!(state(&app).await, Value::Null);
    assert_eq!((app.effects("circuit_breaker.opened").len(), app.effects("circuit_breaker.closed").len()), (1, 1));
}

#[tokio::test]
async fn of_many_calls_one_tries() {
    let app = start().await;
    fails(&app, 11).await;
    app.advance(5 * 60);
    let before = app.effects("circuit_breaker.closed").len();
    let down = Fault::status("slack", 503, json!({})).at_path("/api/conversations.history").times(1);
    app.sandbox.sandbox.fault(down);
    let answers = futures::future::join_all((0..8).map(|_| code(&app))).await;
    let tried = answers.iter().filter(|code| **code == "PROVIDER_UNAVAILABLE").count();
    let refused = answers.iter().filter(|code| **code == "CIRCUIT_BREAKER_OPEN").count();
    assert_eq!((tried, refused), (1, 7), "{answers:?}");
    assert_eq!(app.effects("circuit_breaker.closed").len(), before);
}

#[tokio::test]
async fn a_try_without_a_verdict_is_followed_by_the_next_after_a_minute() {
    let app = start().await;
    fails(&app, 11).await;
    app.advance(5 * 60);
    let mut wrong = fetch();
    wrong["context"]["channel"] = "C0NOSUCH".into();
    assert_eq!(app.post("u1", "", wrong).await.ok()["error"]["code"], "PROVIDER_NOT_FOUND");
    assert_eq!(code(&app).await, "CIRCUIT_BREAKER_OPEN");
    app.advance(60);
    works(&app, 1).await;
    assert_eq!(app.effects("circuit_breaker.closed").len(), 1);
}

#[tokio::test]
async fn a_person_can_have_it_tried_at_once() {
    let app = start().await;
    reset(&app).await.refused(404, "NOT_FOUND");
    fails(&app, 11).await;
    assert_eq!(code(&app).await, "CIRCUIT_BREAKER_OPEN");
    let other = app.delete("u2", "/errors/stats", Some(json!({ "agentId": "a", "tool": "slack" }))).await;
    other.refused(404, "NOT_FOUND");
    app.post("u1", "/integrations", json!({ "service": "helper" })).await.ok();
    let body = json!({ "userId": "u1", "agentId": "a", "tool": "slack" }).to_string();
    app.send("DELETE", "/errors/stats", Some(&app.service("helper")), Some(body)).await.refused(403, "FORBIDDEN");
    reset(&app).await.ok();
    assert_eq!(app.effects("circuit_breaker.closed").len(), 1);
    works(&app, 1).await;
    assert_eq!(state(&app).await, Value::Null);
}
