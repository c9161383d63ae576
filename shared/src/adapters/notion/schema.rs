//! Schemas of data sources, converted between plain types and Notion's form.
//! <https://developers.notion.com/reference/property-object>

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;

use super::{options, text};

/// Options of one property: <https://developers.notion.com/reference/request-limits>
const MAX_OPTIONS: usize = 100;
/// Types that need no further settings.
const PROPERTY_TYPES: [&str; 17] = [
    "title",
    "rich_text",
    "number",
    "select",
    "multi_select",
    "status",
    "date",
    "people",
    "files",
    "checkbox",
    "url",
    "email",
    "phone_number",
    "created_time",
    "created_by",
    "last_edited_time",
    "last_edited_by",
];
/// Types that have options.
pub(super) const TYPES_WITH_OPTIONS: [&str; 3] = ["select", "multi_select", "status"];

/// An invalid property of a schema.
#[derive(Debug)]
pub(super) struct InvalidProperty {
    /// Its name.
    pub(super) name: String,
    /// The reason for people.
    pub(super) reason: String,
}

/// A property of a schema as output: its type, and what is needed to set it.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct PropertyType {
    /// The type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The names of the options.
    options: Option<Vec<String>>,
    /// The id of the data source of related pages.
    data_source_id: Option<String>,
    /// The format of a number.
    format: Option<String>,
    /// The expression of a formula.
    expression: Option<String>,
}

/// Converts the schema of a new data source to Notion's request form. A schema without a title gets one called `Name`.
///
/// # Errors
/// The property that is invalid.
pub(super) fn to_request(types: &Map<String, Value>) -> Result<Map<String, Value>, InvalidProperty> {
    let invalid = |name: &str, reason: String| InvalidProperty { name: name.to_owned(), reason };
    let mut schema = Map::new();
    for (name, value) in types {
        schema.insert(name.clone(), property_to_request(value).map_err(|reason| invalid(name, reason))?);
    }
    let mut titles = schema.iter().filter(|(_, property)| property.get("title").is_some()).map(|(name, _)| name);
    match (titles.next(), titles.next()) {
        (_, Some(second)) => {
            Err(invalid(second, "must not be a second title: exactly one property is the title".to_owned()))
        }
        (None, _) if schema.contains_key("Name") => {
            Err(invalid("Name", "must be the title if no other property is".to_owned()))
        }
        (None, None) => {
            schema.insert("Name".to_owned(), json!({ "title": {} }));
            Ok(schema)
        }
        (Some(_), None) => Ok(schema),
    }
}

/// Converts a type, a type with its options' names, or Notion's own form.
///
/// # Errors
/// The reason for people.
pub(super) fn property_to_request(value: &Value) -> Result<Value, String> {
    if let Some(kind) = value.as_str() {
        let kind = if kind == "text" { "rich_text" } else { kind };
        return match PROPERTY_TYPES.contains(&kind) {
            true => Ok(json!({ kind: {} })),
            false => Err(format!("must be one of {}, or Notion's property schema object", PROPERTY_TYPES.join(", "))),
        };
    }
    let invalid_type =
        || "must be a type, such as \"date\", or a type with options, such as {\"select\": [\"Low\", \"High\"]}";
    let fields = value.as_object().filter(|fields| !fields.is_empty()).ok_or_else(invalid_type)?;
    let listed = TYPES_WITH_OPTIONS.iter().find_map(|kind| Some((*kind, fields.get(*kind)?.as_array()?)));
    match listed {
        Some((kind, names)) if fields.len() == 1 && names.len() <= MAX_OPTIONS => {
            let option = |name: &Value| {
                let name = name.as_str().ok_or_else(|| invalid_type().to_owned())?;
                options::check_option_name(name).map(|()| json!({ "name": name }))
            };
            let options = names.iter().map(option).collect::<Result<Vec<_>, _>>()?;
            Ok(json!({ kind: { "options": options } }))
        }
        Some(_) => Err(format!("must have at most {MAX_OPTIONS} options and no other field")),
        None => Ok(value.clone()),
    }
}

/// Converts a schema to plain types, by the names of the properties.
pub(super) fn to_plain(schema: &Map<String, Value>) -> BTreeMap<String, PropertyType> {
    schema.iter().map(|(name, property)| (name.clone(), PropertyType::of(property))).collect()
}

impl PropertyType {
    fn of(property: &Value) -> Self {
        let details = &property[property["type"].as_str().unwrap_or_default()];
        let options = details["options"].as_array();
        Self {
            kind: text(&property["type"]),
            options: options.map(|options| options.iter().filter_map(|option| text(&option["name"])).collect()),
            data_source_id: text(&details["data_source_id"]),
            format: text(&details["format"]),
            expression: text(&details["expression"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(types: Value) -> Result<Value, InvalidProperty> {
        to_request(types.as_object().unwrap()).map(Value::Object)
    }

    #[test]
    fn converts_plain_types_to_a_request() {
        let relation = json!({ "relation": { "data_source_id": "x", "single_property": {} } });
        let types = json!({ "Task": "title", "Notes": "text", "Due": "date", "Priority": { "select": ["Low", "High"] },
            "Part of": relation });
        assert_eq!(
            request(types).unwrap(),
            json!({ "Task": { "title": {} }, "Notes": { "rich_text": {} }, "Due": { "date": {} },
                "Priority": { "select": { "options": [{ "name": "Low" }, { "name": "High" }] } }, "Part of": relation })
        );
        assert_eq!(request(json!({})).unwrap(), json!({ "Name": { "title": {} } }));
    }

    #[test]
    fn refuses_invalid_schemas() {
        for (types, name) in [
            (json!({ "A": "title", "B": "title" }), "B"),
            (json!({ "Name": "date" }), "Name"),
            (json!({ "A": "colour" }), "A"),
            (json!({ "A": 1 }), "A"),
            (json!({ "A": {} }), "A"),
            (json!({ "A": { "select": [1] } }), "A"),
            (json!({ "A": { "select": vec!["x"; 101] } }), "A"),
            (json!({ "A": { "select": ["x"], "colour": "red" } }), "A"),
        ] {
            assert_eq!(request(types.clone()).unwrap_err().name, name, "{types}");
        }
    }

    #[test]
    fn converts_a_schema_to_plain_types() {
        let schema = json!({
            "Name": { "id": "title", "type": "title", "title": {} },
            "Status": { "id": "s", "type": "status", "status": { "options": [{ "id": "1", "name": "Done" }], "groups": [] } },
            "Part of": { "id": "r", "type": "relation", "relation": { "data_source_id": "x", "type": "single_property" } },
        });
        assert_eq!(
            json!(to_plain(schema.as_object().unwrap())),
            json!({ "Name": { "type": "title" }, "Status": { "type": "status", "options": ["Done"] },
                "Part of": { "type": "relation", "dataSourceId": "x" } })
        );
    }
}
