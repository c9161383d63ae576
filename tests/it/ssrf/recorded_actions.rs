//! Actions over a recording HTTP client, with payloads in their fields, or with provider ids chosen by the test.

use crate::support::{ActionHarness, RecordedAction};
use engine::adapters::Adapter;
use engine::adapters::action::ActionDef;
use engine::http::{Http, Request};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};

/// Fields in which providers return ids and URLs.
const ID_FIELDS: [&str; 13] = [
    "id",
    "gid",
    "ts",
    "channel",
    "threadId",
    "nextPageToken",
    "next_cursor",
    "offset",
    "file_id",
    "scheduled_message_id",
    "attachmentId",
    "upload_url",
    "user",
];

/// Contexts with a payload: one for each text field of the action's schema and each text of its example.
pub(super) fn contexts_with_payload(action: &ActionDef, payload: &str) -> Vec<(String, Value)> {
    let (schema, example) = (action.schema(), action.example());
    let mut contexts = vec![];
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        for value in values_with_payload(&schema, field, payload, 0) {
            let mut context = example.clone();
            context[name] = value;
            contexts.push((name.clone(), context));
        }
    }
    for pointer in super::text_pointers(&example, "") {
        let mut context = example.clone();
        *context.pointer_mut(&pointer).unwrap() = payload.into();
        contexts.push((pointer, context));
    }
    contexts
}

/// Values that match a schema, each with the payload in a different field.
fn values_with_payload(root: &Value, schema: &Value, payload: &str, depth: usize) -> Vec<Value> {
    if depth > 6 {
        return vec![];
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).expect("a definition");
        return values_with_payload(root, target, payload, depth + 1);
    }
    let choices = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|word| schema[word].as_array()).flatten();
    let mut found: Vec<Value> =
        choices.flat_map(|choice| values_with_payload(root, choice, payload, depth + 1)).collect();
    let is = |kind: &str| {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
    };
    if schema == &json!(true) || is("string") {
        found.push(payload.into());
    }
    if is("array") {
        found.extend(
            values_with_payload(root, &schema["items"], payload, depth + 1).into_iter().map(|item| json!([item])),
        );
    }
    if is("object") {
        let fields = schema["properties"].as_object().cloned().unwrap_or_default();
        // The other required fields.
        let required: Map<String, Value> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| Some((name.as_str()?.to_owned(), json!("x"))))
            .collect();
        for (name, field) in &fields {
            for value in values_with_payload(root, field, payload, depth + 1) {
                let mut object = required.clone();
                object.insert(name.clone(), value);
                found.push(object.into());
            }
        }
        if fields.is_empty() {
            found.extend([json!({ payload: "x" }), json!({ "x": payload })]);
        }
    }
    found
}

/// A provider's response with every id replaced by `id`.
fn with_ids_replaced(value: &Value, id: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| with_ids_replaced(item, id)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| match field {
                Value::String(_) if ID_FIELDS.contains(&name.as_str()) => (name.clone(), id.into()),
                other => (name.clone(), with_ids_replaced(other, id)),
            });
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// The changes to the recorded responses of a provider.
#[derive(Clone, Copy, Default)]
pub(super) struct ResponseChanges<'a> {
    /// The id that replaces every id.
    pub(super) id: Option<&'a str>,
    /// Part of a path: calls of matching paths get 404. Empty: no call.
    pub(super) hidden_path: &'static str,
}

/// Runs every step of an action and returns its calls. The provider responds as recorded, with `changes`.
pub(super) async fn outbound_calls(
    adapter: &'static Adapter,
    action: &'static ActionDef,
    recorded: &RecordedAction,
    context: Value,
    changes: ResponseChanges<'_>,
) -> Vec<Request> {
    let ResponseChanges { id, hidden_path } = changes;
    let answers: Vec<(u16, Value)> = recorded.steps.iter().flatten().cloned().collect();
    let answers: Vec<(u16, Value)> = answers
        .into_iter()
        .map(|(status, body)| (status, id.map_or_else(|| body.clone(), |id| with_ids_replaced(&body, id))))
        .collect();
    let mut calls = vec![];
    let replaced = id.map(|id| format!("{id}/{id}"));
    for checkpoint in [None, replaced.as_deref().or(recorded.checkpoint.as_deref())] {
        let sent = Arc::new(Mutex::new(vec![]));
        let (log, answers) = (Arc::clone(&sent), answers.clone());
        let http = Http::new(move |request: Request| {
            let mut log = log.lock().unwrap();
            let hidden = !hidden_path.is_empty() && request.uri().path().contains(hidden_path);
            let (status, body) = match hidden {
                true => (404, json!({ "code": "object_not_found" })),
                false => answers[log.len().min(answers.len() - 1)].clone(),
            };
            log.push(request);
            let answer = http::Response::builder().status(status).body(body.to_string().into()).unwrap();
            Box::pin(std::future::ready(Ok(answer)))
        });
        let harness = ActionHarness { context: context.clone(), ..ActionHarness::new(adapter, action, http) };
        harness.run_steps(checkpoint, || ()).await;
        calls.append(&mut sent.lock().unwrap());
    }
    calls
}
