//! People and the connection itself.

use super::{app, run_action};
use crate::support::builders::intent;
use sandbox::fixtures::notion::{ALEX, SAM, WORKSPACE};
use serde_json::json;

#[tokio::test]
async fn a_user_is_read_by_id_address_or_name() {
    let app = app().await;
    for wanted in [SAM, "sam@example.com", "Sam Okafor", "sam okafor"] {
        let user = run_action(&app, "get_user", json!({ "user": wanted })).await;
        assert_eq!((&user["id"], &user["email"]), (&json!(SAM), &json!("sam@example.com")), "{wanted}");
    }
    app.submit("u1", intent("notion", "get_user").with("user", "Nemo")).await.failed("PROVIDER_NOT_FOUND");
}

#[tokio::test]
async fn the_connection_knows_itself() {
    let app = app().await;
    let me = run_action(&app, "get_me", json!({})).await;
    assert_eq!((&me["type"], &me["workspaceId"], &me["owner"]["id"]), (&json!("bot"), &json!(WORKSPACE), &json!(ALEX)));
    let user = run_action(&app, "get_user", json!({ "user": me["id"] })).await;
    assert_eq!(user["name"], me["name"]);
}
