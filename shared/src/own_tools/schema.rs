//! The schemas that models read: without null, references, marks and the formats of Rust's numbers.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The start of the names of marks, which are not published.
const MARK: &str = "x-";

/// Returns the schema of what a model writes.
pub(super) fn of_input<T: JsonSchema>() -> Value {
    of::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// Returns the schema of what a model receives.
pub(super) fn of_output<T: JsonSchema>() -> Value {
    of::<T>(SchemaSettings::draft2020_12().for_serialize())
}

/// Returns a schema without the title and the description of the whole, which a tool definition has beside it.
pub(super) fn without_title(mut schema: Value) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.retain(|name, _| !["$schema", "title", "description"].contains(&name.as_str()));
    }
    schema
}

fn of<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    clean(&mut schema);
    if let Some(fields) = schema.as_object_mut() {
        // A tool without arguments has an object without fields.
        fields.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    }
    schema
}

fn clean(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            clean_fields(fields);
            fields.values_mut().for_each(clean);
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Cleans one schema. A field named like a keyword has a schema, which is no text and no list, as its value.
fn clean_fields(fields: &mut Map<String, Value>) {
    fields.retain(|name, value| !(name.starts_with(MARK) || (name == "default" && value.is_null())));
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            fields.insert("type".to_owned(), one);
        }
    }
    if fields.get("type").is_some_and(|kind| kind == "integer" || kind == "number") {
        fields.remove("format");
    }
    for choice in ["anyOf", "oneOf"] {
        let Some(Value::Array(forms)) = fields.get_mut(choice) else { continue };
        forms.retain(|form| form["type"] != "null");
        if let Some(values) = constants(forms) {
            fields.remove(choice);
            fields.insert("type".to_owned(), "string".into());
            fields.insert("enum".to_owned(), values);
        } else if let [Value::Object(only)] = forms.as_slice() {
            let only = only.clone();
            fields.remove(choice);
            only.into_iter().for_each(|(name, value)| {
                fields.entry(name).or_insert(value);
            });
            // What was inside can have null and choices of its own.
            return clean_fields(fields);
        }
    }
}

/// Returns the texts among which there is a choice, if each form is a constant.
fn constants(forms: &[Value]) -> Option<Value> {
    let of_form = |form: &Value| match (&form["const"], &form["enum"]) {
        (Value::String(one), _) => Some(vec![Value::from(one.as_str())]),
        (_, Value::Array(several)) if several.iter().all(Value::is_string) => Some(several.clone()),
        _ => None,
    };
    let values: Vec<Vec<Value>> = forms.iter().map(of_form).collect::<Option<_>>()?;
    (!values.is_empty()).then(|| Value::Array(values.concat()))
}
