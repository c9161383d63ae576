//! Property values (<https://developers.notion.com/reference/page-property-values>) checked against a schema.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::property_schemas::is_named;
use super::{ErrorResponse, model, text, users, validation_error};

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
        let name = schema.iter().find(|(name, kind)| is_named(name, kind, key)).map(|(name, _)| name.clone());
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

/// Returns the empty value of a property.
pub(crate) fn empty_value(schema: &Value) -> Value {
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
        "url" if inner == "" => {
            return Err(validation_error(&format!("body.properties.{name}.url should not be empty.")));
        }
        "url" | "email" | "phone_number" if inner.is_string() || inner.is_null() => inner.clone(),
        "date" if inner.is_null() || inner["start"].is_string() => date_value(name, inner)?,
        "people" => references(name, inner)?.as_array().into_iter().flatten().map(users::whole).collect(),
        "relation" => references(name, inner)?,
        "files" => limited_list(name, inner)?,
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

/// Returns the people or pages of a list, which are named by their ids.
fn references(name: &str, sent: &Value) -> Result<Value, ErrorResponse> {
    let list = limited_list(name, sent)?;
    let is_id = |item: &Value| item["id"].as_str().is_some_and(|id| model::canonical_uuid(id).is_some());
    match list.as_array().is_some_and(|items| items.iter().all(is_id)) {
        true => Ok(list),
        false => Err(validation_error(&format!("body.properties.{name}[0].id should be a valid uuid."))),
    }
}

/// Checks a date: ISO 8601, not after its end; with a time zone both are times without an offset
/// (<https://developers.notion.com/reference/page-property-values#date>).
fn date_value(name: &str, sent: &Value) -> Result<Value, ErrorResponse> {
    if sent.is_null() {
        return Ok(Value::Null);
    }
    let invalid = || validation_error(&format!("{name} has an invalid date value."));
    let has_zone = sent["time_zone"].is_string();
    if has_zone && sent["time_zone"].as_str().is_some_and(|zone| TimeZone::get(zone).is_err()) {
        return Err(invalid());
    }
    let instant = |text: &str| {
        let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
        match text.parse::<Timestamp>() {
            Ok(at) if !has_zone => Some(at),
            Ok(_) => None,
            Err(_) if day.is_some() => day.filter(|_| !has_zone).and_then(|day| utc(day.at(0, 0, 0, 0))),
            Err(_) => text.parse::<DateTime>().ok().filter(|_| text.contains('T')).and_then(utc),
        }
    };
    let start = instant(sent["start"].as_str().unwrap_or_default()).ok_or_else(invalid)?;
    let end = match &sent["end"] {
        Value::Null => None,
        end => Some(instant(end.as_str().unwrap_or_default()).ok_or_else(invalid)?),
    };
    if end.is_some_and(|end| end < start) {
        return Err(validation_error(&format!("{name}: the end date is before the start date.")));
    }
    Ok(json!({"start": sent["start"], "end": sent["end"], "time_zone": sent["time_zone"]}))
}

/// Rejects a name that an option cannot have (seen in <https://github.com/egordm/notionsci/issues/13>).
pub(crate) fn check_option(name: &str) -> Result<(), ErrorResponse> {
    match name {
        "" => Err(validation_error("Select option names cannot be empty.")),
        name if name.contains(',') => {
            Err(validation_error(&format!("Invalid select option, commas not allowed: {name}")))
        }
        _ => Ok(()),
    }
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
    if sent["name"].is_null() {
        return Err(validation_error(&format!("Invalid select option. The option \"{requested}\" does not exist.")));
    }
    check_option(&requested)?;
    let added = json!({"id": format!("opt-{}", options.len() + 1), "name": requested, "color": "default"});
    if let Some(options) = schema[kind]["options"].as_array_mut() {
        options.push(added.clone());
    }
    Ok(added)
}
