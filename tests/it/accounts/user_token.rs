//! The person's own token beside that of an app: only a deployment that asks for it has one, and only the actions that need it use it.

use super::clients_with;
use crate::support::builders::{Intent, intent, message};
use crate::support::responses::{Connected, Connection, ToolList};
use crate::support::{EffectKind, TestApp, connect_code};
use sandbox::Fault;
use sandbox::fixtures::{ALEX, KIM};
use serde_json::{Value, json};

pub(super) const HALF_A_DAY: i64 = 12 * 3600;

/// The clients' setting with user scopes of Slack.
pub(crate) fn clients(user_scopes: &[&str]) -> String {
    clients_with("slack", "userScopes", json!(user_scopes))
}

async fn start() -> TestApp {
    TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &clients(&["search:read"]))]).await
}

/// Connects Slack as a person; the query is of the authorize route, the parameters are of the consent page.
pub(super) async fn connect(app: &TestApp, user: &str, query: &str, consent: &str) -> Connection {
    let url = app.get(user, &format!("/oauth/authorize?tool=slack{query}")).await.ok()["authUrl"].clone();
    let back = app.browse(&format!("{}&auto=allow{consent}", url.as_str().unwrap())).await;
    let landed = app.callback(&back).await;
    let code = json!({ "connectCode": connect_code(&landed).unwrap() });
    let Connected { integration, .. } = app.post(user, "/integrations/connect", code).await.view();
    integration
}

pub(super) fn search() -> Intent {
    intent("slack", "search_workspace").context(json!({ "query": "launch" }))
}

/// What the list of tools says that the search lacks.
async fn lacking(app: &TestApp) -> Option<String> {
    let ToolList { tools } = app.get("u1", "?tools=slack").await.view();
    let lacking = tools[0].connections[0].unavailable_actions.clone().unwrap_or_default();
    lacking.into_iter().find(|lacking| lacking.action == "search_workspace").map(|lacking| lacking.needs)
}

#[tokio::test]
async fn connection_without_a_user_token_says_which_action_needs_one() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    assert_eq!(lacking(&app).await.as_deref(), Some("search:read for a user token"));
    let refused = app.submit("u1", search()).await.failed("MISSING_SCOPE");
    assert!(refused.error.message.contains("search:read for a user token"), "{}", refused.error.message);
    assert_eq!(app.sandbox.sandbox.call_count("/slack/api/search.messages"), 0);
}

#[tokio::test]
async fn user_token_serves_the_actions_that_need_it_and_the_bots_token_the_others() {
    let app = start().await;
    let connection = connect(&app, "u1", "", "").await;
    let search_read = Some(vec!["search:read".to_owned()]);
    assert_eq!((&connection.user_scopes, &connection.requested_user_scopes), (&search_read, &search_read));
    assert!(!connection.scopes.contains(&"search:read".to_owned()), "{connection:?}");
    assert_eq!(app.connection_status("slack").await.user_scopes, search_read);
    assert_eq!(lacking(&app).await, None);

    let posted = message().context(json!({ "channel": "general", "text": "The launch is near" }));
    app.submit("u1", posted).await.succeeded();
    let found = app.submit("u1", search()).await.succeeded();
    let newest = &found.data.as_ref().unwrap()["messages"][0];
    assert_eq!(newest["text"], "The launch is near");
    assert_eq!(newest["author"]["id"], connection.metadata["botUserId"], "the bot has written it");
}

#[tokio::test]
async fn consent_without_the_user_scope_gives_no_user_token() {
    let app = start().await;
    for (query, consent, requested) in [
        ("", "&deny_scopes=search:read", Some(vec!["search:read".to_owned()])),
        ("&scopes=chat:write,channels:read", "", None),
    ] {
        let connection = connect(&app, "u1", query, consent).await;
        assert_eq!((connection.user_scopes, connection.requested_user_scopes), (None, requested));
        app.submit("u1", search()).await.failed("MISSING_SCOPE");
        app.submit("u1", message()).await.succeeded();
    }
    connect(&app, "u1", "&scopes=chat:write,search:read", "").await;
    app.submit("u1", search()).await.succeeded();
}

#[tokio::test]
async fn user_scope_that_no_action_can_use_is_a_fault_of_the_setting() {
    for unusable in ["chat:write", "admin"] {
        let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &clients(&[unusable]))]).await;
        let refused = app.get("u1", "/oauth/authorize?tool=slack").await.refused(501, "NOT_CONFIGURED");
        assert!(refused.contains(unusable) && refused.contains("userScopes"), "{refused}");
    }
    let mut users_alone: Value = serde_json::from_str(&clients(&["search:read"])).unwrap();
    users_alone["slack"]["scopes"] = json!([]);
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &users_alone.to_string())]).await;
    app.get("u1", "/oauth/authorize?tool=slack").await.refused(501, "NOT_CONFIGURED");
}

#[tokio::test]
async fn both_tokens_are_refreshed_in_both_vaults() {
    for vault in ["encrypted-column", "secrets-manager"] {
        let settings =
            [("PLUGIN_ENGINE_CLIENTS", clients(&["search:read"])), ("PLUGIN_ENGINE_VAULT", vault.to_owned())];
        let app = TestApp::start_with(&settings.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        connect(&app, "u1", "", "").await;
        for refreshes in 1..=3 {
            app.advance(HALF_A_DAY);
            app.submit("u1", search()).await.succeeded();
            app.submit("u1", message()).await.succeeded();
            app.effects(EffectKind::TokenRefreshed).assert_count(2 * refreshes);
        }
        // The provider's rejection of either token leads to the same refresh.
        app.sandbox.sandbox.expire_tokens("slack");
        app.submit("u1", search()).await.succeeded();
        app.submit("u1", message()).await.succeeded();
        app.effects(EffectKind::TokenRefreshed).assert_count(8);
    }
}

#[tokio::test]
async fn bots_new_token_is_stored_when_the_persons_cannot_be_refreshed() {
    let app = start().await;
    connect(&app, "u1", "", "").await;
    app.sandbox.sandbox.revoke_slack_user_tokens();
    app.advance(HALF_A_DAY);
    app.submit("u1", message()).await.succeeded();
    app.effects(EffectKind::TokenRefreshed).assert_count(1);
    // The person has withdrawn their own permission, and the connection goes on without it.
    let status = app.connection_status("slack").await;
    assert_eq!((status.connected, status.user_scopes), (true, None));
    app.submit("u1", search()).await.failed("MISSING_SCOPE");
    app.submit("u1", message()).await.succeeded();
    connect(&app, "u1", "", "").await;
    app.submit("u1", search()).await.succeeded();
}

#[tokio::test]
async fn person_who_shares_a_bot_loses_only_their_own_token_by_a_disconnect() {
    let app = start().await;
    for (user, person) in [("u1", ALEX), ("u2", KIM)] {
        connect(&app, user, "", &format!("&account={person}")).await;
    }
    app.delete("u1", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    // The access token and the refresh token of the person; those of the bot serve the other one.
    app.effects(EffectKind::TokenRevoked).assert_count(2);
    app.submit("u2", message()).await.succeeded();
    app.submit("u2", search()).await.succeeded();
    app.delete("u2", "/integrations", Some(json!({ "tool": "slack" }))).await.ok();
    app.effects(EffectKind::TokenRevoked).assert_count(6);
}

#[tokio::test]
async fn ready_token_of_a_person_serves_the_actions_that_need_one() {
    let app = TestApp::start().await;
    let granted = app.sandbox.sandbox.grant_slack_user("", ALEX, &["search:read"]).unwrap();
    let mut ready =
        json!({ "tool": "slack", "accessToken": granted.access_token, "refreshToken": granted.refresh_token });
    app.post("u1", "/integrations", ready.clone()).await.ok();
    app.submit("u1", search()).await.succeeded();
    app.advance(HALF_A_DAY);
    app.submit("u1", search()).await.succeeded();
    // Its scopes are said of it too.
    let other = app.sandbox.sandbox.grant_slack_user("", ALEX, &["users:read"]).unwrap();
    ready["accessToken"] = json!(other.access_token);
    ready["refreshToken"] = json!(other.refresh_token);
    ready["scopes"] = json!(["users:read"]);
    app.post("u1", "/integrations", ready).await.ok();
    assert_eq!(lacking(&app).await.as_deref(), Some("search:read"));
}

#[tokio::test]
async fn user_token_of_a_failed_refresh_is_refreshed_by_the_next_one() {
    let app = start().await;
    connect(&app, "u1", "", "").await;
    app.advance(HALF_A_DAY);
    // The first call refreshes the bot's token, the second one the person's.
    app.fault(Fault::status("slack", 503, json!({})).at_path("/api/oauth.v2.access"));
    app.submit("u1", search()).await.failed("PROVIDER_UNAVAILABLE");
    app.submit("u1", search()).await.succeeded();
}
