//! The budgets of requests: what they cost, where they end, and that no route escapes them.

mod holders;
mod routes;

use crate::support::responses::ErrorAction;
use crate::support::{TestApp, TestResponse};
use engine::request_budgets::LEASE_PERMITS;
use futures::future::join_all;
use serde_json::json;

/// Two leases of reads, and two of writes, for each holder.
const TWO_LEASES: [(&str, &str); 2] =
    [("PLUGIN_ENGINE_READS_PER_MINUTE", "100"), ("PLUGIN_ENGINE_WRITES_PER_MINUTE", "100")];
/// The requests that a process admits within [`TWO_LEASES`].
const ADMITTED: usize = 150;

/// A read that needs no call of the store.
async fn read(app: &TestApp, user: &str) -> TestResponse {
    app.get(user, "?format=mcp").await
}

async fn write(app: &TestApp, user: &str) -> TestResponse {
    app.post(user, "/errors/fallbacks", json!({ "tool": "gmail", "message": "m" })).await
}

/// Makes so many reads, which are all admitted. Returns the number of leases that they took.
async fn reads(app: &TestApp, user: &str, count: usize) -> usize {
    app.calls.reset();
    for _ in 0..count {
        read(app, user).await.ok();
    }
    leases(app)
}

/// The leases since the last reset.
fn leases(app: &TestApp) -> usize {
    app.calls.completed("UpdateItem", &app.tables.tasks)
}

/// Advances the clock to a second of the next window.
fn advance_to_second(app: &TestApp, second: i64) {
    app.advance(60 + second - app.clock.now().as_second().rem_euclid(60));
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused_until_the_next_minute() {
    let app = TestApp::start_with(&TWO_LEASES).await;
    advance_to_second(&app, 18);
    assert_eq!(reads(&app, "u1", ADMITTED).await, 2);
    let answer = read(&app, "u1").await;
    assert_eq!(answer.headers["retry-after"], "42");
    let refusal = answer.refusal(429, "RATE_LIMITED");
    let limit = "a user, or a service that acts for one, can have 100 reading requests a minute";
    assert_eq!(refusal.message, format!("Too many requests: {limit}; retry in 42 s"));
    assert_eq!((refusal.action, refusal.retry_after_ms), (ErrorAction::Retry, Some(42_000)));
    app.calls.reset();
    for _ in 0..10 {
        read(&app, "u1").await.refused(429, "RATE_LIMITED");
    }
    assert!(app.calls.operations().is_empty(), "a refusal is remembered");
    write(&app, "u1").await.ok();
    read(&app, "u2").await.ok();

    app.advance(42);
    assert_eq!(reads(&app, "u1", 50).await, 0);
    assert_eq!(reads(&app, "u1", 100).await, 2);
    read(&app, "u1").await.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn requests_at_once_share_a_lease() {
    let app = TestApp::start_with(&TWO_LEASES).await;
    reads(&app, "u1", 50).await;
    app.calls.reset();
    let answers = join_all((0..LEASE_PERMITS).map(|_| read(&app, "u1"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(leases(&app), 1);
    let answers = join_all((0..120).map(|_| read(&app, "u1"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 50);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 70);
}

#[tokio::test]
async fn processes_together_admit_the_limit_and_fifty_requests_each() {
    let mut app = TestApp::start_with(&TWO_LEASES).await;
    let first = app.deployment;
    app.cold_start();
    let second = app.deployment;
    let mut admitted = 0;
    for deployment in [first, second].into_iter().cycle().take(300) {
        app.deployment = deployment;
        admitted += usize::from(read(&app, "u1").await.status == 200);
    }
    assert_eq!(admitted, 100 + 2 * 50);
}

#[tokio::test]
async fn without_the_store_requests_are_admitted_and_an_error_is_logged() {
    let app = TestApp::start_with(&TWO_LEASES).await;
    reads(&app, "u1", 50).await;
    let log = app.capture_log();
    app.calls.kill_after(0);
    reads(&app, "u1", 100).await;
    let errors: Vec<_> = log.lines().into_iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 2, "one for each lease: {errors:?}");
    assert!(errors.iter().all(|line| line["message"].as_str().unwrap().contains("lease of permits")), "{errors:?}");
}

#[tokio::test]
async fn an_item_of_a_bulk_request_counts_as_a_request() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_WRITES_PER_MINUTE", "150")]).await;
    let delete = async |items: usize| {
        let ids = json!({ "ids": vec!["map_unknown"; items] });
        app.delete("u1", "/context-mappings/bulk", Some(ids)).await
    };
    app.calls.reset();
    for (items, taken) in [(50, 0), (100, 2), (50, 3)] {
        delete(items).await.ok();
        assert_eq!(leases(&app), taken);
    }
    delete(1).await.refused(429, "RATE_LIMITED");
}

#[test]
fn the_pages_have_the_limits() {
    let variables = sandbox::settings::engine_variables("http://127.0.0.1:1", "http://127.0.0.1:1");
    let config = engine::config::Config::read(&|name| variables.get(name).cloned()).unwrap();
    let thousands = |number: u32| match number {
        1000.. => format!("{},{:03}", number / 1000, number % 1000),
        _ => number.to_string(),
    };
    let (reads, writes) = (thousands(config.reads_per_minute), thousands(config.writes_per_minute));
    let bound =
        format!("{reads} reads and {writes} writes a minute, and {LEASE_PERMITS} of each more for each warm process");
    for page in ["functions/README.md", "shared/docs/threat-model.md"] {
        assert!(crate::support::text(page).contains(&bound), "{page} must have: {bound}");
    }
}
