//! Property values, converted between plain values and Notion's form.
//! <https://developers.notion.com/reference/page-property-values>

use serde_json::{Map, Value, json};
use url::Url;

use super::id::Id;
use super::user::Person;
use super::{date_property, rich_text, text};
use crate::adapters::choices::list_choices;
use crate::adapters::input::Line;

/// A name of a property. Notion documents no limit; this is a sanity limit.
pub(super) type PropertyName = Line<2000>;

/// Options, people and relations of one property: <https://developers.notion.com/reference/request-limits>
const MAX_ITEMS: usize = 100;
/// UTF-16 units of a web address: <https://developers.notion.com/reference/request-limits>
const MAX_URL_UNITS: usize = 2000;
/// UTF-16 units of an e-mail address or a telephone number: <https://developers.notion.com/reference/request-limits>
const MAX_CONTACT_UNITS: usize = 200;
/// Characters of a file's name: <https://developers.notion.com/reference/file-object>
const MAX_FILE_NAME_CHARS: usize = 100;

/// Types whose values Notion computes.
const COMPUTED_TYPES: [&str; 8] =
    ["formula", "rollup", "created_time", "created_by", "last_edited_time", "last_edited_by", "unique_id", "button"];

/// Converts properties to Notion's request form. `schema` has each property's type by name: a data source's or a page's own. An
/// object in Notion's own form is kept unchanged, even for a property that is not in the schema.
///
/// # Errors
/// A text for people that names the property.
pub(super) fn to_request(
    schema: &Map<String, Value>,
    values: &Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let mut request = Map::new();
    for (name, value) in values {
        let value =
            property_to_request(schema, name, value).map_err(|reason| format!("properties.{name}: {reason}"))?;
        let known = schema.iter().find(|(known, property)| *known == name || property["id"] == name.as_str());
        let known = known.map_or(name, |(known, _)| known);
        if request.insert(known.clone(), value).is_some() {
            return Err(format!("properties.{name}: names the property '{known}', which has a value already"));
        }
    }
    Ok(request)
}

fn property_to_request(schema: &Map<String, Value>, name: &str, value: &Value) -> Result<Value, String> {
    let property = schema.get(name).or_else(|| schema.values().find(|property| property["id"] == name));
    let kind = property.and_then(|property| property["type"].as_str());
    match kind {
        // A date range is an object too.
        Some("date") if value.get("start").is_some() => value_to_request("date", value),
        _ if value.is_object() => Ok(value.clone()),
        Some("status") => {
            property.map_or(Ok(()), |property| check_status(property, value))?;
            value_to_request("status", value)
        }
        Some(kind) => value_to_request(kind, value),
        None => {
            let names = list_choices(schema.keys().map(String::as_str));
            Err(format!("the property does not exist; existing properties are {names}"))
        }
    }
}

/// Checks that a status exists. Notion creates unknown options of a select, and refuses those of a status:
/// <https://developers.notion.com/reference/property-object#status>
fn check_status(property: &Value, value: &Value) -> Result<(), String> {
    let options = property["status"]["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = options.iter().filter_map(|option| option["name"].as_str()).collect();
    match value.as_str() {
        Some(name) if !names.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) => {
            let names = list_choices(names);
            Err(format!("option \"{name}\" does not exist; existing options are {names}"))
        }
        _ => Ok(()),
    }
}

/// Converts a plain value to Notion's property object of a type.
///
/// # Errors
/// The form the type requires.
pub(super) fn value_to_request(kind: &str, value: &Value) -> Result<Value, String> {
    let must_be = |what: &str| Err(format!("must be {what}: its type is {kind}"));
    let inner = match (kind, value) {
        (kind, _) if COMPUTED_TYPES.contains(&kind) => {
            return Err(format!("cannot be set: Notion computes it ({kind})"));
        }
        ("title" | "rich_text" | "multi_select" | "people" | "relation" | "files", Value::Null) => json!([]),
        ("number" | "select" | "status" | "date" | "url" | "email" | "phone_number", Value::Null) => Value::Null,
        ("title" | "rich_text", Value::String(text)) if rich_text::fits_limits(text) => {
            json!(rich_text::to_rich_text(text))
        }
        ("title" | "rich_text", _) => return must_be("a text of at most 200,000 characters"),
        ("number", Value::Number(_)) | ("checkbox", Value::Bool(_)) => value.clone(),
        ("number", _) => return must_be("a number"),
        ("checkbox", _) => return must_be("true or false"),
        ("select" | "status", Value::String(name)) => json!({ "name": name }),
        ("select" | "status", _) => return must_be("the name of an option"),
        ("multi_select", _) => list_to_request(value, |name| Some(json!({ "name": name.as_str()? })))
            .or(must_be("a list of option names"))?,
        ("people", _) => list_to_request(value, user_reference).or(must_be("a list of user ids"))?,
        ("relation", _) => list_to_request(value, page_reference).or(must_be("a list of page ids"))?,
        ("files", _) => list_to_request(value, external_file).or(must_be("a list of https addresses"))?,
        ("url", Value::String(url)) if url.encode_utf16().count() <= MAX_URL_UNITS => value.clone(),
        ("email" | "phone_number", Value::String(text)) if text.encode_utf16().count() <= MAX_CONTACT_UNITS => {
            value.clone()
        }
        ("url", _) => return must_be("a text of at most 2,000 characters"),
        ("email" | "phone_number", _) => return must_be("a text of at most 200 characters"),
        ("date", _) => date_property::to_request(value)
            .or(must_be("a date such as 2026-12-01, a time with its zone, or {\"start\": .., \"end\": ..}"))?,
        _ => return Err(format!("must be Notion's property object: its type is {kind}")),
    };
    Ok(json!({ kind: inner }))
}

/// Converts one value or a list of them by `item`.
fn list_to_request(value: &Value, item: impl Fn(&Value) -> Option<Value>) -> Result<Value, ()> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        item => std::slice::from_ref(item),
    };
    if items.len() > MAX_ITEMS {
        return Err(());
    }
    items.iter().map(|value| item(value).ok_or(())).collect()
}

/// A person: an id, or an object with one, as outputs have it.
fn user_reference(person: &Value) -> Option<Value> {
    Some(json!({ "object": "user", "id": person_id(person)?.as_str() }))
}

/// Returns the id of a person: an id, or an object with one.
pub(super) fn person_id(person: &Value) -> Option<Id> {
    Id::parse(person.as_str().or(person["id"].as_str())?)
}

fn page_reference(id: &Value) -> Option<Value> {
    Some(json!({ "id": Id::parse(id.as_str()?)?.as_str() }))
}

/// A file on the web, named by the last segment of its address.
fn external_file(address: &Value) -> Option<Value> {
    let address = address.as_str()?;
    let url = Url::parse(address).ok().filter(|url| url.scheme() == "https" && address.len() <= MAX_URL_UNITS)?;
    let last = url.path_segments().and_then(|mut path| path.rfind(|segment| !segment.is_empty()));
    let name: String = last.or(url.host_str())?.chars().take(MAX_FILE_NAME_CHARS).collect();
    Some(json!({ "type": "external", "name": name, "external": { "url": address } }))
}

/// Returns the name of the property that is the title: of a page, or in the schema of its rows. Its id is always `title`, which Notion
/// accepts in the place of the name: <https://developers.notion.com/reference/page-property-values>
pub(super) fn title_name(properties: &Map<String, Value>) -> &str {
    properties.iter().find(|(_, property)| property["type"] == "title").map_or("title", |(name, _)| name)
}

/// Returns the plain text of a page's title; `None` if Notion does not return it.
pub(super) fn title(properties: &Map<String, Value>) -> Option<String> {
    let title = properties.get(title_name(properties)).filter(|property| property["type"] == "title")?;
    text(&to_plain(title))
}

/// Converts a property of a page to a plain value: the form [`to_request`] accepts, if the property can be set.
pub(super) fn to_plain(property: &Value) -> Value {
    let kind = property["type"].as_str().unwrap_or_default();
    let value = &property[kind];
    match kind {
        "title" | "rich_text" => json!(rich_text::to_plain(value)),
        "select" | "status" => value["name"].clone(),
        "multi_select" => map_items(value, |option| &option["name"]),
        "people" => value.as_array().into_iter().flatten().filter_map(Person::of).map(|person| json!(person)).collect(),
        "relation" => map_items(value, |item| &item["id"]),
        "files" => map_items(value, |file| file.pointer("/external/url").unwrap_or(&file["file"]["url"])),
        "date" => date_property::to_plain(value),
        // These types wrap a value of another type.
        "formula" => to_plain(value),
        "rollup" if value["type"] == "array" => value["array"].as_array().into_iter().flatten().map(to_plain).collect(),
        "rollup" => to_plain(value),
        "created_by" | "last_edited_by" => json!(Person::of(value)),
        "unique_id" => unique_id(value),
        "verification" => value["state"].clone(),
        "button" => Value::Null,
        // A number, text or boolean is returned as it is; a value of an unknown type in Notion's form.
        _ => value.clone(),
    }
}

fn map_items<'a>(list: &'a Value, part: impl Fn(&'a Value) -> &'a Value) -> Value {
    list.as_array().into_iter().flatten().map(|item| part(item).clone()).collect()
}

/// Returns the id as Notion displays it: `TASK-7`.
fn unique_id(value: &Value) -> Value {
    match (value["prefix"].as_str(), value["number"].as_i64()) {
        (Some(prefix), Some(number)) => json!(format!("{prefix}-{number}")),
        _ => value["number"].clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn rich_text(content: &str) -> Value {
        json!([{ "type": "text", "text": { "content": content } }])
    }

    /// Type, plain value, Notion's value.
    fn conversions() -> Vec<(&'static str, Value, Value)> {
        let files =
            json!([{ "type": "external", "name": "b.pdf", "external": { "url": "https://a.example/x/b.pdf" } }]);
        vec![
            ("title", json!("Ship"), rich_text("Ship")),
            ("rich_text", json!("Words"), rich_text("Words")),
            ("rich_text", json!(""), json!([])),
            ("number", json!(4.5), json!(4.5)),
            ("number", Value::Null, Value::Null),
            ("select", json!("High"), json!({ "name": "High" })),
            ("select", Value::Null, Value::Null),
            ("status", json!("Done"), json!({ "name": "Done" })),
            ("multi_select", json!(["A", "B"]), json!([{ "name": "A" }, { "name": "B" }])),
            ("date", json!("2026-11-23"), json!({ "start": "2026-11-23" })),
            ("date", json!("2026-11-23T10:00:00Z"), json!({ "start": "2026-11-23T10:00:00Z" })),
            (
                "date",
                json!({ "start": "2026-11-23", "end": "2026-11-24" }),
                json!({ "start": "2026-11-23", "end": "2026-11-24" }),
            ),
            ("date", Value::Null, Value::Null),
            ("checkbox", json!(true), json!(true)),
            ("url", json!("https://a.example"), json!("https://a.example")),
            ("email", json!("ann@example.com"), json!("ann@example.com")),
            ("phone_number", json!("+49 30 1"), json!("+49 30 1")),
            ("relation", json!([USER]), json!([{ "id": USER }])),
            ("files", json!(["https://a.example/x/b.pdf"]), files),
        ]
    }

    #[test]
    fn converts_in_both_directions() {
        for (kind, plain_value, notion_value) in conversions() {
            let schema = Map::from_iter([("P".to_owned(), json!({ "id": "x", "type": kind }))]);
            let written = to_request(&schema, &Map::from_iter([("P".to_owned(), plain_value.clone())])).unwrap();
            assert_eq!(written["P"], json!({ kind: notion_value }), "{kind}");
            let mut property = json!({ "id": "x", "type": kind });
            property[kind] = notion_value;
            assert_eq!(to_plain(&property), plain_value, "{kind}");
        }
    }

    #[test]
    fn refuses_values_of_the_wrong_type() {
        let page = json!("my page");
        for (kind, value) in [
            ("title", json!(1)),
            ("rich_text", json!("x".repeat(200_001))),
            ("number", json!("4")),
            ("checkbox", Value::Null),
            ("select", json!(["A"])),
            ("status", json!(true)),
            ("multi_select", json!([1])),
            ("multi_select", json!(vec!["A"; 101])),
            ("date", json!("tomorrow")),
            ("url", json!("x".repeat(2001))),
            ("email", json!("x".repeat(201))),
            ("people", json!(["Ann"])),
            ("relation", page),
            ("files", json!(["http://a.example/b"])),
            ("place", json!("Here")),
        ] {
            assert!(value_to_request(kind, &value).is_err(), "{kind}");
        }
        for kind in COMPUTED_TYPES {
            assert!(value_to_request(kind, &json!("x")).unwrap_err().contains("cannot be set"), "{kind}");
        }
    }

    #[test]
    fn unknown_status_names_the_existing_ones_and_a_select_may_be_new() {
        let options = json!({ "options": [{ "name": "To do" }, { "name": "Done" }] });
        let status = json!({ "type": "status", "status": options.clone() });
        let select = json!({ "type": "select", "select": options });
        let schema = Map::from_iter([("State".to_owned(), status), ("Kind".to_owned(), select)]);
        let set = |name: &str, value: &str| to_request(&schema, &Map::from_iter([(name.to_owned(), json!(value))]));
        let reason = "properties.State: option \"Done!\" does not exist; existing options are To do, Done";
        assert_eq!(set("State", "Done!").unwrap_err(), reason);
        assert!(set("State", "done").is_ok() && set("Kind", "Done!").is_ok());
    }

    #[test]
    fn people_are_shown_by_id_and_name_and_accepted_so() {
        let ann = json!({ "object": "user", "id": USER, "name": "Ann", "person": { "email": "ann@example.com" } });
        let plain = to_plain(&json!({ "type": "people", "people": [ann, { "object": "user" }] }));
        assert_eq!(plain, json!([{ "id": USER, "name": "Ann", "email": "ann@example.com" }]));
        for people in [plain, json!([USER]), json!(USER)] {
            let written = value_to_request("people", &people);
            assert_eq!(written, Ok(json!({ "people": [{ "object": "user", "id": USER }] })), "{people}");
        }
    }

    #[test]
    fn accepts_single_values_and_notion_objects() {
        assert_eq!(value_to_request("multi_select", &json!("A")), Ok(json!({ "multi_select": [{ "name": "A" }] })));
        let schema = Map::from_iter([("Due".to_owned(), json!({ "id": "d%3A", "type": "date" }))]);
        let notion_object = json!({ "date": { "start": "2026-11-23", "time_zone": "Europe/Berlin" } });
        for (name, written) in [("Due", "Due"), ("d%3A", "Due"), ("Hidden", "Hidden")] {
            let of = |name: &str| Map::from_iter([(name.to_owned(), notion_object.clone())]);
            assert_eq!(to_request(&schema, &of(name)), Ok(of(written)), "{name}");
        }
        let typo = Map::from_iter([("due".to_owned(), json!("2026-11-23"))]);
        assert_eq!(
            to_request(&schema, &typo).unwrap_err(),
            "properties.due: the property does not exist; existing properties are Due"
        );
    }

    #[test]
    fn converts_computed_properties_to_plain_values() {
        for (property, plain_value) in [
            (json!({ "type": "formula", "formula": { "type": "string", "string": "x" } }), json!("x")),
            (
                json!({ "type": "formula", "formula": { "type": "date", "date": { "start": "2026-11-23" } } }),
                json!("2026-11-23"),
            ),
            (json!({ "type": "rollup", "rollup": { "type": "number", "number": 3, "function": "sum" } }), json!(3)),
            (
                json!({ "type": "rollup", "rollup": { "type": "array", "array": [{ "type": "number", "number": 1 }] } }),
                json!([1]),
            ),
            (
                json!({ "type": "created_time", "created_time": "2026-11-23T10:00:00.000Z" }),
                json!("2026-11-23T10:00:00.000Z"),
            ),
            (json!({ "type": "created_by", "created_by": { "object": "user", "id": USER } }), json!({ "id": USER })),
            (json!({ "type": "unique_id", "unique_id": { "prefix": "TASK", "number": 7 } }), json!("TASK-7")),
            (json!({ "type": "unique_id", "unique_id": { "prefix": null, "number": 7 } }), json!(7)),
            (json!({ "type": "verification", "verification": { "state": "verified" } }), json!("verified")),
            (json!({ "type": "button", "button": {} }), Value::Null),
            (
                json!({ "type": "files", "files": [{ "name": "b", "file": { "url": "https://s3.example/b" } }] }),
                json!(["https://s3.example/b"]),
            ),
            (json!({}), Value::Null),
        ] {
            assert_eq!(to_plain(&property), plain_value, "{property}");
        }
    }
}
