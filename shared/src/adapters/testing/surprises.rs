//! Responses with a surprise, one at a time: each value of a documented response missing, null, of an unknown value or of another type.

use serde_json::{Value, json};
use std::sync::Arc;

use super::{SentRequest, run};
use crate::adapters::Adapter;
use crate::adapters::action::ActionOutput;
use crate::adapters::api::CURSORS;
use crate::error::Result;

/// Most fields of an output that one value of a response serves, such as an id and an address that is made of it.
const MAX_COST: usize = 2;

/// A text that no provider documents. It can decide, such as the kind of an object that is then none of a list.
const UNKNOWN: &str = "unknown";

/// Runs an action on documented responses, and again with each surprise. Asserts that the result stays a success, loses the field and
/// nothing else, and has the form of the published schema. It may fail only where the output's own id is lost, or Slack's `ok`, or a cursor; an item
/// may be left out only where its id is lost. The fixture of a list needs two items, so that one of them is not the whole.
pub(crate) async fn assert_surprises_degrade(
    adapter: &'static Adapter,
    intent: &'static str,
    context: Value,
    responses: fn(&SentRequest) -> (u16, Value),
) {
    let (plain, calls) = run(adapter, intent, context.clone(), responses).await;
    let plain = plain.unwrap_or_else(|error| panic!("{intent}: {error}"));
    let schema = adapter.action(intent).unwrap().output_schema();
    let schema = jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{intent}: {error}"));
    let checked = |output: &ActionOutput, what: &str| {
        let faults: Vec<String> = schema.iter_errors(&output.data).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{intent}, {what}: {faults:?} in {}", output.data);
    };
    checked(&plain, "as documented");
    for call in &calls {
        let body = responses(call).1;
        for pointer in pointers(&body) {
            let original = body.pointer(&pointer).unwrap();
            let surprised = async |to: Option<Value>| {
                let what = format!("{} with {pointer}: {to:?}", call.line);
                let is_unknown = to == Some(json!(UNKNOWN));
                let output = rerun(adapter, intent, &context, responses, call, changed(&body, &pointer, to)).await;
                let is_cursor = pointer.split('/').any(|name| CURSORS.contains(&name));
                let losable = pointer == "/ok" || is_cursor || is_subject(&plain, original);
                let output = output.map_err(|error| assert!(losable, "{intent}, {what}: {error}")).ok()?;
                checked(&output, &what);
                assert!(losable || output.external_id == plain.external_id, "{intent}, {what}: {output:?}");
                let lost_ids = lost_ids(&plain.data, &output.data);
                if let Some(text) = original.as_str().filter(|_| !is_unknown) {
                    assert!(lost_ids.iter().all(|id| id == text), "{intent}, {what}: the items {lost_ids:?} are lost");
                }
                Some(differences(&plain.data, &output.data))
            };
            let lost = surprised(None).await;
            let is_leaf = !original.is_object() && !original.is_array();
            let cost = lost.as_ref().map_or(0, Vec::len);
            assert!(!is_leaf || cost <= MAX_COST, "{intent}: {pointer} costs {lost:?}");
            for surprise in surprises(original) {
                let found = surprised(Some(surprise.clone())).await.unwrap_or_default();
                let is_lost = |place: &String| lost.iter().flatten().any(|lost| place.starts_with(lost.as_str()));
                let others: Vec<&String> = found.iter().filter(|place| lost.is_some() && !is_lost(place)).collect();
                let most = if is_leaf && surprise == UNKNOWN { MAX_COST } else { 0 };
                assert!(
                    others.len() <= most,
                    "{intent}: {pointer} as {surprise} changes {others:?}, not only {lost:?}"
                );
            }
        }
    }
}

/// Runs the action with another response to one of its calls.
async fn rerun(
    adapter: &'static Adapter,
    intent: &str,
    context: &Value,
    responses: fn(&SentRequest) -> (u16, Value),
    call: &SentRequest,
    body: Value,
) -> Result<ActionOutput> {
    let call = Arc::new(call.clone());
    let provider = move |sent: &SentRequest| {
        let is_call = (&sent.line, &sent.query, &sent.body) == (&call.line, &call.query, &call.body);
        let (status, documented) = responses(sent);
        (status, if is_call { body.clone() } else { documented })
    };
    run(adapter, intent, context.clone(), provider).await.0
}

/// Returns the pointers of all values in a value, at every depth.
fn pointers(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (escaped(name), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => vec![],
    };
    let with_own = |(name, value): (String, &Value)| {
        let deeper = pointers(value).into_iter().map(|deeper| format!("/{name}{deeper}"));
        [format!("/{name}")].into_iter().chain(deeper).collect::<Vec<_>>()
    };
    inner.into_iter().flat_map(with_own).collect()
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Returns the values that a provider does not document in the place of this one.
fn surprises(original: &Value) -> Vec<Value> {
    match original {
        // Any value may be documented in its place.
        Value::Null => vec![],
        Value::Bool(_) => vec![Value::Null, json!(UNKNOWN)],
        Value::Number(_) => vec![Value::Null, json!(UNKNOWN), json!(-1)],
        Value::String(_) => vec![Value::Null, json!(7), json!({}), json!(UNKNOWN)],
        Value::Array(_) => vec![Value::Null, json!(UNKNOWN), json!({})],
        Value::Object(_) => vec![Value::Null, json!(UNKNOWN), json!([]), json!({})],
    }
}

/// Returns a body with another value at a pointer, or without it.
fn changed(body: &Value, pointer: &str, to: Option<Value>) -> Value {
    let mut body = body.clone();
    match to {
        Some(to) => *body.pointer_mut(pointer).unwrap() = to,
        None => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            match body.pointer_mut(parent).unwrap() {
                Value::Object(fields) => drop(fields.remove(&name.replace("~1", "/").replace("~0", "~"))),
                Value::Array(items) => drop(items.remove(name.parse().unwrap())),
                _ => unreachable!(),
            }
        }
    }
    body
}

/// True if a part of a response has all ids that the output is about: its own, or those of the items of its list.
fn is_subject(output: &ActionOutput, part: &Value) -> bool {
    let own = output.external_id.as_deref().or(id_of(&output.data));
    let lists = output.data.as_object().into_iter().flat_map(|fields| fields.values()).filter_map(Value::as_array);
    let listed = lists.flatten().filter_map(id_of);
    let ids: Vec<&str> = own.map_or_else(|| listed.collect(), |own| vec![own]);
    !ids.is_empty() && ids.iter().all(|id| has_text(part, id))
}

/// Returns the ids of the items that the lists of a value have, and those of another one lack.
fn lost_ids(plain: &Value, other: &Value) -> Vec<String> {
    match (plain, other) {
        (Value::Object(fields), Value::Object(others)) => {
            fields.iter().filter_map(|(name, plain)| Some(lost_ids(plain, others.get(name)?))).flatten().collect()
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            items.iter().zip(others).flat_map(|(plain, other)| lost_ids(plain, other)).collect()
        }
        (Value::Array(items), Value::Array(others)) => {
            let id = |item: &Value| id_of(item).map(ToOwned::to_owned);
            let left: Vec<String> = others.iter().filter_map(id).collect();
            items.iter().filter_map(id).filter(|id| !left.contains(id)).collect()
        }
        _ => vec![],
    }
}

/// Returns the id of an object of an output. A message of Slack's is known by its `ts`.
fn id_of(object: &Value) -> Option<&str> {
    object["id"].as_str().or(object["ts"].as_str())
}

fn has_text(value: &Value, sought: &str) -> bool {
    match value {
        Value::String(text) => text == sought,
        Value::Array(items) => items.iter().any(|item| has_text(item, sought)),
        Value::Object(fields) => fields.values().any(|field| has_text(field, sought)),
        Value::Number(number) => number.to_string() == sought,
        Value::Null | Value::Bool(_) => false,
    }
}

/// Returns the pointers at which two values differ. A list that only lost items differs at one.
fn differences(plain: &Value, other: &Value) -> Vec<String> {
    let below = |name: String, plain: &Value, other: &Value| {
        differences(plain, other).into_iter().map(move |place| format!("/{name}{place}"))
    };
    match (plain, other) {
        (Value::Object(fields), Value::Object(others)) => {
            let added = others.keys().filter(|name| !fields.contains_key(*name));
            let names = fields.keys().chain(added);
            let places = names.flat_map(|name| match (fields.get(name), others.get(name)) {
                (Some(plain), Some(other)) => below(escaped(name), plain, other).collect(),
                _ => vec![format!("/{}", escaped(name))],
            });
            places.collect()
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let pairs = items.iter().zip(others).enumerate();
            pairs.flat_map(|(at, (plain, other))| below(at.to_string(), plain, other)).collect()
        }
        (Value::Array(items), Value::Array(others)) => {
            let is_changed = |other: &&Value| !items.contains(other);
            let changed = others.iter().filter(is_changed).enumerate().map(|(at, _)| format!("/changed-{at}"));
            [String::new()].into_iter().chain(changed).collect()
        }
        _ if plain == other => vec![],
        _ => vec![String::new()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named_by_their_places() {
        let plain = json!({ "id": "1", "owner": { "name": "Ann" }, "tags": ["a", "b"] });
        for (other, places) in [
            (plain.clone(), vec![]),
            (json!({ "id": "1", "owner": {}, "tags": ["a"] }), vec!["/owner/name", "/tags"]),
            (json!({ "id": "1", "tags": ["a", "c"] }), vec!["/owner", "/tags/1"]),
            (json!({ "id": "2", "owner": { "name": "Ann" }, "tags": ["c"] }), vec!["/id", "/tags", "/tags/changed-0"]),
        ] {
            assert_eq!(differences(&plain, &other), places, "{other}");
        }
        let list = |ids: &[&str]| json!({ "tags": ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>() });
        assert_eq!(lost_ids(&list(&["1", "2"]), &list(&["2"])), ["1"]);
    }
}
