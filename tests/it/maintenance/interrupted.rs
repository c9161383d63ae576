//! Connects, disconnects and refreshes that are killed at every call or run concurrently: in the end exactly the secrets of
//! existing connections remain, and other users' connections are unchanged.

use super::{
    HOUR, NO_ENTRIES, advance_an_hour, connection, connection_works, fail_next_call, secrets_manager, status, sweep,
};
use crate::support::responses::ConnectionStatus;
use crate::support::{EffectKind, TestApp};
use engine::integrations::MaintenanceReport;
use jiff::SignedDuration;
use sandbox::Fault;
use sandbox::fixtures::slack;
use serde_json::json;

/// Connects Slack with ready tokens.
async fn connect(app: &TestApp, user: &str) -> u16 {
    // A team for each user: a bot that two users share is revoked by the last of them.
    let team = if user == "u1" { slack::TEAM } else { slack::TEAM_2 };
    let scopes = ["channels:read", "groups:read"];
    let tokens = app.sandbox.sandbox.grant_in("slack", team, sandbox::fixtures::ALEX, &scopes).unwrap();
    let ready = json!({
        "tool": "slack", "accessToken": tokens.access_token, "refreshToken": tokens.refresh_token,
        "expiresAt": app.after(12 * HOUR).to_string()
    });
    app.post(user, "/integrations", ready).await.status
}

async fn disconnect(app: &TestApp, user: &str) -> u16 {
    app.delete(user, "/integrations", Some(json!({ "tool": "slack" }))).await.status
}

/// The state after a kill and two hours of maintenance.
struct FinalState {
    app: TestApp,
    /// The status code of the killed request.
    status: u16,
    /// The status of the remaining connection.
    connection_status: Option<ConnectionStatus>,
}

/// Runs `what` and kills the process after 0, 1, 2, ... AWS calls until it completes. Runs two hours of maintenance each time.
async fn kill_at_every_call(first: bool, what: impl AsyncFn(&TestApp) -> u16) -> Vec<FinalState> {
    let mut ends = vec![];
    for calls in 0.. {
        let app = secrets_manager().await;
        assert_eq!(connect(&app, "u2").await, 200);
        let others = app.sandbox.sandbox.secret_names();
        if !first {
            assert_eq!(connect(&app, "u1").await, 200);
        }
        app.calls.kill_after(calls);
        let status = what(&app).await;
        let died = app.calls.replace_process();
        for _ in 0..2 {
            advance_an_hour(&app).await;
        }
        let left = super::status(&app, "u1", "slack").await;
        let (old, new): (Vec<_>, Vec<_>) =
            app.sandbox.sandbox.secret_names().into_iter().partition(|name| others.contains(name));
        assert_eq!(new.len(), usize::from(left.is_some()), "killed after {calls} calls: {left:?}, {new:?}");
        assert_eq!(old, others, "another user's secret");
        assert!(connection_works(&app, "u2").await, "another user's connection");
        assert_eq!(
            (super::refresh(&app).await, sweep(&app).await),
            (NO_ENTRIES, NO_ENTRIES),
            "killed after {calls} calls"
        );
        ends.push(FinalState { app, status, connection_status: left });
        if !died {
            assert!(calls > 2, "nothing was killed");
            return ends;
        }
    }
    unreachable!("the operation completes at some number of calls")
}

#[tokio::test]
async fn a_killed_first_connect_leaves_nothing_or_a_connection() {
    for FinalState { app, status, connection_status } in
        kill_at_every_call(true, async |app| connect(app, "u1").await).await
    {
        assert!(connection_status.is_some() || status != 200, "a connection that was confirmed exists");
        assert_eq!(connection_works(&app, "u1").await, connection_status.is_some());
    }
}

#[tokio::test]
async fn a_killed_reconnect_leaves_the_old_or_the_new_connection() {
    for FinalState { app, connection_status, .. } in
        kill_at_every_call(false, async |app| connect(app, "u1").await).await
    {
        assert_eq!(connection_status, Some(ConnectionStatus::Active));
        assert!(connection_works(&app, "u1").await);
    }
}

#[tokio::test]
async fn a_killed_disconnect_is_completed_once_started() {
    let mut ends = kill_at_every_call(false, async |app| disconnect(app, "u1").await).await.into_iter();
    for _ in 0..2 {
        let FinalState { app, connection_status, .. } = ends.next().unwrap();
        assert_eq!(connection_status, Some(ConnectionStatus::Active), "the process was killed before its first write");
        assert!(connection_works(&app, "u1").await);
    }
    for FinalState { app, connection_status, .. } in ends {
        assert_eq!(connection_status, None);
        // The refresh token and the access token. The repeated revocation has no effect.
        app.effects(EffectKind::TokenRevoked).assert_count(2);
        // The event may be lost with the process, but is not repeated.
        assert!(app.effects(EffectKind::ConnectionDeleted).len() <= 1, "{}", app.ledger());
    }
}

#[tokio::test]
async fn a_killed_refresh_leaves_a_working_connection_or_needs_reauth() {
    let mut lost = 0;
    for calls in 0.. {
        let app = secrets_manager().await;
        connect(&app, "u1").await;
        app.advance(12 * HOUR);
        app.calls.kill_after(calls);
        let until = app.clock.now() + SignedDuration::from_secs(120);
        let _ = app.with_advancing_clock(app.engine.integrations.refresh_due(&super::USED_SHARDS, until)).await;
        let died = app.calls.replace_process();
        for _ in 0..2 {
            advance_an_hour(&app).await;
        }
        let status = status(&app, "u1", "slack").await.unwrap();
        let works = connection_works(&app, "u1").await;
        assert_eq!(works, status == ConnectionStatus::Active, "killed after {calls} calls: {status:?}");
        // Slack accepts a refresh token once: a kill between its response and the write of the secret loses the grant, which is
        // reported once. After that write the next refresh finds the tokens in the secret.
        let needs_reauth = usize::from(status == ConnectionStatus::NeedsReauth);
        lost += needs_reauth;
        app.effects(EffectKind::ConnectionNeedsReauth).assert_count(needs_reauth);
        assert_eq!(app.sandbox.sandbox.secret_names().len(), 1);
        if !died {
            assert_eq!((lost, status), (1, ConnectionStatus::Active), "before the secret's write");
            return;
        }
    }
}

#[tokio::test]
async fn an_interrupted_connect_can_be_disconnected() {
    // A process killed before the tokens are stored, and one killed before the row points to them.
    type Kill = fn(&TestApp);
    let kills: [(Kill, usize); 2] = [
        (|app| app.calls.kill_before_call("CreateSecret", ""), 0),
        (|app| app.calls.kill_after_call("CreateSecret", ""), 2),
    ];
    for (kill, stored_tokens) in kills {
        let app = secrets_manager().await;
        kill(&app);
        assert_eq!(connect(&app, "u1").await, 503);
        assert!(app.calls.replace_process());
        assert_eq!(status(&app, "u1", "slack").await, Some(ConnectionStatus::Connecting));
        assert_eq!(disconnect(&app, "u1").await, 200);
        app.effects(EffectKind::TokenRevoked).assert_count(stored_tokens);
        for _ in 0..2 {
            advance_an_hour(&app).await;
        }
        assert_eq!((connection(&app, "u1", "slack").await, app.sandbox.sandbox.secret_names().len()), (None, 0));
    }
}

#[tokio::test]
async fn an_undeletable_secret_does_not_block_refreshing() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    // The old secret is not deleted.
    app.calls.kill_before_call("DeleteSecret", "");
    connect(&app, "u1").await;
    assert!(app.calls.replace_process());
    app.advance(12 * HOUR);
    // The refresh reads no secret: this process has the tokens in memory. The deletion is tried three times.
    app.fault(Fault::status("aws", 503, json!({})).times(3));
    assert_eq!(super::refresh(&app).await, MaintenanceReport { found: 1, updated: 1, failed: 0 });
    app.effects(EffectKind::TokenRefreshed).assert_count(1);
    assert_eq!(app.sandbox.sandbox.secret_names().len(), 2);
    app.advance(12 * HOUR);
    super::refresh(&app).await;
    assert_eq!(app.sandbox.sandbox.secret_names().len(), 1);
}

/// Kills the process after a disconnect has marked its row.
fn kill_after_the_mark(app: &TestApp) {
    app.calls.kill_after_call("UpdateItem", &app.tables.integrations);
}

#[tokio::test]
async fn a_grant_is_revoked_when_the_provider_recovers() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    fail_next_call(&app, "slack", "/api/auth.revoke");
    kill_after_the_mark(&app);
    assert_eq!(disconnect(&app, "u1").await, 503);
    assert!(app.calls.replace_process());
    for _ in 0..3 {
        fail_next_call(&app, "slack", "/api/auth.revoke");
        advance_an_hour(&app).await;
        assert_eq!(status(&app, "u1", "slack").await, Some(ConnectionStatus::Disconnecting));
        assert!(!connection_works(&app, "u1").await, "a connection being disconnected is not used");
    }
    advance_an_hour(&app).await;
    assert_eq!((connection(&app, "u1", "slack").await, app.sandbox.sandbox.secret_names().len()), (None, 0));
    app.effects(EffectKind::TokenRevoked).assert_count(2);
    app.effects(EffectKind::ConnectionDeleted).assert_count(1);
}

#[tokio::test]
async fn revocation_is_abandoned_after_a_day() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    kill_after_the_mark(&app);
    disconnect(&app, "u1").await;
    assert!(app.calls.replace_process());
    let mut hours = 0;
    while connection(&app, "u1", "slack").await.is_some() {
        // One call for the refresh token, one for the access token.
        if app.faults_occurred() {
            app.fault(Fault::status("slack", 503, json!({})).at_path("/api/auth.revoke").times(2));
        }
        advance_an_hour(&app).await;
        hours += 1;
    }
    assert!((24..28).contains(&hours), "after {hours} hours");
    assert!(app.sandbox.sandbox.secret_names().is_empty());
    app.effects(EffectKind::TokenRevoked).assert_none();
}

#[tokio::test]
async fn overlapping_sweeps_complete_a_disconnect() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    kill_after_the_mark(&app);
    disconnect(&app, "u1").await;
    assert!(app.calls.replace_process());
    assert_eq!(sweep(&app).await, NO_ENTRIES, "it may still be in progress");
    app.advance(60);
    let runs = futures::future::join_all((0..8).map(|_| sweep(&app))).await;
    assert!(runs.iter().all(|run| run.failed == 0), "{runs:?}");
    assert_eq!((connection(&app, "u1", "slack").await, app.sandbox.sandbox.secret_names().len()), (None, 0));
    assert_eq!(sweep(&app).await, NO_ENTRIES);
}

#[tokio::test]
async fn a_row_with_a_pending_secret_survives_a_disconnect() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    app.calls.reset();
    // The disconnect has read the row and waits for the provider. The connect then writes its secret's name and waits to create
    // the secret.
    app.fault(Fault::delay("slack", 200).at_path("/api/auth.revoke"));
    app.fault(Fault::delay("aws", 800));
    let anew = async {
        while app.calls.completed("UpdateItem", &app.tables.integrations) == 0 {
            tokio::task::yield_now().await;
        }
        connect(&app, "u1").await
    };
    assert_eq!(futures::join!(disconnect(&app, "u1"), anew), (200, 200));
    assert!(connection_works(&app, "u1").await);
    assert_eq!(app.sandbox.sandbox.secret_names().len(), 1);
}

#[tokio::test]
async fn parallel_connects_and_disconnects_leave_no_orphaned_secret() {
    for round in 0..12 {
        let app = secrets_manager().await;
        if round % 2 == 0 {
            connect(&app, "u1").await;
        }
        let connects = futures::future::join_all((0..4).map(|_| connect(&app, "u1")));
        let disconnects = futures::future::join_all((0..round / 4).map(|_| disconnect(&app, "u1")));
        let (connects, _) = futures::join!(connects, disconnects);
        assert!(connects.iter().all(|status| matches!(status, 200 | 409)), "{connects:?}");
        for _ in 0..2 {
            advance_an_hour(&app).await;
        }
        let connected = connection(&app, "u1", "slack").await.is_some();
        assert_eq!(app.sandbox.sandbox.secret_names().len(), usize::from(connected), "round {round}");
        assert_eq!(connection_works(&app, "u1").await, connected, "round {round}");
    }
}
