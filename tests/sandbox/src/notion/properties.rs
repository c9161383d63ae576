//! Property values (<https://developers.notion.com/reference/page-property-values>) checked against a schema.

use serde_json::{Map, Value, json};

use super::{ErrorResponse, text, validation_error};

/// The maximum number of options, people, pages or files of one property.
const MAX_ITEMS: usize = 100;

/// Builds the properties of a new row: the values sent, and empty values for the rest.
pub(crate) fn row_properties(
    schema: &mut Map<String, Value>,
    sent: &Value,
) -> Result<Map<String, Value>, ErrorResponse> {
    let mut row: Map<String, Value> = schema.iter().map(|(name, kind)| (name.clone(), empty_value(kind))).collect();
    update_properties(schema, &mut row, sent)?;
    Ok(row)
}

/// Applies the properties sent, by name or id.
pub(crate) fn update_properties(
    schema: &mut Map<String, Value>,
    row: &mut Map<String, Value>,
    sent: &Value,
) -> Result<(), ErrorResponse> {
    for (key, value) in sent.as_object().into_iter().flatten() {
        let name =
            schema.iter().find(|(name, kind)| *name == key || kind["id"] == key.as_str()).map(|(name, _)| name.clone());
        let name = name.ok_or_else(|| validation_error(&format!("{key} is not a property that exists.")))?;
        if let Some(kind) = schema.get_mut(&name) {
            row.insert(name.clone(), property_value(&name, kind, value)?);
        }
    }
    Ok(())
}

/// Builds the title, the only property of a page outside data sources.
pub(crate) fn page_properties(sent: &Value) -> Result<Map<String, Value>, ErrorResponse> {
    let sent = sent.as_object().cloned().unwrap_or_default();
    if let Some(other) = sent.keys().find(|key| *key != "title") {
        return Err(validation_error(&format!("{other} is not a property that exists.")));
    }
    let mut title = json!({"id": "title", "type": "title", "title": {}});
    let value = sent.get("title").cloned().unwrap_or_else(|| json!([]));
    Ok(Map::from_iter([("title".to_owned(), property_value("title", &mut title, &value)?)]))
}

fn empty_value(schema: &Value) -> Value {
    let kind = schema["type"].as_str().unwrap_or("");
    let value = match kind {
        "title" | "rich_text" | "multi_select" | "people" | "relation" | "files" => json!([]),
        "checkbox" => json!(false),
        _ => Value::Null,
    };
    typed_value(schema, kind, value)
}

fn typed_value(schema: &Value, kind: &str, value: Value) -> Value {
    let mut wrapped = json!({"id": schema["id"], "type": kind});
    wrapped[kind] = value;
    wrapped
}

/// Converts a value to the API's form. An unknown option of a select is added to the schema; one of a status is rejected.
fn property_value(name: &str, schema: &mut Value, sent: &Value) -> Result<Value, ErrorResponse> {
    let kind = schema["type"].as_str().unwrap_or("").to_owned();
    // Lists are accepted without the wrapper that names the type.
    let inner = if sent.is_array() { sent } else { sent.get(&kind).ok_or_else(|| type_error(name, &kind))? };
    let value = match kind.as_str() {
        "title" | "rich_text" => text::normalize(inner, &format!("body.properties.{name}.{kind}"))?,
        "select" | "status" if inner.is_null() => Value::Null,
        "select" | "status" => select_option(name, &kind, schema, inner)?,
        "multi_select" => {
            let all = limited_list(name, inner)?;
            all.as_array()
                .into_iter()
                .flatten()
                .map(|one| select_option(name, &kind, schema, one))
                .collect::<Result<Value, ErrorResponse>>()?
        }
        "number" if inner.is_number() || inner.is_null() => inner.clone(),
        "checkbox" if inner.is_boolean() => inner.clone(),
        "url" | "email" | "phone_number" if inner.is_string() || inner.is_null() => inner.clone(),
        "date" if inner.is_null() || inner["start"].is_string() => date_value(inner),
        "people" | "relation" | "files" => limited_list(name, inner)?,
        _ => return Err(type_error(name, &kind)),
    };
    Ok(typed_value(schema, &kind, value))
}

/// Returns a list after checking its length.
fn limited_list(name: &str, sent: &Value) -> Result<Value, ErrorResponse> {
    match sent.as_array() {
        Some(items) if items.len() <= MAX_ITEMS => Ok(sent.clone()),
        _ => Err(validation_error(&format!("body.properties.{name} should be an array of at most {MAX_ITEMS}."))),
    }
}

fn type_error(name: &str, kind: &str) -> ErrorResponse {
    validation_error(&format!("{name} is expected to be {kind}."))
}

fn date_value(sent: &Value) -> Value {
    if sent.is_null() {
        return Value::Null;
    }
    json!({"start": sent["start"], "end": sent["end"], "time_zone": sent["time_zone"]})
}

fn select_option(name: &str, kind: &str, schema: &mut Value, sent: &Value) -> Result<Value, ErrorResponse> {
    let requested =
        sent["name"].as_str().or_else(|| sent["id"].as_str()).ok_or_else(|| type_error(name, kind))?.to_owned();
    let options = schema[kind]["options"].as_array().cloned().unwrap_or_default();
    let known =
        options.iter().find(|option| option["name"] == requested.as_str() || option["id"] == requested.as_str());
    if let Some(known) = known {
        return Ok(known.clone());
    }
    if kind == "status" {
        return Err(validation_error(&format!("Invalid status option. Status option \"{requested}\" does not exist.")));
    }
    let added = new_option(options.len(), &json!(requested), &Value::Null);
    if let Some(options) = schema[kind]["options"].as_array_mut() {
        options.push(added.clone());
    }
    Ok(added)
}

/// Builds the schema of a property that a client adds to a data source; only supported types are accepted.
pub(crate) fn property_schema(name: &str, sent: &Value) -> Result<Value, ErrorResponse> {
    const KINDS: [&str; 17] = [
        "rich_text",
        "status",
        "created_time",
        "created_by",
        "last_edited_time",
        "last_edited_by",
        "number",
        "select",
        "multi_select",
        "date",
        "checkbox",
        "url",
        "email",
        "phone_number",
        "people",
        "relation",
        "files",
    ];
    let kind = KINDS.into_iter().find(|kind| sent.get(*kind).is_some());
    let kind =
        kind.ok_or_else(|| validation_error(&format!("body.properties.{name} has no type that can be added.")))?;
    let mut schema = json!({"id": format!("p-{}", name.to_lowercase().replace(' ', "-")), "name": name, "type": kind, "description": null});
    schema[kind] = sent[kind].clone();
    if (kind.ends_with("select") || kind == "status") && !schema[kind]["options"].is_array() {
        schema[kind] = json!({"options": []});
    }
    if kind == "status" && schema[kind]["groups"].is_null() {
        schema[kind]["groups"] = json!([]);
    }
    if kind == "number" && schema[kind]["format"].is_null() {
        schema[kind]["format"] = json!("number");
    }
    let options = schema[kind].get_mut("options").and_then(Value::as_array_mut);
    for (at, option) in options.into_iter().flatten().enumerate() {
        *option = new_option(at, &option["name"], &option["color"]);
    }
    Ok(schema)
}

/// Returns an option as Notion stores it: with an id of its own and a colour.
fn new_option(at: usize, name: &Value, color: &Value) -> Value {
    let color = if color.is_null() { &json!("default") } else { color };
    json!({"id": format!("opt-{}", at + 1), "name": name, "color": color})
}
