//! The two forms of a DELETE request: its fields are in the query or in a JSON body. A route describes the body; the parameters follow
//! from it.

use serde_json::{Map, Value, json};

use crate::JSON;

/// The two places of the fields, below the summary of each DELETE request.
const FORMS: &str =
    "The fields are query parameters or fields of a JSON body. A field that is in both must have one value.";

/// A gateway's answer to a list that is too long for an address.
const TOO_LONG: &str = "The address is longer than the gateway in front accepts: send the list in the body";

/// Adds a query parameter for each field of the body, and makes the body optional.
pub(crate) fn add_query_form(operation: &mut Value, schemas: &Map<String, Value>) {
    let reference = operation["requestBody"]["content"][JSON]["schema"]["$ref"].as_str();
    let name = reference.and_then(|reference| reference.rsplit('/').next()).expect("a DELETE request with a body");
    let schema = &schemas[name];
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let fields = schema["properties"].as_object().into_iter().flatten();
    let parameters: Vec<Value> = fields.map(|(field, schema)| parameter(field, schema, &required)).collect();
    operation["parameters"] = parameters.into();
    operation["requestBody"]["required"] = false.into();
    operation["description"] = FORMS.into();
    let has_list = operation["parameters"].as_array().into_iter().flatten().any(|it| it["schema"]["type"] == "array");
    if has_list {
        operation["responses"]["414"] = json!({ "description": TOO_LONG });
    }
}

fn parameter(field: &str, schema: &Value, required: &[Value]) -> Value {
    let mut schema = schema.clone();
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    let description = description.as_ref().and_then(Value::as_str).unwrap_or_default();
    let rule = if required.contains(&field.into()) { " Required, here or in the body." } else { "" };
    let description = format!("{description}{rule}");
    json!({ "name": field, "in": "query", "required": false, "description": description, "schema": schema })
}
