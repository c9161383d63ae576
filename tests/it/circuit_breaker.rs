//! The circuit breaker: it opens per agent and tool, probes with one call at a time, and reports its reason.

use crate::support::builders::{ALL_TOOLS, fetch_messages, list_channels};
use crate::support::responses::{BreakerState, CircuitBreaker, CircuitBreakerList};
use crate::support::{EffectKind, TestApp, TestResponse};
use sandbox::Fault;
use serde_json::json;

fn slack_down(times: u32) -> Fault {
    Fault::status("slack", 503, json!({})).at_path("/api/conversations.list").times(times)
}

async fn fail_calls(app: &TestApp, times: u32) {
    app.fault(slack_down(times));
    for _ in 0..times {
        app.submit("u1", list_channels()).await.failed("PROVIDER_UNAVAILABLE");
    }
}

async fn succeed_calls(app: &TestApp, times: usize) {
    for _ in 0..times {
        app.submit("u1", list_channels()).await.succeeded();
    }
}

/// A call that fails by the caller's mistake.
async fn call_wrongly(app: &TestApp) {
    app.submit("u1", fetch_messages().with("channel", "C0NOSUCH")).await.failed("PROVIDER_NOT_FOUND");
}

/// Asserts that the breaker refuses a call.
async fn assert_refuses(app: &TestApp) {
    app.submit("u1", list_channels()).await.failed("CIRCUIT_BREAKER_OPEN");
}

/// The circuit breaker of the agent for Slack; `None` if it has counted no call.
async fn breaker(app: &TestApp) -> Option<CircuitBreaker> {
    let list: CircuitBreakerList = app.get("u1", "/circuit-breakers?agentId=a").await.view();
    list.circuit_breakers.into_iter().next()
}

async fn state(app: &TestApp) -> Option<BreakerState> {
    breaker(app).await.map(|breaker| breaker.state)
}

async fn start() -> TestApp {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000")]).await;
    app.connect("u1", "slack").await;
    app
}

async fn close_breaker(app: &TestApp, user: &str) -> TestResponse {
    app.delete(user, "/circuit-breakers", Some(json!({ "agentId": "a", "tool": "slack" }))).await
}

#[tokio::test]
async fn breaker_stays_closed_at_10_failures_or_below_50_percent() {
    let app = start().await;
    fail_calls(&app, 10).await;
    succeed_calls(&app, 1).await;
    let now = breaker(&app).await.unwrap();
    assert_eq!((now.state, now.should_disable_tool), (BreakerState::Closed, false));
    assert_eq!((now.failures, now.successes), (10, 1));
    succeed_calls(&app, 10).await;
    fail_calls(&app, 1).await;
    assert_eq!(state(&app).await, Some(BreakerState::Closed), "eleven of twenty-two");
    fail_calls(&app, 1).await;
    let open = breaker(&app).await.unwrap();
    assert_eq!((open.state, open.should_disable_tool), (BreakerState::Open, true), "twelve of twenty-three");
    let reason = "12 of 23 calls failed within an hour, the last with PROVIDER_UNAVAILABLE";
    assert_eq!(open.reason.as_deref(), Some(reason));
    assert_refuses(&app).await;
}

#[tokio::test]
async fn breaker_failures_expire_after_an_hour() {
    let app = start().await;
    fail_calls(&app, 6).await;
    app.advance(40 * 60);
    fail_calls(&app, 4).await;
    app.advance(25 * 60);
    fail_calls(&app, 6).await;
    let now = breaker(&app).await.unwrap();
    assert_eq!((now.failures, now.state), (10, BreakerState::Closed), "the first six have expired");
    app.advance(3600);
    assert_eq!(breaker(&app).await, None, "no calls are counted");
}

#[tokio::test]
async fn caller_errors_do_not_count_for_the_breaker() {
    let app = start().await;
    for _ in 0..12 {
        call_wrongly(&app).await;
    }
    assert_eq!(breaker(&app).await, None);
    succeed_calls(&app, 1).await;
}

#[tokio::test]
async fn open_periods_grow_to_60_minutes_until_a_probe_succeeds() {
    let app = start().await;
    fail_calls(&app, 11).await;
    for minutes in [5, 10, 20, 40, 60, 60] {
        app.advance(minutes * 60 - 1);
        // Open for that many minutes.
        assert_refuses(&app).await;
        app.advance(1);
        assert_eq!(state(&app).await, Some(BreakerState::HalfOpen), "after {minutes} minutes");
        fail_calls(&app, 1).await;
        let open = breaker(&app).await.unwrap();
        assert_eq!(open.state, BreakerState::Open);
        assert_eq!(open.reason.as_deref(), Some("the probe failed with PROVIDER_UNAVAILABLE"));
    }
    app.advance(3600);
    succeed_calls(&app, 2).await;
    assert_eq!(breaker(&app).await, None);
    app.effects(EffectKind::BreakerOpened).assert_count(1);
    app.effects(EffectKind::BreakerClosed).assert_count(1);
}

#[tokio::test]
async fn exactly_one_of_many_calls_probes() {
    let app = start().await;
    fail_calls(&app, 11).await;
    app.advance(5 * 60);
    app.fault(slack_down(1));
    let answers = futures::future::join_all((0..8).map(|_| app.submit("u1", list_channels()))).await;
    let codes: Vec<&str> = answers.iter().map(TestResponse::code).collect();
    let count = |code: &str| codes.iter().filter(|returned| **returned == code).count();
    assert_eq!((count("PROVIDER_UNAVAILABLE"), count("CIRCUIT_BREAKER_OPEN")), (1, 7), "{codes:?}");
    app.effects(EffectKind::BreakerClosed).assert_none();
}

#[tokio::test]
async fn an_inconclusive_probe_is_followed_by_another_after_a_minute() {
    let app = start().await;
    fail_calls(&app, 11).await;
    app.advance(5 * 60);
    call_wrongly(&app).await;
    assert_refuses(&app).await;
    app.advance(60);
    succeed_calls(&app, 1).await;
    app.effects(EffectKind::BreakerClosed).assert_count(1);
}

#[tokio::test]
async fn a_user_can_close_the_breaker_and_a_service_cannot() {
    let app = start().await;
    close_breaker(&app, "u1").await.refused(404, "NOT_FOUND");
    fail_calls(&app, 11).await;
    assert_refuses(&app).await;
    close_breaker(&app, "u2").await.refused(404, "NOT_FOUND");
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    let body = json!({ "userId": "u1", "agentId": "a", "tool": "slack" }).to_string();
    app.send("DELETE", "/circuit-breakers", Some(&app.service_token("helper")), Some(body))
        .await
        .refused(403, "FORBIDDEN");
    close_breaker(&app, "u1").await.ok();
    app.effects(EffectKind::BreakerClosed).assert_count(1);
    succeed_calls(&app, 1).await;
    assert_eq!(breaker(&app).await, None);
}
