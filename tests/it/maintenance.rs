//! Maintenance of idle connections: tokens are refreshed, and interrupted operations are cleaned up.

mod interrupted;

use crate::support::builders::intent;
use crate::support::responses::{Connection, ConnectionStatus};
use crate::support::{EffectKind, TestApp};
use engine::integrations::MaintenanceReport;
use jiff::SignedDuration;
use sandbox::Fault;
use serde_json::json;

const ALL_SHARDS: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// The shards of `u1` and `u2`.
const USED_SHARDS: [u8; 2] = [12, 13];
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const NO_ENTRIES: MaintenanceReport = MaintenanceReport { found: 0, updated: 0, failed: 0 };

async fn refresh(app: &TestApp) -> MaintenanceReport {
    let until = app.clock.now() + SignedDuration::from_secs(120);
    let run = app.engine.integrations.refresh_due(&USED_SHARDS, until).await.unwrap();
    app.check_role("process-due-tasks");
    run
}

async fn sweep(app: &TestApp) -> MaintenanceReport {
    let until = app.clock.now() + SignedDuration::from_secs(120);
    let run = app.engine.integrations.sweep(&USED_SHARDS, until).await.unwrap();
    app.check_role("process-due-tasks");
    run
}

/// Advances one hour and runs both jobs; deployed they run more often.
async fn advance_an_hour(app: &TestApp) {
    for _ in 0..2 {
        app.advance(HOUR / 2);
        refresh(app).await;
    }
    sweep(app).await;
}

async fn secrets_manager() -> TestApp {
    TestApp::start_with(&[("PLUGIN_ENGINE_VAULT", "secrets-manager")]).await
}

/// The connection of a user and a tool, if there is one.
async fn connection(app: &TestApp, user: &str, tool: &str) -> Option<Connection> {
    app.connections(user).await.into_iter().find(|connection| connection.tool == tool)
}

/// The status of a connection, if there is one.
async fn status(app: &TestApp, user: &str, tool: &str) -> Option<ConnectionStatus> {
    connection(app, user, tool).await.map(|connection| connection.status)
}

/// True if the connection works without a token refresh before the call.
async fn connection_works(app: &TestApp, user: &str) -> bool {
    let refreshed = app.effects(EffectKind::TokenRefreshed).len();
    let answer = app.submit(user, intent("slack", "list_channels")).await;
    answer.body["success"] == true && app.effects(EffectKind::TokenRefreshed).len() == refreshed
}

#[tokio::test]
async fn idle_connections_are_refreshed_for_days() {
    let app = secrets_manager().await;
    app.connect("u1", "slack").await;
    app.connect("u1", "gmail").await;
    for _ in 0..3 * 24 * 3 {
        app.advance(HOUR / 3);
        refresh(&app).await;
    }
    assert!(connection_works(&app, "u1").await, "works with the token that maintenance obtained");
    // Slack's tokens are valid for 12 hours, Google's for one; both are refreshed 20 minutes before.
    let by =
        |provider: &str| app.effects(EffectKind::TokenRefreshed).iter().filter(|it| it.provider == provider).count();
    assert_eq!((by("slack"), by("google")), (6, 3 * 36));
}

#[tokio::test]
async fn a_token_without_expiry_is_refreshed_daily() {
    let app = TestApp::start().await;
    let tokens = app.sandbox.sandbox.grant("slack", sandbox::fixtures::PEOPLE[0], &["channels:history"]).unwrap();
    let ready = json!({ "tool": "slack", "accessToken": tokens.access_token, "refreshToken": tokens.refresh_token });
    app.post("u1", "/integrations", ready).await.ok();
    app.advance(DAY - 60);
    assert_eq!(refresh(&app).await, NO_ENTRIES);
    app.advance(60);
    assert_eq!(refresh(&app).await, MaintenanceReport { found: 1, updated: 1, failed: 0 });
    app.effects(EffectKind::TokenRefreshed).assert_count(1);
}

#[tokio::test]
async fn a_connection_without_a_refresh_token_is_not_maintained() {
    let app = TestApp::start().await;
    app.store_token("u1", "gmail", json!({})).await.ok();
    app.advance(15 * 60);
    assert_eq!(refresh(&app).await.found, 1, "a new row is checked once");
    app.advance(DAY);
    assert_eq!((refresh(&app).await, sweep(&app).await), (NO_ENTRIES, NO_ENTRIES));
    assert_eq!(status(&app, "u1", "gmail").await, Some(ConnectionStatus::Active));
}

#[tokio::test]
async fn exactly_one_of_32_runs_refreshes() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.advance(12 * HOUR - 19 * 60);
    let runs = futures::future::join_all((0..32).map(|_| refresh(&app))).await;
    app.effects(EffectKind::TokenRefreshed).assert_count(1);
    assert_eq!(runs.iter().map(|run| (run.updated, run.failed)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)), (1, 0));
    assert_eq!(refresh(&app).await, NO_ENTRIES, "its next check is on another day");
}

#[tokio::test]
async fn lost_store_responses_during_a_refresh_change_nothing() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.advance(12 * HOUR);
    // The lease and the tokens.
    app.calls.lose_responses("UpdateItem", &app.tables.integrations);
    assert_eq!(refresh(&app).await, MaintenanceReport { found: 1, updated: 1, failed: 0 });
    app.calls.assert_responses_lost();
    app.effects(EffectKind::TokenRefreshed).assert_count(1);
    assert!(connection_works(&app, "u1").await);
}

/// Makes the next call below a path fail, unless a fault is already planned.
fn fail_next_call(app: &TestApp, provider: &str, path: &str) {
    if app.faults_occurred() {
        app.fault(Fault::status(provider, 503, json!({})).at_path(path));
    }
}

#[tokio::test]
async fn an_unavailable_provider_is_retried_with_backoff() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.advance(12 * HOUR - 20 * 60);
    fail_next_call(&app, "slack", "/api/oauth.v2.access");
    assert_eq!(refresh(&app).await, MaintenanceReport { found: 1, updated: 0, failed: 1 });
    assert_eq!(refresh(&app).await, NO_ENTRIES, "not retried at once");
    let mut calls = 0;
    for _ in 0..4 * 24 {
        fail_next_call(&app, "slack", "/api/oauth.v2.access");
        app.advance(15 * 60);
        calls += refresh(&app).await.failed;
    }
    // The delay doubles up to about an hour: neither one call a run (96) nor a few a day.
    assert!((15..30).contains(&calls), "{calls} calls in a day");
    let temporary = "a temporary failure does not mark needs_reauth";
    assert_eq!(status(&app, "u1", "slack").await, Some(ConnectionStatus::Active), "{temporary}");
    app.effects(EffectKind::ConnectionNeedsReauth).assert_none();
    for _ in 0..4 {
        advance_an_hour(&app).await;
    }
    assert!(connection_works(&app, "u1").await, "the provider recovered");
}

#[tokio::test]
async fn a_revoked_grant_is_reported_once() {
    let app = secrets_manager().await;
    app.connect("u1", "slack").await;
    app.connect("u2", "gmail").await;
    app.sandbox.sandbox.revoke_grants("slack");
    app.advance(12 * HOUR);
    futures::future::join_all((0..8).map(|_| refresh(&app))).await;
    assert_eq!(status(&app, "u1", "slack").await, Some(ConnectionStatus::NeedsReauth));
    assert_eq!(status(&app, "u2", "gmail").await, Some(ConnectionStatus::Active));
    app.effects(EffectKind::ConnectionNeedsReauth).assert_count(1);
    let refused = app.effects(EffectKind::TokenRefreshed).len();
    app.advance(HOUR / 2);
    refresh(&app).await;
    assert_eq!(refresh(&app).await.found, 0, "it is no longer in the index");
    app.effects(EffectKind::ConnectionNeedsReauth).assert_count(1);
    app.effects(EffectKind::TokenRefreshed).assert_count(refused);
}

#[tokio::test]
async fn a_run_starts_nothing_shortly_before_its_deadline() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.advance(12 * HOUR);
    let until = app.clock.now() + SignedDuration::from_secs(14);
    let run = app.engine.integrations.refresh_due(&ALL_SHARDS, until).await.unwrap();
    assert_eq!(run, NO_ENTRIES);
    app.effects(EffectKind::TokenRefreshed).assert_none();
}

#[tokio::test]
async fn a_run_processes_only_its_shards_and_pages_through_them() {
    let app = TestApp::start().await;
    let tokens = app.sandbox.sandbox.grant("google", sandbox::fixtures::PEOPLE[0], &["openid"]).unwrap();
    let ready = json!({
        "tool": "gmail", "accessToken": tokens.access_token, "refreshToken": tokens.refresh_token,
        "expiresAt": app.after(HOUR).to_string()
    });
    let shard = |user: &str| user.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % 16;
    let users: Vec<String> =
        (0..).map(|number| format!("u{number}")).filter(|user| shard(user) == 3).take(130).collect();
    for user in &users {
        app.post(user, "/integrations", ready.clone()).await.ok();
    }
    app.advance(HOUR);
    let until = app.clock.now() + SignedDuration::from_secs(120);
    let others: Vec<u8> = ALL_SHARDS.into_iter().filter(|shard| *shard != 3).collect();
    assert_eq!(app.engine.integrations.refresh_due(&others, until).await.unwrap(), NO_ENTRIES);
    let run = app.engine.integrations.refresh_due(&[3], until).await.unwrap();
    assert_eq!(run, MaintenanceReport { found: 130, updated: 130, failed: 0 }, "more than a page");
    app.effects(EffectKind::TokenRefreshed).assert_count(130);
}
