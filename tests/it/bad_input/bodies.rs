//! Bodies of another shape: items of lists, sizes of objects, lists in place of objects. `bounds` tests the fields.

use crate::support::TestApp;
use serde_json::{Value, json};

const RECURRING_INTENT: &str = r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"channel":"c","text":"t"},"executeAt":"2027-01-01T00:00:00Z","recurrence":{"every":"P1D"}}"#;
const TOKENS: &str = r#"{"tool":"gmail","accessToken":"x","refreshToken":"y","scopes":["s"]}"#;
const MAPPING: &str = r#"{"agentId":"a","tool":"notion","contextKey":"k","externalId":"e","friendlyName":"n"}"#;

fn with(body: &str, place: &str, value: Value) -> Value {
    let mut body: Value = serde_json::from_str(body).unwrap();
    *body.pointer_mut(&format!("/{}", place.replace('.', "/"))).unwrap() = value;
    body
}

/// Asserts that the response is an `INVALID_FIELD` that names the field.
#[track_caller]
fn assert_names_field(answer: crate::support::TestResponse, field: &str, what: &str) {
    let message = answer.body["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (400, &json!("INVALID_FIELD")),
        "{what}: {}",
        answer.body
    );
    assert!(
        message.starts_with(&format!("{field}: ")) || message.starts_with(&format!("{field}[")),
        "{what}: {message}"
    );
}

#[tokio::test]
async fn body_lists_and_numbers_are_limited() {
    let app = TestApp::start().await;
    let many = |item: Value| vec![item; 101];
    let mapping: Value = serde_json::from_str(MAPPING).unwrap();
    app.calls.reset();
    for (method, path, field, body) in [
        ("POST", "/context-mappings/bulk", "mappings", json!({ "mappings": many(mapping) })),
        ("DELETE", "/context-mappings/bulk", "ids", json!({ "ids": many(json!("map_x")) })),
        ("POST", "/errors/bulk", "errorIds", json!({ "action": "resolve", "errorIds": many(json!("err_x")) })),
        ("POST", "/integrations", "scopes", with(TOKENS, "scopes", json!(many(json!("s"))))),
        ("POST", "/integrations", "scopes", with(TOKENS, "scopes", json!(["s".repeat(257)]))),
        ("POST", "/integrations", "scopes", with(TOKENS, "scopes", json!([7]))),
    ] {
        let answer = app.send(method, path, Some(&app.token("u1")), Some(body.to_string())).await;
        assert_names_field(answer, field, &format!("{method} {path}"));
    }
    for count in ["0", "-1", "1.5", "10001", "99999999999", "\"three\""] {
        let body = RECURRING_INTENT.replace("\"P1D\"", &format!("\"P1D\",\"count\":{count}"));
        let answer = app.send("POST", "/tasks/schedule", Some(&app.token("u1")), Some(body)).await;
        assert_names_field(answer, "recurrence.count", count);
    }
    for invalid in ["NaN", "1e400", "Infinity"] {
        let body = RECURRING_INTENT.replace("\"P1D\"", &format!("\"P1D\",\"count\":{invalid}"));
        app.send("POST", "/tasks/schedule", Some(&app.token("u1")), Some(body)).await.refused(400, "MALFORMED_JSON");
    }
    let large = json!({ "x": "x".repeat(8 * 1024) });
    let mut mapping: Value = serde_json::from_str(MAPPING).unwrap();
    mapping["metadata"] = large.clone();
    app.post("u1", "/context-mappings", mapping).await.refused(413, "TOO_LARGE");
    let mut tokens: Value = serde_json::from_str(TOKENS).unwrap();
    tokens["metadata"] = large;
    app.post("u1", "/integrations", tokens).await.refused(413, "TOO_LARGE");
    assert!(app.calls.operations().is_empty(), "{:?}", app.calls.operations());
}

#[tokio::test]
async fn a_name_that_an_object_has_twice_is_refused() {
    let app = TestApp::start().await;
    app.calls.reset();
    for (path, body, field) in [
        ("", r#"{"agentId":"a","agentId":"b","tool":"slack","intent":"send_message"}"#, "agentId"),
        ("", r#"{"agentId":"a","tool":"slack","intent":"x","context":{"text":"a","text":"a"}}"#, "context.text"),
        ("/context-mappings/bulk", r#"{"mappings":[{"tool":"slack","tool":"gmail"}]}"#, "mappings[0].tool"),
    ] {
        let answer = app.send("POST", path, Some(&app.token("u1")), Some(body.to_owned())).await;
        assert_eq!(answer.refused(400, "INVALID_FIELD"), format!("{field}: must occur only once"));
    }
    assert!(app.calls.operations().is_empty());
}

#[tokio::test]
async fn a_list_is_not_accepted_as_an_object() {
    let app = TestApp::start().await;
    let recurrence = with(RECURRING_INTENT, "recurrence", json!([null, "P1D"]));
    app.post("u1", "/tasks/schedule", recurrence).await.refused(400, "INVALID_FIELD");
    let fallback = json!({ "tool": "gmail", "retry": [3] });
    app.post("u1", "/errors/fallbacks", fallback).await.refused(400, "INVALID_FIELD");
    assert_eq!(app.get("u1", "/tasks?agentId=a").await.ok()["tasks"], json!([]));
}

#[tokio::test]
async fn bulk_items_are_validated_individually() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    let invalid = |place: &str, value: Value| with(MAPPING, place, value);
    let items = [
        (invalid("agentId", json!("x".repeat(257))), "agentId"),
        (invalid("contextKey", json!("x\u{7}")), "contextKey"),
        (invalid("externalId", json!(7)), "externalId"),
        (invalid("friendlyName", json!(["x"])), "friendlyName"),
        (json!({ "agentId": "a", "tool": "notion", "contextKey": "k" }), "externalId"),
        (json!({ "color": "red" }), "color"),
        (json!(7), "mappings[6]"),
        (json!(null), "mappings[7]"),
        // serde alone accepts a list of a struct's values for the struct.
        (json!(["a", "notion", "k", "e", null, null, null]), "mappings[8]"),
    ];
    let mut bodies: Vec<Value> = items.iter().map(|(item, _)| item.clone()).collect();
    bodies.push(serde_json::from_str(MAPPING).unwrap());
    let response = app.post("u1", "/context-mappings/bulk", json!({ "mappings": bodies })).await.ok();
    assert_eq!((&response["count"], &response["success"]), (&json!(1), &json!(false)), "{response}");
    for (at, (item, field)) in items.iter().enumerate() {
        let result = &response["results"][at];
        let code = result["error"]["code"].as_str().unwrap();
        assert!(matches!(code, "INVALID_FIELD" | "MISSING_FIELDS"), "{item} {result}");
        let fields = result["error"]["fields"].as_array().unwrap();
        assert!(fields.iter().any(|fault| fault["field"] == *field), "{item} {result}");
    }
    let ids = json!([response["results"][items.len()]["id"], 7, null, {}, "map_x", ""]);
    let response = app.delete("u1", "/context-mappings/bulk", Some(json!({ "ids": ids }))).await.ok();
    let codes: Vec<&Value> =
        response["results"].as_array().unwrap().iter().map(|result| &result["error"]["code"]).collect();
    let (invalid, absent) = (json!("INVALID_FIELD"), json!("NOT_FOUND"));
    assert_eq!(codes, [&Value::Null, &invalid, &invalid, &invalid, &absent, &absent], "{response}");
    let ids = json!(["err_x", 7, null]);
    let response = app.post("u1", "/errors/bulk", json!({ "action": "resolve", "errorIds": ids })).await.ok();
    let codes: Vec<&Value> =
        response["results"].as_array().unwrap().iter().map(|result| &result["error"]["code"]).collect();
    assert_eq!(codes, [&absent, &invalid, &invalid], "{response}");
}
