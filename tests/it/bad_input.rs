//! Invalid input: a 4xx with a stable code, and nothing is stored.

mod bodies;
mod bounds;
mod contexts;
mod cursors;
mod hints;
mod together;

use crate::support::{BASE, EffectKind, TestApp, root};
use crate::template::OPEN_ROUTES;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn intent() -> Value {
    json!({
        "agentId": "a", "tool": "slack", "intent": "send_message",
        "context": { "channel": "general", "text": "hi" }
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut body = intent();
    *body.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
    body
}

fn adding(field: &str, value: Value) -> Value {
    let mut body = intent();
    body[field] = value;
    body
}

#[tokio::test]
async fn invalid_intents_are_rejected_and_store_nothing() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let mut deep = json!("x");
    for _ in 0..40 {
        deep = json!([deep]);
    }
    let just_past = (app.clock.now() - jiff::SignedDuration::from_secs(10)).to_string();
    let cases = [
        ("agentId empty", with("/agentId", json!("")), "MISSING_FIELDS"),
        ("agentId null", with("/agentId", json!(null)), "MISSING_FIELDS"),
        ("agentId a number", with("/agentId", json!(7)), "INVALID_FIELD"),
        ("agentId too long", with("/agentId", json!("a".repeat(257))), "INVALID_FIELD"),
        ("agentId with a line break", with("/agentId", json!("a\nb")), "INVALID_FIELD"),
        ("tool unknown", with("/tool", json!("fax")), "UNKNOWN_TOOL"),
        ("intent unknown", with("/intent", json!("send_fax")), "UNKNOWN_INTENT"),
        ("intent of another tool", with("/intent", json!("send_email")), "UNKNOWN_INTENT"),
        ("context a list", with("/context", json!([1])), "INVALID_FIELD"),
        ("context empty", with("/context", json!({})), "MISSING_FIELDS"),
        ("context field of a wrong type", with("/context/text", json!(7)), "INVALID_FIELD"),
        ("context field empty", with("/context/channel", json!("")), "INVALID_FIELD"),
        ("context field unknown", with("/context", json!({"channel": "c", "text": "t", "color": 1})), "INVALID_FIELD"),
        ("context deep", with("/context", json!({ "channel": deep, "text": "t" })), "INVALID_FIELD"),
        ("field unknown", adding("priority", json!(1)), "INVALID_FIELD"),
        ("time not a date", adding("executeAt", json!("nope")), "INVALID_FIELD"),
        ("time without a zone", adding("executeAt", json!("2030-01-01T00:00:00")), "INVALID_FIELD"),
        ("time a number", adding("executeAt", json!(1_900_000_000)), "INVALID_FIELD"),
        ("time just past", adding("executeAt", json!(just_past)), "INVALID_FIELD"),
        ("time past", adding("executeAt", json!("2020-01-01T00:00:00Z")), "INVALID_FIELD"),
        ("time far ahead", adding("executeAt", json!("2130-01-01T00:00:00Z")), "INVALID_FIELD"),
        ("userId a number", adding("userId", json!(7)), "INVALID_FIELD"),
    ];
    for (what, body, code) in cases {
        app.calls.reset();
        let answer = app.post("u1", "", body).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!(code)), "{what}: {}", answer.body);
        assert!(app.calls.operations().is_empty(), "{what}: {:?}", app.calls.operations());
    }
    for list in ["/tasks?agentId=a", "/tasks?agentId=a&kind=immediate"] {
        assert_eq!(app.get("u1", list).await.ok()["tasks"], json!([]));
    }
    assert_eq!(app.get("u1", "/errors?agentId=a").await.ok()["errors"], json!([]));
}

#[tokio::test]
async fn malformed_and_oversized_bodies_are_rejected_on_every_route() {
    let app = TestApp::start().await;
    let fields = openapi::fields(&openapi::document(&root()));
    let of_bodies = fields.iter().filter(|field| field.in_body);
    let routes: BTreeSet<(&str, &str)> =
        of_bodies.map(|field| (field.method.as_str(), field.path.strip_prefix(BASE).unwrap())).collect();
    let huge = format!(r#"{{"agentId":"{}"}}"#, "a".repeat(2 * 1024 * 1024));
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    app.calls.reset();
    for (method, path) in routes {
        // Each has a minute of its own: the budgets of requests are another test's subject.
        app.advance(60);
        let token = app.token("u1");
        let send = async |body: &str| app.send(method, path, Some(&token), Some(body.to_owned())).await;
        for broken in ["{", "", "[]", "null", "7", "\"x\"", &deep, "{\"a\":1,}", "{\"a\":\"\u{0}\"}"] {
            // A DELETE request without a body has its fields in the query.
            let code = if method == "DELETE" && broken.is_empty() { "MISSING_FIELDS" } else { "MALFORMED_JSON" };
            send(broken).await.refused(400, code);
        }
        send(&huge).await.refused(413, "TOO_LARGE");
        let missing = send("{}").await;
        assert_eq!(
            (missing.status, &missing.body["error"]["code"]),
            (400, &json!("MISSING_FIELDS")),
            "{method} {path}"
        );
        let unknown = send(r#"{"nonsense":1}"#).await;
        assert_eq!(unknown.status, 400, "{method} {path}: {}", unknown.body);
    }
    assert!(app.calls.operations().is_empty(), "{:?}", app.calls.operations());
}

/// A field in the wrong place must not be ignored: a service's request with `userId` there would be made for the service.
#[tokio::test]
async fn a_query_beside_a_body_and_a_body_beside_a_query_are_refused_on_every_route() {
    let app = TestApp::start().await;
    let fields = openapi::fields(&openapi::document(&root()));
    let open = |field: &&openapi::Field| OPEN_ROUTES.contains(&&*format!("{} {}", field.method, field.path));
    let token = app.token("u1");
    app.calls.reset();
    let one_place = |field: &&openapi::Field| !open(field) && field.name == "userId" && field.method != "DELETE";
    for field in fields.iter().filter(one_place) {
        let path = field.path.strip_prefix(BASE).unwrap();
        let body = Some(r#"{"userId":"u1"}"#.to_owned());
        let answer = app.send(&field.method, &format!("{path}?userId=u1"), Some(&token), body).await;
        let message = answer.refused(400, "INVALID_FIELD");
        let rule = if field.in_body { "query: must be empty" } else { "body: must be empty" };
        assert!(message.starts_with(rule), "{field}: {message}");
    }
    assert!(app.calls.operations().is_empty());
}

#[tokio::test]
async fn missing_fields_are_all_named() {
    let app = TestApp::start().await;
    let text = app.post("u1", "", json!({})).await.refused(400, "MISSING_FIELDS");
    assert_eq!(text, "Missing required fields: agentId, intent, tool");
    let text = app.get("u1", "/context-mappings?tool=notion").await.refused(400, "MISSING_FIELDS");
    assert_eq!(text, "Missing required field: agentId");
    let mut body = intent();
    body["context"] = json!({ "channel": "general" });
    let text = app.post("u1", "", body).await.refused(400, "MISSING_FIELDS");
    assert_eq!(text, "Missing required field: context.text or context.markdown or context.blocks");
}

#[tokio::test]
async fn invalid_queries_are_rejected() {
    let app = TestApp::start().await;
    for query in [
        "/tasks?agentId=a&limit=0",
        "/tasks?agentId=a&limit=101",
        "/tasks?agentId=a&limit=-1",
        "/tasks?agentId=a&limit=ten",
        "/tasks?agentId=a&cursor=nonsense",
        "/tasks?agentId=a&status=sleeping",
        "/tasks?agentId=a&kind=all",
        "/tasks?agentId=a&color=red",
        "/errors?agentId=a&limit=1000",
        "/integrations?cursor=%ff",
        "/context-mappings?agentId=a&tool=notion&limit=NaN",
    ] {
        app.get("u1", query).await.refused(400, "INVALID_FIELD");
    }
    for id in ["%00", "task_", "task_%2e%2e", "42", "task_AAAA", &"x".repeat(3000)] {
        let answer = app.get("u1", &format!("/tasks?taskId={id}")).await;
        assert!(matches!(answer.status, 400 | 404), "{id}: {}", answer.body);
    }
}

#[tokio::test]
async fn mail_headers_cannot_be_injected() {
    let app = TestApp::start().await;
    app.connect("u1", "gmail").await;
    for (field, value) in [
        ("subject", "Hi\r\nBcc: all@example.com"),
        ("to", "a@example.com\r\nBcc: b@example.com"),
        ("to", "not an address"),
        ("replyTo", "x@example.com\nX: y"),
    ] {
        let mut context = json!({ "to": "a@example.com", "subject": "s", "body": "b" });
        context[field] = value.into();
        let body = json!({ "agentId": "a", "tool": "gmail", "intent": "send_email", "context": context });
        app.post("u1", "", body).await.refused(400, "INVALID_FIELD");
    }
    app.effects(EffectKind::MessageSent).assert_none();
}
