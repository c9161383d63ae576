//! The AWS actions of calls, as roles name them.

use serde_json::Value;

/// One AWS action that a role must allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UsedAction {
    /// The action, for example `dynamodb:PutItem`.
    pub(crate) action: String,
    /// The name of the table or of the bucket; empty for other services.
    pub(crate) table: String,
    pub(crate) index: Option<String>,
    /// The values that a condition of the role can restrict: partition keys of items, detail types of events, names of secrets.
    pub(crate) values: Vec<String>,
}

/// The actions of a call, from its target and body.
pub(super) fn used_actions(target: &str, body: &[u8]) -> Vec<UsedAction> {
    let (service, operation) = target.split_once('.').unwrap_or((target, ""));
    let service = match service {
        "DynamoDB_20120810" => "dynamodb",
        "AWSEvents" => "events",
        other => other,
    };
    let action = format!("{service}:{operation}");
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let on = |table: &str| UsedAction {
        action: action.clone(),
        table: table.to_owned(),
        index: body["IndexName"].as_str().map(ToOwned::to_owned),
        values: restricted_values(&body),
    };
    match body["RequestItems"].as_object() {
        Some(tables) => tables.keys().map(|table| on(table)).collect(),
        None => vec![on(body["TableName"].as_str().unwrap_or_default())],
    }
}

/// The partition key of an item, the detail types of events, or the name of a secret.
fn restricted_values(body: &Value) -> Vec<String> {
    let entries = body["Entries"].as_array().into_iter().flatten().map(|entry| &entry["DetailType"]);
    let named = [&body["Key"]["pk"]["S"], &body["Item"]["pk"]["S"], &body["SecretId"], &body["Name"]];
    entries.chain(named).filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}
