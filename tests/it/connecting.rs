//! The routes `/integrations`, `/integrations/status` and those of OAuth.

mod attacks;
mod return_pages;

use crate::support::builders::{fetch_emails, list_channels};
use crate::support::responses::{AuthStatus, Authorize, Connected, ConnectionStatus};
use crate::support::{EffectKind, TestApp};
use sandbox::Fault;
use serde_json::json;

const TOOLS: [&str; 4] = ["gmail", "notion", "slack", "asana"];

#[tokio::test]
async fn every_tool_connects_in_two_steps() {
    let app = TestApp::start().await;
    for tool in TOOLS {
        let Connected { success, integration, .. } = app.connect("u1", tool).await.view();
        assert_eq!((success, integration.tool.as_str()), (true, tool));
        assert_eq!(integration.status, ConnectionStatus::Active);
        assert!(app.connection_status(tool).await.connected, "{tool}");
    }
    let connections = app.connections("u1").await;
    let names: Vec<&str> = connections.iter().map(|connection| connection.tool.as_str()).collect();
    assert_eq!(names, ["asana", "gmail", "notion", "slack"]);
    app.effects(EffectKind::ConnectionCreated).assert_count(4);
}

#[tokio::test]
async fn account_metadata_is_stored_and_no_token_is_returned() {
    let app = TestApp::start().await;
    let slack: Connected = app.connect("u1", "slack").await.view();
    assert_eq!(slack.integration.metadata["teamId"], sandbox::fixtures::slack::TEAM);
    let gmail: Connected = app.connect("u1", "gmail").await.view();
    let scope = "https://www.googleapis.com/auth/gmail.modify";
    assert!(gmail.integration.scopes.iter().any(|granted| granted == scope), "{gmail:?}");
    let listed = app.get("u1", "/integrations").await.ok().to_string();
    for hint in ["xoxe", "accessToken", "refreshToken", "encrypted", "tokens", "ya29"] {
        assert!(!listed.contains(hint), "{hint} in {listed}");
    }
}

#[tokio::test]
async fn both_path_families_and_both_parameter_names_start_a_flow() {
    let app = TestApp::start().await;
    for path in ["/oauth/authorize", "/integrations/oauth/authorize"] {
        for name in ["tool", "toolName"] {
            let Authorize { auth_url } = app.get("u1", &format!("{path}?{name}=slack")).await.view();
            assert!(auth_url.contains("/slack/oauth/v2/authorize?"), "{auth_url}");
        }
    }
    app.get("u1", "/oauth/authorize").await.refused(400, "MISSING_FIELDS");
    app.get("u1", "/oauth/authorize?tool=fax").await.refused(400, "UNKNOWN_TOOL");
}

#[tokio::test]
async fn a_denied_consent_redirects_with_a_known_error() {
    let app = TestApp::start().await;
    let url = app.auth_url("u1", "gmail").await;
    let back = app.browse(&format!("{url}&auto=deny")).await;
    assert!(app.callback(&back).await.ends_with("#error=access_denied&tool=gmail"));
    assert!(app.callback(&back).await.ends_with("#error=invalid_state"), "a state is used once");
    let callback = back.split_once('?').unwrap().0;
    for query in ["code=x&state=unknown", "code=x", "state=x", "code=&state=", "code=a&code=b&state=x"] {
        let landed = app.callback(&format!("{callback}?{query}")).await;
        assert!(landed.ends_with("#error=invalid_state") || landed.ends_with("#error=invalid_callback"), "{landed}");
    }
}

#[tokio::test]
async fn the_landing_page_names_the_tool_and_the_account_to_connect_again() {
    let app = TestApp::start().await;
    let Connected { integration, .. } = app.connect("u1", "slack").await.view();
    let account = integration.account.id.as_str();
    let path = format!("/oauth/authorize?tool=slack&account={account}");
    for (answer, expected) in [("allow", "#connectCode="), ("deny", "#error=access_denied")] {
        let Authorize { auth_url } = app.get("u1", &path).await.view();
        let landed = app.callback(&app.browse(&format!("{auth_url}&auto={answer}")).await).await;
        let (_, fragment) = landed.split_once('#').unwrap();
        let fragment: std::collections::BTreeMap<String, String> = serde_urlencoded::from_str(fragment).unwrap();
        assert!(landed.contains(expected), "{landed}");
        assert_eq!((fragment["tool"].as_str(), fragment["account"].as_str()), ("slack", account), "{landed}");
    }
}

#[tokio::test]
async fn a_ready_token_connects_directly() {
    let app = TestApp::start().await;
    let granted = app.sandbox.sandbox.grant("gmail", sandbox::fixtures::ALEX, &["openid"]).unwrap();
    let body = json!({
        "tool": "gmail", "accessToken": granted.access_token, "refreshToken": null, "scopes": [],
        "expiresAt": app.after(3600).to_string()
    });
    let created: Connected = app.post("u1", "/integrations", body).await.view();
    assert_eq!(created.integration.status, ConnectionStatus::Active);
    app.advance(3601);
    let status = app.connection_status("gmail").await;
    assert_eq!((status.connected, status.needs_reauth), (false, true));
    let missing = app.post("u1", "/integrations", json!({ "tool": "gmail" })).await.refused(400, "MISSING_FIELDS");
    assert_eq!(missing, "Missing required field: accessToken");
    let both = json!({ "connectCode": "a.b", "tool": "gmail", "accessToken": "x" });
    app.post("u1", "/integrations", both.clone()).await.refused(400, "INVALID_FIELD");
    app.post("u1", "/integrations/connect", both).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn disconnecting_revokes_the_grant_and_deletes_the_connection() {
    let app = TestApp::start().await;
    for tool in TOOLS {
        app.connect("u1", tool).await;
        let response = app.delete("u1", "/integrations", Some(json!({ "tool": tool }))).await.ok();
        let named = (&response["success"], &response["tool"], response["account"]["id"].is_string());
        assert_eq!(named, (&json!(true), &json!(tool), true), "{response}");
        app.delete("u1", "/integrations", Some(json!({ "tool": tool }))).await.refused(404, "NOT_FOUND");
        assert!(!app.connection_status(tool).await.connected, "{tool}");
    }
    // Slack revokes each token by itself.
    app.effects(EffectKind::TokenRevoked).assert_count(5);
    app.effects(EffectKind::ConnectionDeleted).assert_count(4);
}

#[tokio::test]
async fn disconnecting_deletes_tokens_while_the_provider_is_down() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.fault(Fault::status("google", 503, json!({})).at_path("/revoke"));
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    assert_eq!(app.connections("u1").await, []);
}

#[tokio::test]
async fn the_secrets_manager_vault_stores_refreshes_and_deletes_tokens() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_VAULT", "secrets-manager")]).await;
    app.connect("u1", "gmail").await;
    app.submit("u1", fetch_emails()).await.succeeded();
    app.advance(2 * 3600);
    // Refreshed into a new version.
    app.submit("u1", fetch_emails()).await.succeeded();
    // Reconnected with a new secret.
    app.connect("u1", "gmail").await;
    app.submit("u1", fetch_emails()).await.succeeded();
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    app.submit("u1", fetch_emails()).await.failed("NOT_CONNECTED");
}

#[tokio::test]
async fn parallel_refreshes_call_the_token_endpoint_once() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    // The token is still valid, so callers that lose the race continue with it.
    app.advance(43_200 - 600);
    let answers = futures::future::join_all((0..16).map(|_| app.submit("u1", list_channels()))).await;
    for answer in answers {
        answer.succeeded();
    }
    app.effects(EffectKind::TokenRefreshed).assert_count(1);
}

#[tokio::test]
async fn the_status_route_reports_the_problem_and_the_way_to_reconnect() {
    let app = TestApp::start().await;
    let reconnect = "http://localhost:3000/connect?tool=gmail";
    let never = AuthStatus {
        account: None,
        label: None,
        unavailable_actions: None,
        connected: false,
        needs_reauth: false,
        expires_at: None,
        scopes: None,
        user_scopes: None,
        last_error: None,
        connect_url: Some(reconnect.to_owned()),
        error: Some("Gmail is not connected".to_owned()),
    };
    assert_eq!(app.connection_status("gmail").await, never);
    app.connect("u1", "gmail").await;
    let connected = app.connection_status("gmail").await;
    assert_eq!((connected.connected, connected.needs_reauth), (true, false));
    assert!(connected.expires_at.is_some_and(|end| end > app.clock.now()), "{connected:?}");
    assert!(connected.scopes.is_some_and(|scopes| !scopes.is_empty()));
    assert_eq!((connected.last_error, connected.connect_url, connected.error), (None, None, None));

    app.fault(Fault::status("google", 400, json!({ "error": "invalid_grant" })).at_path("/token"));
    app.advance(2 * 3600);
    app.submit("u1", fetch_emails()).await.failed("REAUTH_REQUIRED");
    let over = app.connection_status("gmail").await;
    assert_eq!((over.connected, over.needs_reauth), (false, true));
    assert_eq!((over.last_error.as_deref(), over.connect_url.as_deref()), (Some("invalid_grant"), Some(reconnect)));
    assert_eq!(over.error.as_deref(), Some("Gmail needs to be connected again"));
}
