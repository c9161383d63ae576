//! The strict subset of OpenAI: <https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>
//!
//! Every field is required, and null stands for the absence of an optional one. An object of any fields is a text with its JSON, which
//! is read as the object. Keywords that the subset lacks are left out: the engine checks them.

use serde_json::{Map, Value, json};

/// The keywords of the subset. Others are left out.
const KEYWORDS: [&str; 14] = [
    "type",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
];

/// Returns a published schema in the strict subset.
pub fn strict(schema: &Value) -> Value {
    let Value::Object(fields) = schema else { return json_text(None) };
    let is_free_object = fields.get("type").is_some_and(|kind| kind == "object") && !has_properties_alone(fields);
    let is_free =
        ["type", "enum", "const", "anyOf", "oneOf", "properties"].iter().all(|name| !fields.contains_key(*name));
    if is_free || is_free_object {
        return json_text(fields.get("description"));
    }
    let mut strict = Map::new();
    for (name, value) in fields {
        let name = if name == "oneOf" { "anyOf" } else { name.as_str() };
        if !KEYWORDS.contains(&name) {
            continue;
        }
        let value = match (name, value) {
            ("properties", Value::Object(properties)) => {
                let required = &fields.get("required").cloned().unwrap_or_default();
                properties
                    .iter()
                    .map(|(name, property)| (name.clone(), property_of(required, name, property)))
                    .collect()
            }
            ("items", item) => self::strict(item),
            ("anyOf", Value::Array(alternatives)) => alternatives.iter().map(self::strict).collect(),
            (_, value) => value.clone(),
        };
        strict.insert(name.to_owned(), value);
    }
    if let Some(Value::Object(properties)) = strict.get("properties") {
        let names: Value = properties.keys().cloned().collect::<Vec<_>>().into();
        strict.insert("required".to_owned(), names);
        strict.insert("additionalProperties".to_owned(), false.into());
    }
    Value::Object(strict)
}

/// True for an object with the declared fields and no others.
fn has_properties_alone(fields: &Map<String, Value>) -> bool {
    fields.contains_key("properties") && fields.get("additionalProperties").is_none_or(|others| others == false)
}

fn property_of(required: &Value, name: &str, schema: &Value) -> Value {
    let mut property = strict(schema);
    let is_required = required.as_array().is_some_and(|names| names.iter().any(|one| one == name));
    if !is_required {
        add_null(&mut property);
    }
    property
}

/// Lets a field be null.
fn add_null(schema: &mut Value) {
    if let Some(Value::Array(choices)) = schema.get_mut("enum") {
        choices.push(Value::Null);
    }
    if let Some(Value::Array(alternatives)) = schema.get_mut("anyOf") {
        alternatives.push(json!({ "type": "null" }));
    }
    match schema.get("type").cloned() {
        Some(Value::String(kind)) => schema["type"] = json!([kind, "null"]),
        Some(Value::Array(kinds)) => schema["type"] = kinds.into_iter().chain(["null".into()]).collect(),
        _ => {}
    }
}

/// A text that contains JSON.
fn json_text(description: Option<&Value>) -> Value {
    let about = description.and_then(Value::as_str).unwrap_or_default();
    json!({ "type": "string", "description": format!("{about} As a text that contains JSON.").trim_start() })
}
