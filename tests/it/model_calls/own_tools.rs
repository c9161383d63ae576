//! The definitions of the own tools: schemas, examples, and outputs that agree with them.

use super::{answer, call, code, connected, done, text};
use crate::support::TestApp;
use engine::own_tools::{ALL, OwnToolDef, PREFIX};
use sandbox::Fault;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The faults of a published schema.
fn faults(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let has_null = fields.get("type").is_some_and(|kind| kind.to_string().contains("null"));
            let is_number = fields.get("type").is_some_and(|kind| kind == "integer" || kind == "number");
            let has_format = is_number && fields.contains_key("format");
            let is_null = fields.get("default").is_some_and(Value::is_null);
            if has_null || has_format || is_null || fields.keys().any(|name| name == "$ref" || name.starts_with("x-")) {
                found.push(value.to_string());
            }
            fields.values().for_each(|field| faults(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| faults(item, found)),
        _ => {}
    }
}

/// Checks data against a schema.
#[track_caller]
fn check(schema: &Value, data: &Value, what: &str) {
    let validator = jsonschema::validator_for(schema).unwrap_or_else(|error| panic!("{what}: {error}"));
    let errors: Vec<String> =
        validator.iter_errors(data).map(|error| format!("{error} at {}", error.instance_path)).collect();
    assert!(errors.is_empty(), "{what}: {errors:?} in {data}");
}

#[test]
fn schemas_have_no_null_no_reference_and_no_format_of_numbers() {
    for tool in ALL {
        let (mut found, name) = (vec![], tool.name());
        for schema in [tool.input_schema(), tool.output_schema()] {
            faults(&schema, &mut found);
            assert_eq!(schema["type"], "object", "{name}");
            assert!(schema["properties"].is_object(), "{name}: {schema}");
        }
        assert!(found.is_empty(), "{name}: {found:#?}");
        assert_eq!(tool.input_schema()["additionalProperties"], false, "{name}");
        check(&tool.input_schema(), &tool.example(), name);
        assert!(
            name.starts_with(PREFIX) && tool.title().starts_with("Engine: ") && tool.description().len() > 60,
            "{name}"
        );
        let fields = tool.input_schema()["properties"].as_object().unwrap().clone();
        let undescribed: Vec<&String> =
            fields.iter().filter(|(_, field)| !field["description"].is_string()).map(|(name, _)| name).collect();
        assert!(undescribed.is_empty(), "{name}: {undescribed:?}");
        assert!(!tool.hints().read_only || !tool.hints().destructive, "{name}");
    }
    let names: Vec<&str> = ALL.iter().map(OwnToolDef::name).collect();
    assert_eq!(names.len(), 11);
    for name in &names {
        assert!(ALL.iter().all(|tool| !tool.description().contains(" null")), "{name}");
    }
}

/// The planted faults are found.
#[test]
fn a_planted_fault_of_a_schema_is_reported() {
    for planted in [
        json!({ "type": ["string", "null"] }),
        json!({ "type": "integer", "format": "uint32" }),
        json!({ "default": null }),
        json!({ "a": [{ "$ref": "#/a" }] }),
    ] {
        let mut found = vec![];
        faults(&planted, &mut found);
        assert_eq!(found.len(), 1, "{planted}");
    }
}

/// Arguments with which each own tool is done.
async fn arguments(app: &TestApp) -> BTreeMap<&'static str, Value> {
    let planned = json!({ "name": "slack_send_message", "arguments": { "channel": GENERAL, "text": "t" }, "executeAt": app.after(3600).to_string() });
    let task = done(answer(app, call("engine_schedule_action", planned.clone())).await);
    let failed = done(answer(app, call("engine_schedule_action", json!({ "name": "slack_send_message", "arguments": { "channel": GENERAL, "text": "t" }, "executeAt": app.after(30).to_string() }))).await);
    app.fault(
        Fault::status("slack", 200, json!({ "ok": false, "error": "is_archived" })).at_path("/api/chat.postMessage"),
    );
    app.run_processor_after(31).await;
    let (task, failed) = (json!({ "taskId": text(&task, "taskId") }), json!({ "taskId": text(&failed, "taskId") }));
    let key = json!({ "tool": "slack", "contextKey": "k", "externalId": GENERAL, "friendlyName": "General", "expiresAt": app.after(60).to_string() });
    BTreeMap::from([
        ("engine_schedule_action", planned),
        ("engine_list_tasks", json!({})),
        ("engine_show_task", task.clone()),
        ("engine_cancel_task", task),
        ("engine_retry_task", failed),
        ("engine_dry_run", json!({ "name": "slack_send_message", "arguments": { "channel": GENERAL, "text": "t" } })),
        ("engine_list_connections", json!({})),
        ("engine_start_connect", json!({ "tool": "gmail" })),
        ("engine_save_key", key),
        ("engine_find_keys", json!({ "tool": "slack" })),
        ("engine_list_errors", json!({})),
    ])
}

#[tokio::test]
async fn every_output_agrees_with_its_schema_and_has_no_null() {
    let app = connected().await;
    let arguments = arguments(&app).await;
    assert_eq!(arguments.len(), ALL.len());
    for tool in ALL {
        let name = tool.name();
        let body = call(name, arguments[name].clone());
        let data = Value::from(done(answer(&app, body.clone()).await).structured);
        check(&tool.output_schema(), &data, name);
        assert!(!data.to_string().contains("null"), "{name}: {data}");
        let declared = tool.output_schema()["properties"].as_object().unwrap().clone();
        let undeclared: Vec<&String> =
            data.as_object().unwrap().keys().filter(|field| !declared.contains_key(*field)).collect();
        assert!(undeclared.is_empty(), "{name}: {undeclared:?}");
    }
    // A failed task with its error, and one that completed with its result.
    for list in [json!({}), json!({ "kind": "immediate" })] {
        let data = Value::from(done(answer(&app, call("engine_list_tasks", list)).await).structured);
        check(&engine::own_tools::find("engine_list_tasks").unwrap().output_schema(), &data, "list");
    }
}

#[tokio::test]
async fn every_own_tool_refuses_unknown_fields_and_wrong_types() {
    let app = connected().await;
    for tool in ALL {
        let name = tool.name();
        let mut arguments = tool.example();
        arguments["zzz"] = 1.into();
        let refused = answer(&app, call(name, arguments)).await;
        assert_eq!(code(&refused), "INVALID_FIELD", "{name}");
        assert!(refused.content.contains("zzz: unknown field; "), "{name}: {}", refused.content);
        for field in tool.input_schema()["properties"].as_object().unwrap().keys() {
            let mut arguments = tool.example();
            arguments[field] = json!([[1]]);
            let refused = answer(&app, call(name, arguments)).await;
            assert_eq!(code(&refused), "INVALID_FIELD", "{name} {field}");
            assert!(refused.content.contains(&format!("{field}: must be ")), "{name} {field}: {}", refused.content);
        }
        for required in tool.input_schema()["required"].as_array().into_iter().flatten() {
            let mut arguments = tool.example();
            arguments[required.as_str().unwrap()] = Value::Null;
            let refused = answer(&app, call(name, arguments)).await;
            assert_eq!(code(&refused), "MISSING_FIELDS", "{name} {required}");
        }
    }
}

#[tokio::test]
async fn arguments_are_read_as_models_write_them() {
    let app = connected().await;
    for arguments in [
        json!({ "limit": 5, "status": "scheduled" }),
        json!({ "limit": "5", "status": "scheduled", "cursor": null }),
        json!({ "limit": 5.0, "kind": "", "cursor": "" }),
        json!("{\"limit\": \"5\"}"),
        json!(""),
        Value::Null,
    ] {
        done(answer(&app, call("engine_list_tasks", arguments)).await);
    }
    for unknown in ["engine_show_task", "engine_cancel_task", "engine_retry_task"] {
        let refused = answer(&app, call(unknown, json!({ "taskId": "task_x" }))).await;
        assert_eq!(code(&refused), "NOT_FOUND");
        assert!(refused.content.contains("engine_list_tasks"), "{}", refused.content);
    }
    let foreign = json!({ "name": "engine_list_tasks", "arguments": {}, "executeAt": app.after(60).to_string() });
    assert_eq!(code(&answer(&app, call("engine_schedule_action", foreign)).await), "UNKNOWN_NAME");
}
