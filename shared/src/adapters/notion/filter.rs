//! Filters of rows: plain values, such as `{"Status": "Done"}`, plain conditions, such as `{"Num": {"greater_than": 5}}`, or Notion's
//! own filters, converted to Notion's form. <https://developers.notion.com/reference/filter-data-source-entries>

use serde_json::{Map, Value, json};

use super::condition::{self, TIMESTAMPS};
use super::properties;

/// The depth of groups that Notion takes.
const MAX_DEPTH: usize = 2;

/// Converts a filter to Notion's request form, in which people and pages may still be named by more than their ids; `None` for an empty
/// one.
///
/// # Errors
/// A text for people that names the property.
pub(super) fn to_request(schema: &Map<String, Value>, filter: &Map<String, Value>) -> Result<Option<Value>, String> {
    let request = combine(conditions(schema, filter)?);
    match request {
        Some(request) if depth(&request) > MAX_DEPTH => {
            Err("filter: groups in groups are too deep: Notion takes two levels of `and` and `or`".to_owned())
        }
        request => Ok(request),
    }
}

/// Returns the conditions that must all hold.
fn conditions(schema: &Map<String, Value>, filter: &Map<String, Value>) -> Result<Vec<Value>, String> {
    if let Some(own) = own_condition(schema, filter)? {
        return Ok(own);
    }
    let mut all = vec![];
    for (name, value) in filter {
        match group(name, value) {
            Some(parts) => all.extend(group_to_request(schema, name, &parts)?),
            None => all.extend(named_conditions(schema, name, value)?),
        }
    }
    Ok(all)
}

/// Returns the filters of a group: a property called `and` has no list of objects as its value.
fn group<'a>(name: &str, value: &'a Value) -> Option<Vec<&'a Map<String, Value>>> {
    let parts = value.as_array().filter(|parts| ["and", "or"].contains(&name) && !parts.is_empty())?;
    parts.iter().map(Value::as_object).collect()
}

fn group_to_request(
    schema: &Map<String, Value>,
    operator: &str,
    parts: &[&Map<String, Value>],
) -> Result<Vec<Value>, String> {
    let parts = parts.iter().map(|part| conditions(schema, part)).collect::<Result<Vec<_>, _>>()?;
    if operator == "and" {
        return Ok(parts.concat());
    }
    let mut any = vec![];
    for part in parts {
        match combine(part) {
            Some(Value::Object(mut inner)) if inner.len() == 1 && inner.get("or").is_some_and(Value::is_array) => {
                any.extend(inner.remove("or").and_then(|inner| inner.as_array().cloned()).unwrap_or_default());
            }
            part => any.extend(part),
        }
    }
    Ok(if any.len() > 1 { vec![json!({ "or": any })] } else { any })
}

/// Returns the condition of a filter in Notion's own form: `{"property": "Due", "date": {..}}`, or `{"timestamp": "created_time",
/// "created_time": {..}}`. A property can be called `property` or `timestamp` too: its filter has no type beside it.
fn own_condition(schema: &Map<String, Value>, filter: &Map<String, Value>) -> Result<Option<Vec<Value>>, String> {
    let timestamp = filter.get("timestamp").and_then(Value::as_str).filter(|name| TIMESTAMPS.contains(name));
    if let Some(name) = timestamp
        && let Some(test) = filter.get(name).filter(|test| test.is_object())
    {
        return condition::of_timestamp(name, test).map(Some).map_err(|reason| format!("filter.{name}: {reason}"));
    }
    let Some(name) = filter.get("property").and_then(Value::as_str) else { return Ok(None) };
    let is_type = |(key, test): &(&String, &Value)| condition::is_type(key) && test.is_object();
    let Some((kind, test)) = filter.iter().find(is_type) else { return Ok(None) };
    let is_plain = schema.contains_key("property") && schema.contains_key(kind);
    if is_plain {
        return Ok(None);
    }
    let invalid = |reason: String| format!("filter.{name}: {reason}");
    let Some((known, property)) = properties::find(schema, name) else {
        // A connection may not read the schema.
        return if schema.is_empty() {
            Ok(Some(vec![json!(filter)]))
        } else {
            Err(invalid(properties::unknown(schema)))
        };
    };
    condition::of_type(known, property, kind, test).map(Some).map_err(invalid)
}

/// Returns the conditions of one property, or of the time of creation or of the last change.
fn named_conditions(schema: &Map<String, Value>, name: &str, value: &Value) -> Result<Vec<Value>, String> {
    let conditions = match properties::find(schema, name) {
        Some((known, property)) => condition::of(known, property, value),
        None if TIMESTAMPS.contains(&name) => condition::of_timestamp(name, value),
        None => Err(properties::unknown(schema)),
    };
    conditions.map_err(|reason| format!("filter.{name}: {reason}"))
}

/// Returns one filter of conditions that must all hold.
fn combine(conditions: Vec<Value>) -> Option<Value> {
    let mut all = vec![];
    for condition in conditions {
        match condition.get("and").and_then(Value::as_array) {
            Some(inner) => all.extend(inner.clone()),
            None => all.push(condition),
        }
    }
    if all.len() > 1 { Some(json!({ "and": all })) } else { all.pop() }
}

/// The depth of groups in a filter.
fn depth(filter: &Value) -> usize {
    let parts = ["and", "or"].iter().filter_map(|key| filter[*key].as_array());
    parts.flatten().map(|part| 1 + depth(part)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn schema() -> Map<String, Value> {
        let kinds = [
            "title",
            "number",
            "select",
            "multi_select",
            "checkbox",
            "date",
            "people",
            "formula",
            "unique_id",
            "rollup",
            "files",
        ];
        kinds.iter().map(|kind| ((*kind).to_owned(), json!({ "id": kind, "type": kind }))).collect()
    }

    fn request(filter: Value) -> Result<Option<Value>, String> {
        to_request(&schema(), filter.as_object().unwrap())
    }

    #[test]
    fn converts_plain_values_and_conditions() {
        let on = |kind: &str, test: Value| json!({ "property": kind, kind: test });
        for (filter, expected) in [
            (json!({ "title": "Ship" }), on("title", json!({ "equals": "Ship" }))),
            (json!({ "number": "3" }), on("number", json!({ "equals": 3 }))),
            (json!({ "number": { "greater_than": 3 } }), on("number", json!({ "greater_than": 3 }))),
            (json!({ "number": { "number": { "equals": 3 } } }), on("number", json!({ "equals": 3 }))),
            (json!({ "checkbox": false }), on("checkbox", json!({ "equals": false }))),
            (json!({ "select": null }), on("select", json!({ "is_empty": true }))),
            (json!({ "select": { "is_empty": false } }), on("select", json!({ "is_not_empty": true }))),
            (json!({ "people": USER }), on("people", json!({ "contains": USER }))),
            (
                json!({ "people": { "email": "ann@example.com" } }),
                on("people", json!({ "contains": "ann@example.com" })),
            ),
            (json!({ "select": ["A", "B"] }), on("select", json!({ "equals": ["A", "B"] }))),
            (json!({ "select": { "name": "A" } }), on("select", json!({ "equals": "A" }))),
            (json!({ "date": { "past_week": {} } }), on("date", json!({ "past_week": {} }))),
            (json!({ "date": { "after": "today" } }), on("date", json!({ "after": "today" }))),
            (json!({ "unique_id": "TASK-7" }), on("unique_id", json!({ "equals": 7 }))),
            (json!({ "formula": 5 }), on("formula", json!({ "number": { "equals": 5 } }))),
            (
                json!({ "formula": { "checkbox": { "equals": true } } }),
                on("formula", json!({ "checkbox": { "equals": true } })),
            ),
            (json!({ "files": { "is_empty": true } }), on("files", json!({ "is_empty": true }))),
            (
                json!({ "multi_select": ["A", "B"] }),
                json!({ "and": [on("multi_select", json!({ "contains": "A" })), on("multi_select", json!({ "contains": "B" }))] }),
            ),
            (
                json!({ "date": { "start": "2026-11-01", "end": "2026-11-30" }, "title": ["A", "B"] }),
                json!({ "and": [on("date", json!({ "on_or_before": "2026-11-30" })), on("date", json!({ "on_or_after": "2026-11-01" })),
                    { "or": [on("title", json!({ "equals": "A" })), on("title", json!({ "equals": "B" }))] }] }),
            ),
            (
                json!({ "or": [{ "title": ["A", "B"] }, { "number": 3 }] }),
                json!({ "or": [on("title", json!({ "equals": "A" })), on("title", json!({ "equals": "B" })),
                    on("number", json!({ "equals": 3 }))] }),
            ),
            (
                json!({ "last_edited_time": { "past_month": {} } }),
                json!({ "timestamp": "last_edited_time", "last_edited_time": { "past_month": {} } }),
            ),
        ] {
            assert_eq!(request(filter.clone()), Ok(Some(expected)), "{filter}");
        }
        assert_eq!(request(json!({})), Ok(None));
    }

    #[test]
    fn notion_filters_pass() {
        for own in [
            json!({ "or": [{ "property": "select", "select": { "equals": "A" } }, { "property": "number", "number": { "equals": 1 } }] }),
            json!({ "property": "rollup", "rollup": { "any": { "rich_text": { "contains": "x" } } } }),
            json!({ "timestamp": "created_time", "created_time": { "on_or_after": "2026-11-01" } }),
            json!({ "property": "formula", "formula": { "date": { "past_week": {} } } }),
        ] {
            assert_eq!(request(own.clone()), Ok(Some(own)));
        }
        let unread = json!({ "property": "x", "select": { "equals": "A" } });
        assert_eq!(
            to_request(&Map::new(), unread.as_object().unwrap()),
            Ok(Some(unread)),
            "a schema that may not be read"
        );
    }

    #[test]
    fn refuses_invalid_filters() {
        for filter in [
            json!({ "colour": "red" }),
            json!({ "number": "three" }),
            json!({ "number": { "contains": 3 } }),
            json!({ "number": {} }),
            json!({ "checkbox": null }),
            json!({ "select": [] }),
            json!({ "date": "soon" }),
            json!({ "date": { "from": "2026-11-01" } }),
            json!({ "date": {} }),
            json!({ "people": 5 }),
            json!({ "rollup": "x" }),
            json!({ "property": "number", "select": { "equals": "A" } }),
            json!({ "property": "colour", "select": { "equals": "A" } }),
        ] {
            assert!(request(filter.clone()).unwrap_err().starts_with("filter."), "{filter}");
        }
    }
}
