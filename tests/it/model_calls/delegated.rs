//! Delegations bound calls as they bound the routes.

use super::{call, connected, message};
use crate::support::responses::CallAnswer;
use crate::support::{EffectKind, TestApp, TestResponse};
use serde_json::{Value, json};

/// The response to a call of a service that acts for `u1`.
async fn as_service(app: &TestApp, mut body: Value) -> TestResponse {
    body["userId"] = "u1".into();
    app.send("POST", "/call", Some(&app.service_token("helper")), Some(body.to_string())).await
}

#[tokio::test]
async fn a_service_calls_what_its_delegation_permits_and_nothing_else() {
    let app = connected().await;
    as_service(&app, message("t")).await.refused(403, "FORBIDDEN");
    let permitted = json!({ "service": "helper", "tools": ["slack"], "actions": ["slack.send_message"] });
    app.post("u1", "/delegations", permitted).await.ok();
    assert!(!as_service(&app, message("t")).await.view::<CallAnswer>().is_error);
    app.effects(EffectKind::MessagePosted).assert_count(1);
    for refused in [
        call("slack_list_channels", json!({})),
        call("gmail_list_labels", json!({})),
        call("engine_dry_run", json!({ "name": "slack_list_channels" })),
        call("engine_find_keys", json!({ "tool": "gmail" })),
        call("engine_start_connect", json!({ "tool": "gmail" })),
        call("engine_list_errors", json!({ "tool": "gmail" })),
    ] {
        let message = as_service(&app, refused).await.refused(403, "FORBIDDEN");
        assert!(message.contains("It permits tools: slack; actions: slack.send_message"), "{message}");
    }
    // Only the names of what it may use are suggested.
    let unknown: CallAnswer = as_service(&app, call("slack_send", json!({}))).await.view();
    assert!(unknown.content.contains("slack_send_message") && !unknown.content.contains("slack_schedule_message"));
    let listed: CallAnswer = as_service(&app, call("engine_list_connections", json!({}))).await.view();
    assert_eq!(Value::from(listed.structured)["notConnected"], json!([]));
}

#[tokio::test]
async fn a_consent_needs_the_users_own_token_and_a_connect_page_does_not() {
    let permitted = json!({ "service": "helper", "tools": ["slack"] });
    let start = call("engine_start_connect", json!({ "tool": "slack" }));
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_CONNECT_PAGE_URL", "")]).await;
    app.post("u1", "/delegations", permitted.clone()).await.ok();
    let message = as_service(&app, start.clone()).await.refused(403, "FORBIDDEN");
    assert!(message.contains("needs the user's own token"), "{message}");
    let app =
        TestApp::start_with(&[("PLUGIN_ENGINE_CONNECT_PAGE_URL", "https://app.example.com/connect?tool={tool}")]).await;
    app.post("u1", "/delegations", permitted).await.ok();
    let page: CallAnswer = as_service(&app, start).await.view();
    assert_eq!(page.structured["connectUrl"], "https://app.example.com/connect?tool=slack");
}
