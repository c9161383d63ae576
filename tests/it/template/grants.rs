//! The grants of each function's manifest: every AWS call of every test is compared with those of its function.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use engine::config::TableNames;
use generate::Function;
use sandbox::settings::FILES_BUCKET;

use crate::support::{UsedAction, root};

/// The prefix of the secrets of connections.
pub(super) const CONNECTIONS: &str =
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:/plugin-engine/${Stage}/*";

/// Each function, from its manifest.
pub(super) static FUNCTIONS: LazyLock<BTreeMap<String, Function>> = LazyLock::new(|| {
    let functions = generate::read(&root()).unwrap_or_else(|error| panic!("{error}"));
    functions.into_iter().map(|function| (function.name.clone(), function)).collect()
});

/// The secrets of the operator, by their names in tests.
const SECRETS: [(&str, &str); 3] =
    [("clients", "ClientsSecret"), ("flows-keyring", "FlowsKeyringSecret"), ("keyring", "KeyringSecret")];

/// True if the role of `function` allows an action.
pub(crate) fn grants(function: &str, used: &UsedAction, tables: &TableNames) -> bool {
    let named = [
        ("IntegrationsTable", &tables.integrations),
        ("TasksTable", &tables.tasks),
        ("ErrorsTable", &tables.errors),
        ("FallbacksTable", &tables.fallbacks),
        ("MappingsTable", &tables.mappings),
    ];
    let Some(function) = FUNCTIONS.get(function) else { return false };
    let table = named.iter().find(|(_, name)| **name == used.table).map(|(resource, _)| *resource);
    let resource = match (table, &used.index) {
        (Some(table), Some(index)) => format!("{table}/index/{index}"),
        (Some(table), None) => table.to_owned(),
        (None, _) if used.table == FILES_BUCKET && used.action == "s3:ListBucket" => "FilesBucket".to_owned(),
        (None, _) if used.table == FILES_BUCKET => "FilesBucket/*".to_owned(),
        (None, _) if used.action == "events:PutEvents" => {
            return !used.values.is_empty() && used.values.iter().all(|kind| function.events.contains(kind));
        }
        (None, _) => secret(&used.values).to_owned(),
    };
    let is_on = |granted: &str| match granted.strip_prefix(&resource).and_then(|below| below.strip_prefix("/keys/")) {
        Some(pattern) => has_keys(&used.values, pattern),
        None => granted == resource,
    };
    function.all_grants().iter().any(|(granted, actions)| is_on(granted) && actions.contains(&used.action))
}

/// The resource of a secret: of the operator, or of a connection.
fn secret(names: &[String]) -> &'static str {
    let name = names.first().map_or("", String::as_str);
    let operators = SECRETS.iter().find(|(known, _)| *known == name).map(|(_, resource)| *resource);
    operators.or(name.starts_with("/plugin-engine/").then_some("Connections")).unwrap_or("unknown")
}

/// True if a call names keys, and all are of a pattern with one `*`.
fn has_keys(keys: &[String], pattern: &str) -> bool {
    let (start, end) = pattern.split_once('*').expect("a pattern with a `*`");
    !keys.is_empty() && keys.iter().all(|key| key.starts_with(start) && key.ends_with(end))
}

#[test]
fn missing_grants_are_reported() {
    let get = |name: &str| (name == "PLUGIN_ENGINE_STAGE").then(|| "x".to_owned());
    let tables = TableNames::read(&get, "x");
    let with = |action: &str, table: &str, values: &[&str]| UsedAction {
        action: action.to_owned(),
        table: table.to_owned(),
        index: None,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let used = |action: &str, table: &str| with(action, table, &[]);
    assert!(grants("tasks", &used("dynamodb:Query", &tables.tasks), &tables));
    assert!(!grants("tasks", &used("dynamodb:PutItem", &tables.tasks), &tables));
    assert!(!grants("tasks", &used("dynamodb:Query", &tables.errors), &tables));
    assert!(!grants("tasks", &used("secretsmanager:GetSecretValue", ""), &tables));
    for (secret, allowed) in
        [("flows-keyring", true), ("keyring", false), ("clients", false), ("/plugin-engine/x/1", false)]
    {
        let read = with("secretsmanager:GetSecretValue", "", &[secret]);
        assert_eq!(grants("oauth-callback", &read, &tables), allowed, "{secret}");
    }
    for (keys, allowed) in [(&["oauth#1"][..], true), (&["user"], false), (&["oauth#1", "user"], false), (&[], false)] {
        let write = with("dynamodb:UpdateItem", &tables.integrations, keys);
        assert_eq!(grants("oauth-callback", &write, &tables), allowed, "{keys:?}");
    }
    for (key, allowed) in [("u1##limits", true), ("u1", false), ("u1#limits", false), ("u1##limits#a", false)] {
        let write = with("dynamodb:UpdateItem", &tables.tasks, &[key]);
        assert_eq!(grants("errors-stats", &write, &tables), allowed, "{key}");
        assert!(!grants("oauth-callback", &write, &tables), "{key}");
    }
    for (kinds, allowed) in
        [(&["task.completed"][..], true), (&["task.failed", "process-due-tasks"], false), (&[], false)]
    {
        assert_eq!(grants("plugin-engine", &with("events:PutEvents", "", kinds), &tables), allowed, "{kinds:?}");
    }
    for (function, action, allowed) in [
        ("files", "s3:PutObject", true),
        ("process-due-tasks", "s3:ListBucket", true),
        ("agents", "s3:PutObject", false),
    ] {
        assert_eq!(grants(function, &used(action, FILES_BUCKET), &tables), allowed, "{function}: {action}");
    }
    assert!(!grants("files", &used("s3:PutObject", "another-bucket"), &tables));
    assert!(!grants("no-such-function", &used("dynamodb:Query", &tables.tasks), &tables));
}
