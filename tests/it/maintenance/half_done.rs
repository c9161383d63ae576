//! Connects, disconnects and refreshes that are killed anywhere, and those that meet each other: in the end exactly the
//! secrets of living connections are there, and nobody else's connection was touched.

use super::{HOUR, NOTHING, an_hour, row, stay_down, sweep, works};
use crate::support::TestApp;
use engine::integrations::MaintenanceReport;
use jiff::SignedDuration;
use sandbox::Fault;
use serde_json::json;

async fn secrets_manager() -> TestApp {
    TestApp::start_with(&[("PLUGIN_ENGINE_VAULT", "secrets-manager")]).await
}

/// Connects Slack with tokens that are there already.
async fn connect(app: &TestApp, user: &str) -> u16 {
    let tokens =
        app.sandbox.sandbox.grant("slack", sandbox::fixtures::PEOPLE[0], &["channels:history", "channels:read"]).unwrap();
    let ready = json!({
        "tool": "slack", "accessToken": tokens.access_token, "refreshToken": tokens.refresh_token,
        "expiresAt": (app.clock.now() + SignedDuration::from_hours(12)).to_string()
    });
    app.post(user, "/integrations", ready).await.status
}

async fn disconnect(app: &TestApp, user: &str) -> u16 {
    app.delete(user, "/integrations", Some(json!({ "tool": "slack" }))).await.status
}

/// What there is in the end.
struct End {
    app: TestApp,
    /// What the killed process answered.
    status: u16,
    /// The status of the connection that is left.
    left: Option<String>,
}

/// Kills the process that does `what` after each number of calls on AWS, until it is done before. Then time passes.
async fn killed_anywhere(first: bool, what: impl AsyncFn(&TestApp) -> u16) -> Vec<End> {
    let mut ends = vec![];
    for calls in 0.. {
        let app = secrets_manager().await;
        assert_eq!(connect(&app, "u2").await, 200);
        let others = app.sandbox.sandbox.secret_names();
        if !first {
            assert_eq!(connect(&app, "u1").await, 200);
        }
        app.calls.die_after(calls);
        let status = what(&app).await;
        let died = app.calls.revive();
        for _ in 0..2 {
            an_hour(&app).await;
        }
        let left = row(&app, "u1", "slack").await.map(|row| row["status"].as_str().unwrap().to_owned());
        let (old, new): (Vec<_>, Vec<_>) =
            app.sandbox.sandbox.secret_names().into_iter().partition(|name| others.contains(name));
        assert_eq!(new.len(), usize::from(left.is_some()), "killed after {calls} calls: {left:?}, {new:?}");
        assert_eq!(old, others, "another user's secret");
        assert!(works(&app, "u2").await, "another user's connection");
        assert_eq!((super::refresh(&app).await, sweep(&app).await), (NOTHING, NOTHING), "killed after {calls} calls");
        ends.push(End { app, status, left });
        if !died {
            assert!(calls > 2, "nothing was killed");
            return ends;
        }
    }
    unreachable!("it ends at some number of calls")
}

#[tokio::test]
async fn a_first_connect_that_is_killed_leaves_nothing_or_a_connection() {
    for End { app, status, left } in killed_anywhere(true, async |app| connect(app, "u1").await).await {
        assert!(left.is_some() || status != 200, "a connection that was answered for is there");
        assert_eq!(works(&app, "u1").await, left.is_some());
    }
}

#[tokio::test]
async fn a_connect_that_is_killed_leaves_the_old_connection_or_the_new() {
    for End { app, left, .. } in killed_anywhere(false, async |app| connect(app, "u1").await).await {
        assert_eq!(left.as_deref(), Some("active"));
        assert!(works(&app, "u1").await);
    }
}

#[tokio::test]
async fn a_disconnect_that_is_killed_is_finished_unless_it_never_began() {
    let mut ends = killed_anywhere(false, async |app| disconnect(app, "u1").await).await.into_iter();
    let End { app, left, .. } = ends.next().unwrap();
    assert_eq!(left.as_deref(), Some("active"), "killed before the first call");
    assert!(works(&app, "u1").await);
    for End { app, left, .. } in ends {
        assert_eq!(left, None);
        assert_eq!(app.effects("token_revoked").len(), 1, "withdrawn once, and known to be the second time");
        assert!(app.effects("integration.disconnected").len() <= 1);
    }
}

#[tokio::test]
async fn a_refresh_that_is_killed_leaves_a_connection_that_works_or_says_that_it_does_not() {
    let mut lost = 0;
    for calls in 0.. {
        let app = secrets_manager().await;
        connect(&app, "u1").await;
        app.advance(12 * HOUR);
        app.calls.die_after(calls);
        let until = app.clock.now() + SignedDuration::from_secs(120);
        let _ = app.as_time_passes(app.engine.integrations.refresh_due(&super::USED, until)).await;
        let died = app.calls.revive();
        for _ in 0..2 {
            an_hour(&app).await;
        }
        let status = row(&app, "u1", "slack").await.unwrap()["status"].clone();
        assert_eq!(works(&app, "u1").await, status == "active", "killed after {calls} calls: {status}");
        // Slack knows a refresh token once: between its answer and the secret's write the grant is lost, and said to be, once.
        // From then on the next refresh finds the tokens in the secret.
        lost += usize::from(status == "needs_reauth");
        assert_eq!(app.effects("integration.needs_reauth").len(), usize::from(status == "needs_reauth"));
        assert_eq!(app.sandbox.sandbox.secret_names().len(), 1);
        if !died {
            assert_eq!((lost, status), (1, json!("active")), "before the secret's write");
            return;
        }
    }
}

#[tokio::test]
async fn a_connect_that_stopped_half_way_can_be_disconnected() {
    for calls in 1..3 {
        let app = secrets_manager().await;
        app.calls.die_after(calls);
        assert_eq!(connect(&app, "u1").await, 503);
        app.calls.revive();
        assert_eq!(row(&app, "u1", "slack").await.unwrap()["status"], "connecting");
        assert_eq!(disconnect(&app, "u1").await, 200);
        assert_eq!(app.effects("token_revoked").len(), calls - 1, "what was written is withdrawn");
        for _ in 0..2 {
            an_hour(&app).await;
        }
        assert_eq!((row(&app, "u1", "slack").await, app.sandbox.sandbox.secret_names().len()), (None, 0));
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_removed_keeps_no_token_from_being_refreshed() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    // The row; the secret; the row; then the old secret's removal, which does not arrive.
    app.calls.die_after(3);
    connect(&app, "u1").await;
    app.calls.revive();
    app.advance(12 * HOUR);
    // A refresh reads no secret: this process has the tokens. The removal is tried three times.
    app.sandbox.sandbox.fault(Fault::status("aws", 503, json!({})).times(3));
    assert_eq!(super::refresh(&app).await, MaintenanceReport { found: 1, updated: 1, failed: 0 });
    assert_eq!((app.effects("token_refreshed").len(), app.sandbox.sandbox.secret_names().len()), (1, 2));
    app.advance(12 * HOUR);
    super::refresh(&app).await;
    assert_eq!(app.sandbox.sandbox.secret_names().len(), 1);
}

#[tokio::test]
async fn a_grant_is_withdrawn_when_the_provider_is_back() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    stay_down(&app, "slack", "/api/auth.revoke");
    app.calls.die_after(1);
    assert_eq!(disconnect(&app, "u1").await, 503);
    assert!(app.calls.revive());
    for _ in 0..3 {
        stay_down(&app, "slack", "/api/auth.revoke");
        an_hour(&app).await;
        assert_eq!(row(&app, "u1", "slack").await.unwrap()["status"], "disconnecting");
        assert!(!works(&app, "u1").await, "nobody uses it meanwhile");
    }
    an_hour(&app).await;
    assert_eq!((row(&app, "u1", "slack").await, app.sandbox.sandbox.secret_names().len()), (None, 0));
    assert_eq!((app.effects("token_revoked").len(), app.effects("integration.disconnected").len()), (1, 1));
}

#[tokio::test]
async fn a_provider_that_is_gone_for_a_day_keeps_nothing_here() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    stay_down(&app, "slack", "/api/auth.revoke");
    app.calls.die_after(1);
    disconnect(&app, "u1").await;
    app.calls.revive();
    let mut hours = 0;
    while row(&app, "u1", "slack").await.is_some() {
        stay_down(&app, "slack", "/api/auth.revoke");
        an_hour(&app).await;
        hours += 1;
    }
    assert!((24..28).contains(&hours), "after {hours} hours");
    assert_eq!((app.sandbox.sandbox.secret_names().len(), app.effects("token_revoked").len()), (0, 0));
}

#[tokio::test]
async fn sweeps_that_overlap_finish_a_disconnect() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    app.calls.die_after(1);
    disconnect(&app, "u1").await;
    app.calls.revive();
    assert_eq!(sweep(&app).await, NOTHING, "it may still be under way");
    app.advance(60);
    let runs = futures::future::join_all((0..8).map(|_| sweep(&app))).await;
    assert!(runs.iter().all(|run| run.failed == 0), "{runs:?}");
    assert_eq!((row(&app, "u1", "slack").await, app.sandbox.sandbox.secret_names().len()), (None, 0));
    assert_eq!(sweep(&app).await, NOTHING);
}

#[tokio::test]
async fn a_row_that_names_a_secret_under_way_outlives_a_disconnect() {
    let app = secrets_manager().await;
    connect(&app, "u1").await;
    app.calls.reset();
    // The disconnect has read the row and waits for the provider; the connect names its secret then, and waits to make it.
    app.sandbox.sandbox.fault(Fault::delay("slack", 200).at_path("/api/auth.revoke"));
    app.sandbox.sandbox.fault(Fault::delay("aws", 800));
    let anew = async {
        while !app.calls.finished("UpdateItem") {
            tokio::task::yield_now().await;
        }
        connect(&app, "u1").await
    };
    assert_eq!(futures::join!(disconnect(&app, "u1"), anew), (200, 200));
    assert!(works(&app, "u1").await);
    assert_eq!(app.sandbox.sandbox.secret_names().len(), 1);
}

#[tokio::test]
async fn connects_and_disconnects_at_the_same_time_leave_no_secret_behind() {
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
            an_hour(&app).await;
        }
        let connected = row(&app, "u1", "slack").await.is_some();
        assert_eq!(app.sandbox.sandbox.secret_names().len(), usize::from(connected), "round {round}");
        assert_eq!(works(&app, "u1").await, connected, "round {round}");
    }
}
