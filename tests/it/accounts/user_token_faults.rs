//! Faults around the person's own token: lost and refused refreshes, reconnects, strange token responses, shared bots.

use super::user_token::{HALF_A_DAY, clients, connect, search};
use crate::specs;
use crate::support::builders::message;
use crate::support::{EffectKind, TestApp, connect_code};
use crate::token_refresh::VAULTS;
use engine::http::{Http, HttpError};
use sandbox::Fault;
use sandbox::fixtures::{ALEX, KIM};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const SEARCH: &str = "/slack/api/search.messages";

async fn start(vault: &str) -> TestApp {
    TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &clients(&["search:read"])), ("PLUGIN_ENGINE_VAULT", vault)]).await
}

/// What the network does with the response of the n-th call of Slack's token endpoint, counted from 1.
type Change = fn(usize, Value) -> Result<Value, HttpError>;

async fn start_with_token_endpoint(vault: &str, change: Change) -> TestApp {
    let (client, calls) = (specs::checked_client(Http::client()), Arc::new(AtomicUsize::new(0)));
    let http = Http::new(move |request| {
        let (client, calls) = (client.clone(), Arc::clone(&calls));
        let is_token_call = request.uri().path().ends_with("/oauth.v2.access");
        Box::pin(async move {
            let response = client.send(request).await?;
            if !is_token_call {
                return Ok(response);
            }
            let number = calls.fetch_add(1, Ordering::Relaxed) + 1;
            let (parts, body) = response.into_parts();
            let changed = change(number, serde_json::from_slice(body.bytes()).unwrap())?;
            Ok(http::Response::from_parts(parts, changed.to_string().into()))
        })
    });
    let changes = [("PLUGIN_ENGINE_CLIENTS", clients(&["search:read"])), ("PLUGIN_ENGINE_VAULT", vault.to_owned())];
    TestApp::start_with_client(&changes.each_ref().map(|(name, value)| (*name, value.as_str())), http).await
}

async fn consent(app: &TestApp, user: &str, query: &str, choices: &str) -> Value {
    let url = app.get(user, &format!("/oauth/authorize?tool=slack{query}")).await.ok()["authUrl"].clone();
    let back = app.browse(&format!("{}&auto=allow{choices}", url.as_str().unwrap())).await;
    let landed = app.callback(&back).await;
    json!({ "connectCode": connect_code(&landed).unwrap() })
}

#[tokio::test]
async fn reconnect_without_user_scopes_forgets_them() {
    for vault in VAULTS {
        let app = start(vault).await;
        connect(&app, "u1", "", "").await;
        connect(&app, "u1", "&scopes=chat:write", "").await;
        let stored = &app.connections("u1").await[0];
        assert_eq!((&stored.user_scopes, &stored.requested_user_scopes), (&None, &None), "{vault}");
        app.submit("u1", search()).await.failed("MISSING_SCOPE");
        assert_eq!(app.sandbox.sandbox.call_count(SEARCH), 0, "the bot's token was sent");
    }
}

#[tokio::test]
async fn failed_reconnect_leaves_the_connection_as_it_was() {
    let app = start("secrets-manager").await;
    connect(&app, "u1", "&scopes=chat:write", "").await;
    let code = consent(&app, "u1", "", "").await;
    app.fault(Fault::status("aws", 503, json!({})).on_method("POST").times(10_000));
    let failed = app.with_advancing_clock(app.post("u1", "/integrations/connect", code)).await;
    assert_ne!(failed.status, 200);
    assert_eq!(app.connection_status("slack").await.user_scopes, None);
}

/// Slack answers such a consent without a token of the app.
#[tokio::test]
async fn consent_for_user_scopes_alone_is_refused_at_once() {
    let app = start("encrypted-column").await;
    app.get("u1", "/oauth/authorize?tool=slack&scopes=search:read").await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn bots_token_is_never_sent_in_place_of_a_persons_that_has_ended() {
    for vault in VAULTS {
        let app = start(vault).await;
        connect(&app, "u1", "", "").await;
        app.sandbox.sandbox.revoke_slack_user_tokens();
        app.advance(HALF_A_DAY);
        let refused = app.submit("u1", search()).await.failed("MISSING_SCOPE");
        assert_eq!(app.sandbox.sandbox.call_count(SEARCH), 0, "{vault}: the bot's token was sent");
        assert!(refused.error.message.contains("search:read for a user token"), "{}", refused.error.message);
    }
}

/// The third call refreshes the person's tokens: it takes effect, and its response is lost.
#[tokio::test]
async fn lost_response_of_the_persons_refresh_ends_only_their_token() {
    for vault in VAULTS {
        let lose_third = |number, body| if number == 3 { Err(HttpError::Lost("cut".to_owned())) } else { Ok(body) };
        let app = start_with_token_endpoint(vault, lose_third).await;
        connect(&app, "u1", "", "").await;
        app.advance(HALF_A_DAY);
        app.submit("u1", message()).await.succeeded();
        let refused = app.submit("u1", search()).await.failed("MISSING_SCOPE");
        assert!(refused.error.message.contains("search:read for a user token"), "{vault}: {}", refused.error.message);
        app.submit("u1", message()).await.succeeded();
        assert_eq!(app.connection_status("slack").await.user_scopes, None);
        connect(&app, "u1", "", "").await;
        app.submit("u1", search()).await.succeeded();
    }
}

#[tokio::test]
async fn persons_refresh_that_was_not_made_is_made_at_the_next_rejection() {
    for vault in VAULTS {
        let refuse_third = |number, body| match number {
            3 => Ok(json!({ "ok": false, "error": "internal_error" })),
            _ => Ok(body),
        };
        // The sandbox has used the refresh token, so the person's token ends; the bot's must not.
        let app = start_with_token_endpoint(vault, refuse_third).await;
        connect(&app, "u1", "", "").await;
        app.advance(HALF_A_DAY);
        app.submit("u1", message()).await.succeeded();
        app.submit("u1", message()).await.succeeded();
        assert!(app.connection_status("slack").await.connected);
    }
}

/// A process that ends in the person's refresh, as by a kill, has the bot's new tokens in its memory alone.
#[tokio::test]
async fn kill_in_the_persons_refresh_does_not_lose_the_bots_tokens() {
    for vault in VAULTS {
        let end_in_third = |number, body| if number == 3 { panic!("killed") } else { Ok(body) };
        let app = start_with_token_endpoint(vault, end_in_third).await;
        connect(&app, "u1", "", "").await;
        app.advance(HALF_A_DAY);
        app.submit("u1", message()).await;
        app.advance(60);
        app.submit("u1", message()).await.succeeded();
    }
}

#[tokio::test]
async fn strange_user_token_of_a_consent_neither_fails_it_nor_a_disconnect() {
    let cases: [(&str, Change); 7] = [
        ("no token", |_, mut body| {
            body["authed_user"] = json!({ "id": body["authed_user"]["id"] });
            Ok(body)
        }),
        ("null", |_, mut body| {
            body["authed_user"]["access_token"] = Value::Null;
            Ok(body)
        }),
        ("empty token", |_, mut body| {
            body["authed_user"]["access_token"] = json!("");
            Ok(body)
        }),
        ("line break", |_, mut body| {
            body["authed_user"]["access_token"] = json!("xoxp-1\n2");
            Ok(body)
        }),
        ("line break in refresh token", |_, mut body| {
            body["authed_user"]["refresh_token"] = json!("xoxe-1\n2");
            Ok(body)
        }),
        ("number", |_, mut body| {
            body["authed_user"]["access_token"] = json!(7);
            Ok(body)
        }),
        ("null scope", |_, mut body| {
            body["authed_user"]["scope"] = Value::Null;
            Ok(body)
        }),
    ];
    let mut faults = vec![];
    for (name, change) in cases {
        let app = start_with_token_endpoint("encrypted-column", change).await;
        let code = consent(&app, "u1", "", "").await;
        let connected = app.post("u1", "/integrations/connect", code).await;
        if connected.status != 200 {
            faults.push(format!("{name}: connect {}", connected.status));
            continue;
        }
        let shown = app.connection_status("slack").await.user_scopes;
        if !name.contains("refresh") && !name.contains("scope") && shown.is_some() {
            faults.push(format!("{name}: userScopes {shown:?}"));
        }
        app.submit("u1", message()).await.succeeded();
        let disconnected = app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await;
        if disconnected.status != 200 {
            faults.push(format!("{name}: disconnect {}", disconnected.status));
        }
    }
    assert_eq!(faults, [""; 0]);
}

#[tokio::test]
async fn ready_token_of_a_person_who_shares_a_team_is_revoked_by_a_disconnect() {
    let app = start("encrypted-column").await;
    let granted = app.sandbox.sandbox.grant_slack_user("", ALEX, &["search:read"]).unwrap();
    let ready = json!({ "tool": "slack", "accessToken": granted.access_token, "refreshToken": granted.refresh_token });
    app.post("u1", "/integrations", ready).await.ok();
    connect(&app, "u2", "", &format!("&account={KIM}")).await;
    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    app.effects(EffectKind::TokenRevoked).assert_count(2);
}

#[tokio::test]
async fn failed_revocation_of_one_token_does_not_spare_the_others() {
    let app = start("encrypted-column").await;
    connect(&app, "u1", "", "").await;
    app.fault(Fault::refuse("slack").at_path("/api/auth.revoke"));
    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    app.effects(EffectKind::TokenRevoked).assert_count(3);
}

#[tokio::test]
async fn persons_rejected_token_does_not_end_a_bots_that_needs_no_refresh() {
    // An app whose bot's token does not rotate.
    let app = start_with_token_endpoint("encrypted-column", |_, mut body| {
        for name in ["refresh_token", "expires_in"] {
            body.as_object_mut().unwrap().remove(name);
        }
        Ok(body)
    })
    .await;
    connect(&app, "u1", "", "").await;
    let expired = json!({ "ok": false, "error": "token_expired" });
    app.fault(Fault::status("slack", 200, expired).at_path("/api/search.messages").times(2));
    app.submit("u1", search()).await;
    app.submit("u1", message()).await.succeeded();
}

#[tokio::test]
async fn label_that_differs_from_another_accounts_id_by_case_alone_is_refused() {
    let app = start("encrypted-column").await;
    let alex = connect(&app, "u1", "", "").await.account.id;
    let kim = connect(&app, "u1", "", &format!("&account={KIM}")).await.account.id;
    let label = json!({ "tool": "slack", "account": kim, "label": alex.to_lowercase() });
    app.patch("u1", "/integrations", label).await.refused(400, "INVALID_FIELD");
}

#[tokio::test]
async fn label_does_not_take_the_id_of_a_disconnected_account() {
    let app = start("encrypted-column").await;
    let alex = connect(&app, "u1", "", "").await.account.id;
    let kim = connect(&app, "u1", "", &format!("&account={KIM}")).await.account.id;
    app.delete("u1", "/integrations", Some(json!({ "tool": "slack", "account": alex }))).await.ok();
    app.patch("u1", "/integrations", json!({ "tool": "slack", "account": kim, "label": alex })).await;
    // An agent that knows the id means Alex, not Kim.
    app.submit("u1", message().account(&alex)).await.refused(400, "UNKNOWN_ACCOUNT");
}
