//! The actions over a recorded way out, with payloads in their fields, or to a provider whose ids are chosen by the test.

use crate::support::{ActionHarness, RecordedAction};
use engine::adapters::Adapter;
use engine::adapters::action::ActionDef;
use engine::http::{Http, Request};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};

/// Fields in which providers name things and places.
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

/// Contexts with a payload: one for each text the action takes, by its schema, and each text of its example.
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

/// Values a schema allows, each with the payload in another place.
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
        // What the object must have besides.
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

/// A provider's answer with `id` wherever it names something.
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

/// Takes every step of an action and returns what left. The provider answers as recorded, with `id` wherever it names
/// something, if there is one; or, where `hides` is a part of the path, that there is no such thing.
pub(super) async fn outbound_calls(
    (adapter, action, recorded): (&'static Adapter, &'static ActionDef, &RecordedAction),
    context: Value,
    (id, hides): (Option<&str>, &'static str),
) -> Vec<Request> {
    let answers: Vec<(u16, Value)> = recorded.steps.iter().flatten().cloned().collect();
    let answers: Vec<(u16, Value)> = answers
        .into_iter()
        .map(|(status, body)| (status, id.map_or_else(|| body.clone(), |id| with_ids_replaced(&body, id))))
        .collect();
    let mut calls = vec![];
    let own = id.map(|id| format!("{id}/{id}"));
    for handle in [None, own.as_deref().or(recorded.checkpoint.as_deref())] {
        let left = Arc::new(Mutex::new(vec![]));
        let (log, answers) = (Arc::clone(&left), answers.clone());
        let http = Http::new(move |request: Request| {
            let mut log = log.lock().unwrap();
            let hidden = !hides.is_empty() && request.uri().path().contains(hides);
            let (status, body) = match hidden {
                true => (404, json!({ "code": "object_not_found" })),
                false => answers[log.len().min(answers.len() - 1)].clone(),
            };
            log.push(request);
            let answer = http::Response::builder().status(status).body(body.to_string().into()).unwrap();
            Box::pin(std::future::ready(Ok(answer)))
        });
        let alone = ActionHarness { context: context.clone(), ..ActionHarness::new(adapter, action, http) };
        alone.run_steps(handle, || ()).await;
        calls.append(&mut left.lock().unwrap());
    }
    calls
}
