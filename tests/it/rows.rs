//! Rows outlive the version that wrote them: they are read without what a later one added.

use crate::support::TestApp;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The end of a table's name, how a sort key begins, and what such a row has had beside its keys from the first version on.
type First = (&'static str, &'static str, &'static [&'static str]);

/// Nothing is ever added here: a field that comes later has a `#[serde(default)]`, or is an `Option`.
const FIRST: [First; 6] = [
    (
        "integrations",
        "tool#",
        &["createdAt", "metadata", "refreshable", "scopes", "status", "tokenVersion", "tokens", "tool", "updatedAt"],
    ),
    ("integrations", "delegation#", &["createdAt", "expiresAt", "service", "ttl"]),
    ("tasks", "S#", &["attempt", "context", "dueAt", "dueShard", "intent", "status", "tool", "updatedAt"]),
    (
        "errors",
        "E#",
        &["action", "agentAt", "agentId", "errorCode", "errorMessage", "payload", "resolved", "timestamp", "tool"],
    ),
    ("fallbacks", "gmail#", &["message", "updatedAt", "updatedBy"]),
    ("mappings", "k", &["contextKey", "createdAt", "externalId", "metadata", "updatedAt"]),
];

/// Reads all of them.
const READS: [&str; 6] = [
    "/integrations",
    "/integrations?delegations=true",
    "/tasks?agentId=a",
    "/errors?agentId=a",
    "/errors/fallbacks",
    "/context-mappings?agentId=a&tool=notion",
];

/// Without these a list would not come by the row at all.
const LEADS_THERE: [&str; 2] = ["ttl", "agentAt"];

/// A deployment with a row of each kind.
async fn furnished() -> TestApp {
    let app = TestApp::start().await;
    app.post("u1", "/integrations", json!({ "tool": "gmail", "accessToken": "x" })).await.ok();
    app.post("u1", "/integrations", json!({ "service": "helper" })).await.ok();
    let later = (app.clock.now() + jiff::SignedDuration::from_hours(1)).to_string();
    let context = json!({ "channel": "c", "text": "t" });
    let mut later_on = json!({ "agentId": "a", "tool": "slack", "intent": "send_message", "context": context });
    later_on["executeAt"] = later.into();
    app.post("u1", "/tasks/schedule", later_on).await.accepted();
    let report = json!({ "agentId": "a", "tool": "gmail", "action": "x", "errorCode": "E", "errorMessage": "m" });
    app.post("u1", "/errors", report).await.ok();
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail", "message": "m" })).await.ok();
    let mapping = json!({ "agentId": "a", "tool": "notion", "contextKey": "k", "externalId": "e" });
    app.post("u1", "/context-mappings", mapping).await.ok();
    app
}

/// Takes from every row what `stays` does not name, and returns how many kinds of row there were.
async fn strip(app: &TestApp, stays: impl Fn(&First, &str) -> bool) -> usize {
    let tables = &app.tables;
    let mut kinds = 0;
    for table in [&tables.integrations, &tables.tasks, &tables.errors, &tables.fallbacks, &tables.mappings] {
        for mut row in app.store.scan().table_name(table).send().await.unwrap().items.unwrap_or_default() {
            let Some(first) = FIRST.iter().find(|first| is(first, table, &row)) else { continue };
            row.retain(|name, _| ["pk", "sk"].contains(&name.as_str()) || stays(first, name));
            app.store.put_item().table_name(table).set_item(Some(row)).send().await.unwrap();
            kinds += 1;
        }
    }
    app.calls.take_uses();
    kinds
}

fn is((table, prefix, _): &First, name: &str, row: &HashMap<String, AttributeValue>) -> bool {
    name.ends_with(table) && row["sk"].as_s().is_ok_and(|sort| sort.starts_with(prefix))
}

#[tokio::test]
async fn a_row_of_the_first_version_is_read() {
    let app = furnished().await;
    assert_eq!(strip(&app, |(_, _, fields), name| fields.contains(&name)).await, FIRST.len());
    for path in READS {
        let answer = app.get("u1", path).await;
        assert_eq!(answer.status, 200, "GET {path}: a new field without a default? {}", answer.body);
        let listed = answer.body.as_object().unwrap().values().filter_map(Value::as_array);
        assert!(listed.clone().any(|rows| !rows.is_empty()), "GET {path} leaves it out: {}", answer.body);
    }
}

#[tokio::test]
async fn a_row_that_lacks_what_is_needed_is_found_out() {
    let app = furnished().await;
    strip(&app, |_, name| LEADS_THERE.contains(&name)).await;
    for path in READS {
        assert_eq!(app.get("u1", path).await.status, 500, "{path}");
    }
}
