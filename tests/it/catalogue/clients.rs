//! Contexts as clients and models write them: with the schema's defaults filled in, with null for everything optional, with numbers,
//! booleans and objects as texts. None of them changes the meaning of an action.

use engine::adapters::action::ActionDef;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::all_actions;

/// The fields of a schema that are not required.
fn optional(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let required = &schema["required"];
    let is_required = move |name: &str| required.as_array().is_some_and(|all| all.iter().any(|one| one == name));
    schema["properties"].as_object().into_iter().flatten().filter(move |(name, _)| !is_required(name))
}

/// A context in which a client that applies defaults filled in each absent field that has one.
fn with_defaults(schema: &Value, context: &Value) -> Value {
    let mut context = context.clone();
    for (name, property) in optional(schema) {
        if context[name].is_null() && !property["default"].is_null() {
            context[name] = property["default"].clone();
        }
    }
    context
}

/// A context with null, an empty text or an empty list in each absent optional field.
fn with_nothing(schema: &Value, context: &Value, nothing: impl Fn(&Value) -> Option<Value>) -> Value {
    let mut context = context.clone();
    for (name, property) in optional(schema) {
        if context[name].is_null()
            && let Some(value) = nothing(property)
        {
            context[name] = value;
        }
    }
    context
}

/// A context with numbers, booleans, lists and objects as texts, where a field allows no text.
fn as_texts(schema: &Value, context: &Value) -> Value {
    let is_text = |name: &str| !matches!(schema["properties"][name]["type"].as_str(), None | Some("string"));
    let text = |name: &str, value: &Value| match value {
        Value::Null | Value::String(_) => value.clone(),
        other if is_text(name) => Value::String(other.to_string()),
        other => other.clone(),
    };
    context.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(name, value))).collect()
}

/// The meaning of a context: what the action parses, with the defaults of the schema in absent fields.
fn meaning(action: &ActionDef, mut context: Value) -> Result<Value, String> {
    action.expand_texts(context.as_object_mut().unwrap());
    let accepted = action.accept(context.clone()).map_err(|error| format!("{context}: {error}"))?;
    Ok(with_defaults(&action.schema(), &accepted))
}

fn assert_same_meaning(action: &ActionDef, context: &Value) {
    let schema = action.schema();
    let plain = meaning(action, context.clone());
    let empty_text = |property: &Value| (property["type"] == "string" && property["enum"].is_null()).then(|| json!(""));
    let written = [
        with_defaults(&schema, context),
        with_nothing(&schema, context, |_| Some(Value::Null)),
        with_nothing(&schema, context, |property| (property["type"] == "array").then(|| json!([]))),
        as_texts(&schema, context),
        as_texts(&schema, &with_nothing(&schema, context, |_| Some(Value::Null))),
    ];
    for other in written {
        assert_eq!(meaning(action, other), plain, "{}: {context}", action.name);
    }
    // An empty text is no time: it is refused and not taken for its absence.
    if let Ok(other) = meaning(action, with_nothing(&schema, context, empty_text)) {
        assert_eq!(Ok(other), plain, "{}: {context}", action.name);
    }
}

#[test]
fn no_example_changes_its_meaning() {
    for (_, action) in all_actions() {
        assert_same_meaning(action, &action.example());
        assert!(action.accept(action.example()).is_ok(), "{}", action.name);
    }
}

/// A value of a schema, by the bytes of `seed`.
fn value_of(schema: &Value, seed: u64) -> Value {
    let pick = |count: usize| usize::try_from(seed % count.max(1) as u64).unwrap();
    if let Some(alternatives) = schema["anyOf"].as_array() {
        return value_of(&alternatives[usize::try_from(seed).unwrap_or(0) % alternatives.len()], seed / 2);
    }
    if let Some(choices) = schema["enum"].as_array() {
        return choices[pick(choices.len())].clone();
    }
    match schema["type"].as_str() {
        Some("integer") => {
            let (least, most) = (schema["minimum"].as_u64().unwrap_or(0), schema["maximum"].as_u64().unwrap_or(100));
            (least + seed % (most - least + 1)).into()
        }
        Some("number") => json!(1.5),
        Some("boolean") => seed.is_multiple_of(2).into(),
        Some("array") => Value::Array(vec![value_of(&schema["items"], seed / 3)]),
        Some("string") => ["a text", "2026-11-30", "2026-11-30T10:00:00Z", "123", "kim@example.com"][pick(5)].into(),
        _ => json!({}),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// Any subset of the optional fields with some value, accepted or not, has one meaning in every writing.
    #[test]
    fn no_context_changes_its_meaning(at in 0usize..1000, mask in any::<u32>(), seed in any::<u64>()) {
        let all: Vec<_> = all_actions().collect();
        let (_, action) = all[at % all.len()];
        let schema = action.schema();
        let mut context: Map<String, Value> = action.example().as_object().unwrap().clone();
        for (position, (name, property)) in optional(&schema).enumerate() {
            if mask >> (position % 32) & 1 == 1 {
                context.insert(name.clone(), value_of(property, seed.rotate_left(position as u32)));
            }
        }
        let context = Value::Object(context);
        if action.accept(context.clone()).is_ok() {
            assert_same_meaning(action, &context);
        }
    }
}
