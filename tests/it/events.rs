//! Sample events in `events/`: each is accepted by the route it is named after.

use crate::support::TestApp;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The HTTP samples: file name, and the event with a valid token.
fn samples(app: &TestApp) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut samples = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("process-due-tasks") {
            continue;
        }
        let mut event: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        if let Some(header) = event["headers"].get_mut("authorization") {
            *header = format!("Bearer {}", app.token("user_123")).into();
        }
        if name == "integrations.post.json" {
            let scopes = ["https://www.googleapis.com/auth/gmail.send", "openid"];
            let granted = app.sandbox.sandbox.grant("gmail", sandbox::fixtures::ALEX, &scopes).unwrap();
            let body = event["body"].as_str().unwrap().replace("placeholder-access-token", &granted.access_token);
            event["body"] = body.into();
        }
        samples.push((name, event));
    }
    // A guard against an empty folder; `template` compares the samples with the routes.
    assert!(!samples.is_empty(), "no samples were found");
    samples.sort_by(|(a, _), (b, _)| a.cmp(b));
    samples
}

fn function(name: &str) -> &str {
    name.split('.').next().unwrap()
}

#[tokio::test]
async fn every_sample_event_is_accepted_by_its_route() {
    let app = TestApp::start().await;
    // The samples are dated 2030-01-01 (`timeEpoch` of API Gateway's request context).
    app.advance(1_893_456_000 - app.clock.now().as_second());
    for tool in ["gmail", "notion", "slack", "asana"] {
        app.connect("user_123", tool).await;
    }
    let mut samples = samples(&app);
    // What disconnects comes last.
    samples.sort_by_key(|(name, _)| name == "integrations.delete.json");
    for (name, event) in samples {
        let answer = app.handle_event(function(&name), &event.to_string()).await;
        // Ids in samples are invented and keys repeat, so "not found" and "conflict" are responses to an accepted request.
        assert!(matches!(answer.status, 200 | 202 | 302 | 404 | 409), "{name}: {} {}", answer.status, answer.body);
    }
}

/// Values that are invalid for most fields.
fn hostile_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1e308),
        json!(u64::MAX),
        json!(""),
        json!("   "),
        json!("\u{0}"),
        json!("a\r\nb: c"),
        json!("../../etc/passwd"),
        json!("%00%2e%2e"),
        json!("💥\u{202e}ñ"),
        json!("x".repeat(5000)),
        json!("2026-13-45T99:99:99Z"),
        json!("NaN"),
        json!([]),
        json!([null]),
        json!({}),
        json!({ "": "" }),
        json!({ "$ne": null }),
    ]
}

/// JSON pointers to every value of a body, including the body itself.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let mut found = vec![at.to_owned()];
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                found.extend(pointers(field, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                found.extend(pointers(item, &format!("{at}/{index}")));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

#[tokio::test]
async fn no_value_of_any_field_is_a_server_error() {
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_INTENTS_PER_MINUTE", "100000")]).await;
    app.advance(1_893_456_000 - app.clock.now().as_second());
    for tool in ["gmail", "notion", "slack", "asana"] {
        app.connect("user_123", tool).await;
    }
    for (name, event) in samples(&app) {
        // Each has a minute of its own: the budgets of requests are another test's subject.
        app.advance(60);
        let Some(body) = event["body"].as_str() else { continue };
        let body: Value = serde_json::from_str(body).unwrap();
        for pointer in pointers(&body, "") {
            for value in hostile_values() {
                let mut changed = body.clone();
                *changed.pointer_mut(&pointer).unwrap() = value.clone();
                let mut event = event.clone();
                event["body"] = changed.to_string().into();
                let answer = app.handle_event(function(&name), &event.to_string()).await;
                assert!(answer.status < 500, "{name} {pointer} {value}: {} {}", answer.status, answer.body);
            }
        }
        // A body that is not UTF-8, as API Gateway forwards it.
        let mut event = event.clone();
        (event["body"], event["isBase64Encoded"]) = ("//79".into(), true.into());
        app.handle_event(function(&name), &event.to_string()).await.refused(400, "MALFORMED_JSON");
    }
    for (name, event) in samples(&app) {
        // Each has a minute of its own: the budgets of requests are another test's subject.
        app.advance(60);
        let query = event["rawQueryString"].as_str().unwrap_or_default();
        for part in query.split('&').filter_map(|pair| pair.split('=').next()).filter(|part| !part.is_empty()) {
            for value in ["", "%00", "-1", "1e999", "%ff%fe", "%0d%0aX:1", "a&b", "🙂", &"x".repeat(5000)] {
                let mut event = event.clone();
                event["rawQueryString"] = format!("{part}={value}&{query}").into();
                event.as_object_mut().unwrap().remove("queryStringParameters");
                let answer = app.handle_event(function(&name), &event.to_string()).await;
                assert!(answer.status < 500, "{name} {part}={value}: {} {}", answer.status, answer.body);
            }
        }
    }
}
