//! Adapts the document for client generators: facts about the types that `utoipa` cannot express.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

use crate::{bounds, references};

/// Applies all adaptations of this file to the complete document.
pub(crate) fn adapt_for_clients(document: &mut Value) {
    open_free_objects(document);
    for operation in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        let operations = operation.as_object_mut().into_iter().flat_map(|item| item.values_mut());
        for parameter in operations.filter_map(|operation| list_mut(operation, "parameters")).flatten() {
            remove_null_type(&mut parameter["schema"]);
        }
    }
    let requested = request_schemas(document);
    bounds::add(document, |name| requested.contains(name));
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (_, schema) in schemas.iter_mut().filter(|(name, _)| !requested.contains(*name)) {
            remove_null_from_optional_fields(schema);
        }
        split_result_by_success(schemas);
        let tools = schemas["ToolsOut"].as_object_mut().unwrap();
        // An empty list of tools matches both forms.
        let forms = tools.remove("oneOf").unwrap();
        tools.insert("anyOf".to_owned(), forms);
    }
    use_public_names(document);
}

/// Marks objects without described fields as free-form; a generator would treat them as empty.
fn open_free_objects(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let object = fields.get("type").is_some_and(|kind| kind.to_string().contains("\"object\""));
            if object && !fields.contains_key("properties") {
                fields.entry("additionalProperties").or_insert(true.into());
            }
            fields.values_mut().for_each(open_free_objects);
        }
        Value::Array(items) => items.iter_mut().for_each(open_free_objects),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The names of the schemas used in requests, directly or indirectly.
fn request_schemas(document: &Value) -> BTreeSet<String> {
    let operations = document["paths"].as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object);
    let operations = operations.flat_map(Map::values);
    let mut open: Vec<&Value> = operations.flat_map(|it| [&it["requestBody"], &it["parameters"]]).collect();
    let mut names_found = BTreeSet::new();
    while let Some(next) = open.pop() {
        let mut named = BTreeSet::new();
        references(next, &mut named);
        let names = named.into_iter().filter_map(|name| name.rsplit('/').next());
        open.extend(
            names
                .filter(|name| names_found.insert((*name).to_owned()))
                .map(|name| &document["components"]["schemas"][name]),
        );
    }
    names_found
}

/// Removes `null` from optional fields of responses: such a field is omitted instead. Fields that are always present and may be
/// `null` are `required`.
fn remove_null_from_optional_fields(schema: &mut Value) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, field) in fields.into_iter().flatten() {
        if !required.contains(&name.as_str().into()) {
            remove_null_type(field);
        }
    }
    list_mut(schema, "oneOf").into_iter().flatten().for_each(remove_null_from_optional_fields);
}

/// The list in a field, if it exists. Indexing would create the field.
fn list_mut<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Vec<Value>> {
    value.get_mut(name)?.as_array_mut()
}

fn remove_null_type(schema: &mut Value) {
    if let Some(kinds) = list_mut(schema, "type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            schema["type"] = kind.clone();
        }
    }
    if let Some(forms) = list_mut(schema, "oneOf") {
        forms.retain(|form| form["type"] != "null");
        if let [form] = forms.as_slice() {
            *schema = form.clone();
        }
    }
}

/// Splits the result into two forms by the value of `success`, each a schema of its own.
fn split_result_by_success(schemas: &mut Map<String, Value>) {
    let result = schemas["PluginResult"].take();
    let form = |success: bool, description: &str, without: &[&str], with: &[&str]| {
        let mut form = result.clone();
        form["description"] = description.into();
        form["properties"]["success"] = json!({ "type": "boolean", "const": success });
        for &name in without {
            form["properties"].as_object_mut().and_then(|fields| fields.remove(name));
        }
        list_mut(&mut form, "required")
            .into_iter()
            .for_each(|names| names.extend(with.iter().map(|&name| name.into())));
        form
    };
    let done = form(true, "Succeeded, or accepted for later.", &["error", "fallbackMessage"], &[]);
    let failed =
        form(false, "Failed, or the outcome is unknown.", &["externalId", "warnings"], &["error", "fallbackMessage"]);
    let forms =
        ["PluginSuccess", "PluginFailure"].map(|name| json!({ "$ref": format!("#/components/schemas/{name}") }));
    schemas["PluginResult"] = json!({ "description": result["description"], "oneOf": forms });
    schemas.insert("PluginSuccess".to_owned(), done);
    schemas.insert("PluginFailure".to_owned(), failed);
}

/// Renames the schemas for clients: `TaskOut` becomes `Task`, `CancelIn` becomes `CancelRequest`.
fn use_public_names(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object() else { return };
    let public = |name: &str| match (name.strip_suffix("Out"), name.strip_suffix("In")) {
        (Some(name), _) => Some(name.to_owned()),
        (_, Some(name)) => Some(format!("{name}Request")),
        _ => None,
    };
    let names: Vec<_> = schemas.keys().filter_map(|name| Some((name.clone(), public(name)?))).collect();
    for (name, public) in names {
        let mut text = document.to_string();
        text = text.replace(&format!("#/components/schemas/{name}\""), &format!("#/components/schemas/{public}\""));
        *document = serde_json::from_str(&text).unwrap();
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        let schema = schemas.remove(&name).unwrap();
        assert!(schemas.insert(public.clone(), schema).is_none(), "two schemas are called {public}");
    }
}
