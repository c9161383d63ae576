//! Concurrent callers, dropped requests, paused and killed processes.

use super::{
    SLACK, TOKEN_LIFETIME, VAULTS, connect, deployment, expired_connection, needs_reauth_events, run_action, status,
    token_calls,
};
use crate::support::responses::ConnectionStatus;
use engine::integrations::MaintenanceReport;
use futures::future::join_all;
use jiff::SignedDuration;
use sandbox::Fault;
use serde_json::json;
use std::io::{self, Write as _};

#[tokio::test]
async fn one_of_2_to_32_callers_refreshes_and_all_use_the_new_token() {
    let (mut rounds, mut callers) = (0, 0);
    for vault in VAULTS {
        let app = crate::support::TestApp::start_with(&[
            ("PLUGIN_ENGINE_VAULT", vault),
            ("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "100000"),
        ])
        .await;
        connect(&app, "slack", TOKEN_LIFETIME).await;
        for at_once in [2, 3, 5, 8, 16, 32].repeat(4) {
            app.advance(TOKEN_LIFETIME);
            let before = token_calls(&app);
            // The response to the first call of a kind is lost; the SDK repeats the call.
            let calls = [
                ("UpdateItem", &app.tables.tasks),
                ("Query", &app.tables.integrations),
                ("UpdateItem", &app.tables.integrations),
            ];
            let (operation, table) = calls[rounds % calls.len()];
            app.calls.reset();
            app.calls.lose_response(operation, table);
            assert_eq!(join_all((0..at_once).map(|_| run_action(&app, "slack"))).await, vec!["done"; at_once]);
            app.calls.assert_responses_lost();
            assert_eq!(token_calls(&app) - before, 1, "{at_once} callers, {vault}");
            (rounds, callers) = (rounds + 1, callers + at_once);
        }
    }
    let _ =
        writeln!(io::stderr(), "\nrefresh races in process: {rounds} rounds, {rounds} token calls, {callers} callers");
}

#[tokio::test]
async fn callers_waiting_for_a_failed_refresh_do_not_retry_one_by_one() {
    let app = expired_connection("encrypted-column", "slack").await;
    app.fault(Fault::status("slack", 503, json!({})).at_path("/api/oauth.v2.access"));
    let start = app.clock.now();
    let codes = join_all((0..16).map(|_| run_action(&app, "slack"))).await;
    let of = |code: &str| codes.iter().filter(|returned| *returned == code).count();
    // A caller that starts after the lease was released may try again.
    assert_eq!(of("PROVIDER_UNAVAILABLE"), 1, "{codes:?}");
    assert!(token_calls(&app) <= 2 && of("UNAVAILABLE") + of("done") == 15, "{codes:?}");
    assert!(app.clock.now().duration_since(start) < SignedDuration::from_secs(8), "waiting callers return early");
}

#[tokio::test]
async fn a_request_dropped_during_a_refresh_loses_no_token() {
    for vault in VAULTS {
        let app = expired_connection(vault, "slack").await;
        app.fault(Fault::delay("slack", 30).at_path("/api/oauth.v2.access"));
        let called = async {
            while app.sandbox.sandbox.call_count(SLACK) == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = called => {}
            code = run_action(&app, "slack") => panic!("it was not dropped: {code}"),
        }
        assert_eq!((run_action(&app, "slack").await, token_calls(&app)), ("done".to_owned(), 1), "{vault}");
    }
}

#[tokio::test]
async fn a_stalled_lease_holder_adopts_the_tokens_of_the_next_holder() {
    for vault in VAULTS {
        let app = expired_connection(vault, "slack").await;
        // The first caller waits for the provider. Its lease expires, and the next caller refreshes.
        app.fault(Fault::delay("slack", 400).at_path("/api/oauth.v2.access"));
        let next = async {
            while app.sandbox.sandbox.call_count(SLACK) == 0 {
                tokio::task::yield_now().await;
            }
            app.check_role("process-due-tasks");
            app.advance(46);
            run_action(&app, "slack").await
        };
        let until = app.clock.now() + SignedDuration::from_secs(150);
        let frozen = async {
            let run = app.engine.integrations.refresh_due(&[12], until).await;
            run.unwrap()
        };
        let (frozen, next) = futures::join!(frozen, next);
        assert_eq!((frozen, next.as_str()), (MaintenanceReport { found: 1, updated: 1, failed: 0 }, "done"), "{vault}");
        assert_eq!(
            (token_calls(&app), status(&app).await, needs_reauth_events(&app)),
            (2, ConnectionStatus::Active, 0),
            "{vault}"
        );
    }
}

/// Kills the refreshing process after 0, 1, 2, ... AWS calls until it completes. Returns for each kill the code of the next call
/// and the number of token calls.
async fn kill_at_every_call(vault: &str) -> Vec<(String, usize)> {
    let mut ends = vec![];
    for calls in 0.. {
        let app = expired_connection(vault, "slack").await;
        app.calls.kill_after(calls);
        let until = app.clock.now() + SignedDuration::from_secs(29);
        let killed = app.with_advancing_clock(app.engine.integrations.refresh_due(&[12], until)).await;
        app.check_role("process-due-tasks");
        if !app.calls.replace_process() {
            assert_eq!(killed.unwrap(), MaintenanceReport { found: 1, updated: 1, failed: 0 });
            return ends;
        }
        // Its lease expires.
        app.advance(60);
        let codes = join_all((0..8).map(|_| run_action(&app, "slack"))).await;
        let same = codes.iter().all(|code| *code == codes[0]);
        assert!(same && matches!(codes[0].as_str(), "done" | "REAUTH_REQUIRED"), "{vault}, {calls} calls: {codes:?}");
        assert_eq!(needs_reauth_events(&app), usize::from(codes[0] != "done"), "{vault}, {calls} calls");
        assert!(token_calls(&app) <= 2, "{vault}, {calls} calls: {}", token_calls(&app));
        // The state is stable: no endless refresh.
        let (code, before) = (run_action(&app, "slack").await, token_calls(&app));
        assert_eq!((run_action(&app, "slack").await, token_calls(&app)), (code, before));
        ends.push((codes[0].clone(), before));
    }
    unreachable!("the refresh completes at some number of calls")
}

#[tokio::test]
async fn a_refresh_killed_at_any_step_costs_at_most_2_token_calls() {
    let lost = |ends: &[(String, usize)]| ends.iter().filter(|(code, _)| code != "done").count();
    let column = kill_at_every_call("encrypted-column").await;
    assert_eq!(lost(&column), 1, "the one write after the answer: {column:?}");
    let secret = kill_at_every_call("secrets-manager").await;
    assert_eq!(lost(&secret), 1, "the first of the two writes after the answer: {secret:?}");
    // After a kill before the second write the tokens are in the secret and are adopted without a token call.
    assert_eq!(secret.last(), Some(&("done".to_owned(), 1)), "{secret:?}");
    let points = column.len() + secret.len();
    let _ = writeln!(
        io::stderr(),
        "\nrefreshes killed at {points} points: 2 grants lost and reported, no unnecessary refresh"
    );
}

#[tokio::test]
async fn late_written_tokens_do_not_replace_newer_ones() {
    let app = deployment("secrets-manager").await;
    connect(&app, "slack", TOKEN_LIFETIME).await;
    app.advance(TOKEN_LIFETIME);
    assert_eq!(run_action(&app, "slack").await, "done");
    // A lease holder that was paused for long writes its own tokens of an earlier version.
    let name = app.sandbox.sandbox.secret_names().pop().unwrap();
    let stale = json!({ "access": "stale", "refresh": "stale", "owner": "u1#slack" }).to_string();
    app.put_secret(&name, "tokens-01AAAAAAAAAAAAAAAAAAAAAAAA", &stale).await;
    app.sandbox.sandbox.revoke_grants("slack");
    app.advance(TOKEN_LIFETIME);
    assert_eq!(
        (run_action(&app, "slack").await, needs_reauth_events(&app), token_calls(&app)),
        ("REAUTH_REQUIRED".to_owned(), 1, 2)
    );
}
