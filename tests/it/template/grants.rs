//! The grants of each function, beside writing to its own log group. A change of a role needs a reviewed change of its row here.

use crate::support::UsedAction;
use engine::config::TableNames;

/// The prefix of the secrets of connections.
pub(super) const CONNECTIONS: &str =
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:/plugin-engine/${Stage}/*";

/// A resource and the actions allowed on it.
pub(super) type Grant = (&'static str, &'static [&'static str]);

/// The grants of each function.
pub(super) const GRANTS: &[(&str, &[Grant])] = &[
    (
        "plugin-engine",
        &[
            (
                "IntegrationsTable",
                &[
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ],
            ),
            ("TasksTable", &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
            ("ErrorsTable", &["dynamodb:PutItem", "dynamodb:UpdateItem"]),
            ("FallbacksTable", &["dynamodb:BatchGetItem"]),
            ("MappingsTable", &["dynamodb:GetItem", "dynamodb:PutItem"]),
            ("KeyringSecret", &["secretsmanager:GetSecretValue"]),
            ("ClientsSecret", &["secretsmanager:GetSecretValue"]),
            (CONNECTIONS, &["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]),
            ("EventBus", &["events:PutEvents"]),
        ],
    ),
    (
        "integrations",
        &[
            (
                "IntegrationsTable",
                &[
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ],
            ),
            ("KeyringSecret", &["secretsmanager:GetSecretValue"]),
            ("ClientsSecret", &["secretsmanager:GetSecretValue"]),
            (
                CONNECTIONS,
                &[
                    "secretsmanager:CreateSecret",
                    "secretsmanager:DeleteSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:TagResource",
                ],
            ),
            ("EventBus", &["events:PutEvents"]),
        ],
    ),
    ("integrations-status", &[("IntegrationsTable", &["dynamodb:GetItem"])]),
    (
        "oauth-authorize",
        &[
            ("IntegrationsTable", &["dynamodb:GetItem", "dynamodb:PutItem"]),
            ("TasksTable", &["dynamodb:UpdateItem"]),
            ("KeyringSecret", &["secretsmanager:GetSecretValue"]),
            ("ClientsSecret", &["secretsmanager:GetSecretValue"]),
        ],
    ),
    (
        "oauth-callback",
        &[
            ("IntegrationsTable", &["dynamodb:DeleteItem", "dynamodb:UpdateItem"]),
            ("KeyringSecret", &["secretsmanager:GetSecretValue"]),
        ],
    ),
    (
        "tasks",
        &[
            ("IntegrationsTable", &["dynamodb:GetItem"]),
            ("TasksTable", &["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"]),
        ],
    ),
    (
        "tasks-schedule",
        &[
            ("IntegrationsTable", &["dynamodb:GetItem"]),
            ("TasksTable", &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
            ("MappingsTable", &["dynamodb:GetItem"]),
        ],
    ),
    (
        "context-mappings",
        &[
            ("IntegrationsTable", &["dynamodb:GetItem"]),
            (
                "MappingsTable",
                &[
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ],
            ),
        ],
    ),
    (
        "context-mappings-bulk",
        &[
            ("IntegrationsTable", &["dynamodb:GetItem"]),
            ("MappingsTable", &["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
        ],
    ),
    (
        "context-mappings-lookup",
        &[
            ("IntegrationsTable", &["dynamodb:GetItem"]),
            ("MappingsTable", &["dynamodb:GetItem", "dynamodb:Query"]),
            ("MappingsTable/index/byExternalId", &["dynamodb:Query"]),
        ],
    ),
    (
        "errors",
        &[
            ("IntegrationsTable", &["dynamodb:GetItem"]),
            ("ErrorsTable", &["dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]),
            ("ErrorsTable/index/byAgent", &["dynamodb:Query"]),
            ("FallbacksTable", &["dynamodb:BatchGetItem"]),
        ],
    ),
    ("errors-bulk", &[("IntegrationsTable", &["dynamodb:GetItem"]), ("ErrorsTable", &["dynamodb:UpdateItem"])]),
    (
        "errors-fallbacks",
        &[
            ("IntegrationsTable", &["dynamodb:GetItem"]),
            (
                "FallbacksTable",
                &["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:UpdateItem"],
            ),
        ],
    ),
    (
        "errors-stats",
        &[
            ("IntegrationsTable", &["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:Query"]),
            ("ErrorsTable", &["dynamodb:Query"]),
            ("EventBus", &["events:PutEvents"]),
        ],
    ),
    ("errors-trends", &[("IntegrationsTable", &["dynamodb:GetItem"]), ("ErrorsTable", &["dynamodb:Query"])]),
    (
        "process-due-tasks",
        &[
            (
                "IntegrationsTable",
                &[
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                ],
            ),
            ("IntegrationsTable/index/maintenance", &["dynamodb:Query"]),
            ("TasksTable", &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
            ("TasksTable/index/due", &["dynamodb:Query"]),
            ("ErrorsTable", &["dynamodb:PutItem", "dynamodb:UpdateItem"]),
            ("FallbacksTable", &["dynamodb:BatchGetItem"]),
            ("MappingsTable", &["dynamodb:PutItem"]),
            ("KeyringSecret", &["secretsmanager:GetSecretValue"]),
            ("ClientsSecret", &["secretsmanager:GetSecretValue"]),
            (
                CONNECTIONS,
                &["secretsmanager:DeleteSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
            ),
            ("EventBus", &["events:PutEvents"]),
            ("ProcessorFailures", &["sqs:SendMessage"]),
        ],
    ),
];

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
    let granted = GRANTS.iter().find(|(name, _)| *name == function).map(|(_, grants)| *grants).unwrap_or_default();
    let on = |name: &str| resource.as_ref().is_none_or(|resource| resource == name);
    granted.iter().any(|(name, actions)| on(name) && actions.contains(&used.action.as_str()))
}

#[test]
fn missing_grants_are_reported() {
    let get = |name: &str| (name == "PLUGIN_ENGINE_STAGE").then(|| "x".to_owned());
    let tables = TableNames::read(&get, "x");
    let used =
        |action: &str, table: &str| UsedAction { action: action.to_owned(), table: table.to_owned(), index: None };
    assert!(grants("tasks", &used("dynamodb:Query", &tables.tasks), &tables));
    assert!(!grants("tasks", &used("dynamodb:DeleteItem", &tables.tasks), &tables));
    assert!(!grants("tasks", &used("dynamodb:Query", &tables.errors), &tables));
    assert!(!grants("tasks", &used("secretsmanager:GetSecretValue", ""), &tables));
    assert!(!grants("no-such-function", &used("dynamodb:Query", &tables.tasks), &tables));
}
