//! Token refresh under concurrency, lost responses and kills: one call of the token endpoint per expiry, no stored token is lost,
//! and only a definite refusal by the provider marks a connection as needing reauthorization.

mod races;

use crate::support::builders::{Intent, fetch_emails, intent, list_channels, page};
use crate::support::responses::ConnectionStatus;
use crate::support::{EffectKind, TestApp};
use engine::permissions::Caller;
use sandbox::{Fault, FaultKind};
use serde_json::json;

pub(crate) const VAULTS: [&str; 2] = ["encrypted-column", "secrets-manager"];
const SLACK: &str = "/slack/api/oauth.v2.access";
/// Lifetime of a Slack token plus one second.
const TOKEN_LIFETIME: i64 = 12 * 3600 + 1;

async fn deployment(vault: &str) -> TestApp {
    TestApp::start_with(&[("PLUGIN_ENGINE_VAULT", vault)]).await
}

/// A deployment with a connection whose token has expired.
async fn expired_connection(vault: &str, tool: &str) -> TestApp {
    let app = deployment(vault).await;
    connect(&app, tool, TOKEN_LIFETIME - 1).await;
    app.advance(TOKEN_LIFETIME);
    app
}

/// Connects with ready tokens of a given lifetime in seconds.
async fn connect(app: &TestApp, tool: &str, lifetime: i64) {
    let scopes = engine::adapters::find(tool).unwrap().oauth.scopes;
    let tokens = app.sandbox.sandbox.grant(tool, sandbox::fixtures::ALEX, scopes).unwrap();
    let ready = json!({
        "tool": tool, "accessToken": tokens.access_token, "refreshToken": tokens.refresh_token,
        "expiresAt": app.after(lifetime).to_string()
    });
    app.post("u1", "/integrations", ready).await.ok();
}

fn action_of(tool: &str) -> Intent {
    match tool {
        "asana" => intent("asana", "list_workspaces").context(json!({})),
        "slack" => list_channels(),
        "notion" => page(sandbox::fixtures::notion::PAGE),
        _ => fetch_emails(),
    }
}

/// Runs one action of the tool; returns its error code, or `done`.
async fn run_action(app: &TestApp, tool: &str) -> String {
    let answer = app.with_advancing_clock(app.submit("u1", action_of(tool))).await;
    assert!(answer.status == 200 && (answer.code() != "done" || answer.body["success"] == true), "{answer:?}");
    answer.code().to_owned()
}

async fn status(app: &TestApp) -> ConnectionStatus {
    app.connections("u1").await[0].status
}

fn token_calls(app: &TestApp) -> usize {
    app.sandbox.sandbox.call_count(SLACK) + app.sandbox.sandbox.call_count("/google/token")
}

fn needs_reauth_events(app: &TestApp) -> usize {
    app.effects(EffectKind::ConnectionNeedsReauth).len()
}

#[tokio::test]
async fn a_lost_response_of_a_rotating_provider_needs_reauth_after_2_calls() {
    for vault in VAULTS {
        for lost in [FaultKind::ApplyThenDrop, FaultKind::Truncate] {
            let app = expired_connection(vault, "slack").await;
            app.fault(Fault::new("slack", lost).at_path("/api/oauth.v2.access"));
            assert_eq!(run_action(&app, "slack").await, "PROVIDER_UNAVAILABLE");
            assert_eq!(
                (status(&app).await, needs_reauth_events(&app)),
                (ConnectionStatus::Active, 0),
                "one lost response is not a refusal"
            );
            for _ in 0..3 {
                assert_eq!(run_action(&app, "slack").await, "REAUTH_REQUIRED");
            }
            assert_eq!(
                (status(&app).await, needs_reauth_events(&app), token_calls(&app)),
                (ConnectionStatus::NeedsReauth, 1, 2)
            );
        }
    }
}

#[tokio::test]
async fn a_lost_response_of_a_non_rotating_provider_is_retried() {
    for vault in VAULTS {
        let app = expired_connection(vault, "gmail").await;
        app.fault(Fault::apply_then_drop("google").at_path("/token"));
        assert_eq!(run_action(&app, "gmail").await, "PROVIDER_UNAVAILABLE");
        assert_eq!((run_action(&app, "gmail").await, token_calls(&app)), ("done".to_owned(), 2));
        // The old refresh token stays valid.
        app.advance(3601);
        assert_eq!((run_action(&app, "gmail").await, token_calls(&app)), ("done".to_owned(), 3));
    }
}

#[tokio::test]
async fn only_a_definite_invalid_grant_marks_needs_reauth() {
    let dead = json!({ "error": "invalid_grant", "error_description": "Token has been expired or revoked." });
    let temporary = [
        Fault::refuse("google"),
        Fault::status("google", 500, dead.clone()),
        Fault::status("google", 503, json!({})),
        Fault::status("google", 429, dead.clone()),
        Fault::status("google", 400, json!("<html>invalid_grant</html>")),
        Fault::status("google", 400, json!({ "error": "invalid_request" })),
        Fault::status("google", 401, json!({ "error": "invalid_client" })),
        Fault::status("google", 403, json!("Forbidden")),
        Fault::status("google", 200, json!("<html>Sign in</html>")),
        Fault::status("google", 200, json!({ "token_type": "Bearer" })),
        Fault::status("google", 302, json!({})).header("location", "http://127.0.0.1:1/"),
    ];
    let app = expired_connection("encrypted-column", "gmail").await;
    for fault in temporary {
        app.fault(fault.clone().at_path("/token"));
        let code = run_action(&app, "gmail").await;
        assert!(code != "done" && code != "REAUTH_REQUIRED", "{fault:?}: {code}");
        assert_eq!(status(&app).await, ConnectionStatus::Active, "{fault:?}");
    }
    assert_eq!((needs_reauth_events(&app), run_action(&app, "gmail").await), (0, "done".to_owned()));
    app.advance(3601);
    app.fault(Fault::status("google", 400, dead).at_path("/token"));
    assert_eq!((run_action(&app, "gmail").await, needs_reauth_events(&app)), ("REAUTH_REQUIRED".to_owned(), 1));
}

#[tokio::test]
async fn a_refresh_token_of_another_client_needs_reauth() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_VAULT", "encrypted-column")]).await;
    let granted = app.sandbox.sandbox.grant("gmail", sandbox::fixtures::ALEX, &["openid"]).unwrap();
    let ready = json!({
        "tool": "gmail", "accessToken": granted.access_token,
        "refreshToken": sandbox::fixtures::gmail::REFRESH_TOKEN_OF_ANOTHER_CLIENT,
        "expiresAt": app.after(3600).to_string()
    });
    app.post("u1", "/integrations", ready).await.ok();
    app.advance(3601);
    let answer = app.submit("u1", fetch_emails()).await;
    let error = answer.body["error"].clone();
    assert_eq!((&error["code"], &error["connectUrl"].is_string()), (&json!("REAUTH_REQUIRED"), &true), "{error}");
    let listed = app.connection_status("gmail").await;
    assert_eq!((listed.connected, listed.needs_reauth, needs_reauth_events(&app)), (false, true, 1));
    assert_eq!((run_action(&app, "gmail").await, token_calls(&app)), ("REAUTH_REQUIRED".to_owned(), 1));
}

/// The refusals of a refresh that the providers document, with the status of the connection after each.
#[tokio::test]
async fn each_refusal_of_a_refresh_ends_the_grant_is_temporary_or_is_the_deployments_fault() {
    let (dead, ours, temporary) = ("REAUTH_REQUIRED", "NOT_CONFIGURED", "PROVIDER_UNAVAILABLE");
    let refusals = [
        // https://developers.google.com/identity/protocols/oauth2/web-server#exchange-errors-invalid-grant
        ("gmail", "google", 400, json!({ "error": "invalid_grant" }), dead),
        ("gmail", "google", 401, json!({ "error": "unauthorized_client", "error_description": "Unauthorized" }), dead),
        ("gmail", "google", 401, json!({ "error": "invalid_client" }), ours),
        // https://docs.slack.dev/reference/methods/oauth.v2.access
        ("slack", "slack", 200, json!({ "ok": false, "error": "invalid_refresh_token" }), dead),
        ("slack", "slack", 200, json!({ "ok": false, "error": "token_revoked" }), dead),
        ("slack", "slack", 200, json!({ "ok": false, "error": "invalid_client_id" }), ours),
        ("slack", "slack", 200, json!({ "ok": false, "error": "bad_client_secret" }), ours),
        ("slack", "slack", 200, json!({ "ok": false, "error": "internal_error" }), temporary),
        ("slack", "slack", 200, json!({ "ok": false, "error": "service_unavailable" }), temporary),
        ("slack", "slack", 200, json!({ "ok": false, "error": "ratelimited" }), temporary),
        // https://developers.notion.com/reference/refresh-a-token
        ("notion", "notion", 400, json!({ "error": "invalid_grant" }), dead),
        ("notion", "notion", 401, json!({ "error": "invalid_client" }), ours),
        // https://developers.asana.com/docs/oauth
        ("asana", "asana", 400, json!({ "error": "invalid_grant" }), dead),
        ("asana", "asana", 401, json!({ "error": "invalid_client" }), ours),
    ];
    for (tool, origin, http, body, expected) in refusals {
        let path = match tool {
            "gmail" => "/token",
            "slack" => "/api/oauth.v2.access",
            "notion" => "/v1/oauth/token",
            _ => "/-/oauth_token",
        };
        let app = expired_connection("encrypted-column", tool).await;
        app.fault(Fault::status(origin, http, body.clone()).at_path(path));
        let answer = app.with_advancing_clock(app.submit("u1", action_of(tool))).await;
        let after = if expected == dead { ConnectionStatus::NeedsReauth } else { ConnectionStatus::Active };
        assert_eq!((answer.code(), status(&app).await), (expected, after), "{tool}: {body}");
    }
}

#[tokio::test]
async fn storing_new_tokens_is_retried_and_the_lease_is_held_until_stored() {
    let store_down = |times| Fault::status("aws", 503, json!({})).on_method("POST").times(times);
    let app = expired_connection("secrets-manager", "slack").await;
    // The SDK tries three times, then the engine retries after a delay.
    app.fault(store_down(8));
    assert_eq!((run_action(&app, "slack").await, token_calls(&app)), ("done".to_owned(), 1));

    app.advance(TOKEN_LIFETIME);
    app.fault(store_down(10_000));
    assert_eq!(run_action(&app, "slack").await, "UNAVAILABLE");
    // The engine retries until the function's deadline. The next caller does not use the old refresh token.
    assert_eq!((run_action(&app, "slack").await, token_calls(&app)), ("UNAVAILABLE".to_owned(), 2));
    assert_eq!((status(&app).await, needs_reauth_events(&app)), (ConnectionStatus::Active, 0));
}

#[tokio::test]
async fn an_unreadable_secret_costs_no_lease_and_no_token_call() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", ""), ("PLUGIN_ENGINE_CLIENTS_SECRET", "clients")]).await;
    connect(&app, "slack", TOKEN_LIFETIME).await;
    app.advance(TOKEN_LIFETIME);
    for _ in 0..3 {
        app.fault(Fault::status("aws", 503, json!({})).times(3));
        assert_eq!(run_action(&app, "slack").await, "UNAVAILABLE", "{:?}", app.sandbox.sandbox.pending_faults());
    }
    let accounts = app.engine.connections.accounts(&Caller::user(app.user("u1").await)).await.unwrap();
    let leases: Vec<_> = accounts.iter().flat_map(|tool| &tool.connections).map(|row| &row.refresh_lease).collect();
    assert_eq!((leases, token_calls(&app)), (vec![&None], 0));
}

#[tokio::test]
async fn no_token_call_starts_with_too_little_lease_left() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", ""), ("PLUGIN_ENGINE_CLIENTS_SECRET", "clients")]).await;
    app.create_secret("clients", &sandbox::settings::engine_variables("", "")["PLUGIN_ENGINE_CLIENTS"]).await;
    connect(&app, "slack", TOKEN_LIFETIME).await;
    app.advance(TOKEN_LIFETIME);
    app.calls.reset();
    // The process is paused while it reads its OAuth client.
    app.fault(Fault::delay("aws", 100));
    let freeze = async {
        while app.calls.completed("UpdateItem", &app.tables.integrations) == 0 {
            tokio::task::yield_now().await;
        }
        app.advance(31);
    };
    let until = app.clock.now() + jiff::SignedDuration::from_secs(150);
    let (run, ()) = futures::join!(app.engine.integrations.refresh_due(&[12], until), freeze);
    app.check_role("process-due-tasks");
    assert_eq!((run.unwrap().failed, token_calls(&app)), (1, 0));
    assert_eq!((run_action(&app, "slack").await, token_calls(&app)), ("done".to_owned(), 1), "the lease was released");
}

#[tokio::test]
async fn a_token_without_expiry_is_refreshed_when_rejected() {
    let app = deployment("encrypted-column").await;
    app.connect("u1", "notion").await;
    let before = app.sandbox.sandbox.call_count("/notion/v1/oauth/token");
    for _ in 0..3 {
        app.sandbox.sandbox.expire_tokens("notion");
        let callers = futures::future::join_all((0..8).map(|_| run_action(&app, "notion"))).await;
        assert_eq!(callers, vec!["done"; 8]);
    }
    assert_eq!(app.sandbox.sandbox.call_count("/notion/v1/oauth/token") - before, 3);
    app.effects(EffectKind::PageCreated).assert_count(24);
}
