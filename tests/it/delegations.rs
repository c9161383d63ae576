//! Delegations: services act for users with a valid delegation; only users create, list and revoke them.

mod door_list;
mod doors;
mod permitted;
mod planned;

use crate::support::builders::{ALL_TOOLS, mapping};
use crate::support::responses::{ConnectionList, DelegationCreated, DelegationList, MappedId};
use crate::support::{TestApp, TestResponse};
use serde_json::{Value, json};

/// Grants a delegation of `u1`.
async fn delegate(app: &TestApp, delegation: Value) {
    app.post("u1", "/delegations", delegation).await.ok();
}

/// The response to a service that acts for `u1`.
async fn act_for_u1(app: &TestApp, service: &str) -> TestResponse {
    app.send("GET", "/integrations?userId=u1", Some(&app.service_token(service)), None).await
}

async fn listed_services(app: &TestApp, user: &str) -> Vec<String> {
    let list: DelegationList = app.get(user, "/delegations").await.view();
    list.delegations.into_iter().map(|delegation| delegation.service).collect()
}

#[tokio::test]
async fn a_service_acts_for_a_user_until_the_delegation_is_revoked_or_expires() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let refused = act_for_u1(&app, "helper").await.refused(403, "FORBIDDEN");

    let created: DelegationCreated =
        app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.view();
    assert_eq!(created.delegation.service, "helper");
    let seen: ConnectionList = act_for_u1(&app, "helper").await.view();
    assert_eq!(seen.integrations[0].tool, "gmail");
    assert_eq!(listed_services(&app, "u1").await, ["helper"]);

    // Another service and another user are refused.
    assert_eq!(act_for_u1(&app, "other").await.refused(403, "FORBIDDEN"), refused);
    let elsewhere = app.send("GET", "/integrations?userId=u2", Some(&app.service_token("helper")), None).await;
    assert_eq!(elsewhere.refused(403, "FORBIDDEN"), refused);
    // The same client without the scope is treated as a user.
    let plain = app.sandbox.sandbox.sign_token(json!({ "sub": "helper", "scope": "read" }));
    app.send("GET", "/integrations?userId=u1", Some(&plain), None).await.refused(403, "USER_MISMATCH");

    app.delete("u1", "/delegations", Some(json!({ "service": "helper" }))).await.ok();
    assert_eq!(act_for_u1(&app, "helper").await.refused(403, "FORBIDDEN"), refused);
    assert!(listed_services(&app, "u1").await.is_empty());
    app.delete("u1", "/delegations", Some(json!({ "service": "helper" }))).await.refused(404, "NOT_FOUND");

    let short = json!({ "service": "helper", "tools": ALL_TOOLS, "expiresAt": app.after(60).to_string() });
    app.post("u1", "/delegations", short).await.ok();
    app.advance(59);
    act_for_u1(&app, "helper").await.ok();
    app.advance(1);
    assert_eq!(
        act_for_u1(&app, "helper").await.refused(403, "FORBIDDEN"),
        refused,
        "an expired delegation is refused although its row may still exist"
    );
    assert!(listed_services(&app, "u1").await.is_empty());
    app.delete("u1", "/delegations", Some(json!({ "service": "helper" }))).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_services_writes_belong_to_the_user() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    let mut mapping = mapping("notion", "k", "e");
    mapping["userId"] = "u1".into();
    let created =
        app.send("POST", "/context-mappings", Some(&app.service_token("helper")), Some(mapping.to_string())).await;
    created.ok();
    let path = "/context-mappings/lookup?agentId=a&tool=notion&contextKey=k";
    assert_eq!(app.get("u1", path).await.view::<MappedId>().external_id, "e");
    // Without `userId` the service acts for itself.
    let own = app.send("GET", path, Some(&app.service_token("helper")), None).await;
    own.refused(424, "NOT_CONNECTED");
}

#[tokio::test]
async fn a_service_cannot_create_list_or_revoke_delegations() {
    let app = TestApp::start().await;
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    let token = app.service_token("helper");
    for user in [json!("u1"), json!("u2"), json!("helper"), json!(null)] {
        let body = json!({ "userId": user, "service": "accomplice" }).to_string();
        for method in ["POST", "DELETE"] {
            app.send(method, "/delegations", Some(&token), Some(body.clone())).await.refused(403, "FORBIDDEN");
        }
    }
    for query in ["", "?userId=u1", "?userId=helper"] {
        let list = app.send("GET", &format!("/delegations{query}"), Some(&token), None).await;
        list.refused(403, "FORBIDDEN");
    }
    assert_eq!(listed_services(&app, "u1").await, ["helper"]);
    act_for_u1(&app, "accomplice").await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_delegation_names_a_service_and_ends_within_366_days() {
    let app = TestApp::start().await;
    let day = |days: i64| app.after(24 * 3600 * days).to_string();
    for body in [
        json!({ "service": 7, "tools": ALL_TOOLS }),
        json!({ "service": "a\nb", "tools": ALL_TOOLS }),
        json!({ "service": "s".repeat(257), "tools": ALL_TOOLS }),
        json!({ "service": "s", "tools": ALL_TOOLS, "expiresAt": day(-1) }),
        json!({ "service": "s", "tools": ALL_TOOLS, "expiresAt": app.clock.now().to_string() }),
        json!({ "service": "s", "tools": ALL_TOOLS, "expiresAt": day(367) }),
        json!({ "service": "s", "tools": ALL_TOOLS, "tool": "gmail" }),
        json!({ "service": "s", "tools": ALL_TOOLS, "connectCode": "a.b" }),
    ] {
        app.post("u1", "/delegations", body.clone()).await.refused(400, "INVALID_FIELD");
    }
    app.post("u1", "/delegations", json!({ "service": " ", "tools": ALL_TOOLS })).await.refused(400, "MISSING_FIELDS");
    assert!(listed_services(&app, "u1").await.is_empty());
    app.post("u1", "/delegations", json!({ "service": "s", "tools": ALL_TOOLS, "expiresAt": day(366) })).await.ok();
}
