//! The grants of each function's manifest: every AWS call of every test is compared with those of its function.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use engine::config::TableNames;
use generate::Grants;

use crate::support::{UsedAction, root};

/// The prefix of the secrets of connections.
pub(super) const CONNECTIONS: &str =
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:/plugin-engine/${Stage}/*";

/// The grants of each function, from its manifest.
pub(super) static GRANTS: LazyLock<BTreeMap<String, Grants>> = LazyLock::new(|| {
    let functions = generate::read(&root()).unwrap_or_else(|error| panic!("{error}"));
    functions.into_iter().map(|function| (function.name.clone(), function.all_grants())).collect()
});

/// True if the role of `function` allows an action.
pub(crate) fn grants(function: &str, used: &UsedAction, tables: &TableNames) -> bool {
    let named = [
        ("IntegrationsTable", &tables.integrations),
        ("TasksTable", &tables.tasks),
        ("ErrorsTable", &tables.errors),
        ("FallbacksTable", &tables.fallbacks),
        ("MappingsTable", &tables.mappings),
    ];
    let table = named.iter().find(|(_, name)| **name == used.table).map(|(resource, _)| *resource);
    let resource = match (&table, &used.index) {
        (Some(table), Some(index)) => Some(format!("{table}/index/{index}")),
        (Some(table), None) => Some((*table).to_owned()),
        // Secrets differ by their names, which exist only in a deployment.
        (None, _) => None,
    };
    let granted = GRANTS.get(function).into_iter().flatten();
    let on = |name: &str| resource.as_ref().is_none_or(|resource| resource == name);
    granted.into_iter().any(|(name, actions)| on(name) && actions.contains(&used.action))
}

#[test]
fn missing_grants_are_reported() {
    let get = |name: &str| (name == "PLUGIN_ENGINE_STAGE").then(|| "x".to_owned());
    let tables = TableNames::read(&get, "x");
    let used =
        |action: &str, table: &str| UsedAction { action: action.to_owned(), table: table.to_owned(), index: None };
    assert!(grants("tasks", &used("dynamodb:Query", &tables.tasks), &tables));
    assert!(!grants("tasks", &used("dynamodb:PutItem", &tables.tasks), &tables));
    assert!(!grants("tasks", &used("dynamodb:Query", &tables.errors), &tables));
    assert!(!grants("tasks", &used("secretsmanager:GetSecretValue", ""), &tables));
    assert!(!grants("no-such-function", &used("dynamodb:Query", &tables.tasks), &tables));
}
