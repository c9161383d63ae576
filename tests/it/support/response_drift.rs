//! The check that the typed views and the OpenAPI document agree.

use super::responses::{VIEWS, View, values};
use super::{assert_same, text};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Compares a view with one of its schemas, by its path in the document. Returns the differences.
pub(super) type Check = fn(&Value, &str) -> Vec<String>;

/// Shapes without a view: formats of vendors of models, which tests read as JSON.
const WITHOUT_VIEW: [&str; 3] = ["ToolDefinition", "OpenAiFunction", "Annotations"];

/// The extent of a sample.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    /// Every field has a value.
    Full,
    /// Only required fields are present; what may be `null` is `null`.
    Minimal,
}

fn document() -> Value {
    serde_json::from_str(&text("functions/plugin-engine/src/openapi.json")).unwrap()
}

fn schema<'a>(document: &'a Value, path: &str) -> &'a Value {
    let found = document["components"]["schemas"].pointer(&format!("/{path}"));
    found.unwrap_or_else(|| panic!("the document has no schema {path}"))
}

/// The path of the schema that a reference names.
fn referenced(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().map(|reference| reference.strip_prefix("#/components/schemas/").expect("a schema"))
}

/// The alternatives of a schema, with the keyword.
fn alternatives(schema: &Value) -> Option<(&'static str, &Vec<Value>)> {
    ["oneOf", "anyOf"].into_iter().find_map(|word| Some((word, schema[word].as_array()?)))
}

/// A value that a schema describes.
fn sample(document: &Value, part: &Value, extent: Extent) -> Value {
    if let Some(path) = referenced(part) {
        return sample(document, schema(document, path), extent);
    }
    let is_null = |part: &Value| part["type"] == "null";
    if let Some((_, parts)) = alternatives(part) {
        let nullable = parts.iter().any(is_null) && extent == Extent::Minimal;
        let chosen = parts.iter().find(|part| is_null(part) == nullable).expect("an alternative");
        return sample(document, chosen, extent);
    }
    if let Some(value) = part.get("const").or_else(|| part["enum"].get(0)) {
        return value.clone();
    }
    let types = part["type"].as_array().map_or_else(|| vec![&part["type"]], |types| types.iter().collect());
    if extent == Extent::Minimal && types.iter().any(|name| *name == "null") {
        return Value::Null;
    }
    match types[0].as_str().unwrap_or_default() {
        "null" => Value::Null,
        "boolean" => json!(true),
        "integer" | "number" => json!(1),
        "array" if extent == Extent::Full => json!([sample(document, &part["items"], extent)]),
        "array" => json!([]),
        "object" => sample_object(document, part, extent),
        _ if part["format"] == "date-time" => json!("2026-01-01T00:00:00Z"),
        _ => json!("x"),
    }
}

fn sample_object(document: &Value, part: &Value, extent: Extent) -> Value {
    let Some(fields) = part["properties"].as_object() else {
        return match extent {
            Extent::Full => json!({ "key": sample(document, &part["additionalProperties"], extent) }),
            Extent::Minimal => json!({}),
        };
    };
    let required = part["required"].as_array();
    let is_required = |name: &String| required.is_some_and(|names| names.iter().any(|required| required == name));
    let present = fields.iter().filter(|(name, _)| extent == Extent::Full || is_required(name));
    present.map(|(name, field)| (name.clone(), sample(document, field, extent))).collect::<Map<_, _>>().into()
}

/// The differences between a view and a schema: the view must return the largest object unchanged, so that it has all fields and
/// no other; accept the smallest, so that it requires no field that may be absent; and refuse a further field.
pub(super) fn drift<V: View>(document: &Value, path: &str) -> Vec<String> {
    let part = schema(document, path);
    let full = sample(document, part, Extent::Full);
    let mut found = vec![];
    match serde_json::from_value::<V>(full.clone()).map(|view| serde_json::to_value(view).unwrap()) {
        Ok(same) if same == full => {}
        Ok(other) => found.push(format!("{path}: the view has {other}, the schema {full}")),
        Err(error) => found.push(format!("{path}: {error}: {full}")),
    }
    let minimal = sample(document, part, Extent::Minimal);
    if let Err(error) = serde_json::from_value::<V>(minimal.clone()) {
        found.push(format!("{path}, required fields: {error}: {minimal}"));
    }
    let mut more = full;
    more["undocumented"] = json!(1);
    if serde_json::from_value::<V>(more).is_ok() {
        found.push(format!("{path}: the view accepts an undocumented field"));
    }
    found
}

/// The paths of all objects with named fields in a part of the document. A named schema has its own path.
fn collect_shapes(document: &Value, part: &Value, path: &str, found: &mut BTreeSet<String>) {
    if let Some(path) = referenced(part) {
        if !WITHOUT_VIEW.contains(&path) && !found.contains(path) {
            collect_shapes(document, schema(document, path), path, found);
        }
        return;
    }
    if let Some((word, parts)) = alternatives(part) {
        for (number, part) in parts.iter().enumerate() {
            collect_shapes(document, part, &format!("{path}/{word}/{number}"), found);
        }
    }
    if let Some(fields) = part["properties"].as_object() {
        found.insert(path.to_owned());
        for (name, field) in fields {
            collect_shapes(document, field, &format!("{path}/properties/{name}"), found);
        }
    }
    for word in ["items", "additionalProperties"].into_iter().filter(|word| part[word].is_object()) {
        collect_shapes(document, &part[word], &format!("{path}/{word}"), found);
    }
}

/// The shapes of all responses.
fn response_shapes(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let own = operations.flat_map(|operation| operation["responses"].as_object().unwrap().values());
    for response in own.chain(document["components"]["responses"].as_object().unwrap().values()) {
        collect_shapes(document, &response["content"]["application/json"]["schema"], "inline", &mut found);
    }
    found
}

#[test]
fn every_view_equals_its_schema() {
    let document = document();
    let of_view = |(name, schemas, check): &(&str, &[&str], Check)| -> Vec<String> {
        let found = schemas.iter().flat_map(|path| check(&document, path));
        found.map(|difference| format!("{name}: {difference}")).collect()
    };
    let found: Vec<String> = VIEWS.iter().flat_map(of_view).collect();
    assert!(found.is_empty(), "{found:#?}");
    for (path, values) in values() {
        assert_eq!(schema(&document, path)["enum"], Value::from(values), "{path}");
    }
}

#[test]
fn every_shape_of_a_response_has_a_view() {
    let viewed = VIEWS.iter().flat_map(|(_, schemas, _)| schemas.iter()).map(ToString::to_string).collect();
    assert_same("the OpenAPI document", &response_shapes(&document()), "support/responses.rs", &viewed);
}

#[test]
fn a_planted_difference_between_a_view_and_its_schema_is_reported() {
    type Plant = fn(&mut Value);
    let plants: [(&str, Plant); 5] = [
        ("a field more", |task| task["properties"]["planted"] = json!({ "type": "string" })),
        ("a field less", |task| _ = task["properties"].as_object_mut().unwrap().remove("saveAs")),
        ("a renamed field", |task| {
            let field = task["properties"].as_object_mut().unwrap().remove("attempts").unwrap();
            task["properties"]["attempt"] = field;
        }),
        ("another type", |task| task["properties"]["attempts"] = json!({ "type": "string" })),
        ("a field that may be absent", |task| {
            task["required"].as_array_mut().unwrap().retain(|name| name != "attempts");
        }),
    ];
    for (what, plant) in plants {
        let mut document = document();
        plant(&mut document["components"]["schemas"]["Task"]);
        assert!(!drift::<super::responses::Task>(&document, "Task").is_empty(), "{what}");
    }
    let mut document = document();
    document["components"]["schemas"]["Task"]["properties"]["planted"] =
        json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    assert!(response_shapes(&document).contains("Task/properties/planted"), "a shape without a view");
}
