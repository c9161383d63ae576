//! The audit log: one line per authorization decision, without content.

use crate::support::builders::{ALL_TOOLS, mapping};
use crate::support::{Log, TestApp};
use serde_json::{Value, json};

/// The audit lines since the last call, without timestamps.
fn decisions(log: &Log) -> Vec<Value> {
    let mut lines: Vec<Value> = log.lines().into_iter().filter(|line| line["target"] == "audit").collect();
    for line in &mut lines {
        line.as_object_mut().unwrap().remove("timestamp");
    }
    lines
}

fn decision(actor: Option<&str>, subject: Option<&str>, route: &str, outcome: &str) -> Value {
    let mut line = json!({
        "level": "INFO", "target": "audit", "message": "access decided", "request_id": "request-1",
        "route": route, "outcome": outcome
    });
    for (name, value) in [("actor", actor), ("subject", subject)] {
        if let Some(value) = value {
            line[name] = value.into();
        }
    }
    line
}

#[tokio::test]
async fn every_decision_is_one_line_without_content() {
    let app = TestApp::start().await;
    app.connect("u1", "notion").await;
    let log = app.capture_log();
    let mut mapping = mapping("notion", "CANARY", "CANARY");
    mapping["agentId"] = "CANARY".into();
    let mappings = "POST /api/plugin-engine/context-mappings";

    app.post("u1", "/context-mappings", mapping.clone()).await.ok();
    assert_eq!(decisions(&log), [decision(Some("u1"), Some("u1"), mappings, "allowed")]);

    app.send("POST", "/context-mappings", None, Some(mapping.to_string())).await.refused(401, "UNAUTHORIZED");
    app.send("POST", "/context-mappings", Some("CANARY"), None).await.refused(401, "UNAUTHORIZED");
    let anonymous = decision(None, None, mappings, "UNAUTHORIZED");
    assert_eq!(decisions(&log), [anonymous.clone(), anonymous]);

    let mut foreign = mapping.clone();
    foreign["userId"] = "u2".into();
    app.post("u1", "/context-mappings", foreign).await.refused(403, "USER_MISMATCH");
    assert_eq!(decisions(&log), [decision(Some("u1"), Some("u2"), mappings, "USER_MISMATCH")]);

    let list = async || app.send("GET", "/integrations?userId=u1", Some(&app.service_token("helper")), None).await;
    let list_route = "GET /api/plugin-engine/integrations";
    list().await.refused(403, "FORBIDDEN");
    assert_eq!(decisions(&log), [decision(Some("helper"), Some("u1"), list_route, "FORBIDDEN")]);
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    list().await.ok();
    let delegate_route = "POST /api/plugin-engine/delegations";
    let expected = [
        decision(Some("u1"), Some("u1"), delegate_route, "allowed"),
        decision(Some("helper"), Some("u1"), list_route, "allowed"),
    ];
    assert_eq!(decisions(&log), expected);

    // A value that cannot be an id is not logged as a subject. A request without a decision is not logged at all.
    let long = format!("/integrations?userId={}", "CANARY".repeat(100));
    app.get("u1", &long).await.refused(403, "USER_MISMATCH");
    assert_eq!(decisions(&log), [decision(Some("u1"), None, list_route, "USER_MISMATCH")]);
    app.send("GET", "/oauth/callback?code=CANARY&state=CANARY", None, None).await;
    app.send("PUT", "/integrations", None, None).await.refused(405, "METHOD_NOT_ALLOWED");
    assert!(decisions(&log).is_empty());
}
