//! The route `/errors` with its bulk, fallback, statistics and trends routes.

use crate::support::TestApp;
use crate::support::responses::{
    BulkItem, CircuitBreakerList, ErrorsBulk, Fallback, FallbackList, FallbackRow, FallbackSet, LoggedError, Reported,
    Resolved, RetryPolicy, Stats, Trends,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn report(tool: &str, code: &str) -> Value {
    let action = if tool == "gmail" { "send_email" } else { "send_message" };
    json!({
        "agentId": "agent_456", "tool": tool, "action": action, "errorCode": code,
        "errorMessage": "Authentication failed", "payload": { "to": "recipient@example.com", "limit": 3 }
    })
}

async fn report_error(app: &TestApp, tool: &str, code: &str) -> String {
    let reported: Reported = app.post("u1", "/errors", report(tool, code)).await.view();
    assert!(!reported.fallback_message.is_empty());
    reported.error_id
}

#[tokio::test]
async fn a_reported_error_is_listed_and_resolved_once() {
    let app = TestApp::start().await;
    let first = report_error(&app, "gmail", "AUTHENTICATION_ERROR").await;
    app.advance(1);
    let second = report_error(&app, "gmail", "AUTHENTICATION_ERROR").await;
    let rows = app.logged_errors("agentId=agent_456").await.errors;
    assert_eq!((&rows[0].error_id, &rows[1].error_id), (&second, &first), "newest first");
    assert_eq!(rows[0].payload, json!({ "to": "[redacted]" }), "an e-mail has no `limit`");
    assert!(!rows[0].resolved);

    let resolve = async |id: &str| app.patch("u1", "/errors", json!({ "errorId": id })).await;
    assert!(resolve(&first).await.view::<Resolved>().changed);
    assert!(!resolve(&first).await.view::<Resolved>().changed);
    resolve("err_01J00000000000000000000000").await.refused(404, "NOT_FOUND");
    resolve("error_123").await.refused(404, "NOT_FOUND");
    let rows = app.logged_errors("agentId=agent_456").await.errors;
    assert_eq!((rows[1].resolved, rows[1].resolved_at), (true, Some(app.clock.now())));

    let bulk = json!({ "action": "resolve", "errorIds": [first, second, "err_nonsense"] });
    let bulk: ErrorsBulk = app.post("u1", "/errors/bulk", bulk).await.view();
    assert_eq!((bulk.count, bulk.success), (1, false), "one really changed: {bulk:?}");
    let changed: Vec<Option<bool>> = bulk.results.iter().map(BulkItem::changed).collect();
    assert_eq!(changed, [Some(false), Some(true), None], "{bulk:?}");
    assert_eq!(bulk.results[2].code(), Some("NOT_FOUND"));
    let unsupported = json!({ "action": "delete", "errorIds": [first] });
    app.post("u1", "/errors/bulk", unsupported).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn error_lists_are_paged_newest_first() {
    let app = TestApp::start().await;
    for n in 0..3 {
        report_error(&app, "gmail", &format!("E{n}")).await;
        app.advance(1);
    }
    let first = app.logged_errors("agentId=agent_456&limit=2").await;
    let second = app.logged_errors(&format!("agentId=agent_456&limit=2&cursor={}", first.cursor.unwrap())).await;
    let codes = |page: Vec<LoggedError>| -> Vec<String> { page.into_iter().map(|row| row.error_code).collect() };
    assert_eq!((codes(first.errors), codes(second.errors)), (vec!["E2".into(), "E1".into()], vec!["E0".into()]));
    assert_eq!(second.cursor, None);
}

#[tokio::test]
async fn errors_are_filtered_and_pages_fill_up() {
    let app = TestApp::start().await;
    let mut times = vec![];
    let mut ids = vec![];
    for n in 0..6 {
        let (tool, code) = if n % 3 == 0 { ("slack", "RARE") } else { ("gmail", "USUAL") };
        times.push(app.clock.now().to_string());
        ids.push(report_error(&app, tool, code).await);
        app.advance(60);
    }
    app.patch("u1", "/errors", json!({ "errorId": ids[1] })).await.ok();
    let list = async |query: &str| {
        let page = app.logged_errors(&format!("agentId=agent_456&{query}")).await;
        let position = |row: &LoggedError| ids.iter().position(|id| row.error_id == *id).unwrap();
        (page.errors.iter().map(position).collect::<Vec<_>>(), page.cursor)
    };
    assert_eq!(list("tool=slack").await, (vec![3, 0], None));
    assert_eq!(list("errorCode=USUAL&resolved=false").await, (vec![5, 4, 2], None));
    assert_eq!(list("resolved=true").await, (vec![1], None));
    let (since, until) = (&times[2], &times[4]);
    assert_eq!(list(&format!("since={since}&until={until}")).await, (vec![3, 2], None), "from, and before");
    assert_eq!(list(&format!("since={since}&tool=slack")).await, (vec![3], None));

    // A filtered page is as full as an unfiltered one.
    let (page, cursor) = list("tool=slack&limit=1").await;
    assert_eq!(page, [3]);
    let (page, cursor) = list(&format!("tool=slack&limit=1&cursor={}", cursor.unwrap())).await;
    assert_eq!((page, cursor), (vec![0], None));
    for query in ["tool=nosuch", "resolved=perhaps", "since=yesterday", "color=red"] {
        assert_eq!(app.get("u1", &format!("/errors?agentId=agent_456&{query}")).await.status, 400, "{query}");
    }
    let backwards = format!("/errors?agentId=agent_456&since={until}&until={since}");
    app.get("u1", &backwards).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn the_most_specific_fallback_applies() {
    let app = TestApp::start().await;
    let read = async |query: &str| {
        let found: Fallback = app.get("u1", &format!("/errors/fallbacks?tool=gmail{query}")).await.view();
        found.message
    };
    assert_eq!(read("").await, None, "the built-in texts apply");
    let text = |text: &str| Some(text.to_owned());
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail", "message": "Tool." })).await.ok();
    let set = json!({ "tool": "gmail", "agentId": "a", "message": "Agent." });
    let answer: FallbackSet = app.post("u1", "/errors/fallbacks", set).await.view();
    assert_eq!((answer.success, answer.tool.as_str(), answer.agent_id.as_deref()), (true, "gmail", Some("a")));
    assert_eq!((answer.message.as_deref(), answer.retry), (Some("Agent."), None));
    assert_eq!(
        (read("").await, read("&agentId=a").await, read("&agentId=b").await),
        (text("Tool."), text("Agent."), text("Tool."))
    );
    let other: Fallback = app.get("u2", "/errors/fallbacks?tool=gmail&agentId=a").await.view();
    assert_eq!(other.message, None, "another user's messages are their own");
    let texts = other.built_in;
    let all = [&texts.connect, &texts.fix, &texts.look, &texts.unknown, &texts.retry];
    assert!(all.iter().all(|text| text.contains("Gmail")), "{texts:?}");
    assert_eq!(all.map(|text| text.contains("later")), [false, false, false, false, true], "{texts:?}");
    let long = json!({ "tool": "gmail", "message": "x".repeat(1001) });
    app.post("u1", "/errors/fallbacks", long).await.refused(400, "INVALID_FIELD");

    // Precedence: agent and tool, tool, the caller's default, the built-in messages.
    assert_eq!(read("&agentId=a&default=Mine.").await, text("Agent."));
    app.delete("u1", "/errors/fallbacks", Some(json!({ "tool": "gmail", "agentId": "a" }))).await.ok();
    assert_eq!(read("&agentId=a&default=Mine.").await, text("Tool."));
    app.delete("u1", "/errors/fallbacks", Some(json!({ "tool": "gmail" }))).await.ok();
    assert_eq!((read("&agentId=a&default=Mine.").await, read("").await), (text("Mine."), None));
    let repeated = app.delete("u1", "/errors/fallbacks", Some(json!({ "tool": "gmail" }))).await;
    repeated.refused(404, "NOT_FOUND");
    for query in ["?tool=gmail&default=", "?tool=nosuch", "?cursor=nonsense"] {
        assert_eq!(app.get("u1", &format!("/errors/fallbacks{query}")).await.status, 400, "{query}");
    }
    app.get("u1", "/errors/fallbacks?agentId=a").await.refused(400, "MISSING_FIELDS");
}

#[tokio::test]
async fn fallbacks_are_listed_page_by_page() {
    let app = TestApp::start().await;
    for (tool, agent, message) in [("slack", json!(null), "S."), ("gmail", json!("*"), "G.")] {
        let set = json!({ "tool": tool, "agentId": agent, "message": message });
        app.post("u1", "/errors/fallbacks", set).await.ok();
    }
    let policy =
        RetryPolicy { max_attempts: Some(2), initial_interval_seconds: Some(60), max_interval_seconds: Some(900) };
    app.post("u1", "/errors/fallbacks", json!({ "tool": "asana", "retry": policy })).await.ok();
    let first: FallbackList = app.get("u1", "/errors/fallbacks?limit=2").await.view();
    let second = format!("/errors/fallbacks?limit=2&cursor={}", first.cursor.unwrap());
    let second: FallbackList = app.get("u1", &second).await.view();
    assert_eq!(second.cursor, None);
    let rows = [first.fallbacks, second.fallbacks].concat();
    let fields = |row: &FallbackRow| (row.tool.clone(), row.agent_id.clone(), row.message.clone(), row.retry.clone());
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        rows.iter().map(fields).collect::<Vec<_>>(),
        [
            ("asana".to_owned(), None, None, Some(policy)),
            ("gmail".to_owned(), text("*"), text("G."), None),
            ("slack".to_owned(), None, text("S."), None),
        ]
    );
    assert_eq!(rows[0].updated_by, "u1");
    let other: FallbackList = app.get("u2", "/errors/fallbacks").await.view();
    assert_eq!(other.fallbacks, []);
}

#[tokio::test]
async fn a_retry_policy_is_set_beside_the_message_and_bounded() {
    let app = TestApp::start().await;
    let read = async |query: &str| {
        let path = format!("/errors/fallbacks?tool=gmail{query}");
        app.get("u1", &path).await.view::<Fallback>()
    };
    let usual =
        RetryPolicy { max_attempts: Some(5), initial_interval_seconds: Some(4), max_interval_seconds: Some(900) };
    assert_eq!(read("").await.retry, usual);
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail", "agentId": "a", "message": "Agent." })).await.ok();
    let set = json!({ "tool": "gmail", "retry": { "maxAttempts": 2 } });
    let set: FallbackSet = app.post("u1", "/errors/fallbacks", set).await.view();
    assert_eq!(set.retry, Some(RetryPolicy { max_attempts: Some(2), ..usual }));
    let of_agent = read("&agentId=a").await;
    assert_eq!((of_agent.message.as_deref(), of_agent.retry.max_attempts), (Some("Agent."), Some(2)));
    let set = json!({ "tool": "gmail", "agentId": "a", "retry": { "maxAttempts": 1 } });
    app.post("u1", "/errors/fallbacks", set).await.ok();
    let of_agent = read("&agentId=a").await;
    assert_eq!((of_agent.message.as_deref(), of_agent.retry.max_attempts), (Some("Agent."), Some(1)));
    for retry in [
        json!({ "maxAttempts": 6 }),
        json!({ "initialIntervalSeconds": 0 }),
        json!({ "maxIntervalSeconds": 1 }),
        json!({ "x": 1 }),
    ] {
        let set = json!({ "tool": "gmail", "retry": retry });
        app.post("u1", "/errors/fallbacks", set).await.refused(400, "INVALID_FIELD");
    }
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail" })).await.refused(400, "MISSING_FIELDS");
}

/// Counts by name.
fn counts<const N: usize>(entries: [(&str, u64); N]) -> BTreeMap<String, u64> {
    entries.map(|(name, count)| (name.to_owned(), count)).into()
}

#[tokio::test]
async fn statistics_and_trends_count_each_day() {
    let app = TestApp::start().await;
    report_error(&app, "gmail", "A").await;
    report_error(&app, "slack", "B").await;
    app.advance(24 * 3600);
    for _ in 0..2 {
        report_error(&app, "gmail", "B").await;
    }
    let mut other = report("slack", "B");
    other["agentId"] = "b#x".into();
    app.post("u1", "/errors", other).await.ok();
    let stats = async |query: &str| app.get("u1", &format!("/errors/stats?{query}")).await.view::<Stats>();
    let week = stats("days=7").await;
    assert_eq!(week.by_tool, counts([("gmail", 3), ("slack", 2)]));
    assert_eq!(week.by_code, counts([("A", 1), ("B", 4)]));
    assert_eq!(week.by_agent, counts([("agent_456", 4), ("b#x", 1)]));
    let breakers: CircuitBreakerList = app.get("u1", "/circuit-breakers").await.view();
    assert_eq!(breakers.circuit_breakers, [], "reported errors do not count for a circuit breaker");
    let of_agent = stats("agentId=b%23x").await;
    assert_eq!((of_agent.by_tool, of_agent.by_agent), (counts([("slack", 1)]), counts([("b#x", 1)])));
    let today = stats("days=1").await;
    assert_eq!(today.by_agent, counts([("agent_456", 2), ("b#x", 1)]));
    assert_eq!(today.by_tool, counts([("gmail", 2), ("slack", 1)]));

    let trends = async |query: &str| app.get("u1", &format!("/errors/trends?{query}")).await.view::<Trends>();
    let by_day = |trends: &Trends| -> Vec<u64> { trends.trends.iter().map(|day| day.count).collect() };
    assert_eq!(by_day(&trends("agentId=b%23x&days=2").await), [0, 1]);
    let gmail = trends("days=3&tool=gmail").await;
    assert_eq!(by_day(&gmail), [0, 1, 2]);
    assert_eq!(gmail.frequent_errors, counts([("A", 1), ("B", 2)]));
    assert_eq!((gmail.period.days, gmail.period.tool.as_str()), (3, "gmail"));
    assert_eq!(trends("").await.period.tool, "all");
    let other: Stats = app.get("u2", "/errors/stats").await.view();
    assert_eq!(other.by_tool, counts([]), "only the caller's own");
    for days in ["0", "91", "-1", "abc", "1e9", "NaN"] {
        app.get("u1", &format!("/errors/stats?days={days}")).await.refused(400, "INVALID_FIELD");
        app.get("u1", &format!("/errors/trends?days={days}")).await.refused(400, "INVALID_FIELD");
    }
}
