//! Calls of limits, filters, circuit breakers, connections and their maintenance.

use super::calls;
use crate::support::TestApp;
use crate::support::builders::{fetch_emails, list_channels, message, report};
use crate::support::responses::{ErrorList, Reported};
use futures::StreamExt;
use jiff::SignedDuration;
use sandbox::Fault;
use serde_json::json;

/// The number of calls of an intent that succeeds.
async fn successful_read(app: &TestApp) -> usize {
    app.calls.reset();
    app.submit("u1", list_channels()).await.succeeded();
    app.calls.operations().len()
}

#[tokio::test]
async fn a_success_costs_one_call_more_within_an_hour_of_a_failure() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    assert_eq!(successful_read(&app).await, 3, "accounts and circuit breakers beside limit");
    app.fault(Fault::status("slack", 503, json!({})).at_path("/api/conversations.list"));
    app.submit("u1", list_channels()).await.failed("PROVIDER_UNAVAILABLE");
    assert_eq!(successful_read(&app).await, 4, "a success is counted while there are failures");
    app.advance(3600);
    assert_eq!(successful_read(&app).await, 3);
}

#[tokio::test]
async fn a_refused_authorize_is_the_read_of_its_limit() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_AUTHORIZES_PER_HOUR", "1")]).await;
    let authorize = "/oauth/authorize?tool=slack";
    app.get("u1", authorize).await.ok();
    app.calls.reset();
    app.get("u1", authorize).await.refused(429, "RATE_LIMITED");
    assert_eq!(app.calls.operations(), ["UpdateItem"]);
}

#[tokio::test]
async fn a_connection_status_is_one_read_in_every_state() {
    let app = TestApp::start().await;
    let status = async || calls(&app, "GET", "/integrations/status?tool=gmail", None).await;
    assert_eq!(status().await, ["Query"], "never connected");
    app.connect("u1", "gmail").await;
    assert_eq!(status().await, ["Query"], "connected");
    app.fault(Fault::status("google", 400, json!({ "error": "invalid_grant" })).at_path("/token"));
    app.advance(2 * 3600);
    app.submit("u1", fetch_emails()).await.failed("REAUTH_REQUIRED");
    assert_eq!(status().await, ["Query"], "needs reauthorization");
}

/// The shards of `u1`.
const SHARDS: [u8; 2] = [12, 13];

#[tokio::test]
async fn a_refresh_costs_a_poll_a_read_and_2_writes() {
    for lost in [false, true] {
        let app = TestApp::start().await;
        app.connect("u1", "slack").await;
        app.advance(12 * 3600);
        app.calls.reset();
        if lost {
            app.calls.lose_responses("UpdateItem", &app.tables.integrations);
        }
        let until = app.clock.now() + SignedDuration::from_secs(120);
        app.engine.integrations.refresh_due(&SHARDS, until).await.unwrap();
        app.check_role("process-due-tasks");
        let expected = match lost {
            false => ["Query", "Query", "GetItem", "UpdateItem", "UpdateItem"].as_slice(),
            true => &["Query", "Query", "GetItem", "UpdateItem", "UpdateItem", "UpdateItem", "UpdateItem"],
        };
        assert_eq!(app.calls.operations(), expected, "a poll per shard; the row; the lease; the tokens; lost: {lost}");
    }
}

#[tokio::test]
async fn a_failure_policy_is_2_consistent_reads_in_one_call() {
    let app = TestApp::start().await;
    app.calls.reset();
    app.get("u1", "/errors/fallbacks?tool=gmail&agentId=a").await.ok();
    let units: Vec<f64> = app.calls.units().into_iter().map(|(_, units)| units.read).collect();
    assert_eq!(units, [2.0], "the agent's row and the tool's");
}

#[tokio::test]
async fn a_filtered_page_is_one_query_and_another_to_fill_up() {
    let app = TestApp::start().await;
    for tool in ["slack", "gmail", "gmail", "slack", "gmail", "gmail"] {
        app.post("u1", "/errors", report(tool, "E")).await.ok();
        app.advance(60);
    }
    let first = "/errors?agentId=a&tool=slack&limit=1";
    assert_eq!(calls(&app, "GET", first, None).await, ["Query", "Query"], "600 rows more fill the page");
}

#[tokio::test]
async fn a_filtered_page_costs_at_most_4_reads() {
    let app = TestApp::start().await;
    let _: Reported = app.post("u1", "/errors", report("slack", "RARE")).await.view();
    let one = app.store.scan().table_name(&app.tables.errors).send().await.unwrap().items.unwrap();
    let row = one.iter().find(|row| row.contains_key("agentAt")).unwrap();
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let usual = (0..2500).map(|n| {
        let mut row = row.clone();
        // Newer than the rare error.
        let ulid = format!("7{n:025}");
        row.insert("sk".into(), text(format!("E#{ulid}")));
        row.insert("agentAt".into(), text(format!("a#{ulid}")));
        row.insert("tool".into(), text("gmail".into()));
        app.store.put_item().table_name(&app.tables.errors).set_item(Some(row)).send()
    });
    let puts: Vec<_> = futures::stream::iter(usual).buffer_unordered(16).collect().await;
    assert!(puts.iter().all(Result::is_ok));
    app.calls.take_used_actions();
    app.calls.reset();
    let first: ErrorList = app.get("u1", "/errors?agentId=a&tool=slack").await.view();
    assert_eq!(app.calls.operations().len(), 4, "bounded");
    assert_eq!(first.errors, []);
    let second = app.logged_errors(&format!("agentId=a&tool=slack&cursor={}", first.cursor.unwrap())).await;
    assert_eq!((second.errors.len(), second.cursor), (1, None));
}

#[tokio::test]
async fn a_read_that_waits_20_seconds_is_14_reads_of_the_row() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let id = app.schedule("u1", message().at(app.after(5))).await.scheduled();
    app.calls.reset();
    app.with_advancing_clock(app.get("u1", &format!("/tasks?taskId={id}&wait=20"))).await.ok();
    // At 0, 0.25, 0.75 and 1.75 s, every 2 s from there on, and at the end.
    assert_eq!(app.calls.operations(), ["GetItem"; 14]);
}
