//! Schemas of properties, and their changes (<https://developers.notion.com/reference/update-data-source-properties>).

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::properties::{check_option, empty_value};
use super::{ErrorResponse, validation_error};

/// The types of properties that a client can add.
const KINDS: [&str; 18] = [
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
    "unique_id",
];

/// True if a key of a request is the name or the id of a property. Ids are percent-encoded in responses
/// (<https://developers.notion.com/reference/property-object>), and both forms are accepted.
pub(crate) fn is_named(name: &str, property: &Value, key: &str) -> bool {
    let decoded = |id: &str| percent_decode_str(id).decode_utf8_lossy().into_owned();
    name == key || property["id"].as_str().is_some_and(|id| id == key || decoded(id) == decoded(key))
}

/// Builds the schema of a property that a client adds to a data source; only supported types are accepted.
pub(crate) fn property_schema(name: &str, sent: &Value) -> Result<Value, ErrorResponse> {
    let kind = KINDS.into_iter().find(|kind| sent.get(*kind).is_some());
    let kind =
        kind.ok_or_else(|| validation_error(&format!("body.properties.{name} has no type that can be added.")))?;
    let id = format!("p%3A{}", name.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"));
    let mut schema = json!({"id": id, "name": name, "type": kind, "description": null});
    schema[kind] = sent[kind].clone();
    if kind.ends_with("select") || kind == "status" {
        schema[kind] = json!({"options": options(kind, &json!([]), &sent[kind]["options"])?});
    }
    if kind == "status" {
        schema[kind]["groups"] = json!([]);
    }
    if kind == "number" && schema[kind]["format"].is_null() {
        schema[kind]["format"] = json!("number");
    }
    Ok(schema)
}

/// Returns the options after a change: those sent, of which known ones have their id. Options of a status are only added
/// (<https://developers.notion.com/changelog>, 19 March 2026); those of other types that are left out are removed.
fn options(kind: &str, before: &Value, sent: &Value) -> Result<Vec<Value>, ErrorResponse> {
    let before = before.as_array().cloned().unwrap_or_default();
    let defaults = ["Not started", "In progress", "Done"].map(|name| json!({"name": name}));
    let sent = match sent.as_array() {
        Some(sent) => sent.clone(),
        None if kind == "status" && before.is_empty() => defaults.to_vec(),
        None => return Ok(before),
    };
    let mut after = vec![];
    for (index, option) in sent.iter().enumerate() {
        let known = before.iter().find(|known| known["id"] == option["id"] || known["name"] == option["name"]);
        let name = option["name"].as_str().or_else(|| known?["name"].as_str()).unwrap_or_default();
        check_option(name)?;
        let id = json!(format!("opt-{}-{index}", before.len()));
        let color = option["color"].as_str().unwrap_or("default");
        after.push(known.cloned().unwrap_or_else(|| json!({"id": id, "name": name, "color": color})));
    }
    if kind == "status" && before.iter().any(|known| !after.contains(known)) {
        return Err(validation_error("Status options cannot be removed."));
    }
    Ok(after)
}

/// A changed schema, with the old names of its properties.
pub(crate) struct Changed {
    pub(crate) schema: Map<String, Value>,
    /// The old name and the new one, of each property that was there before.
    pub(crate) names: Vec<(String, String)>,
}

/// Changes a schema: null removes a property, a name renames it, a type adds or changes it.
pub(crate) fn change(before: &Map<String, Value>, sent: &Value) -> Result<Changed, ErrorResponse> {
    let mut names: Vec<(String, String)> = before.keys().map(|name| (name.clone(), name.clone())).collect();
    let mut schema = before.clone();
    for (key, change) in sent.as_object().into_iter().flatten() {
        let known = before.iter().find(|(name, property)| is_named(name, property, key)).map(|(name, _)| name.clone());
        let Some(name) = known else {
            if change["title"].is_object() || !change.is_object() {
                return Err(validation_error(&format!("{key} is not a property that exists.")));
            }
            schema.insert(key.clone(), property_schema(key, change)?);
            continue;
        };
        let mut property = before[&name].clone();
        let is_title = property["type"] == "title";
        if change.is_null() {
            if is_title {
                return Err(validation_error("The title property cannot be deleted."));
            }
            schema.remove(&name);
            names.retain(|(old, _)| *old != name);
            continue;
        }
        if let Some(kind) = KINDS.into_iter().find(|kind| change.get(*kind).is_some()) {
            property = changed_type(&name, &property, kind, change)?;
        }
        let renamed = change["name"].as_str().unwrap_or(&name).to_owned();
        if renamed != name && before.contains_key(&renamed) {
            return Err(validation_error(&format!("A property named {renamed} exists already.")));
        }
        property["name"] = json!(renamed);
        schema.remove(&name);
        schema.insert(renamed.clone(), property);
        names.iter_mut().filter(|(old, _)| *old == name).for_each(|(_, new)| new.clone_from(&renamed));
    }
    Ok(Changed { schema, names })
}

fn changed_type(name: &str, before: &Value, kind: &str, change: &Value) -> Result<Value, ErrorResponse> {
    if before["type"] == "title" {
        return Err(validation_error("The type of the title property cannot be changed."));
    }
    let mut after = property_schema(name, change)?;
    after["id"] = before["id"].clone();
    if before["type"] == kind && before[kind]["options"].is_array() {
        after[kind]["options"] = options(kind, &before[kind]["options"], &change[kind]["options"])?.into();
    }
    Ok(after)
}

/// Brings the values of a row into the form of a changed schema: those of another type, and of removed options, are empty.
pub(crate) fn changed_row(row: &Map<String, Value>, changed: &Changed) -> Map<String, Value> {
    let value = |name: &String, property: &Value| {
        let old = changed.names.iter().find(|(_, new)| new == name).and_then(|(old, _)| row.get(old));
        let kind = property["type"].as_str().unwrap_or_default();
        let has_option = |value: &Value| {
            let options = property[kind]["options"].as_array();
            options.is_none_or(|options| options.iter().any(|option| option["id"] == value["id"]))
        };
        match old.filter(|old| old["type"] == kind).cloned() {
            Some(mut old) if old[kind].is_array() && property[kind]["options"].is_array() => {
                old[kind] =
                    old[kind].as_array().into_iter().flatten().filter(|value| has_option(value)).cloned().collect();
                old
            }
            Some(old) if old[kind].is_null() || has_option(&old[kind]) => old,
            _ => empty_value(property),
        }
    };
    changed.schema.iter().map(|(name, property)| (name.clone(), value(name, property))).collect()
}
