//! A request of each route that changes something, after what it needs was prepared.

use crate::support::builders::{ALL_TOOLS, Intent, every, mapping, message, report};
use crate::support::responses::{MappingCreated, Reported};
use crate::support::{TestApp, connect_code};
use aws_sdk_dynamodb::types::AttributeValue;
use sandbox::Fault;
use serde_json::{Value, json};

/// Method and path of every request, and a variant after the colon.
pub(super) const REQUESTS: &[&str] = &[
    "POST ",
    "POST :key",
    "POST :later",
    "POST :save",
    "POST /tasks/schedule",
    "POST /tasks/schedule:key",
    "POST /tasks/schedule:long series",
    "POST /call",
    "POST /call:key",
    "POST /call:save key",
    "POST /call:retry",
    "GET /oauth/authorize",
    "GET /integrations/oauth/authorize",
    "GET /oauth/callback",
    "GET /oauth/callback:denied",
    "GET /integrations/oauth/callback",
    "POST /integrations",
    "POST /integrations/connect",
    "POST /integrations/connect:again",
    "PATCH /integrations",
    "DELETE /integrations",
    "POST /delegations",
    "DELETE /delegations",
    "POST /files",
    "DELETE /files",
    "DELETE /agents",
    "POST /tasks",
    "DELETE /tasks",
    "POST /context-mappings",
    "PUT /context-mappings",
    "DELETE /context-mappings",
    "POST /context-mappings/bulk",
    "DELETE /context-mappings/bulk",
    "POST /errors",
    "PATCH /errors",
    "POST /errors/bulk",
    "POST /errors/fallbacks",
    "DELETE /errors/fallbacks",
    "DELETE /circuit-breakers",
];

/// The path with its query, the body, and the header `Idempotency-Key` of a request.
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) key: Option<&'static str>,
}

/// Prepares what a request of the list needs.
pub(crate) async fn prepare(app: &TestApp, name: &str) -> Request {
    let (route, variant) = name.split_once(':').unwrap_or((name, ""));
    let (_, path) = route.split_once(' ').unwrap();
    let key = (variant == "key").then_some("key-1");
    let with = |path: &str, body: Option<Value>| Request { path: path.to_owned(), body, key };
    match path {
        "" | "/tasks/schedule" => with(path, Some(intent_of(app, path, variant).await.json())),
        "/call" => with(path, Some(call_body(app, variant).await)),
        "/oauth/authorize" | "/integrations/oauth/authorize" => with(&format!("{path}?tool=slack"), None),
        "/oauth/callback" | "/integrations/oauth/callback" => {
            let auto = if variant == "denied" { "deny" } else { "allow" };
            let url = app.auth_url("u1", "slack").await;
            let back = app.browse(&format!("{url}&auto={auto}")).await;
            with(&format!("{path}?{}", back.split_once('?').unwrap().1), None)
        }
        "/integrations" | "/integrations/connect" => with(path, Some(connection_body(app, route, variant).await)),
        "/delegations" => {
            let service = json!({ "service": "helper", "tools": ALL_TOOLS });
            if route.starts_with("POST") {
                return with(path, Some(service));
            }
            app.post("u1", path, service).await.ok();
            with(path, Some(json!({ "service": "helper" })))
        }
        "/files" if route.starts_with("POST") => {
            with(path, Some(json!({ "filename": "a.txt", "contentType": "text/plain", "size": 2 })))
        }
        "/files" => with(path, Some(json!({ "fileId": app.upload("u1", "a.txt", "text/plain", "hi").await }))),
        "/agents" | "/tasks" => with(path, Some(task_body(app, route).await)),
        "/errors" | "/errors/bulk" | "/errors/fallbacks" => with(path, Some(error_body(app, route).await)),
        "/circuit-breakers" => {
            app.connect("u1", "slack").await;
            open_breaker(app).await;
            with(path, Some(json!({ "agentId": "a", "tool": "slack" })))
        }
        _ => mapping_request(app, route, path).await,
    }
}

async fn intent_of(app: &TestApp, path: &str, variant: &str) -> Intent {
    app.connect("u1", "slack").await;
    let later = message().at(app.after(3600));
    match (path, variant) {
        ("", "later") => later,
        ("", "save") => message().save_as("greeting"),
        ("", _) => message(),
        (_, "long series") => later.with("text", "x".repeat(3000)).recurring(every("P1D")),
        _ => later,
    }
}

/// The body of a model's call.
async fn call_body(app: &TestApp, variant: &str) -> Value {
    let call = |name: &str, arguments: Value| json!({ "agentId": "a", "name": name, "arguments": arguments });
    if variant == "retry" {
        let mut retry = call("engine_retry_task", task_body(app, "POST /tasks").await);
        retry["callId"] = "call_1".into();
        return retry;
    }
    app.connect("u1", "slack").await;
    match variant {
        "save key" => call("engine_save_key", json!({ "tool": "slack", "contextKey": "k", "externalId": "e" })),
        _ => call("slack_send_message", message().json()["context"].clone()),
    }
}

/// The body of a request on a connection.
async fn connection_body(app: &TestApp, route: &str, variant: &str) -> Value {
    if route == "POST /integrations" {
        let scopes = engine::adapters::find("slack").unwrap().oauth.scopes;
        let granted = app.sandbox.sandbox.grant("slack", sandbox::fixtures::ALEX, scopes).unwrap();
        return json!({ "tool": "slack", "accessToken": granted.access_token });
    }
    if route == "POST /integrations/connect" {
        if variant == "again" {
            app.connect("u1", "slack").await;
        }
        let url = app.auth_url("u1", "slack").await;
        let back = app.browse(&format!("{url}&auto=allow")).await;
        let landed = app.callback(&back).await;
        return json!({ "connectCode": connect_code(&landed).unwrap() });
    }
    app.connect("u1", "slack").await;
    if route.starts_with("PATCH") { json!({ "tool": "slack", "label": "work" }) } else { json!({ "tool": "slack" }) }
}

/// The body of a request on a task or an agent.
async fn task_body(app: &TestApp, route: &str) -> Value {
    app.connect("u1", "slack").await;
    let task = app.schedule("u1", message().at(app.after(10))).await.scheduled();
    if route == "DELETE /agents" {
        return json!({ "agentId": "a" });
    }
    if route == "POST /tasks" {
        let missing = json!({ "ok": false, "error": "channel_not_found" });
        app.fault(Fault::status("slack", 200, missing).at_path("/api/chat.postMessage"));
        app.run_processor_after(11).await;
    }
    json!({ "taskId": task })
}

/// The body of a request on the error log.
async fn error_body(app: &TestApp, route: &str) -> Value {
    let fallback = json!({ "tool": "gmail", "message": "m" });
    match route {
        "POST /errors" => report("gmail", "E"),
        "POST /errors/fallbacks" => fallback,
        "DELETE /errors/fallbacks" => {
            app.post("u1", "/errors/fallbacks", fallback).await.ok();
            json!({ "tool": "gmail" })
        }
        _ => {
            let Reported { error_id, .. } = app.post("u1", "/errors", report("gmail", "E")).await.view();
            match route {
                "PATCH /errors" => json!({ "errorId": error_id }),
                _ => json!({ "action": "resolve", "errorIds": [error_id] }),
            }
        }
    }
}

/// Stores an open circuit breaker.
async fn open_breaker(app: &TestApp) {
    let account = app.account("u1", "slack").await;
    let until = (app.clock.now().as_millisecond() + 60_000).to_string();
    let breaker = app.store.put_item().table_name(&app.tables.integrations);
    let breaker = breaker.item("pk", AttributeValue::S("u1".to_owned()));
    let breaker = breaker.item("sk", AttributeValue::S(format!("breaker#a#slack#{account}")));
    breaker.item("openUntil", AttributeValue::N(until)).send().await.unwrap();
    app.calls.take_used_actions();
}

async fn mapping_request(app: &TestApp, route: &str, path: &str) -> Request {
    app.connect("u1", "notion").await;
    let new = mapping("notion", "k", "e");
    let with = |path: String, body: Option<Value>| Request { path, body, key: None };
    match route {
        "POST /context-mappings" => return with(path.to_owned(), Some(new)),
        "POST /context-mappings/bulk" => return with(path.to_owned(), Some(json!({ "mappings": [new] }))),
        _ => {}
    }
    let MappingCreated { id, .. } = app.post("u1", "/context-mappings", new).await.view();
    match route {
        "PUT /context-mappings" => with(path.to_owned(), Some(json!({ "id": id, "externalId": "f" }))),
        "DELETE /context-mappings" => with(format!("{path}?id={id}"), None),
        "DELETE /context-mappings/bulk" => with(path.to_owned(), Some(json!({ "ids": [id] }))),
        other => panic!("{other} has no preparation"),
    }
}
