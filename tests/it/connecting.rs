//! `/integrations`, `/integrations/status` and the OAuth routes.

mod attacks;

use crate::support::TestApp;
use sandbox::Fault;
use serde_json::{Value, json};

const TOOLS: [&str; 4] = ["gmail", "notion", "slack", "asana"];

#[tokio::test]
async fn every_tool_connects_in_two_steps() {
    let app = TestApp::start().await;
    for tool in TOOLS {
        let body = app.connect("u1", tool).await.ok();
        let integration = &body["integration"];
        assert_eq!((&body["success"], &integration["tool"]), (&json!(true), &json!(tool)));
        assert_eq!(integration["status"], "active");
        let status = app.get("u1", &format!("/integrations/status?tool={tool}")).await.ok();
        assert_eq!(status["connected"], true, "{tool}: {status}");
    }
    let listed = app.get("u1", "/integrations").await.ok();
    let names: Vec<&Value> =
        listed["integrations"].as_array().unwrap().iter().map(|integration| &integration["tool"]).collect();
    assert_eq!(names, ["asana", "gmail", "notion", "slack"]);
    assert_eq!(app.effects("integration.connected").len(), 4);
}

#[tokio::test]
async fn account_metadata_is_stored_and_no_token_is_returned() {
    let app = TestApp::start().await;
    let slack = app.connect("u1", "slack").await.ok();
    assert_eq!(slack["integration"]["metadata"]["teamId"], sandbox::fixtures::slack::TEAM, "{slack}");
    let gmail = app.connect("u1", "gmail").await.ok();
    let scopes = gmail["integration"]["scopes"].to_string();
    assert!(scopes.contains("https://www.googleapis.com/auth/gmail.modify"), "{gmail}");
    let listed = app.get("u1", "/integrations").await.ok().to_string();
    for hint in ["xoxe", "accessToken", "refreshToken", "encryptedColumn", "tokens", "ya29"] {
        assert!(!listed.contains(hint), "{hint} in {listed}");
    }
}

#[tokio::test]
async fn both_path_families_and_both_parameter_names_start_a_flow() {
    let app = TestApp::start().await;
    for path in ["/oauth/authorize", "/integrations/oauth/authorize"] {
        for name in ["tool", "toolName"] {
            let body = app.get("u1", &format!("{path}?{name}=slack")).await.ok();
            assert!(body["authUrl"].as_str().unwrap().contains("/slack/oauth/v2/authorize?"), "{body}");
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
    assert!(app.callback(&back).await.ends_with("#error=access_denied"));
    assert!(app.callback(&back).await.ends_with("#error=invalid_state"), "a state is used once");
    let callback = back.split_once('?').unwrap().0;
    for query in ["code=x&state=unknown", "code=x", "state=x", "code=&state=", "code=a&code=b&state=x"] {
        let landed = app.callback(&format!("{callback}?{query}")).await;
        assert!(landed.ends_with("#error=invalid_state") || landed.ends_with("#error=invalid_callback"), "{landed}");
    }
}

#[tokio::test]
async fn a_ready_token_connects_directly() {
    let app = TestApp::start().await;
    let body = json!({
        "tool": "gmail", "accessToken": "ya29.ready", "refreshToken": null, "scopes": [],
        "expiresAt": (app.clock.now() + jiff::SignedDuration::from_hours(1)).to_string()
    });
    let made = app.post("u1", "/integrations", body).await.ok();
    assert_eq!(made["integration"]["status"], "active");
    app.advance(3601);
    let status = app.get("u1", "/integrations/status?tool=gmail").await.ok();
    assert_eq!((&status["connected"], &status["needsReauth"]), (&json!(false), &json!(true)));
    let missing = app.post("u1", "/integrations", json!({ "tool": "gmail" })).await.refused(400, "MISSING_FIELDS");
    assert_eq!(missing, "Missing required field: accessToken");
    let both = json!({ "connectCode": "a.b", "tool": "gmail", "accessToken": "x" });
    app.post("u1", "/integrations", both).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn disconnecting_revokes_the_grant_and_deletes_the_connection() {
    let app = TestApp::start().await;
    for tool in TOOLS {
        app.connect("u1", tool).await;
        let gone = app.delete("u1", "/integrations", Some(json!({ "tool": tool }))).await.ok();
        assert_eq!(gone, json!({ "success": true }));
        app.delete("u1", "/integrations", Some(json!({ "tool": tool }))).await.refused(404, "NOT_FOUND");
        let status = app.get("u1", &format!("/integrations/status?tool={tool}")).await.ok();
        assert_eq!(status["connected"], false);
    }
    assert_eq!(app.effects("token_revoked").len(), 4, "{:?}", app.effects("token_revoked"));
    assert_eq!(app.effects("integration.disconnected").len(), 4);
}

#[tokio::test]
async fn disconnecting_deletes_tokens_while_the_provider_is_down() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    app.sandbox.sandbox.fault(Fault::status("google", 503, json!({})).at_path("/revoke"));
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    assert_eq!(app.get("u1", "/integrations").await.ok()["integrations"], json!([]));
}

#[tokio::test]
async fn the_secrets_manager_vault_stores_refreshes_and_deletes_tokens() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_VAULT", "secrets-manager")]).await;
    app.connect("u1", "gmail").await;
    let fetch = json!({ "agentId": "a", "intent": "fetch_emails", "tool": "gmail" });
    assert_eq!(app.post("u1", "", fetch.clone()).await.ok()["success"], true);
    app.advance(2 * 3600);
    assert_eq!(app.post("u1", "", fetch.clone()).await.ok()["success"], true, "refreshed into a new version");
    app.connect("u1", "gmail").await;
    assert_eq!(app.post("u1", "", fetch.clone()).await.ok()["success"], true, "connected anew under a new name");
    app.delete("u1", "/integrations", Some(json!({ "tool": "gmail" }))).await.ok();
    assert_eq!(app.post("u1", "", fetch).await.ok()["error"]["code"], "NOT_CONNECTED");
}

#[tokio::test]
async fn parallel_refreshes_call_the_token_endpoint_once() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    // The token still lives, so the ones that lose the race go on with it.
    app.advance(43_200 - 600);
    let fetch =
        || json!({ "agentId": "a", "intent": "fetch_messages", "tool": "slack", "context": { "channel": "general" } });
    let answers = futures::future::join_all((0..16).map(|_| app.post("u1", "", fetch()))).await;
    for answer in answers {
        assert_eq!(answer.ok()["success"], true);
    }
    assert_eq!(app.effects("token_refreshed").len(), 1);
}

#[tokio::test]
async fn the_status_route_reports_the_problem_and_writes_nothing() {
    let app = TestApp::start().await;
    let status = async || {
        app.calls.reset();
        let status = app.get("u1", "/integrations/status?tool=gmail").await.ok();
        assert_eq!(app.calls.operations(), ["GetItem"]);
        status
    };
    let reconnect = "http://localhost:3000/connect?tool=gmail";
    let never = json!({
        "connected": false, "needsReauth": false, "connectUrl": reconnect, "error": "Gmail is not connected"
    });
    assert_eq!(status().await, never);
    app.connect("u1", "gmail").await;
    let works = status().await;
    let fields: Vec<&str> = works.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["connected", "expiresAt", "needsReauth", "scopes"]);
    assert_eq!((&works["connected"], &works["needsReauth"]), (&json!(true), &json!(false)));

    app.sandbox.sandbox.fault(Fault::status("google", 400, json!({ "error": "invalid_grant" })).at_path("/token"));
    app.advance(2 * 3600);
    let fetch = json!({ "agentId": "a", "intent": "fetch_emails", "tool": "gmail" });
    assert_eq!(app.post("u1", "", fetch).await.ok()["error"]["code"], "REAUTH_REQUIRED");
    let over = status().await;
    assert_eq!((&over["connected"], &over["needsReauth"]), (&json!(false), &json!(true)), "{over}");
    assert_eq!((&over["lastError"], &over["connectUrl"]), (&json!("invalid_grant"), &json!(reconnect)), "{over}");
    assert_eq!(over["error"], "Gmail needs to be connected again");
}
