//! Names of a processor's outbound calls, derived from the HTTP requests.

use http::{Method, Uri};
use serde_json::Value;

/// Returns the name of a call: `claim`, `finish`, `slack.chat.postMessage`, ...
pub(crate) fn call_name(method: &Method, uri: &Uri, target: Option<&str>, body: &[u8]) -> String {
    let body = || serde_json::from_slice(body).unwrap_or_default();
    match target.and_then(|target| target.split_once('.')) {
        Some((service, operation)) if service.starts_with("DynamoDB") => dynamodb_call_name(operation, &body()),
        Some(("AWSEvents", "PutEvents")) => "events.put".to_owned(),
        Some(("secretsmanager", "GetSecretValue")) => "secret.get".to_owned(),
        Some((service, operation)) => format!("{service}.{operation}"),
        None => provider_call_name(method, uri.path()),
    }
}

fn dynamodb_call_name(operation: &str, body: &Value) -> String {
    let names = |field: &str, text: &str| body[field].as_str().is_some_and(|value| value.contains(text));
    let table = body["TableName"].as_str().and_then(|name| name.rsplit('-').next()).unwrap_or_default();
    let known = match (table, operation) {
        ("tasks", "Query") if body["IndexName"] == "due" => "due.query",
        ("tasks", "UpdateItem") if names("UpdateExpression", "leaseId = ") => "claim",
        ("tasks", "UpdateItem") if names("UpdateExpression", "#status = ") => "finish",
        ("tasks", "UpdateItem") => "checkpoint",
        // The call guards, items of one table; after a failure the failure policy, of another.
        ("", "BatchGetItem") => "guards.get",
        ("errors", "PutItem") => "error.log",
        ("errors", "UpdateItem") => "error.count",
        _ => return format!("{table}.{operation}"),
    };
    known.to_owned()
}

/// Returns `<provider>.<collection>.<verb>`; Slack's methods have names of their own.
fn provider_call_name(method: &Method, path: &str) -> String {
    let path = path.replace("/gmail/v1/users/me", "").replace("/api/1.0", "").replace("/api/", "/");
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let verb = match (method, segments.as_slice()) {
        (_, ["slack", ..]) => return segments.join("."),
        (_, [_, _, last @ ("send" | "token")]) => last,
        (&Method::POST, _) => "create",
        (&Method::GET, [_, _]) => "list",
        _ => &method.as_str().to_lowercase(),
    };
    let [provider, collection, ..] = segments.as_slice() else { return segments.join(".") };
    format!("{provider}.{collection}.{verb}")
}

#[test]
fn calls_are_named_from_the_wire() {
    let named = |method, path: &'static str| call_name(&method, &Uri::from_static(path), None, b"");
    assert_eq!(named(Method::POST, "/slack/api/chat.postMessage"), "slack.chat.postMessage");
    assert_eq!(named(Method::POST, "/gmail/gmail/v1/users/me/messages/send"), "gmail.messages.send");
    assert_eq!(named(Method::POST, "/gmail/gmail/v1/users/me/drafts"), "gmail.drafts.create");
    assert_eq!(named(Method::GET, "/gmail/gmail/v1/users/me/drafts/r1"), "gmail.drafts.get");
    assert_eq!(named(Method::POST, "/asana/api/1.0/tasks?opt_fields=gid"), "asana.tasks.create");
    assert_eq!(named(Method::GET, "/asana/api/1.0/tasks/external:pe"), "asana.tasks.get");
    let aws = |target, body: &str| call_name(&Method::POST, &Uri::from_static("/aws"), Some(target), body.as_bytes());
    let claim = r#"{"TableName": "plugin-engine-local-tasks", "UpdateExpression": "SET leaseId = :lease"}"#;
    assert_eq!(aws("DynamoDB_20120810.UpdateItem", claim), "claim");
    assert_eq!(aws("AWSEvents.PutEvents", "{}"), "events.put");
    assert_eq!(aws("secretsmanager.GetSecretValue", "{}"), "secret.get");
}
