//! The audit log: one line for each decision, with nothing of what was asked.

use crate::support::TestApp;
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// The audit lines since the last call, but for their time.
    fn decisions(&self) -> Vec<Value> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        assert!(!text.contains("CANARY") && !text.contains("eyJ"), "content or a token: {text}");
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut lines: Vec<Value> = lines.filter(|line| line["target"] == "audit").collect();
        lines.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("timestamp")));
        lines
    }
}

fn decision(actor: Option<&str>, subject: Option<&str>, action: &str, outcome: &str) -> Value {
    let mut line = json!({
        "level": "INFO", "target": "audit", "message": "decided", "request_id": "request-1",
        "action": action, "outcome": outcome
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
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(false);
    // While there is one subscriber alone, a thread without any that comes first to a line decides that nobody wants it.
    let _second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
    let _here = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).finish());
    let mapping = json!({ "agentId": "CANARY", "tool": "notion", "contextKey": "CANARY", "externalId": "CANARY" });
    let mappings = "POST /api/plugin-engine/context-mappings";

    app.post("u1", "/context-mappings", mapping.clone()).await.ok();
    assert_eq!(log.decisions(), [decision(Some("u1"), Some("u1"), mappings, "allowed")]);

    app.send("POST", "/context-mappings", None, Some(mapping.to_string())).await.refused(401, "UNAUTHORIZED");
    app.send("POST", "/context-mappings", Some("CANARY"), None).await.refused(401, "UNAUTHORIZED");
    let nobody = decision(None, None, mappings, "UNAUTHORIZED");
    assert_eq!(log.decisions(), [nobody.clone(), nobody]);

    let mut theirs = mapping.clone();
    theirs["userId"] = "u2".into();
    app.post("u1", "/context-mappings", theirs).await.refused(403, "USER_MISMATCH");
    assert_eq!(log.decisions(), [decision(Some("u1"), Some("u2"), mappings, "USER_MISMATCH")]);

    let list = async || app.send("GET", "/integrations?userId=u1", Some(&app.service("helper")), None).await;
    let lists = "GET /api/plugin-engine/integrations";
    list().await.refused(403, "FORBIDDEN");
    assert_eq!(log.decisions(), [decision(Some("helper"), Some("u1"), lists, "FORBIDDEN")]);
    app.post("u1", "/integrations", json!({ "service": "helper" })).await.ok();
    list().await.ok();
    let gives = "POST /api/plugin-engine/integrations";
    let expected =
        [decision(Some("u1"), Some("u1"), gives, "allowed"), decision(Some("helper"), Some("u1"), lists, "allowed")];
    assert_eq!(log.decisions(), expected);

    // What cannot be an id is no subject; what is no decision is no line.
    let long = format!("/integrations?userId={}", "CANARY".repeat(100));
    app.get("u1", &long).await.refused(403, "USER_MISMATCH");
    assert_eq!(log.decisions(), [decision(Some("u1"), None, lists, "USER_MISMATCH")]);
    app.send("GET", "/oauth/callback?code=CANARY&state=CANARY", None, None).await;
    app.send("PUT", "/integrations", None, None).await.refused(405, "METHOD_NOT_ALLOWED");
    assert!(log.decisions().is_empty());
}
