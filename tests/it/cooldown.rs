//! The cooldown after a provider's rate limit: how long it lasts, what ends it, and that a limit is no failure of the tool.

use crate::support::TestApp;
use crate::support::builders::{email, fetch_emails, fetch_messages, intent, message};
use crate::support::responses::{CircuitBreakerList, TaskStatus};
use sandbox::Fault;
use sandbox::fixtures::notion::PAGE;
use sandbox::fixtures::slack::{GENERAL, PROJECT_UPDATES};
use serde_json::{Value, json};

const HISTORY: &str = "/slack/api/conversations.history";

/// Slack's rate limit on reading a channel.
fn limited(retry_after: &str) -> Fault {
    let fault = Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" }));
    fault.header("retry-after", retry_after).at_path("/api/conversations.history")
}

async fn start() -> TestApp {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "1000")]).await;
    app.connect("u1", "slack").await;
    app
}

/// Meets a limit of a second; the next call is the first after it.
async fn meet_limit(app: &TestApp) {
    app.fault(limited("1"));
    app.submit("u1", fetch_messages()).await.failed("PROVIDER_RATE_LIMITED");
    app.advance(2);
}

#[tokio::test]
async fn rate_limits_open_no_circuit_breaker() {
    let app = start().await;
    for _ in 0..20 {
        meet_limit(&app).await;
    }
    assert_eq!(app.sandbox.sandbox.call_count(HISTORY), 20);
    let CircuitBreakerList { circuit_breakers, .. } = app.get("u1", "/circuit-breakers?agentId=a").await.view();
    assert!(circuit_breakers.iter().all(|breaker| breaker.failures == 0), "{circuit_breakers:?}");
    app.submit("u1", fetch_messages()).await.succeeded();
}

#[tokio::test]
async fn any_answer_but_a_limit_ends_the_cooldown() {
    let slack = |status: u16, body: Value| Fault::status("slack", status, body).at_path("/api/conversations.history");
    for (answer, code) in [
        (slack(200, json!({ "ok": false, "error": "channel_not_found" })), "PROVIDER_NOT_FOUND"),
        (slack(200, json!({ "ok": false, "error": "missing_scope", "needed": "channels:history" })), "MISSING_SCOPE"),
        (slack(400, json!({ "ok": false, "error": "invalid_cursor" })), "PROVIDER_REJECTED"),
        (slack(503, json!({})), "PROVIDER_UNAVAILABLE"),
        (Fault::refuse("slack").at_path("/api/conversations.history"), "PROVIDER_UNAVAILABLE"),
    ] {
        let app = start().await;
        meet_limit(&app).await;
        app.fault(answer);
        app.submit("u1", fetch_messages()).await.failed(code);
        app.advance(1);
        app.submit("u1", fetch_messages()).await.succeeded();
        app.submit("u1", message()).await.succeeded();
    }
}

#[tokio::test]
async fn limit_of_the_next_call_lasts_for_the_time_that_it_gives() {
    let app = start().await;
    meet_limit(&app).await;
    app.fault(limited("3"));
    app.submit("u1", fetch_messages()).await.failed("PROVIDER_RATE_LIMITED");
    let waiting = app.submit("u1", fetch_messages()).await.failed("PROVIDER_RATE_LIMITED");
    assert_eq!(waiting.error.retry_after_ms, Some(3000));
    app.advance(4);
    app.submit("u1", fetch_messages()).await.succeeded();
}

#[tokio::test]
async fn limit_without_a_time_is_a_cooldown_of_five_seconds() {
    let google = json!({ "error": { "code": 403, "message": "Rate Limit Exceeded",
        "errors": [{ "domain": "usageLimits", "reason": "rateLimitExceeded" }] } });
    let notion = json!({ "object": "error", "status": 429, "code": "rate_limited", "message": "Slow down." });
    let asana = json!({ "errors": [{ "message": "You have made too many requests recently." }] });
    let slack = json!({ "ok": false, "error": "rate_limited" });
    let search = intent("notion", "search").context(json!({ "query": "home" }));
    let workspaces = intent("asana", "list_workspaces");
    for (limit, intent) in [
        (Fault::status("gmail", 403, google), fetch_emails()),
        (Fault::status("slack", 200, slack), fetch_messages()),
        (Fault::status("notion", 429, notion), search),
        (Fault::status("asana", 429, asana), workspaces),
    ] {
        let app = TestApp::start().await;
        app.connect("u1", &intent.tool()).await;
        app.fault(limit);
        let refused = app.submit("u1", intent.clone()).await.failed("PROVIDER_RATE_LIMITED");
        assert_eq!(refused.error.retry_after_ms, Some(5000), "{}", intent.tool());
        let waiting = app.submit("u1", intent.clone()).await.failed("PROVIDER_RATE_LIMITED");
        assert_eq!(waiting.error.retry_after_ms, Some(5000), "{}", intent.tool());
        app.advance(6);
        app.with_advancing_clock(app.submit("u1", intent)).await.succeeded();
    }
}

#[tokio::test]
async fn a_time_that_is_none_or_too_long_is_replaced_in_the_answer_and_in_the_cooldown() {
    for (retry_after, ms) in [
        ("0", 5000),
        ("Sun, 22 Nov 2026 10:00:00 GMT", 5000),
        ("soon", 5000),
        ("99999999999999999999", 86_400_000),
        ("Fri, 31 Dec 2100 10:00:00 GMT", 86_400_000),
    ] {
        let app = start().await;
        app.fault(limited(retry_after));
        for _ in 0..2 {
            let refused = app.submit("u1", fetch_messages()).await.failed("PROVIDER_RATE_LIMITED");
            assert_eq!(refused.error.retry_after_ms, Some(ms), "{retry_after}");
        }
        assert_eq!(app.sandbox.sandbox.call_count(HISTORY), 1, "{retry_after}");
    }
}

#[tokio::test]
async fn limit_of_one_tool_leaves_the_others() {
    let app = start().await;
    app.connect("u1", "gmail").await;
    app.fault(limited("60"));
    app.submit("u1", fetch_messages()).await.failed("PROVIDER_RATE_LIMITED");
    app.submit("u1", email()).await.succeeded();
}

#[tokio::test]
async fn limit_of_one_method_leaves_the_others() {
    let app = start().await;
    app.fault(limited("60"));
    app.submit("u1", fetch_messages()).await.failed("PROVIDER_RATE_LIMITED");
    app.submit("u1", message()).await.succeeded();
    app.submit("u1", intent("slack", "list_channels")).await.succeeded();
    let waiting = app.submit("u1", fetch_messages()).await.failed("PROVIDER_RATE_LIMITED");
    assert_eq!(waiting.error.retry_after_ms, Some(60_000));
    assert_eq!(app.sandbox.sandbox.call_count(HISTORY), 1, "no call during the cooldown");
}

#[tokio::test]
async fn limit_of_posting_is_of_one_channel() {
    let app = start().await;
    let limit = Fault::status("slack", 429, json!({ "ok": false, "error": "ratelimited" }));
    app.fault(limit.header("retry-after", "60").at_path("/api/chat.postMessage"));
    let to = |channel: &str| message().with("channel", channel);
    app.submit("u1", to(GENERAL)).await.failed("PROVIDER_RATE_LIMITED");
    app.submit("u1", to(GENERAL)).await.failed("PROVIDER_RATE_LIMITED");
    app.submit("u1", to(PROJECT_UPDATES)).await.succeeded();
    app.advance(61);
    app.submit("u1", to(GENERAL)).await.succeeded();
    // After a limit of a minute the calls go on with one, and then faster and faster.
    let next = app.submit("u1", to(GENERAL)).await.failed("PROVIDER_RATE_LIMITED");
    assert_eq!(next.error.retry_after_ms, Some(3392));
    app.advance(4);
    app.submit("u1", to(GENERAL)).await.succeeded();
}

#[tokio::test]
async fn limit_of_an_account_stops_all_its_calls() {
    let app = TestApp::start().await;
    app.connect("u1", "asana").await;
    app.fault(Fault::status("asana", 429, json!({ "errors": [] })).header("retry-after", "30"));
    app.submit("u1", intent("asana", "list_workspaces")).await.failed("PROVIDER_RATE_LIMITED");
    let calls = app.sandbox.sandbox.call_count("/asana/api/1.0/tasks");
    let create = || intent("asana", "create_task").with("name", "Ship");
    app.submit("u1", create()).await.failed("PROVIDER_RATE_LIMITED");
    assert_eq!(app.sandbox.sandbox.call_count("/asana/api/1.0/tasks"), calls);
    app.advance(31);
    app.with_advancing_clock(app.submit("u1", create())).await.succeeded();
}

/// Answers a call of sending a draft with a limit, once. Gmail gives no time to wait.
fn limited_send() -> Fault {
    let reason = json!([{ "domain": "usageLimits", "reason": "userRateLimitExceeded" }]);
    Fault::status("gmail", 403, json!({ "error": { "code": 403, "message": "Slow down.", "errors": reason } }))
        .at_path("/gmail/v1/users/me/drafts/send")
}

#[tokio::test]
async fn limit_between_two_calls_of_an_attempt_is_waited_out() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.fault(limited_send());
    app.with_advancing_clock(app.submit("u1", email())).await.succeeded();
    assert_eq!(app.sandbox.sandbox.call_count("/gmail/gmail/v1/users/me/drafts"), 1, "one draft");
}

#[tokio::test]
async fn calls_of_an_attempt_after_a_limit_are_spread_over_the_interval_of_the_pace() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    let create = || intent("notion", "create_page").with("title", "Plan").with("parent", PAGE);
    let limit = json!({ "object": "error", "status": 429, "code": "rate_limited", "message": "Slow down." });
    app.fault(Fault::status("notion", 429, limit).header("retry-after", "10"));
    app.submit("u1", create()).await.failed("PROVIDER_RATE_LIMITED");
    app.advance(10);
    let before = app.clock.now();
    app.with_advancing_clock(app.submit("u1", create())).await.succeeded();
    // The interval after a limit of ten seconds is a second: half of it passes before the second call, and all of it at most.
    let took = app.clock.now().duration_since(before);
    assert!((500..=1000).contains(&took.as_millis()), "{took:?}");
}

#[tokio::test]
async fn rate_limits_defer_a_task_for_the_time_of_the_setting() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_MAX_LIMITED_HOURS", "2")]).await;
    app.connect("u1", "slack").await;
    let id = app.schedule("u1", fetch_messages().at(app.after(60))).await.scheduled();
    for (minutes, status, attempts) in
        [(1, TaskStatus::Retrying, 0), (60, TaskStatus::Retrying, 0), (60, TaskStatus::Failed, 1)]
    {
        app.fault(limited("3000"));
        app.run_processor_after(60 * minutes).await;
        let task = app.task(&id).await;
        assert_eq!((task.status, task.attempts), (status, attempts), "{task:?}");
        assert_eq!(task.last_error.unwrap().code, "PROVIDER_RATE_LIMITED");
    }
}
