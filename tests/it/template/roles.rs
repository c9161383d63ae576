//! The functions' roles allow exactly what the manifests list, under the conditions that follow from these.

use std::collections::{BTreeMap, BTreeSet};

use engine::events::SOURCE;
use serde_json::{Value, json};

use super::children;
use super::grants::{CONNECTIONS, FUNCTIONS};
use super::stack::{Stack, list, referenced_id};

/// The role with which CloudWatch passes the audit lines on. No function has it.
const AUDIT_ROLE: &str = "AuditRole";

/// The objects of the bucket of files. Their keys have the ids of users and tasks.
const FILES: &str = "${FilesBucket.Arn}/*";

/// Every policy statement of the template, with the id of its resource.
fn statements(stack: &Stack) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    stack.resources().for_each(|(id, resource)| collect_statements(id, resource, &mut found));
    assert!(!found.is_empty(), "the template has no policy at all");
    found
}

fn collect_statements(id: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    if value["Effect"].is_string() {
        found.push((id.to_owned(), value.clone()));
    }
    children(value).for_each(|child| collect_statements(id, child, found));
}

/// The fields of statements that are wider than a list of names.
fn wildcards(stack: &Stack) -> Vec<String> {
    let mut faults = Vec::new();
    // A denial is as wide as it can be; `files` checks the only one.
    let statements = statements(stack).into_iter();
    for (id, statement) in
        statements.filter(|(id, statement)| id != "FilesBucketPolicy" || statement["Effect"] != "Deny")
    {
        let mut refuse = |is_wide: bool, what: &str| {
            if is_wide {
                faults.push(format!("{id}: {what}"));
            }
        };
        refuse(statement["Effect"] != "Allow", "Effect");
        for field in ["NotAction", "NotResource", "NotPrincipal"] {
            refuse(!statement[field].is_null(), field);
        }
        let is_known = |value: &Value| [CONNECTIONS, FILES].iter().any(|known| value["Fn::Sub"] == *known);
        let is_wide = |value: &Value| !is_known(value) && value.to_string().contains('*');
        for field in ["Action", "Resource", "Principal"] {
            refuse(list(&statement[field]).iter().any(is_wide), field);
        }
    }
    let managed = stack.resources().filter(|(_, resource)| !resource["Properties"]["ManagedPolicyArns"].is_null());
    faults.extend(managed.map(|(id, _)| format!("{id}: ManagedPolicyArns")));
    faults
}

#[test]
fn no_policy_has_a_wildcard() {
    assert_eq!(wildcards(&Stack::read()), Vec::<String>::new());
    let actions = Stack::planted("Action: [firehose:PutRecord, firehose:PutRecordBatch]", "Action: firehose:*");
    assert_eq!(wildcards(&actions), ["AuditRole: Action"]);
    let resource = Stack::planted("Resource: !Ref AuditStreamArn", "Resource: '*'");
    assert_eq!(wildcards(&resource), ["AuditRole: Resource"]);
}

/// The differences between the roles and the manifests.
fn differences(stack: &Stack) -> Vec<String> {
    let mut rows: BTreeMap<&str, _> = FUNCTIONS.iter().map(|(name, function)| (name.as_str(), function)).collect();
    let mut roles = BTreeSet::from([AUDIT_ROLE.to_owned()]);
    let mut faults = Vec::new();
    for (id, function) in stack.of_type("AWS::Serverless::Function") {
        let name = stack.functions()[id];
        assert!(function["Policies"].is_null(), "{name}: policies belong to its role");
        let role = referenced_id(&function["Role"]).unwrap_or_else(|| panic!("{name} has no role of its own"));
        assert!(roles.insert(role.to_owned()), "{name} shares the role {role} with another function");
        let logs = referenced_id(&function["LoggingConfig"]["LogGroup"])
            .unwrap_or_else(|| panic!("{name} has no log group of its own"));
        let manifest = rows.remove(name).unwrap_or_else(|| panic!("{name} has no manifest"));
        let granted = granted(stack.resource("AWS::IAM::Role", role));
        let expected = expected(manifest, logs);
        faults.extend(granted.difference(&expected).map(|grant| format!("{name}: only the role has {grant}")));
        faults.extend(expected.difference(&granted).map(|grant| format!("{name}: only the manifest has {grant}")));
    }
    assert!(rows.is_empty(), "the template lacks functions: {:?}", rows.keys());
    let all: BTreeSet<String> = stack.of_type("AWS::IAM::Role").map(|(id, _)| id.to_owned()).collect();
    assert_eq!(roles, all, "roles of the functions, and all roles");
    faults
}

/// The permissions of a role: each action and resource, with the condition.
fn granted(role: &Value) -> BTreeSet<String> {
    let mut granted = BTreeSet::new();
    let policies = list(&role["Policies"]).iter();
    for statement in policies.flat_map(|policy| list(&policy["PolicyDocument"]["Statement"])) {
        let condition = condition_label(&statement["Condition"]);
        for resource in list(&statement["Resource"]) {
            for action in list(&statement["Action"]) {
                let action = action.as_str().unwrap_or_default();
                granted.insert(format!("{action} on {}{condition}", resource_label(resource)));
            }
        }
    }
    granted
}

/// The permissions that a manifest asks for, in the same words.
fn expected(manifest: &generate::Function, log_group: &str) -> BTreeSet<String> {
    let logs = ["logs:CreateLogStream", "logs:PutLogEvents"].map(|action| format!("{action} on {log_group}"));
    let grants = manifest.all_grants();
    let own = grants.iter().flat_map(|(on, actions)| {
        let on = if on == "EventBus" { format!("{on} of {}", manifest.events.join(" ")) } else { on.clone() };
        actions.iter().map(move |action| format!("{action} on {on}"))
    });
    own.chain(logs).collect()
}

/// A policy's resource in the notation of the manifests: the logical id, and the index after a slash; `Connections`.
fn resource_label(resource: &Value) -> String {
    if let Some(id) = referenced_id(resource) {
        return id.to_owned();
    }
    let text = resource["Fn::Sub"].as_str().unwrap_or_else(|| panic!("a resource in an unknown spelling: {resource}"));
    if text == CONNECTIONS {
        return "Connections".to_owned();
    }
    text.strip_prefix("${").map_or(text.to_owned(), |name| name.replace(".Arn}", ""))
}

/// A statement's condition in the notation of the manifests: the pattern of keys, or the detail types of events from this source.
fn condition_label(condition: &Value) -> String {
    if condition.is_null() {
        return String::new();
    }
    let keys = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"][0];
    let of_keys = json!({
        "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [keys] },
        "Null": { "dynamodb:LeadingKeys": "false" },
    });
    let types = &condition["StringEquals"]["events:detail-type"];
    let of_events = json!({
        "ForAllValues:StringEquals": { "events:source": SOURCE },
        "StringEquals": { "events:detail-type": types },
    });
    if *condition == of_keys {
        format!("/keys/{}", keys.as_str().unwrap_or_default())
    } else if *condition == of_events {
        let types: Vec<&str> = list(types).iter().filter_map(Value::as_str).collect();
        format!(" of {}", types.join(" "))
    } else {
        format!(" if {condition}")
    }
}

#[test]
fn each_role_grants_what_its_manifest_says() {
    assert_eq!(differences(&Stack::read()), Vec::<String>::new());
}

#[test]
fn the_callback_reaches_only_flows_and_their_keyring() {
    let stack = Stack::read();
    let mut granted = granted(stack.resource("AWS::IAM::Role", "OauthCallbackRole"));
    granted.retain(|grant| !grant.starts_with("logs:"));
    let expected = [
        "dynamodb:UpdateItem on IntegrationsTable/keys/oauth#*",
        "secretsmanager:GetSecretValue on FlowsKeyringSecret",
    ];
    assert_eq!(granted, expected.map(str::to_owned).into());

    let wider = Stack::planted("{dynamodb:LeadingKeys: ['oauth#*']}", "{dynamodb:LeadingKeys: ['*']}");
    assert_eq!(differences(&wider).len(), 2, "{:?}", differences(&wider));
    let without_null = Stack::planted("                  'Null': {dynamodb:LeadingKeys: 'false'}\n", "");
    assert_eq!(differences(&without_null).len(), 2, "{:?}", differences(&without_null));
}

#[test]
fn only_the_processor_and_connects_may_put_events_that_start_it() {
    let starts =
        |types: &[String]| types.iter().any(|it| ["process-due-tasks", "resume-waiting-tasks"].contains(&it.as_str()));
    let starting = FUNCTIONS.iter().filter(|(_, function)| starts(&function.events)).map(|(name, _)| name.as_str());
    assert_eq!(starting.collect::<Vec<_>>(), ["integrations", "integrations-connect", "process-due-tasks"]);

    let wider = Stack::planted(
        "{events:detail-type: [circuit_breaker.closed]}",
        "{events:detail-type: [circuit_breaker.closed, process-due-tasks]}",
    );
    assert_eq!(differences(&wider).len(), 2, "{:?}", differences(&wider));
    let other_source = Stack::planted("{events:source: plugin-engine}", "{events:source: aws.events}");
    assert_eq!(differences(&other_source).len(), 2, "{:?}", differences(&other_source));
}
