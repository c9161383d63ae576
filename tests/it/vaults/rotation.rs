//! Keyring rotation during operation: no connection is lost, whichever keyring a process has in memory, and after a week the old
//! key is unused.

use super::two_users;
use crate::support::builders::{message, page};
use crate::support::{EffectKind, TestApp};
use engine::processor;
use jiff::SignedDuration;
use sandbox::fixtures::notion::PAGE;
use serde_json::json;

const BOTH_KEYS: &str = r#"{"current": "k2", "k1": "0123456789abcdef0123456789abcdef",
    "k2": "fedcba9876543210fedcba9876543210"}"#;
const NEW_KEY: &str = r#"{"current": "k2", "k2": "fedcba9876543210fedcba9876543210"}"#;
const DAY: i64 = 24 * 3600;

async fn write_keyring(app: &TestApp, keyring: &str) {
    let version = format!("keyring-{:032}", app.clock.now().as_nanosecond() + i128::try_from(keyring.len()).unwrap());
    app.put_secret("keyring", &version, keyring).await;
}

/// Sends a message; returns the error code, or `done`.
async fn send_and_get_code(app: &TestApp, user: &str) -> String {
    let answer = app.with_advancing_clock(app.submit(user, message())).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.code().to_owned()
}

/// Advances a number of days and runs the maintenance four times per day.
async fn run_maintenance_days(app: &TestApp, days: i64) {
    for _ in 0..4 * days {
        app.advance(DAY / 4);
        let until = app.clock.now() + SignedDuration::from_secs(120);
        let shards: Vec<u8> = (0..16).collect();
        app.engine.integrations.refresh_due(&shards, until).await.unwrap();
        app.check_role("process-due-tasks");
    }
}

/// A deployment with two users with refresh tokens and one whose token has no expiry and cannot be refreshed.
async fn three_users() -> TestApp {
    let app = two_users("encrypted-column").await;
    let scopes = engine::adapters::find("notion").unwrap().oauth.scopes;
    let tokens = app.sandbox.sandbox.grant("notion", sandbox::fixtures::ALEX, scopes).unwrap();
    app.post("u3", "/integrations", json!({ "tool": "notion", "accessToken": tokens.access_token })).await.ok();
    app
}

#[tokio::test]
async fn a_long_context_is_encrypted_with_the_new_key_a_week_after_it_was_stored() {
    let mut app = three_users().await;
    app.connect("u1", "notion").await;
    let content = "long ".repeat(20_000);
    let planned = page(PAGE).with("content", content.as_str()).at(app.after(30 * DAY));
    let id = app.schedule("u1", planned).await.scheduled();
    write_keyring(&app, BOTH_KEYS).await;
    app.cold_start();
    for _ in 0..8 * 24 {
        app.advance(3600);
        let event = serde_json::from_value(json!({ "job": "sweep", "shards": [0] })).unwrap();
        processor::run(app.engine, event, app.shell().deadline(0)).await.unwrap();
        app.check_role("process-due-tasks");
    }
    write_keyring(&app, NEW_KEY).await;
    app.cold_start();
    assert_eq!(app.task(&id).await.payload.unwrap()["content"], content);
}

#[tokio::test]
async fn the_old_key_is_unused_a_week_after_a_rotation() {
    let mut app = three_users().await;
    // The first check of a new row comes soon; a later check re-encrypts it.
    run_maintenance_days(&app, 1).await;
    write_keyring(&app, BOTH_KEYS).await;
    app.cold_start();
    run_maintenance_days(&app, 8).await;
    write_keyring(&app, NEW_KEY).await;
    app.cold_start();
    assert_eq!(
        (send_and_get_code(&app, "u1").await, send_and_get_code(&app, "u2").await),
        ("done".to_owned(), "done".to_owned())
    );
    app.submit("u3", page(sandbox::fixtures::notion::PAGE)).await.succeeded();
    app.effects(EffectKind::ConnectionNeedsReauth).assert_none();
}

#[tokio::test]
async fn a_warm_process_reads_tokens_encrypted_by_a_new_one() {
    let mut app = two_users("encrypted-column").await;
    assert_eq!(send_and_get_code(&app, "u1").await, "done");
    let warm = app.deployment;
    write_keyring(&app, BOTH_KEYS).await;
    app.cold_start();
    app.advance(DAY);
    assert_eq!(send_and_get_code(&app, "u1").await, "done", "refreshed, so encrypted with the new key");
    app.deployment = warm;
    assert_eq!(send_and_get_code(&app, "u1").await, "done");
    app.effects(EffectKind::ConnectionNeedsReauth).assert_none();
}

#[tokio::test]
async fn a_key_removed_too_early_can_be_restored() {
    let mut app = two_users("encrypted-column").await;
    write_keyring(&app, NEW_KEY).await;
    app.cold_start();
    assert_eq!(send_and_get_code(&app, "u1").await, "UNAVAILABLE");
    app.advance(1);
    write_keyring(&app, BOTH_KEYS).await;
    assert_eq!(send_and_get_code(&app, "u1").await, "done", "and without a restart");
    app.effects(EffectKind::ConnectionNeedsReauth).assert_none();
}
