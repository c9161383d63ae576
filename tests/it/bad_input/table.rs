//! Limits of every text, list and number of every route: a value beyond its limit gives 400 with the field's name, and nothing
//! is stored.

use crate::support::TestApp;
use serde_json::{Value, json};

/// Method, path, body, path of a text field in the body, and the field's limit in bytes. Durations and time zones reject the
/// filler text at any length.
type Text = (&'static str, &'static str, &'static str, &'static str, usize);

const INTENT: &str =
    r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"channel":"c","text":"t"},"saveAs":"k"}"#;
const SCHEDULED_INTENT: &str = r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"channel":"c","text":"t"},"saveAs":"k","executeAt":"2027-01-01T00:00:00Z","recurrence":{"timezone":"UTC","cron":"0 9 * * *"}}"#;
const RECURRING_INTENT: &str = r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"channel":"c","text":"t"},"executeAt":"2027-01-01T00:00:00Z","recurrence":{"every":"P1D"}}"#;
const TOKENS: &str = r#"{"tool":"gmail","accessToken":"x","refreshToken":"y","scopes":["s"]}"#;
const MAPPING: &str = r#"{"agentId":"a","tool":"notion","contextKey":"k","externalId":"e","friendlyName":"n"}"#;
const CHANGE: &str = r#"{"id":"map_YSNub3Rpb24jaw","externalId":"e","friendlyName":"n"}"#;
const REPORT: &str = r#"{"agentId":"a","tool":"gmail","action":"x","errorCode":"E","errorMessage":"m"}"#;

const TEXTS: &[Text] = &[
    ("POST", "", INTENT, "agentId", 256),
    ("POST", "", INTENT, "saveAs", 1024),
    ("POST", "/tasks/schedule", SCHEDULED_INTENT, "agentId", 256),
    ("POST", "/tasks/schedule", SCHEDULED_INTENT, "saveAs", 1024),
    ("POST", "/tasks/schedule", SCHEDULED_INTENT, "recurrence.cron", 256),
    ("POST", "/tasks/schedule", SCHEDULED_INTENT, "recurrence.timezone", 256),
    ("POST", "/tasks/schedule", RECURRING_INTENT, "recurrence.every", 256),
    ("POST", "/integrations", TOKENS, "accessToken", 16 * 1024),
    ("POST", "/integrations", TOKENS, "refreshToken", 16 * 1024),
    ("POST", "/delegations", r#"{"service":"s"}"#, "service", 256),
    ("DELETE", "/delegations", r#"{"service":"s"}"#, "service", 256),
    ("POST", "/context-mappings", MAPPING, "agentId", 256),
    ("POST", "/context-mappings", MAPPING, "contextKey", 1024),
    ("POST", "/context-mappings", MAPPING, "externalId", 1024),
    ("POST", "/context-mappings", MAPPING, "friendlyName", 512),
    ("PUT", "/context-mappings", CHANGE, "externalId", 1024),
    ("PUT", "/context-mappings", CHANGE, "friendlyName", 512),
    ("POST", "/errors", REPORT, "agentId", 256),
    ("POST", "/errors", REPORT, "action", 128),
    ("POST", "/errors", REPORT, "errorCode", 128),
    ("POST", "/errors", REPORT, "errorMessage", 2000),
    ("POST", "/errors/fallbacks", r#"{"tool":"gmail","message":"m","agentId":"a"}"#, "message", 1000),
    ("POST", "/errors/fallbacks", r#"{"tool":"gmail","message":"m","agentId":"a"}"#, "agentId", 256),
];

/// Path and query prefix, the name of a text parameter, and its limit in bytes.
const QUERIES: &[(&str, &str, usize)] = &[
    ("/tasks?", "agentId", 256),
    ("/errors?", "agentId", 256),
    ("/errors/fallbacks?tool=gmail&", "agentId", 256),
    ("/context-mappings?tool=notion&", "agentId", 256),
    ("/context-mappings?agentId=a&tool=notion&", "prefix", 1024),
    ("/context-mappings?agentId=a&tool=notion&", "externalId", 1024),
    ("/context-mappings/lookup?tool=notion&contextKey=k&", "agentId", 256),
    ("/context-mappings/lookup?agentId=a&tool=notion&", "contextKey", 1024),
    ("/context-mappings/lookup?agentId=a&tool=notion&", "externalId", 1024),
];

/// Path and query prefix, the name of a number parameter, and its maximum.
const NUMBERS: &[(&str, &str, u32)] = &[
    ("/integrations?", "limit", 100),
    ("/delegations?", "limit", 100),
    ("/tasks?agentId=a&", "limit", 100),
    ("/tasks?agentId=a&kind=immediate&", "limit", 100),
    ("/context-mappings?agentId=a&tool=notion&", "limit", 100),
    ("/errors?agentId=a&", "limit", 100),
    ("/errors/stats?", "days", 90),
    ("/errors/trends?", "days", 90),
];

/// Values that are not numbers, or not usable ones.
const INVALID_NUMBERS: [&str; 13] = [
    "0",
    "-1",
    "NaN",
    "inf",
    "-inf",
    "1e1",
    "1.5",
    "0x10",
    "65536",
    "99999999999999999999999999",
    "%D9%A3",
    "%205",
    "1,0",
];

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
async fn body_texts_are_limited() {
    let app = TestApp::start().await;
    for (method, path, body, place, most) in TEXTS {
        let token = app.token("u1");
        let send =
            async |value: Value| app.send(method, path, Some(&token), Some(with(body, place, value).to_string())).await;
        app.calls.reset();
        for (what, invalid) in [
            ("too long", json!("x".repeat(most + 1))),
            ("control characters", json!("x\u{7}y")),
            ("a number", json!(7)),
            ("a list", json!(["x"])),
            ("an object", json!({ "x": "x" })),
        ] {
            assert_names_field(send(invalid).await, place, &format!("{method} {path} {place} {what}"));
        }
        assert!(app.calls.operations().is_empty(), "{method} {path} {place}: {:?}", app.calls.operations());
        // At the limit the length is accepted.
        let message =
            send(json!("x".repeat(*most))).await.body["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(!message.contains("bytes"), "{method} {path} {place}: {message}");
    }
}

#[tokio::test]
async fn query_texts_and_numbers_are_limited() {
    let app = TestApp::start().await;
    for (path, name, most) in QUERIES {
        for invalid in ["x".repeat(most + 1), "x%07y".to_owned()] {
            assert_names_field(app.get("u1", &format!("{path}{name}={invalid}")).await, name, path);
        }
        let response = app.get("u1", &format!("{path}{name}={}", "x".repeat(*most))).await;
        assert_ne!(response.status, 400, "{path}{name}: {}", response.body);
    }
    for (path, name, most) in NUMBERS {
        for invalid in INVALID_NUMBERS.into_iter().chain([(most + 1).to_string().as_str()]) {
            assert_names_field(
                app.get("u1", &format!("{path}{name}={invalid}")).await,
                name,
                &format!("{path}{name}={invalid}"),
            );
        }
        for good in [1, *most] {
            app.get("u1", &format!("{path}{name}={good}")).await.ok();
        }
    }
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
    for count in ["0", "-1", "1.5", "10001", "99999999999", "\"3\""] {
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
    let invalid = |place: &str, value: Value| with(MAPPING, place, value);
    let items = [
        (invalid("agentId", json!("x".repeat(257))), "agentId"),
        (invalid("contextKey", json!("x\u{7}")), "contextKey"),
        (invalid("externalId", json!(7)), "externalId"),
        (invalid("friendlyName", json!(["x"])), "friendlyName"),
        (json!({ "agentId": "a", "tool": "notion", "contextKey": "k" }), "externalId"),
        (json!({ "color": "red" }), "color"),
        (json!(7), "mappings"),
        (json!(null), "mappings"),
        // serde alone accepts a list of a struct's values for the struct.
        (json!(["a", "notion", "k", "e", null, null, null]), "mappings"),
    ];
    let mut bodies: Vec<Value> = items.iter().map(|(item, _)| item.clone()).collect();
    bodies.push(serde_json::from_str(MAPPING).unwrap());
    let response = app.post("u1", "/context-mappings/bulk", json!({ "mappings": bodies })).await.ok();
    assert_eq!((&response["count"], &response["success"]), (&json!(1), &json!(false)), "{response}");
    for (at, (item, field)) in items.iter().enumerate() {
        let result = &response["results"][at];
        assert_eq!(result["error"]["code"], "INVALID_FIELD", "{item} {result}");
        assert!(result["error"]["message"].as_str().unwrap().starts_with(&format!("{field}: ")), "{item} {result}");
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
