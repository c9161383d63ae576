//! JSON Schemas of inputs and outputs: as the types give them, as they are published, and in OpenAI's strict subset.
//!
//! A published schema says each thing in the one form that every validator and every model provider takes: an optional field is one that
//! is not required, so no type is `null`; a choice is an `enum`; nothing is referred to; no format is one of schemars' own.

mod strict;

pub use strict::strict;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The prefix of the names of marks: what the reader of a context needs and nobody else.
const MARK: &str = "x-";

/// Returns the schema of an input, with its marks.
pub fn of_input<T: JsonSchema>() -> Value {
    generate::<T>(SchemaSettings::draft2020_12())
}

/// Returns the schema of an output.
pub fn of_output<T: JsonSchema>() -> Value {
    generate::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn generate<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    simplify(&mut schema);
    if let Some(fields) =
        schema.as_object_mut().filter(|fields| fields.get("type").is_some_and(|kind| kind == "object"))
    {
        // An input without fields has an object without fields, in which every field is unknown.
        fields.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    }
    schema
}

/// Returns a schema without its marks.
pub fn published(mut schema: Value) -> Value {
    remove_marks(&mut schema);
    schema
}

fn remove_marks(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            // The marks of a field that serde only writes or only reads; a property of that name is an object.
            let is_one_way =
                |name: &str, value: &Value| ["readOnly", "writeOnly"].contains(&name) && value.is_boolean();
            fields.retain(|name, value| !name.starts_with(MARK) && !is_one_way(name, value));
            fields.values_mut().for_each(remove_marks);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_marks),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Brings a schema, and those in it, into the form of this module.
fn simplify(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    // The name of the type in Rust, and the formats of its integers.
    fields.retain(|name, value| name != "title" && name != "format" && !(name == "default" && value.is_null()));
    if let Some(Value::String(about)) = fields.get_mut("description") {
        *about = one_line_each(about);
    }
    let required: Vec<String> = fields.get("required").map(texts).unwrap_or_default();
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        for (name, property) in properties {
            simplify(property);
            if !required.contains(name) {
                remove_null(property);
            }
        }
    }
    for name in ["items", "additionalProperties"] {
        if let Some(inner) = fields.get_mut(name) {
            simplify(inner);
        }
    }
    for name in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(alternatives)) = fields.get_mut(name) {
            alternatives.iter_mut().for_each(simplify);
        }
    }
    join_choices(fields);
}

/// Returns a text with each paragraph in one line: the lines of a doc comment break inside sentences.
fn one_line_each(text: &str) -> String {
    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n")
}

/// Removes null from the types of an optional field: absence says the same.
fn remove_null(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            fields.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(choices)) = fields.get_mut("enum") {
        choices.retain(|choice| !choice.is_null());
    }
    for name in ["anyOf", "oneOf"] {
        let Some(Value::Array(alternatives)) = fields.get_mut(name) else { continue };
        alternatives.retain(|one| one["type"] != "null");
        if let [Value::Object(one)] = alternatives.as_slice() {
            let one = one.clone();
            fields.remove(name);
            for (name, value) in one {
                fields.entry(name).or_insert(value);
            }
        }
    }
}

/// Replaces alternatives that are each one text by an `enum`. What they mean is added to the description.
fn join_choices(fields: &mut Map<String, Value>) {
    for name in ["anyOf", "oneOf"] {
        let Some(Value::Array(alternatives)) = fields.get(name) else { continue };
        let choices: Option<Vec<Vec<String>>> = alternatives.iter().map(choices_of).collect();
        let choices = choices.map(|all| all.concat());
        let Some(choices) = choices.filter(|choices| !choices.is_empty()) else { continue };
        let meanings = alternatives.iter().filter_map(|one| {
            Some(format!("`{}`: {}", one["const"].as_str()?, one["description"].as_str()?.trim_end_matches('.')))
        });
        let meanings = meanings.collect::<Vec<_>>().join("; ");
        let about = fields.get("description").and_then(Value::as_str).unwrap_or_default();
        let about = [about, &meanings].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        fields.remove(name);
        fields.insert("type".to_owned(), "string".into());
        fields.insert("enum".to_owned(), choices.into());
        if !about.is_empty() {
            fields.insert("description".to_owned(), about.into());
        }
    }
}

fn choices_of(schema: &Value) -> Option<Vec<String>> {
    match (&schema["const"], &schema["enum"]) {
        (Value::String(one), _) => Some(vec![one.clone()]),
        (_, Value::Array(_)) => Some(texts(&schema["enum"])),
        _ => None,
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}
