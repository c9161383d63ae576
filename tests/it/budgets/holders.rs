//! Those for whom limits count: users, services that act for them, and senders of requests that are refused.

use super::{ADMITTED, TWO_LEASES, read, reads, write};
use crate::support::TestApp;
use crate::support::builders::{fetch_emails, message, report};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use std::collections::HashMap;

/// Permits the service `helper` to act for a user.
async fn delegate(app: &TestApp, user: &str) {
    app.post(user, "/delegations", json!({ "service": "helper", "tools": ["gmail", "slack"] })).await.ok();
}

/// A read of the service for a user.
async fn service_read(app: &TestApp, user: &str) -> u16 {
    app.send("GET", &format!("?format=mcp&userId={user}"), Some(&app.service_token("helper")), None).await.status
}

/// Sets the uses of a day's limit of `u1`, or of a service that acts for `u1`.
async fn set_uses(app: &TestApp, limit: &str, service: &str, uses: u32) {
    let day = app.clock.now().as_second().div_euclid(86_400) * 86_400;
    let put = app.store.put_item().table_name(&app.tables.tasks);
    put.item("pk", AttributeValue::S("u1##limits".to_owned()))
        .item("sk", AttributeValue::S(format!("{limit}#{day}{service}")))
        .item("used", AttributeValue::N(uses.to_string()))
        .send()
        .await
        .unwrap();
    // The test's own call is no function's.
    app.calls.take_used_actions();
}

/// The rows of the tasks table.
async fn rows(app: &TestApp) -> Vec<HashMap<String, AttributeValue>> {
    let rows = app.store.scan().table_name(&app.tables.tasks).send().await.unwrap().items.unwrap();
    app.calls.take_used_actions();
    rows
}

#[tokio::test]
async fn a_service_has_budgets_of_its_own_for_each_user() {
    let app = TestApp::start_with(&TWO_LEASES).await;
    delegate(&app, "u1").await;
    delegate(&app, "u2").await;
    for _ in 0..ADMITTED {
        assert_eq!(service_read(&app, "u1").await, 200);
    }
    assert_eq!(service_read(&app, "u1").await, 429);
    assert_eq!(service_read(&app, "u2").await, 200);
    reads(&app, "u1", ADMITTED).await;
    read(&app, "u1").await.refused(429, "RATE_LIMITED");
    assert_eq!(service_read(&app, "u2").await, 200);
}

#[tokio::test]
async fn a_service_uses_up_no_other_limit_of_its_user() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "2")]).await;
    app.connect("u1", "slack").await;
    delegate(&app, "u1").await;
    let service = async |path: &str, mut body: serde_json::Value| {
        body["userId"] = "u1".into();
        app.send("POST", path, Some(&app.service_token("helper")), Some(body.to_string())).await
    };
    let later = || message().at(app.after(3600));
    for _ in 0..2 {
        service("", message().json()).await.ok();
    }
    service("", message().json()).await.refused(429, "RATE_LIMITED");
    app.submit("u1", message()).await.succeeded();

    for limit in ["schedules", "reports"] {
        set_uses(&app, limit, "#helper", 1000).await;
    }
    service("/tasks/schedule", later().json()).await.refused(429, "RATE_LIMITED");
    service("/errors", report("slack", "E")).await.refused(429, "RATE_LIMITED");
    app.schedule("u1", later()).await.scheduled();
    app.post("u1", "/errors", report("slack", "E")).await.ok();
    // And the other way round.
    set_uses(&app, "schedules", "", 1000).await;
    set_uses(&app, "schedules", "#helper", 0).await;
    app.schedule("u1", later()).await.refused(429, "RATE_LIMITED");
    service("/tasks/schedule", later().json()).await.scheduled();
}

#[tokio::test]
async fn a_request_that_is_refused_before_its_user_is_known_counts_for_its_sender() {
    let app = TestApp::start_with(&TWO_LEASES).await;
    for _ in 0..ADMITTED {
        app.send("POST", "/errors/fallbacks", Some(&app.token("u1")), Some("{".to_owned()))
            .await
            .refused(400, "MALFORMED_JSON");
        app.send("GET", "?format=mcp&userId=u2", Some(&app.service_token("stranger")), None)
            .await
            .refused(403, "FORBIDDEN");
    }
    write(&app, "u1").await.refused(429, "RATE_LIMITED");
    assert_eq!(app.send("GET", "?format=mcp&userId=u2", Some(&app.service_token("stranger")), None).await.status, 429);
    assert_eq!(reads(&app, "u2", 50).await, 0, "nothing counted for the user who granted nothing");
}

#[tokio::test]
async fn a_request_without_a_valid_token_counts_for_no_user() {
    let app = TestApp::start_with(&TWO_LEASES).await;
    let now = app.clock.now().as_second();
    let expired = app.sandbox.sandbox.sign_token(json!({ "sub": "u1", "exp": now - 31 }));
    app.calls.reset();
    for _ in 0..=ADMITTED {
        app.send("GET", "?format=mcp", None, None).await.refused(401, "UNAUTHORIZED");
        app.send("GET", "?format=mcp", Some(&expired), None).await.refused(401, "UNAUTHORIZED");
    }
    assert!(app.calls.operations().is_empty());
    assert_eq!(reads(&app, "u1", 50).await, 0);
}

#[tokio::test]
async fn no_id_of_a_user_or_an_agent_makes_a_row_among_the_limits() {
    let app = TestApp::start().await;
    for (user, agent) in [("u1", "#limits"), ("u1#", "limits"), ("u1##limits", "##limits")] {
        app.connect(user, "slack").await;
        app.schedule(user, message().agent(agent).at(app.after(3600))).await.scheduled();
        app.submit(user, message().agent(agent).key("k")).await.succeeded();
    }
    let rows = rows(&app).await;
    let key = |row: &HashMap<String, AttributeValue>| row["pk"].as_s().unwrap().clone();
    let (limits, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| key(row).ends_with("##limits"));
    assert!(limits.iter().all(|row| row.keys().all(|name| ["pk", "sk", "ttl", "used"].contains(&name.as_str()))));
    assert!(limits.len() >= 9 && others.len() >= 12, "{} and {}", limits.len(), others.len());
    assert!(others.iter().all(|row| !row.contains_key("used")));
}

#[tokio::test]
async fn a_retry_by_hand_counts_as_a_scheduled_task() {
    let app = TestApp::start().await;
    set_uses(&app, "schedules", "", 999).await;
    let unknown = "task_YSNTIzE";
    app.retry(unknown).await.refused(404, "NOT_FOUND");
    let text = app.retry(unknown).await.refused(429, "RATE_LIMITED");
    assert!(text.contains("1000 scheduled tasks and retries a day"), "{text}");
}

#[tokio::test]
async fn a_refused_intent_reserves_no_key_and_a_repetition_is_answered_at_the_limit() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "3")]).await;
    app.connect("u1", "slack").await;
    for key in 0..3 {
        app.submit("u1", message().key(&format!("k{key}"))).await.succeeded();
    }
    for key in 3..6 {
        app.submit("u1", message().key(&format!("k{key}"))).await.refused(429, "RATE_LIMITED");
    }
    app.submit("u1", fetch_emails()).await.refused(429, "RATE_LIMITED");
    assert_eq!(rows(&app).await.iter().filter(|row| row["sk"].as_s().unwrap().starts_with("idem#")).count(), 3);
    let again = app.submit("u1", message().key("k1")).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    again.succeeded();

    set_uses(&app, "schedules", "", 999).await;
    let at = app.after(3600);
    app.schedule("u1", message().key("s1").at(at)).await.scheduled();
    app.schedule("u1", message().key("s2").at(at)).await.refused(429, "RATE_LIMITED");
    app.schedule("u1", message().key("s1").at(at)).await.scheduled();
}
