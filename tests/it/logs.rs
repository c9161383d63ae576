//! The log on stdout: one line per request, one per attempt, metrics for CloudWatch, and no content of requests or responses.

use crate::support::builders::{Intent, fetch_emails, intent, mapping, message};
use crate::support::{Log, TestApp};
use engine::http::Http;
use sandbox::Fault;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A message with content that no log line may have.
fn canary() -> Intent {
    message().agent("agent-1").with("text", "CANARY")
}

/// A line without its timestamp.
fn without_timestamp(line: &Value) -> Value {
    let mut line = line.clone();
    let at = line.as_object_mut().unwrap().remove("timestamp").unwrap();
    at.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    line
}

fn lines_with_message(lines: &[Value], message: &str) -> Vec<Value> {
    lines.iter().filter(|line| line["message"] == message).map(without_timestamp).collect()
}

async fn pseudonym(app: &TestApp) -> String {
    let user = app.user("u1").await.pseudonym();
    assert!(user.len() == 16 && user.bytes().all(|byte| byte.is_ascii_hexdigit()), "{user}");
    user
}

#[tokio::test]
async fn each_request_and_each_attempt_is_one_line() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let user = pseudonym(&app).await;
    let log = app.capture_log();
    let task = app.submit("u1", canary()).await.succeeded().task_id();
    let lines = log.lines();
    let request = json!({
        "level": "INFO", "message": "request answered", "request_id": "request-1",
        "route": "POST /api/plugin-engine", "status": 200, "outcome": "ok", "ms": 0, "user": user
    });
    assert_eq!(lines_with_message(&lines, "request answered"), [request]);
    let attempt = json!({
        "level": "INFO", "message": "attempt ended", "request_id": "request-1", "user": user,
        "agent": "agent-1", "tool": "slack", "action": "send_message", "task_id": task, "attempt": 1,
        "outcome": "done", "ms": 0
    });
    assert_eq!(lines_with_message(&lines, "attempt ended"), [attempt]);

    // The line of a refused request has the code and the field, nothing else.
    app.submit("u1", canary().with("channel", json!(["CANARY"]))).await.refused(400, "INVALID_FIELD");
    app.submit("u1", intent("CANARY", "x")).await.refused(400, "UNKNOWN_TOOL");
    let mapping = mapping("slack", "CANARY", "CANARY");
    app.post("u1", "/context-mappings", mapping.clone()).await.ok();
    app.post("u1", "/context-mappings", mapping).await.refused(409, "CONFLICT");
    let lines = lines_with_message(&log.lines(), "request refused");
    let codes: Vec<_> = lines.iter().map(|line| (&line["outcome"], &line["reason"], &line["status"])).collect();
    let (invalid, unknown, conflict) = (json!("INVALID_FIELD"), json!("UNKNOWN_TOOL"), json!("CONFLICT"));
    let expected = [
        (&invalid, &json!("context.channel"), &json!(400)),
        (&unknown, &Value::Null, &json!(400)),
        (&conflict, &Value::Null, &json!(409)),
    ];
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn the_callers_own_names_of_fields_are_not_logged() {
    let app = TestApp::start().await;
    let log = app.capture_log();
    let body = canary().with("CANARY", 1);
    app.submit("u1", body.clone()).await.refused(400, "INVALID_FIELD");
    app.submit("u1", body.with("text", 5).with("CANARY.name", "x")).await.refused(400, "INVALID_FIELD");
    let columns = json!({ "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010", "title": "t", "properties": { "CANARY": "no such type" } });
    assert_eq!(app.submit("u1", intent("notion", "create_database").context(columns)).await.status, 400);
    app.post("u1", "", json!({ "agentId": "a", "tool": "slack", "intent": "x", "CANARY": 1 })).await;
    app.get("u1", "/tasks?CANARY=CANARY").await.refused(400, "INVALID_FIELD");
    let twice = r#"{"agentId":"a","tool":"slack","intent":"send_message","context":{"CANARY":1,"CANARY":2}}"#;
    app.send("POST", "", Some(&app.token("u1")), Some(twice.to_owned())).await.refused(400, "INVALID_FIELD");
    app.get("u1", "/tasks?CANARY=1&CANARY=2").await.refused(400, "INVALID_FIELD");
    app.delete("u1", "/tasks?CANARY=1&CANARY=2", None).await.refused(400, "INVALID_FIELD");
    let lines = log.lines();
    assert_eq!(lines_with_message(&lines, "request refused").len(), 8);
    assert!(lines.iter().all(|line| !line.to_string().contains("CANARY")), "{lines:?}");
}

#[tokio::test]
async fn a_due_attempt_is_one_line_and_debug_adds_provider_calls() {
    // The members of the channel are asked for first.
    for (debug, filter, calls, ends) in [("", "", 0, 1), ("true", "", 2, 1), ("true", "off", 0, 0)] {
        let changes = [("PLUGIN_ENGINE_DEBUG", debug), ("PLUGIN_ENGINE_LOG", filter)];
        let app = TestApp::start_with(&changes).await;
        app.connect("u1", "slack").await;
        app.submit("u1", canary().at(app.after(10))).await.scheduled();
        app.advance(11);
        let log = app.capture_log();
        assert_eq!(app.run_processor().await.ran, 1);
        let lines = log.lines();
        assert_eq!(lines_with_message(&lines, "called a provider").len(), calls, "{changes:?}");
        let ended = lines_with_message(&lines, "attempt ended");
        assert_eq!(ended.len(), ends, "{changes:?}");
        let user = pseudonym(&app).await;
        assert!(ended.iter().all(|line| line["outcome"] == "done" && line["user"] == user), "{ended:?}");
        assert!(
            lines.iter().any(|line| line["_aws"].is_object()),
            "a log filter does not suppress metrics: {changes:?}"
        );
    }
}

#[tokio::test]
async fn trace_ids_are_not_sent_to_providers() {
    let mut app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let sent: Arc<Mutex<Vec<http::HeaderMap>>> = Arc::default();
    let (seen, client) = (Arc::clone(&sent), Http::client());
    app.cold_start_with_client(Http::new(move |request| {
        seen.lock().unwrap().push(request.headers().clone());
        let client = client.clone();
        Box::pin(async move { client.send(request).await })
    }));
    let trace =
        [("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"), ("traceparent", "00-0af7651916cd43dd-1-01")];
    let body = Some(message().json().to_string());
    app.send_with("POST", "", Some(&app.token("u1")), body, &trace).await.ok();
    let sent = sent.lock().unwrap();
    let to_slack: Vec<_> = sent.iter().filter(|headers| headers.contains_key("authorization")).collect();
    assert_eq!(to_slack.len(), 2, "the members and the message: {sent:?}");
    assert!(sent.iter().all(|headers| trace.iter().all(|(name, _)| !headers.contains_key(*name))), "{sent:?}");
}

/// The metrics since the last call: counts, or milliseconds.
fn captured_metrics(log: &Log) -> BTreeMap<(String, String, String), i64> {
    let mut found = BTreeMap::new();
    for line in log.lines().into_iter().filter(|line| line["_aws"].is_object()) {
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert!(line["_aws"]["Timestamp"].as_i64().is_some_and(|at| at > 1_000_000_000_000), "{line}");
        assert_eq!(directive["Namespace"], "PluginEngine");
        assert_eq!(directive["Dimensions"], json!([["tool", "outcome"]]));
        let name = directive["Metrics"][0]["Name"].as_str().unwrap();
        assert!(matches!(directive["Metrics"][0]["Unit"].as_str(), Some("Count" | "Milliseconds")), "{line}");
        assert_eq!(line.as_object().unwrap().len(), 4, "_aws, two dimensions and a value: {line}");
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        *found.entry((name.to_owned(), text("tool"), text("outcome"))).or_default() += line[name].as_i64().unwrap();
    }
    found
}

fn expected_metrics(entries: &[(&str, &str, i64)]) -> BTreeMap<(String, String, String), i64> {
    let entry = |(name, outcome, value): &(&str, &str, i64)| {
        (((*name).to_owned(), "slack".to_owned(), (*outcome).to_owned()), *value)
    };
    entries.iter().map(entry).collect()
}

#[tokio::test]
async fn metrics_are_recorded_by_tool_and_outcome() {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    let log = app.capture_log();
    app.submit("u1", canary()).await.succeeded();
    let expected = [("Intents", "done", 1), ("Tasks", "completed", 1), ("ProviderLatency", "2xx", 0)];
    assert_eq!(captured_metrics(&log), expected_metrics(&expected));

    // A task is scheduled, starts three seconds late, is deferred by the provider's rate limit, then completes.
    app.submit("u1", canary().at(app.after(10))).await.scheduled();
    assert_eq!(captured_metrics(&log), expected_metrics(&[("Intents", "scheduled", 1)]));
    let wait = json!({ "ok": false, "error": "ratelimited" });
    app.fault(Fault::status("slack", 429, wait).header("retry-after", "5").times(1));
    app.advance(13);
    app.run_processor().await;
    let deferral = [
        ("Cooldowns", "started", 1),
        ("Lateness", "initial", 3_000),
        ("ProviderLatency", "4xx", 0),
        ("Retries", "deferred", 1),
        ("Tasks", "retrying", 1),
    ];
    assert_eq!(captured_metrics(&log), expected_metrics(&deferral));
    app.advance(60);
    app.run_processor().await;
    let found = captured_metrics(&log);
    let of = |name: &str, outcome: &str| found.get(&(name.to_owned(), "slack".to_owned(), outcome.to_owned())).copied();
    assert!(of("Lateness", "initial").is_some_and(|late| late > 0) && of("Tasks", "completed") == Some(1), "{found:?}");

    // The circuit breaker of a failing tool opens once and closes again. By then the token has expired.
    app.connect("u1", "gmail").await;
    let down = json!({ "error": { "code": 503, "message": "CANARY", "errors": [{ "reason": "backendError" }] } });
    app.fault(Fault::status("gmail", 503, down).times(11));
    let changes = || -> Vec<_> {
        let found = captured_metrics(&log).into_iter().filter(|((name, ..), _)| name != "ProviderLatency");
        found.map(|((name, tool, outcome), value)| format!("{name} {tool} {outcome} {value}")).collect()
    };
    changes();
    for _ in 0..12 {
        app.submit("u1", fetch_emails()).await.ok();
    }
    assert_eq!(changes(), ["CircuitBreakerChanges gmail opened 1", "Intents gmail failed 12"]);
    app.advance(2 * 3600);
    app.submit("u1", fetch_emails()).await.ok();
    assert_eq!(changes(), ["CircuitBreakerChanges gmail closed 1", "Intents gmail done 1", "Refreshes gmail done 1"]);
}
