//! Many at once, dropped requests, frozen and killed processes.

use super::{LIFE, SLACK, VAULTS, act, condemned, connect, deployment, ended, status, token_calls};
use engine::integrations::MaintenanceReport;
use futures::future::join_all;
use jiff::SignedDuration;
use sandbox::Fault;
use serde_json::json;
use std::io::{self, Write as _};

#[tokio::test]
async fn of_2_to_32_callers_one_refreshes_and_all_get_the_new_token() {
    let (mut rounds, mut callers) = (0, 0);
    for vault in VAULTS {
        let app = super::TestApp::start_with(&[
            ("PLUGIN_ENGINE_VAULT", vault),
            ("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "100000"),
        ])
        .await;
        connect(&app, "slack", LIFE).await;
        for at_once in [2, 3, 5, 8, 16, 32].repeat(4) {
            app.advance(LIFE);
            let before = token_calls(&app);
            // Some write's answer is lost, and repeated by the SDK.
            app.calls.lose_answers(&[at_once + rounds % (2 * at_once + 2)]);
            assert_eq!(join_all((0..at_once).map(|_| act(&app, "slack"))).await, vec!["done"; at_once]);
            assert_eq!(token_calls(&app) - before, 1, "{at_once} callers, {vault}");
            (rounds, callers) = (rounds + 1, callers + at_once);
        }
    }
    let _ =
        writeln!(io::stderr(), "\nrefresh races in process: {rounds} rounds, {rounds} token calls, {callers} callers");
}

#[tokio::test]
async fn those_who_wait_for_one_who_fails_do_not_ask_one_after_the_other() {
    let app = ended("sealed", "slack").await;
    app.sandbox.sandbox.fault(Fault::status("slack", 503, json!({})).at_path("/api/oauth.v2.access"));
    let start = app.clock.now();
    let codes = join_all((0..16).map(|_| act(&app, "slack"))).await;
    let of = |code: &str| codes.iter().filter(|given| *given == code).count();
    // Who comes after the lease was given back may try for himself.
    assert_eq!(of("PROVIDER_UNAVAILABLE"), 1, "{codes:?}");
    assert!(token_calls(&app) <= 2 && of("UNAVAILABLE") + of("done") == 15, "{codes:?}");
    assert!(app.clock.now().duration_since(start) < SignedDuration::from_secs(8), "nobody waits in vain");
}

#[tokio::test]
async fn a_request_that_is_dropped_while_the_token_is_being_refreshed_loses_nothing() {
    for vault in VAULTS {
        let app = ended(vault, "slack").await;
        app.sandbox.sandbox.fault(Fault::delay("slack", 30).at_path("/api/oauth.v2.access"));
        let called = async {
            while app.sandbox.sandbox.call_count(SLACK) == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = called => {}
            code = act(&app, "slack") => panic!("it was not dropped: {code}"),
        }
        assert_eq!((act(&app, "slack").await, token_calls(&app)), ("done".to_owned(), 1), "{vault}");
    }
}

#[tokio::test]
async fn a_holder_that_wakes_up_after_its_lease_takes_over_what_the_next_one_got() {
    for vault in VAULTS {
        let app = ended(vault, "slack").await;
        // The first is frozen at the provider's door; its lease lapses, and the next one gets through.
        app.sandbox.sandbox.fault(Fault::delay("slack", 400).at_path("/api/oauth.v2.access"));
        let next = async {
            while app.sandbox.sandbox.call_count(SLACK) == 0 {
                tokio::task::yield_now().await;
            }
            app.check_role("process-due-tasks");
            app.advance(46);
            act(&app, "slack").await
        };
        let until = app.clock.now() + SignedDuration::from_secs(150);
        let frozen = async {
            let run = app.engine.integrations.refresh_due(&[12], until).await;
            run.unwrap()
        };
        let (frozen, next) = futures::join!(frozen, next);
        assert_eq!((frozen, next.as_str()), (MaintenanceReport { found: 1, updated: 1, failed: 0 }, "done"), "{vault}");
        assert_eq!((token_calls(&app), status(&app).await, condemned(&app)), (2, json!("active"), 0), "{vault}");
    }
}

/// Kills the process that refreshes after each number of calls on AWS, until it is done before; what became of the
/// connection each time, and at how many points the tokens were found in the vault.
async fn killed_anywhere(vault: &str) -> Vec<(String, usize)> {
    let mut ends = vec![];
    for calls in 0.. {
        let app = ended(vault, "slack").await;
        app.calls.die_after(calls);
        let until = app.clock.now() + SignedDuration::from_secs(29);
        let killed = app.as_time_passes(app.engine.integrations.refresh_due(&[12], until)).await;
        app.check_role("process-due-tasks");
        if !app.calls.revive() {
            assert_eq!(killed.unwrap(), MaintenanceReport { found: 1, updated: 1, failed: 0 });
            return ends;
        }
        // Its lease lapses.
        app.advance(60);
        let codes = join_all((0..8).map(|_| act(&app, "slack"))).await;
        let same = codes.iter().all(|code| *code == codes[0]);
        assert!(same && matches!(codes[0].as_str(), "done" | "REAUTH_REQUIRED"), "{vault}, {calls} calls: {codes:?}");
        assert_eq!(condemned(&app), usize::from(codes[0] != "done"), "{vault}, {calls} calls");
        assert!(token_calls(&app) <= 2, "{vault}, {calls} calls: {}", token_calls(&app));
        // Whatever it is now, it stays: no refresh without end.
        let (settled, before) = (act(&app, "slack").await, token_calls(&app));
        assert_eq!((act(&app, "slack").await, token_calls(&app)), (settled, before));
        ends.push((codes[0].clone(), before));
    }
    unreachable!("it ends at some number of calls")
}

#[tokio::test]
async fn a_refresh_that_is_killed_at_any_step_costs_two_token_calls_at_most() {
    let lost = |ends: &[(String, usize)]| ends.iter().filter(|(code, _)| code != "done").count();
    let sealed = killed_anywhere("sealed").await;
    assert_eq!(lost(&sealed), 1, "the one write after the answer: {sealed:?}");
    let secret = killed_anywhere("secrets-manager").await;
    assert_eq!(lost(&secret), 1, "the first of the two writes after the answer: {secret:?}");
    // Killed before the second, the tokens are in the secret: found there, they cost no call.
    assert_eq!(secret.last(), Some(&("done".to_owned(), 1)), "{secret:?}");
    let points = sealed.len() + secret.len();
    let _ = writeln!(
        io::stderr(),
        "\nrefreshes killed at {points} points: 2 grants lost and said to be, none refreshed in vain"
    );
}

#[tokio::test]
async fn tokens_somebody_stored_late_do_not_replace_newer_ones() {
    let app = deployment("secrets-manager").await;
    connect(&app, "slack", LIFE).await;
    app.advance(LIFE);
    assert_eq!(act(&app, "slack").await, "done");
    // A holder that was frozen for long puts its own tokens, of an earlier version, on top.
    let name = app.sandbox.sandbox.secret_names().pop().unwrap();
    let stale = json!({ "access": "stale", "refresh": "stale", "owner": "u1#slack" }).to_string();
    app.put_secret(&name, "tokens-01AAAAAAAAAAAAAAAAAAAAAAAA", &stale).await;
    app.sandbox.sandbox.revoke_grants("slack");
    app.advance(LIFE);
    assert_eq!((act(&app, "slack").await, condemned(&app), token_calls(&app)), ("REAUTH_REQUIRED".to_owned(), 1, 2));
}
