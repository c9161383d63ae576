//! Conditions of a filter on one property, checked by the property's type.
//! <https://developers.notion.com/reference/filter-data-source-entries>

use serde_json::{Map, Value, json};

use super::{date_property, options, properties};

/// The times of a row that are no properties: <https://developers.notion.com/reference/filter-data-source-entries#timestamp>
pub(super) const TIMESTAMPS: [&str; 2] = ["created_time", "last_edited_time"];

const TEXT_OPERATORS: [&str; 8] = [
    "equals",
    "does_not_equal",
    "contains",
    "does_not_contain",
    "starts_with",
    "ends_with",
    "is_empty",
    "is_not_empty",
];
const NUMBER_OPERATORS: [&str; 8] = [
    "equals",
    "does_not_equal",
    "greater_than",
    "less_than",
    "greater_than_or_equal_to",
    "less_than_or_equal_to",
    "is_empty",
    "is_not_empty",
];
const DATE_OPERATORS: [&str; 14] = [
    "equals",
    "before",
    "after",
    "on_or_before",
    "on_or_after",
    "past_week",
    "past_month",
    "past_year",
    "this_week",
    "next_week",
    "next_month",
    "next_year",
    "is_empty",
    "is_not_empty",
];
const OPTION_OPERATORS: [&str; 4] = ["equals", "does_not_equal", "is_empty", "is_not_empty"];
const LIST_OPERATORS: [&str; 4] = ["contains", "does_not_contain", "is_empty", "is_not_empty"];

/// Returns the operators of a type; none for a type of which only Notion's own filter is known.
fn operators(kind: &str) -> &'static [&'static str] {
    match kind {
        "title" | "rich_text" | "url" | "email" | "phone_number" => &TEXT_OPERATORS,
        "number" | "unique_id" => &NUMBER_OPERATORS,
        "date" | "created_time" | "last_edited_time" => &DATE_OPERATORS,
        "select" | "status" => &OPTION_OPERATORS,
        "multi_select" | "people" | "created_by" | "last_edited_by" | "relation" => &LIST_OPERATORS,
        "checkbox" => &["equals", "does_not_equal"],
        "files" => &["is_empty", "is_not_empty"],
        "verification" => &["status", "does_not_equal"],
        _ => &[],
    }
}

/// True for the name of a type that filters have.
pub(super) fn is_type(name: &str) -> bool {
    !operators(name).is_empty() || matches!(name, "formula" | "rollup")
}

/// Returns the conditions of a plain value: a value, a list of values, or operators with their values.
///
/// # Errors
/// The reason for people.
pub(super) fn of(name: &str, property: &Value, value: &Value) -> Result<Vec<Value>, String> {
    let kind = property["type"].as_str().unwrap_or_default();
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.get(kind).is_some_and(Value::is_object) => {
            of_type(name, property, kind, &fields[kind])
        }
        Value::Object(fields) if !is_reference(kind, fields) => of_type(name, property, kind, value),
        Value::Array(values) if values.is_empty() => Err("must be a value, or a list of values".to_owned()),
        Value::Array(values) => of_list(name, property, kind, values),
        Value::Null if operators(kind).contains(&"is_empty") => one(name, property, kind, "is_empty", &json!(true)),
        value => one(name, property, kind, plain_operator(kind), value),
    }
}

/// Returns the conditions of a list of values: any of them, or all of them for a property that has several.
fn of_list(name: &str, property: &Value, kind: &str, values: &[Value]) -> Result<Vec<Value>, String> {
    match plain_operator(kind) {
        // Notion compares an option with a list: https://developers.notion.com/changelog (17 April 2026)
        "equals" if matches!(kind, "select" | "status") && values.len() > 1 => {
            one(name, property, kind, "equals", &json!(values))
        }
        operator => {
            let conditions = values.iter().map(|value| one(name, property, kind, operator, value));
            let conditions = conditions.collect::<Result<Vec<_>, _>>()?.concat();
            Ok(if operator == "contains" || conditions.len() == 1 {
                conditions
            } else {
                vec![json!({ "or": conditions })]
            })
        }
    }
}

/// Returns the conditions of operators with their values, under the type that a filter in Notion's own form names.
///
/// # Errors
/// The reason for people.
pub(super) fn of_type(name: &str, property: &Value, named: &str, test: &Value) -> Result<Vec<Value>, String> {
    let kind = property["type"].as_str().unwrap_or_default();
    if named != kind {
        return Err(format!("is filtered as {named}, but its type is {kind}"));
    }
    let fields = test.as_object().filter(|fields| !fields.is_empty()).ok_or_else(|| operator_needed(kind))?;
    let is_known = |key: &String| operators(kind).contains(&key.as_str());
    let is_range = |key: &String| ["start", "end"].contains(&key.as_str());
    match kind {
        "formula" => return of_formula(name, fields),
        _ if operators(kind).is_empty() => return Ok(vec![json!({ "property": name, kind: test })]),
        _ if operators(kind) == DATE_OPERATORS && fields.keys().all(is_range) => {}
        _ if !fields.keys().all(is_known) => return Err(operator_needed(kind)),
        _ => {}
    }
    let conditions = fields.iter().map(|(operator, value)| {
        let operator = match operator.as_str() {
            "start" => "on_or_after",
            "end" => "on_or_before",
            operator => operator,
        };
        one(name, property, kind, operator, value)
    });
    Ok(conditions.collect::<Result<Vec<_>, _>>()?.concat())
}

/// Returns the conditions of the time of creation or of the last change.
///
/// # Errors
/// The reason for people.
pub(super) fn of_timestamp(name: &str, test: &Value) -> Result<Vec<Value>, String> {
    let conditions = of(name, &json!({ "type": name }), test)?;
    let timestamp = |condition: Value| json!({ "timestamp": name, name: condition[name] });
    Ok(conditions.into_iter().map(timestamp).collect())
}

fn operator_needed(kind: &str) -> String {
    format!(
        "must be a value of type {kind}, or one of the operators {}: {{\"{}\": ..}}",
        operators(kind).join(", "),
        operators(kind).first().unwrap_or(&"equals")
    )
}

/// True if an object is a value, as outputs have it, and has no operators.
fn is_reference(kind: &str, fields: &Map<String, Value>) -> bool {
    let keys: &[&str] = match kind {
        "people" | "created_by" | "last_edited_by" => &["id", "email", "name"],
        "relation" => &["id", "title", "link"],
        "select" | "status" | "multi_select" => &["id", "name"],
        _ => &[],
    };
    keys.iter().any(|key| fields.contains_key(*key))
}

fn plain_operator(kind: &str) -> &'static str {
    match operators(kind) {
        [first, ..] => first,
        [] => "equals",
    }
}

/// Returns the condition of one operator.
fn one(name: &str, property: &Value, kind: &str, operator: &str, value: &Value) -> Result<Vec<Value>, String> {
    if kind == "formula" {
        let (kind, test) = formula_test("equals", value)?;
        return Ok(vec![json!({ "property": name, "formula": { kind: test } })]);
    }
    if operators(kind).is_empty() {
        return Err(format!("a property of type {kind} requires Notion's own filter object"));
    }
    let (operator, operand) = match operator {
        "is_empty" | "is_not_empty" => {
            let flag = properties::as_boolean(value).ok_or_else(|| format!("{operator} must be true"))?;
            let is_empty = (operator == "is_empty") == flag;
            (if is_empty { "is_empty" } else { "is_not_empty" }, json!(true))
        }
        operator => (operator, operand(property, kind, operator, value)?),
    };
    Ok(vec![json!({ "property": name, kind: { operator: operand } })])
}

/// Converts the value of an operator.
fn operand(property: &Value, kind: &str, operator: &str, value: &Value) -> Result<Value, String> {
    let mismatch = |what: &str| format!("must be {what}: its type is {kind}");
    match kind {
        "number" => Ok(properties::as_number(value).ok_or_else(|| mismatch("a number, such as 5"))?.into()),
        "unique_id" => {
            let number =
                value.as_str().and_then(|id| id.rsplit('-').next()).map_or_else(|| value.clone(), |id| json!(id));
            Ok(properties::as_number(&number).ok_or_else(|| mismatch("an id, such as TASK-7 or 7"))?.into())
        }
        "checkbox" => Ok(properties::as_boolean(value).ok_or_else(|| mismatch("true or false"))?.into()),
        "select" | "status" | "multi_select" => option_operand(property, value)
            .map_err(|reason| reason.unwrap_or_else(|| mismatch("the name of an option"))),
        "people" | "created_by" | "last_edited_by" => Ok(json!(
            properties::person_name(value).ok_or_else(|| mismatch("a person: an address, a name, an id or \"me\""))?
        )),
        "relation" => {
            Ok(json!(properties::page_name(value).ok_or_else(|| mismatch("a page: an id, a link or a title"))?))
        }
        "date" | "created_time" | "last_edited_time" => match operator {
            "equals" | "before" | "after" | "on_or_before" | "on_or_after" => {
                Ok(date_property::to_filter(value)?.into())
            }
            _ => Ok(json!({})),
        },
        _ if value.is_number() => Ok(json!(value.to_string())),
        _ => value.as_str().map(Value::from).ok_or_else(|| mismatch("a text")),
    }
}

/// Returns the name of an option, or a list of them. Notion finds nothing for one that does not exist.
fn option_operand(property: &Value, value: &Value) -> Result<Value, Option<String>> {
    if let Some(list) = value.as_array().filter(|list| !list.is_empty()) {
        return list.iter().map(|one| option_operand(property, one)).collect();
    }
    let name = options::option_name(value).ok_or(None)?;
    let known = options::find_option(property, name).map_err(Some)?;
    Ok(json!(known.unwrap_or(name)))
}

/// Returns the conditions of a formula, under the type of its result if that is named.
fn of_formula(name: &str, fields: &Map<String, Value>) -> Result<Vec<Value>, String> {
    let is_type = |key: &String| ["string", "number", "checkbox", "date"].contains(&key.as_str());
    let on = |test: Value| json!({ "property": name, "formula": test });
    if fields.keys().all(is_type) {
        return Ok(vec![on(json!(fields))]);
    }
    let tests = fields.iter().map(|(operator, value)| {
        let (kind, test) = formula_test(operator, value)?;
        Ok(on(json!({ kind: test })))
    });
    tests.collect()
}

/// Returns the type of a formula's result by the value that it is compared with, and the test.
fn formula_test(operator: &str, value: &Value) -> Result<(&'static str, Value), String> {
    let date = || date_property::to_filter(value).ok();
    let is_date_operator = DATE_OPERATORS[1..12].contains(&operator);
    let is_text_operator = TEXT_OPERATORS.contains(&operator);
    match value {
        Value::Bool(_) if ["equals", "does_not_equal"].contains(&operator) => {
            Ok(("checkbox", json!({ operator: value })))
        }
        Value::Number(_) if NUMBER_OPERATORS.contains(&operator) => Ok(("number", json!({ operator: value }))),
        Value::String(_) if is_date_operator => {
            Ok(("date", json!({ operator: date().ok_or("must be a date such as 2026-12-01")? })))
        }
        _ if is_date_operator => Ok(("date", json!({ operator: {} }))),
        _ if is_text_operator && (value.is_string() || value == true) => Ok(("string", json!({ operator: value }))),
        _ => Err("must name the type of the formula's result: {\"number\": {\"greater_than\": 5}}".to_owned()),
    }
}
