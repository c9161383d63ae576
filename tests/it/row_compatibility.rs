//! Rows outlive the version that wrote them: they are read without what a later one added.

use crate::support::TestApp;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The end of a table's name, how a sort key begins, and what such a row has had beside its keys from the first version on.
type FirstVersionRow = (&'static str, &'static str, &'static [&'static str]);

/// Nothing is ever added here: a field that comes later has a `#[serde(default)]`, or is an `Option`.
const FIRST_VERSION_ROWS: [FirstVersionRow; 6] = [
    (
        "integrations",
        "tool#",
        &["createdAt", "metadata", "refreshable", "scopes", "status", "tokenVersion", "tokens", "tool", "updatedAt"],
    ),
    ("integrations", "delegation#", &["createdAt", "expiresAt", "service", "ttl"]),
    ("tasks", "S#", &["action", "attempt", "dueAt", "dueShard", "payload", "status", "tool", "updatedAt"]),
    (
        "errors",
        "E#",
        &["action", "agentAt", "agentId", "errorCode", "errorMessage", "payload", "resolved", "timestamp", "tool"],
    ),
    ("fallbacks", "gmail#", &["message", "updatedAt", "updatedBy"]),
    ("mappings", "k", &["contextKey", "createdAt", "externalId", "metadata", "updatedAt"]),
];

/// Reads all of them.
const READ_ROUTES: [&str; 6] = [
    "/integrations",
    "/integrations?delegations=true",
    "/tasks?agentId=a",
    "/errors?agentId=a",
    "/errors/fallbacks",
    "/context-mappings?agentId=a&tool=notion",
];

/// Without these a list would not come by the row at all.
const INDEX_ATTRIBUTES: [&str; 2] = ["ttl", "agentAt"];

/// A deployment with a row of each kind.
async fn populated_app() -> TestApp {
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
async fn strip_rows(app: &TestApp, stays: impl Fn(&FirstVersionRow, &str) -> bool) -> usize {
    let tables = &app.tables;
    let mut kinds = 0;
    for table in [&tables.integrations, &tables.tasks, &tables.errors, &tables.fallbacks, &tables.mappings] {
        for mut row in app.store.scan().table_name(table).send().await.unwrap().items.unwrap_or_default() {
            let Some(first) = FIRST_VERSION_ROWS.iter().find(|first| is_of_kind(first, table, &row)) else { continue };
            row.retain(|name, _| ["pk", "sk"].contains(&name.as_str()) || stays(first, name));
            app.store.put_item().table_name(table).set_item(Some(row)).send().await.unwrap();
            kinds += 1;
        }
    }
    app.calls.take_used_actions();
    kinds
}

fn is_of_kind((table, prefix, _): &FirstVersionRow, name: &str, row: &HashMap<String, AttributeValue>) -> bool {
    name.ends_with(table) && row["sk"].as_s().is_ok_and(|sort| sort.starts_with(prefix))
}

#[tokio::test]
async fn first_version_rows_are_readable() {
    let app = populated_app().await;
    assert_eq!(strip_rows(&app, |(_, _, fields), name| fields.contains(&name)).await, FIRST_VERSION_ROWS.len());
    for path in READ_ROUTES {
        let answer = app.get("u1", path).await;
        assert_eq!(answer.status, 200, "GET {path}: a new field without a default? {}", answer.body);
        let listed = answer.body.as_object().unwrap().values().filter_map(Value::as_array);
        assert!(listed.clone().any(|rows| !rows.is_empty()), "GET {path} leaves it out: {}", answer.body);
    }
}

#[tokio::test]
async fn a_row_without_required_fields_is_reported() {
    let app = populated_app().await;
    strip_rows(&app, |_, name| INDEX_ATTRIBUTES.contains(&name)).await;
    for path in READ_ROUTES {
        assert_eq!(app.get("u1", path).await.status, 500, "{path}");
    }
}
