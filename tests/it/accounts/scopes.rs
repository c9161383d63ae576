//! Scopes by choice: of the deployment, of a connect, and of the person on the consent page.

use super::clients_with;
use crate::support::builders::{email, fetch_emails};
use crate::support::responses::{Authorize, Connected, ToolList};
use crate::support::{TestApp, connect_code};
use serde_json::json;

const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
const READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";
const MODIFY: &str = "https://www.googleapis.com/auth/gmail.modify";

/// The scopes of the consent page.
async fn requested(app: &TestApp, query: &str) -> Vec<String> {
    let Authorize { auth_url } = app.get("u1", &format!("/oauth/authorize?{query}")).await.view();
    let url = url::Url::parse(&auth_url).unwrap();
    let (_, scope) = url.query_pairs().find(|(name, _)| name == "scope").unwrap();
    scope.split([' ', ',']).map(str::to_owned).collect()
}

#[tokio::test]
async fn deployment_narrows_or_widens_the_requested_scopes() {
    for (tool, scopes, expected) in [
        ("gmail", &[SEND][..], &["openid", "email", SEND][..]),
        ("gmail", &[READONLY, SEND, "email"], &["openid", "email", READONLY, SEND]),
        ("asana", &["default"], &["default"]),
        ("slack", &["chat:write"], &["chat:write"]),
    ] {
        let clients = clients_with(tool, "scopes", json!(scopes));
        let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &clients)]).await;
        assert_eq!(requested(&app, &format!("tool={tool}")).await, expected);
        let Connected { integration, .. } = app.connect("u1", tool).await.view();
        assert_eq!(integration.requested_scopes, expected, "{tool}");
    }
}

#[tokio::test]
async fn scope_that_no_action_can_use_is_a_fault_of_the_setting() {
    let clients = clients_with("gmail", "scopes", json!(&["https://www.googleapis.com/auth/drive"]));
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &clients)]).await;
    let refused = app.get("u1", "/oauth/authorize?tool=gmail").await.refused(501, "NOT_CONFIGURED");
    assert!(refused.contains("auth/drive"), "{refused}");
}

#[tokio::test]
async fn connect_may_request_fewer_scopes() {
    let app = TestApp::start().await;
    assert_eq!(requested(&app, "tool=slack&scopes=chat:write,users:read").await, ["chat:write", "users:read"]);
    assert_eq!(requested(&app, "tool=slack&scopes=chat:write%20users:read").await, ["chat:write", "users:read"]);
    assert_eq!(requested(&app, &format!("tool=gmail&scopes={MODIFY}")).await, ["openid", "email", MODIFY]);
    let more = app.get("u1", "/oauth/authorize?tool=slack&scopes=admin").await.refused(400, "INVALID_FIELD");
    assert!(more.contains("chat:write"), "{more}");
}

#[tokio::test]
async fn list_says_which_actions_lack_a_scope() {
    let clients = clients_with("gmail", "scopes", json!(&[SEND, READONLY]));
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CLIENTS", &clients)]).await;
    // On the consent page the person unticks reading.
    let url = app.auth_url("u1", "gmail").await;
    let back = app.browse(&format!("{url}&auto=allow&deny_scopes={READONLY}")).await;
    let landed = app.callback(&back).await;
    let code = json!({ "connectCode": connect_code(&landed).unwrap() });
    let Connected { integration, .. } = app.post("u1", "/integrations/connect", code).await.view();
    assert!(
        !integration.scopes.contains(&READONLY.to_owned())
            && integration.requested_scopes.contains(&READONLY.to_owned())
    );
    let ToolList { tools } = app.get("u1", "?tools=gmail").await.view();
    let lacking = tools[0].connections[0].unavailable_actions.clone().unwrap();
    let needs =
        |action: &str| lacking.iter().find(|lacking| lacking.action == action).map(|lacking| lacking.needs.as_str());
    assert_eq!(needs("send_email"), None);
    assert!(needs("fetch_emails").is_some_and(|needs| needs.contains(READONLY)), "{lacking:?}");
    assert!(needs("create_draft").is_some(), "sending alone allows no draft");
    app.submit("u1", email()).await.succeeded();
    app.submit("u1", fetch_emails()).await.failed("MISSING_SCOPE");
}
