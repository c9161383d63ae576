//! Row compatibility: rows of the first version are readable without attributes added later.

use crate::support::TestApp;
use crate::support::builders::{ALL_TOOLS, mapping, message, report};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Suffix of the table's name, prefix of the sort key, and the attributes of such a row (beside its keys) in the first version.
type FirstVersionRow = (&'static str, &'static str, &'static [&'static str]);

/// The rows of the first version. Later fields are not added here: they have a `#[serde(default)]` or are an `Option`.
const FIRST_VERSION_ROWS: [FirstVersionRow; 6] = [
    (
        "integrations",
        "t#slack#a#",
        &[
            "account",
            "createdAt",
            "lastUsedOn",
            "metadata",
            "refreshable",
            "scopes",
            "status",
            "tokenVersion",
            "tokens",
            "tool",
            "updatedAt",
        ],
    ),
    ("integrations", "delegation#", &["createdAt", "expiresAt", "service", "tools", "ttl"]),
    ("tasks", "S#", &["account", "action", "attempt", "dueAt", "dueShard", "payload", "status", "tool", "updatedAt"]),
    (
        "errors",
        "E#",
        &["action", "agentAt", "agentId", "errorCode", "errorMessage", "payload", "resolved", "timestamp", "tool"],
    ),
    ("fallbacks", "gmail#", &["message", "updatedAt", "updatedBy"]),
    ("mappings", "k", &["account", "contextKey", "createdAt", "externalId", "metadata", "updatedAt"]),
];

/// Routes that read all of these rows.
const READ_ROUTES: [&str; 6] = [
    "/integrations",
    "/delegations",
    "/tasks?agentId=a",
    "/errors?agentId=a",
    "/errors/fallbacks",
    "/context-mappings?agentId=a&tool=notion",
];

/// Attributes without which a list does not find the row.
const INDEX_ATTRIBUTES: [&str; 2] = ["ttl", "agentAt"];

/// A deployment with one row of each kind.
async fn populated_app() -> TestApp {
    let app = TestApp::start().await;
    app.connect("u1", "slack").await;
    app.connect("u1", "notion").await;
    app.post("u1", "/delegations", json!({ "service": "helper", "tools": ALL_TOOLS })).await.ok();
    app.schedule("u1", message().at(app.after(3600))).await.scheduled();
    app.post("u1", "/errors", report("gmail", "E")).await.ok();
    app.post("u1", "/errors/fallbacks", json!({ "tool": "gmail", "message": "m" })).await.ok();
    app.post("u1", "/context-mappings", mapping("notion", "k", "e")).await.ok();
    app
}

/// Removes the attributes that `retained` rejects from every row. Returns the number of rows changed.
async fn strip_rows(app: &TestApp, retained: impl Fn(&FirstVersionRow, &str) -> bool) -> usize {
    let tables = &app.tables;
    let mut changed = 0;
    for table in [&tables.integrations, &tables.tasks, &tables.errors, &tables.fallbacks, &tables.mappings] {
        for mut row in app.store.scan().table_name(table).send().await.unwrap().items.unwrap_or_default() {
            let Some(first) = FIRST_VERSION_ROWS.iter().find(|first| is_of_kind(first, table, &row)) else { continue };
            row.retain(|name, _| ["pk", "sk"].contains(&name.as_str()) || retained(first, name));
            app.store.put_item().table_name(table).set_item(Some(row)).send().await.unwrap();
            changed += 1;
        }
    }
    app.calls.take_used_actions();
    changed
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
