//! The published schemas: their form, and their bounds, which are those that the engine enforces.

use engine::adapters::action::ActionDef;
use engine::adapters::schema;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

use super::all_actions;

/// Calls `visit` with a schema and each schema in it, with its path.
fn walk(schema: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(property, &format!("{path}.{name}"), visit);
    }
    for name in ["items", "additionalProperties"] {
        if schema[name].is_object() {
            walk(&schema[name], &format!("{path}[]"), visit);
        }
    }
    for name in ["anyOf", "oneOf", "allOf"] {
        for (at, one) in schema[name].as_array().into_iter().flatten().enumerate() {
            walk(one, &format!("{path}|{at}"), visit);
        }
    }
}

/// The keywords that a published schema may have: those that every model provider and strict validator reads.
const KEYWORDS: [&str; 19] = [
    "$schema",
    "additionalProperties",
    "anyOf",
    "default",
    "description",
    "enum",
    "examples",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
];

fn faults_of_form(schema: &Value) -> Vec<String> {
    let mut faults = vec![];
    walk(schema, "", &mut |path, schema| {
        let Some(fields) = schema.as_object() else { return };
        let types = match &schema["type"] {
            Value::Array(_) => vec!["several types"],
            Value::String(one) => vec![one.as_str()],
            _ => vec![],
        };
        for kind in types.iter().filter(|kind| ["null", "several types"].contains(kind)) {
            faults.push(format!("{path}: {kind}"));
        }
        if schema["default"].is_null() && fields.contains_key("default") {
            faults.push(format!("{path}: the default null"));
        }
        for unknown in fields.keys().filter(|name| !KEYWORDS.contains(&name.as_str())) {
            faults.push(format!("{path}: the keyword {unknown}"));
        }
        if schema["enum"].as_array().is_some_and(|choices| choices.iter().any(Value::is_null)) {
            faults.push(format!("{path}: the choice null"));
        }
        if schema["description"].as_str().is_some_and(|text| text.contains('\n')) {
            faults.push(format!("{path}: a description of several lines"));
        }
    });
    faults
}

#[test]
fn published_schemas_have_the_form_that_every_validator_takes() {
    let mut faults = vec![];
    for (adapter, action) in all_actions() {
        for (kind, schema) in [("input", action.schema()), ("output", action.output_schema())] {
            assert!(jsonschema::draft202012::meta::is_valid(&schema), "{}.{} {kind}", adapter.tool, action.name);
            let of_schema = faults_of_form(&schema);
            faults.extend(of_schema.iter().map(|fault| format!("{}_{} {kind}{fault}", adapter.tool, action.name)));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn schema_of_another_form_is_reported() {
    for (schema, fault) in [
        (json!({ "properties": { "a": { "type": ["string", "null"] } } }), ".a: several types"),
        (json!({ "properties": { "a": { "type": "null" } } }), ".a: null"),
        (json!({ "properties": { "a": { "default": null } } }), ".a: the default null"),
        (json!({ "items": { "format": "uint32" } }), "[]: the keyword format"),
        (json!({ "anyOf": [{ "$ref": "#/$defs/a" }] }), "|0: the keyword $ref"),
        (json!({ "enum": ["a", null] }), ": the choice null"),
        (json!({ "description": "a\nb" }), ": a description of several lines"),
    ] {
        assert_eq!(faults_of_form(&schema), [fault], "{schema}");
    }
}

/// The rules of OpenAI's strict function schemas: <https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>
fn strict_faults(schema: &Value) -> Vec<String> {
    const STRICT: [&str; 14] = [
        "additionalProperties",
        "anyOf",
        "const",
        "description",
        "enum",
        "items",
        "maxItems",
        "maximum",
        "minItems",
        "minimum",
        "pattern",
        "properties",
        "required",
        "type",
    ];
    let mut faults = vec![];
    walk(schema, "", &mut |path, schema| {
        for name in schema.as_object().into_iter().flat_map(Map::keys).filter(|name| !STRICT.contains(&name.as_str())) {
            faults.push(format!("{path}: the keyword {name}"));
        }
        if ["type", "anyOf", "enum", "const"].iter().all(|name| schema[*name].is_null()) {
            faults.push(format!("{path}: no type"));
        }
        let is_object =
            schema["type"] == "object" || schema["type"].as_array().is_some_and(|all| all.contains(&json!("object")));
        if !is_object {
            return;
        }
        let names: BTreeSet<&str> =
            schema["properties"].as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if schema["additionalProperties"] != false || names != required || schema["properties"].is_null() {
            faults.push(format!("{path}: an object with other fields, or with one that is not required"));
        }
    });
    if schema["type"] != "object" || !schema["anyOf"].is_null() {
        faults.push("the root is no object".to_owned());
    }
    faults
}

#[test]
fn strict_schemas_are_in_the_subset() {
    let mut faults = vec![];
    for (adapter, action) in all_actions() {
        let of_schema = strict_faults(&schema::strict(&without_meta(action.schema())));
        faults.extend(of_schema.iter().map(|fault| format!("{}_{}{fault}", adapter.tool, action.name)));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let free = json!({ "type": "object", "properties": { "a": { "type": "string", "maxLength": 3 } }, "required": [] });
    assert_eq!(strict_faults(&free).len(), 2, "a rule that is broken is reported");
}

fn without_meta(mut schema: Value) -> Value {
    schema.as_object_mut().unwrap().retain(|name, _| !["$schema", "examples"].contains(&name.as_str()));
    schema
}

/// The values at a bound and beyond it, of each bound of a schema.
fn bounds(schema: &Value) -> Vec<(Value, Value)> {
    let text = |length: u64| Value::from("x".repeat(length.try_into().unwrap()));
    let items = |count: u64| {
        let item = some_value(&schema["items"]);
        Value::Array(vec![item; count.try_into().unwrap()])
    };
    let mut bounds = vec![];
    if let Some(most) = schema["maxLength"].as_u64() {
        bounds.push((text(most), text(most + 1)));
    }
    if let Some(most) = schema["maximum"].as_u64() {
        bounds.push((most.into(), (most + 1).into()));
    }
    if let Some(least) = schema["minimum"].as_u64().filter(|least| *least > 0) {
        bounds.push((least.into(), (least - 1).into()));
    }
    if let Some(most) = schema["maxItems"].as_u64() {
        bounds.push((items(most), items(most + 1)));
    }
    bounds
}

fn some_value(schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => schema["enum"][0].as_str().unwrap_or("x").into(),
    }
}

/// The reason for which a field is refused.
fn refusal(action: &ActionDef, field: &str, value: Value) -> Option<String> {
    let mut context = action.example();
    context[field] = value;
    let faults = action.accept(context).err().map(|error| error.fields()).unwrap_or_default();
    let of_field = |path: &str| path == format!("context.{field}") || path.starts_with(&format!("context.{field}["));
    faults.into_iter().find(|fault| of_field(&fault.field)).map(|fault| fault.reason)
}

#[test]
#[expect(clippy::print_stdout, reason = "the count is the result")]
fn every_bound_of_every_field_is_the_one_that_is_enforced() {
    let (mut faults, mut tried) = (vec![], 0);
    for (adapter, action) in all_actions() {
        let schema = action.schema();
        for (field, property) in schema["properties"].as_object().unwrap() {
            let place = format!("{}_{}.{field}", adapter.tool, action.name);
            for (at, beyond) in bounds(property) {
                tried += 1;
                match (refusal(action, field, at), refusal(action, field, beyond)) {
                    (_, None) => faults.push(format!("{place}: a value beyond the bound is accepted")),
                    (Some(within), Some(outside)) if within == outside => {
                        faults.push(format!("{place}: the bound is not what refuses it: {within}"));
                    }
                    _ => {}
                }
            }
            if property["enum"].is_array() {
                tried += 1;
                let refused = refusal(action, field, json!("no such choice"));
                if !refused.is_some_and(|reason| reason.contains("must be one of")) {
                    faults.push(format!("{place}: an unknown choice is accepted"));
                }
            }
            let is_required = schema["required"].as_array().is_some_and(|all| all.contains(&json!(field)));
            if is_required {
                tried += 1;
                if refusal(action, field, Value::Null).is_none() {
                    faults.push(format!("{place}: it is required, and its absence accepted"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(tried > 200, "{tried}");
    println!("{tried} bounds");
}

/// Every text of every field has a bound, or a form of its own that refuses arbitrary texts.
#[test]
fn every_text_has_a_bound() {
    let mut unbounded = vec![];
    for (adapter, action) in all_actions() {
        for (field, property) in action.schema()["properties"].as_object().unwrap() {
            let is_plain =
                property["type"] == "string" && property["maxLength"].is_null() && property["enum"].is_null();
            if is_plain && refusal(action, field, json!("x".repeat(200_000))).is_none() {
                unbounded.push(format!("{}_{}.{field}", adapter.tool, action.name));
            }
        }
    }
    assert!(unbounded.is_empty(), "{unbounded:#?}");
}
