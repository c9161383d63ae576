//! The keyring is rotated while everything runs: no connection is lost, whoever has which keyring in memory, and in the end
//! nothing needs the old key.

use super::{send, two_users};
use crate::support::TestApp;
use jiff::SignedDuration;
use serde_json::json;

const BOTH: &str = r#"{"current": "k2", "k1": "0123456789abcdef0123456789abcdef",
    "k2": "fedcba9876543210fedcba9876543210"}"#;
const NEW: &str = r#"{"current": "k2", "k2": "fedcba9876543210fedcba9876543210"}"#;
const DAY: i64 = 24 * 3600;

async fn write_keyring(app: &TestApp, keyring: &str) {
    let version = format!("keyring-{:032}", app.clock.now().as_nanosecond() + i128::try_from(keyring.len()).unwrap());
    app.put_secret("keyring", &version, keyring).await;
}

/// The result's code, or `done`.
async fn act(app: &TestApp, user: &str) -> String {
    let result = app.as_time_passes(app.post(user, "", send(None))).await.ok();
    result["error"]["code"].as_str().map_or_else(|| "done".to_owned(), ToOwned::to_owned)
}

/// Days on which the maintenance runs.
async fn days(app: &TestApp, days: i64) {
    for _ in 0..4 * days {
        app.advance(DAY / 4);
        let until = app.clock.now() + SignedDuration::from_secs(120);
        let shards: Vec<u8> = (0..16).collect();
        app.engine.integrations.refresh_due(&shards, until).await.unwrap();
        app.check_role("process-due-tasks");
    }
}

/// Two users with refresh tokens, and one whose token neither ends nor can be refreshed.
async fn three_users() -> TestApp {
    let app = two_users("sealed").await;
    let scopes = engine::adapters::find("notion").unwrap().oauth.scopes;
    let tokens = app.sandbox.sandbox.grant("notion", sandbox::fixtures::ALEX, scopes).unwrap();
    app.post("u3", "/integrations", json!({ "tool": "notion", "accessToken": tokens.access_token })).await.ok();
    app
}

async fn write_page(app: &TestApp) -> bool {
    let context = json!({ "title": "A", "content": "B", "parent": sandbox::fixtures::notion::PAGE });
    let create = json!({ "agentId": "a", "tool": "notion", "intent": "create_page", "context": context });
    app.post("u3", "", create).await.ok()["success"] == true
}

#[tokio::test]
async fn a_week_after_a_rotation_nothing_needs_the_old_key() {
    let mut app = three_users().await;
    // A new row gets a look soon; the one after that is what seals anew.
    days(&app, 1).await;
    write_keyring(&app, BOTH).await;
    app.restart();
    days(&app, 8).await;
    write_keyring(&app, NEW).await;
    app.restart();
    assert_eq!((act(&app, "u1").await, act(&app, "u2").await), ("done".to_owned(), "done".to_owned()));
    assert!(write_page(&app).await);
    assert!(app.effects("integration.needs_reauth").is_empty());
}

#[tokio::test]
async fn a_process_that_is_still_warm_reads_what_a_new_one_sealed() {
    let mut app = two_users("sealed").await;
    assert_eq!(act(&app, "u1").await, "done");
    let warm = app.engine;
    write_keyring(&app, BOTH).await;
    app.restart();
    app.advance(DAY);
    assert_eq!(act(&app, "u1").await, "done", "refreshed, so sealed under the new key");
    app.engine = warm;
    assert_eq!(act(&app, "u1").await, "done");
    assert!(app.effects("integration.needs_reauth").is_empty());
}

#[tokio::test]
async fn a_key_that_is_taken_out_too_early_can_be_put_back() {
    let mut app = two_users("sealed").await;
    write_keyring(&app, NEW).await;
    app.restart();
    assert_eq!(act(&app, "u1").await, "UNAVAILABLE");
    app.advance(1);
    write_keyring(&app, BOTH).await;
    assert_eq!(act(&app, "u1").await, "done", "and without a restart");
    assert!(app.effects("integration.needs_reauth").is_empty());
}
