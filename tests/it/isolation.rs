//! Who may do what: tokens, and other people's ids.

use crate::support::TestApp;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

/// Every route with a request that a valid token would have answered, well or badly; the callback takes no token.
const ROUTES: [(&str, &str); 25] = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/integrations"),
    ("POST", "/integrations"),
    ("DELETE", "/integrations"),
    ("GET", "/integrations/status"),
    ("GET", "/oauth/authorize"),
    ("GET", "/integrations/oauth/authorize"),
    ("GET", "/tasks"),
    ("POST", "/tasks"),
    ("DELETE", "/tasks"),
    ("POST", "/tasks/schedule"),
    ("GET", "/context-mappings"),
    ("POST", "/context-mappings"),
    ("PUT", "/context-mappings"),
    ("DELETE", "/context-mappings"),
    ("POST", "/context-mappings/bulk"),
    ("DELETE", "/context-mappings/bulk"),
    ("GET", "/context-mappings/lookup"),
    ("GET", "/errors"),
    ("PATCH", "/errors"),
    ("POST", "/errors/bulk"),
    ("POST", "/errors/fallbacks"),
    ("GET", "/errors/stats"),
    ("GET", "/errors/trends"),
];

#[tokio::test]
async fn without_a_good_token_every_route_is_401_before_anything_else() {
    let app = TestApp::start().await;
    let now = app.clock.now().as_second();
    let signed = |claims| app.sandbox.sandbox.token(claims);
    let good = app.token("u1");
    let (head, _) = good.rsplit_once('.').unwrap();
    let bad = [
        ("no token", None),
        ("not a JWT", Some("abc".to_owned())),
        ("damaged", Some(format!("{head}.AAAA"))),
        ("expired", Some(signed(json!({ "sub": "u1", "exp": now - 31 })))),
        ("not yet valid", Some(signed(json!({ "sub": "u1", "nbf": now + 31 })))),
        ("another audience", Some(signed(json!({ "sub": "u1", "aud": "other" })))),
        ("another issuer", Some(signed(json!({ "sub": "u1", "iss": "https://evil.example.com" })))),
        ("no subject", Some(signed(json!({ "sub": null })))),
        ("empty subject", Some(signed(json!({ "sub": "" })))),
        ("no expiry", Some(signed(json!({ "sub": "u1", "exp": null })))),
        ("expiry as text", Some(signed(json!({ "sub": "u1", "exp": "9999999999" })))),
        ("too long", Some("a".repeat(9000))),
        ("none", Some("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MSJ9.".to_owned())),
    ];
    app.calls.reset();
    for (method, path) in ROUTES {
        for (what, token) in &bad {
            let answer = app.send(method, path, token.as_deref(), Some("{".to_owned())).await;
            assert_eq!(answer.headers["www-authenticate"], "Bearer", "{what} at {method} {path}");
            assert_eq!(answer.refused(401, "UNAUTHORIZED"), "Unauthorized", "{what} at {method} {path}");
        }
    }
    assert!(app.calls.operations().is_empty(), "nothing was read or written");
}

#[tokio::test]
async fn other_methods_are_405_with_the_allowed_ones() {
    let app = TestApp::start().await;
    for (_, path) in ROUTES {
        let answer = app.send("OPTIONS", path, None, None).await;
        assert!(answer.headers["allow"].to_str().unwrap().contains(['G', 'P']), "{path}");
        answer.refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn another_users_ids_look_like_unknown_ones() {
    let app = TestApp::start().await;
    let at = (app.clock.now() + jiff::SignedDuration::from_hours(1)).to_string();
    let task = json!({
        "agentId": "a", "tool": "slack", "intent": "send_message",
        "context": { "channel": "general", "text": "x" }, "scheduledTime": at
    });
    let task = app.post("owner", "/tasks/schedule", task).await.accepted()["taskId"].clone();
    let mapping = json!({ "agentId": "a", "tool": "notion", "contextKey": "k", "externalId": "e" });
    let mapping = app.post("owner", "/context-mappings", mapping).await.ok()["id"].clone();
    let error = json!({ "agentId": "a", "tool": "gmail", "action": "x", "errorCode": "E", "errorMessage": "m" });
    let error = app.post("owner", "/errors", error).await.ok()["errorId"].clone();
    app.connect("owner", "slack").await;

    let task_path = format!("/tasks?taskId={}", task.as_str().unwrap());
    let mapping_path = format!("/context-mappings?id={}", mapping.as_str().unwrap());
    app.get("thief", &task_path).await.refused(404, "NOT_FOUND");
    app.delete("thief", "/tasks", Some(json!({ "taskId": task }))).await.refused(404, "NOT_FOUND");
    app.post("thief", "/tasks", json!({ "taskId": task, "force": true })).await.refused(404, "NOT_FOUND");
    app.put("thief", "/context-mappings", json!({ "id": mapping, "externalId": "x" })).await.refused(404, "NOT_FOUND");
    app.delete("thief", &mapping_path, None).await.refused(404, "NOT_FOUND");
    app.patch("thief", "/errors", json!({ "errorId": error })).await.refused(404, "NOT_FOUND");
    app.delete("thief", "/integrations", Some(json!({ "toolName": "slack" }))).await.refused(404, "NOT_FOUND");
    for (path, list) in [
        ("/tasks?agentId=a", "tasks"),
        ("/context-mappings?agentId=a&tool=notion", "mappings"),
        ("/errors?agentId=a", "errors"),
        ("/integrations", "integrations"),
    ] {
        assert_eq!(app.get("thief", path).await.ok()[list], json!([]), "{path}");
        assert_eq!(app.get("owner", path).await.ok()[list].as_array().unwrap().len(), 1, "{path}");
    }
    assert_eq!(app.get("owner", &task_path).await.ok()["task"]["status"], "scheduled");
}

#[tokio::test]
async fn ids_with_separators_stay_with_their_owner() {
    let app = TestApp::start().await;
    // Were keys joined without encoding, `a` + `b#c` and `a#b` + `c` would meet.
    let mapping = |agent: &str| json!({ "agentId": agent, "tool": "notion", "contextKey": "k", "externalId": "mine" });
    app.post("a", "/context-mappings", mapping("b#c")).await.ok();
    let theirs = app.get("a#b", "/context-mappings?agentId=c&tool=notion").await.ok();
    assert_eq!(theirs["mappings"], json!([]));
    app.post("a#b", "/context-mappings", mapping("c")).await.ok();
}

#[tokio::test]
async fn a_body_may_name_only_its_own_user() {
    let app = TestApp::start().await;
    app.post("u1", "/tasks", json!({ "taskId": "task_x", "userId": "u2" })).await.refused(403, "USER_MISMATCH");
    app.get("u1", "/integrations?userId=u2").await.refused(403, "USER_MISMATCH");
    app.get("u1", "/integrations?userId=u1").await.ok();
    // A service may name somebody, but only one who agreed.
    let service = app.sandbox.sandbox.token(json!({ "sub": "svc", "scope": "act-as" }));
    let answer = app.send("GET", "/integrations?userId=u1", Some(&service), None).await;
    answer.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_service_acts_for_a_user_who_agreed_until_the_agreement_ends() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let until = app.clock.now().as_second() + 60;
    let agreement = app.store.put_item().table_name(&app.tables.integrations);
    let agreement = agreement.item("pk", text("u1")).item("sk", text("delegation#svc"));
    agreement.item("ttl", AttributeValue::N(until.to_string())).send().await.unwrap();
    // The test's own write is no function's.
    app.calls.take_uses();

    let later = app.clock.now().as_second() + 3600;
    let service = app.sandbox.sandbox.token(json!({ "sub": "svc", "scope": "act-as", "exp": later }));
    let list = async || app.send("GET", "/integrations?userId=u1", Some(&service), None).await;
    assert_eq!(list().await.ok()["integrations"][0]["toolName"], "gmail");
    let other = app.send("GET", "/integrations?userId=u2", Some(&service), None).await;
    other.refused(403, "FORBIDDEN");
    let plain = app.sandbox.sandbox.token(json!({ "sub": "svc", "scope": "read", "exp": later }));
    app.send("GET", "/integrations?userId=u1", Some(&plain), None).await.refused(403, "USER_MISMATCH");
    app.advance(61);
    list().await.refused(403, "FORBIDDEN");
}
