//! Filters of rows: plain values, such as `{"Status": "Done"}`, or Notion's own filter.
//! <https://developers.notion.com/reference/filter-data-source-entries>

use serde_json::{Map, Value, json};

use super::{date_property, properties};
use crate::adapters::choices::list_choices;

/// Converts a filter to Notion's request form; `None` for an empty one. Notion's own form, which has `and`, `or`, `property` or
/// `timestamp`, is kept unchanged.
///
/// # Errors
/// A text for people that names the property.
pub(super) fn to_request(schema: &Map<String, Value>, filter: &Map<String, Value>) -> Result<Option<Value>, String> {
    if is_notion_filter(filter) {
        return Ok(Some(json!(filter)));
    }
    let mut all = vec![];
    for (name, value) in filter {
        let conditions = conditions(schema, name, value).map_err(|reason| format!("filter.{name}: {reason}"))?;
        all.extend(conditions);
    }
    Ok(match all.len() {
        0 | 1 => all.pop(),
        _ => Some(json!({ "and": all })),
    })
}

/// True if a filter is in Notion's own form, which needs no schema.
pub(super) fn is_notion_filter(filter: &Map<String, Value>) -> bool {
    ["and", "or", "property", "timestamp"].iter().any(|key| filter.contains_key(*key))
}

fn conditions(schema: &Map<String, Value>, name: &str, value: &Value) -> Result<Vec<Value>, String> {
    let Some(kind) = schema.get(name).and_then(|property| property["type"].as_str()) else {
        let names = list_choices(schema.keys().map(String::as_str));
        return Err(format!("the property does not exist; existing properties are {names}"));
    };
    let condition = |test: Value| json!({ "property": name, kind: test });
    let (operator, convert): (&str, fn(&Value) -> Option<Value>) = match kind {
        "checkbox" => ("equals", |value| value.is_boolean().then(|| value.clone())),
        _ if value.is_null() => return Ok(vec![condition(json!({ "is_empty": true }))]),
        "title" | "rich_text" | "url" | "email" | "phone_number" | "select" | "status" => ("equals", as_text),
        "number" => ("equals", |value| value.is_number().then(|| value.clone())),
        "multi_select" => ("contains", as_text),
        "people" | "relation" | "created_by" | "last_edited_by" => ("contains", as_id),
        "date" | "created_time" | "last_edited_time" if value.is_object() => return range_conditions(value, condition),
        "date" | "created_time" | "last_edited_time" => ("equals", as_date),
        _ => return Err(format!("a property of type {kind} requires Notion's own filter object")),
    };
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let conditions = values.iter().map(|value| Some(condition(json!({ operator: convert(value)? }))));
    let conditions: Vec<Value> = conditions
        .collect::<Option<_>>()
        .filter(|conditions: &Vec<_>| !conditions.is_empty())
        .ok_or_else(|| type_mismatch(kind))?;
    // A list for a property with several values requires all of them; for a single-value property any of them.
    Ok(if operator == "contains" || conditions.len() == 1 { conditions } else { vec![json!({ "or": conditions })] })
}

/// Returns the conditions of a date range.
fn range_conditions(value: &Value, condition: impl Fn(Value) -> Value) -> Result<Vec<Value>, String> {
    let mut conditions = vec![];
    for (key, end) in value.as_object().into_iter().flatten() {
        let operator = match key.as_str() {
            "start" => "on_or_after",
            "end" => "on_or_before",
            _ => return Err(type_mismatch("date")),
        };
        let end = as_date(end).ok_or_else(|| type_mismatch("date"))?;
        conditions.push(condition(json!({ operator: end })));
    }
    if conditions.is_empty() { Err(type_mismatch("date")) } else { Ok(conditions) }
}

fn type_mismatch(kind: &str) -> String {
    match kind {
        "date" | "created_time" | "last_edited_time" => {
            "must be a date such as 2026-12-01, a list of dates, or {\"start\": .., \"end\": ..}".to_owned()
        }
        _ => format!("must be a value of type {kind}, or a list of them"),
    }
}

fn as_text(value: &Value) -> Option<Value> {
    value.is_string().then(|| value.clone())
}

fn as_date(value: &Value) -> Option<Value> {
    value.as_str().filter(|text| date_property::is_date(text)).map(Value::from)
}

fn as_id(value: &Value) -> Option<Value> {
    properties::person_id(value).map(|id| json!(id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn schema() -> Map<String, Value> {
        let kinds = ["title", "number", "select", "multi_select", "checkbox", "date", "people", "formula"];
        kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "type": kind }))).collect()
    }

    fn request(filter: Value) -> Result<Option<Value>, String> {
        to_request(&schema(), filter.as_object().unwrap())
    }

    #[test]
    fn converts_plain_values() {
        let on = |kind: &str, test: Value| json!({ "property": kind, kind: test });
        for (filter, expected) in [
            (json!({ "title": "Ship" }), on("title", json!({ "equals": "Ship" }))),
            (json!({ "number": 3 }), on("number", json!({ "equals": 3 }))),
            (json!({ "checkbox": false }), on("checkbox", json!({ "equals": false }))),
            (json!({ "select": null }), on("select", json!({ "is_empty": true }))),
            (json!({ "people": USER.replace('-', "") }), on("people", json!({ "contains": USER }))),
            (
                json!({ "select": ["A", "B"] }),
                json!({ "or": [on("select", json!({ "equals": "A" })), on("select", json!({ "equals": "B" }))] }),
            ),
            (
                json!({ "multi_select": ["A", "B"] }),
                json!({ "and": [on("multi_select", json!({ "contains": "A" })), on("multi_select", json!({ "contains": "B" }))] }),
            ),
            (
                json!({ "date": { "start": "2026-11-01", "end": "2026-11-30" }, "title": "Ship" }),
                json!({ "and": [on("date", json!({ "on_or_before": "2026-11-30" })), on("date", json!({ "on_or_after": "2026-11-01" })),
                    on("title", json!({ "equals": "Ship" }))] }),
            ),
        ] {
            assert_eq!(request(filter.clone()), Ok(Some(expected)), "{filter}");
        }
        assert_eq!(request(json!({})), Ok(None));
    }

    #[test]
    fn notion_filters_pass_unchanged() {
        let own = json!({ "or": [{ "property": "x", "select": { "equals": "A" } }] });
        assert_eq!(request(own.clone()), Ok(Some(own)));
    }

    #[test]
    fn refuses_invalid_filters() {
        for filter in [
            json!({ "colour": "red" }),
            json!({ "number": "3" }),
            json!({ "checkbox": null }),
            json!({ "select": [] }),
            json!({ "date": "soon" }),
            json!({ "date": { "from": "2026-11-01" } }),
            json!({ "date": {} }),
            json!({ "people": "Ann" }),
            json!({ "formula": "x" }),
        ] {
            assert!(request(filter.clone()).unwrap_err().starts_with("filter."), "{filter}");
        }
    }
}
