//! Property values of pages as plain values: the form in which they are accepted, if a property can be set.
//! <https://developers.notion.com/reference/page-property-values>

use serde_json::{Map, Value, json};
use url::Url;

use super::user::Person;
use super::{date_property, rich_text, text};

/// The references of a property that a page has at most: <https://developers.notion.com/reference/retrieve-a-page#limits>
const MAX_REFERENCES: usize = 25;

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

/// Converts a property of a page to a plain value.
pub(super) fn to_plain(property: &Value) -> Value {
    let kind = property["type"].as_str().unwrap_or_default();
    let value = &property[kind];
    match kind {
        "title" | "rich_text" => json!(rich_text::to_plain(value)),
        "select" | "status" => value["name"].clone(),
        "multi_select" => map_items(value, |option| &option["name"]),
        "people" => value.as_array().into_iter().flatten().filter_map(Person::of).map(|person| json!(person)).collect(),
        "relation" => map_items(value, |item| &item["id"]),
        "files" => map_items(value, file_address),
        "date" => date_property::to_plain(value),
        // These types wrap a value of another type.
        "formula" => to_plain(value),
        "rollup" if value["type"] == "array" => value["array"].as_array().into_iter().flatten().map(to_plain).collect(),
        "rollup" => to_plain(value),
        "created_by" | "last_edited_by" => json!(Person::of(value)),
        "unique_id" => unique_id(value),
        "verification" => value["state"].clone(),
        // Notion computed no value of a formula or a rollup: https://developers.notion.com/changelog (5 August 2026)
        "button" | "incomplete" | "unsupported" => Value::Null,
        // A number, text or boolean is returned as it is; a value of an unknown type in Notion's form.
        _ => value.clone(),
    }
}

/// True if a property of a page has a value of a request. People have only ids there, and options that are known too.
pub(super) fn has_value(property: &Value, request: &Value) -> bool {
    let kind = property["type"].as_str().unwrap_or_default();
    let (own, value) = (&property[kind], &request[kind]);
    let is_same = |(own, value): (&Value, &Value)| match value.get("id") {
        Some(id) => own["id"] == *id,
        None => own["name"] == value["name"],
    };
    match (kind, own.as_array(), value.as_array()) {
        ("people" | "multi_select", Some(own), Some(value)) => {
            own.len() == value.len() && own.iter().zip(value).all(is_same)
        }
        ("select" | "status", ..) => is_same((own, value)),
        _ => to_plain(property) == to_plain(&json!({ "type": kind, kind: value })),
    }
}

/// True if a page may not have the whole value of a property. Only for relations Notion says so.
pub(super) fn is_cut(property: &Value) -> bool {
    let kind = property["type"].as_str().unwrap_or_default();
    let value = &property[kind];
    let references = |is_one: fn(&Value) -> bool| {
        value.as_array().is_some_and(|items| items.iter().filter(|item| is_one(item)).count() >= MAX_REFERENCES)
    };
    match kind {
        "relation" => property["has_more"] == true,
        "people" => references(|_| true),
        "title" | "rich_text" => references(|piece| piece["type"] == "mention"),
        "rollup" | "formula" if matches!(value["type"].as_str(), Some("incomplete" | "unsupported")) => true,
        // It is computed of 25 related pages at most.
        "rollup" => value["array"].as_array().is_some_and(|items| items.len() >= MAX_REFERENCES),
        _ => false,
    }
}

/// Returns the file of a property that is stored at an address, in Notion's request form. The address is signed for an hour, and so
/// compared by its host and path: <https://developers.notion.com/reference/file-object>
pub(super) fn stored_file(property: &Value, address: &str) -> Option<Value> {
    let place =
        |address: &str| Url::parse(address).ok().map(|url| (url.host_str().map(str::to_owned), url.path().to_owned()));
    let sought = place(address)?;
    let is_it =
        |file: &&Value| file.pointer("/file/url").and_then(Value::as_str).and_then(place).as_ref() == Some(&sought);
    let file = property["files"].as_array()?.iter().find(is_it)?;
    Some(json!({ "type": "file", "name": file["name"], "file": { "url": file["file"]["url"] } }))
}

/// Returns the address of a file, or the name of one that has none yet.
fn file_address(file: &Value) -> &Value {
    let addresses = [file.pointer("/external/url"), file.pointer("/file/url")];
    addresses.into_iter().flatten().find(|address| address.is_string()).unwrap_or(&file["name"])
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

    #[test]
    fn converts_computed_properties_to_plain_values() {
        for (property, plain_value) in [
            (json!({ "type": "formula", "formula": { "type": "string", "string": "x" } }), json!("x")),
            (
                json!({ "type": "formula", "formula": { "type": "date", "date": { "start": "2026-11-23" } } }),
                json!("2026-11-23"),
            ),
            (json!({ "type": "formula", "formula": { "type": "unsupported", "unsupported": {} } }), Value::Null),
            (json!({ "type": "rollup", "rollup": { "type": "number", "number": 3, "function": "sum" } }), json!(3)),
            (json!({ "type": "rollup", "rollup": { "type": "incomplete", "incomplete": {} } }), Value::Null),
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
                json!({ "type": "files", "files": [{ "name": "b", "file": { "url": "https://s3.example/b" } }, { "name": "c" }] }),
                json!(["https://s3.example/b", "c"]),
            ),
            (json!({}), Value::Null),
        ] {
            assert_eq!(to_plain(&property), plain_value, "{property}");
        }
    }

    #[test]
    fn values_of_requests_are_compared_by_what_they_name() {
        let (low, top) = (json!({ "id": "1", "name": "Low" }), json!({ "id": "2", "name": "Top" }));
        for (kind, own, request, is_expected) in [
            ("select", low.clone(), json!({ "id": "1" }), true),
            ("select", low.clone(), json!({ "name": "Low" }), true),
            ("select", low.clone(), json!({ "id": "2" }), false),
            ("status", Value::Null, json!({ "id": "1" }), false),
            ("select", Value::Null, Value::Null, true),
            ("multi_select", json!([low, top]), json!([{ "id": "1" }, { "name": "Top" }]), true),
            ("multi_select", json!([low, top]), json!([{ "id": "1" }]), false),
            ("people", json!([{ "id": USER, "name": "Ann" }]), json!([{ "object": "user", "id": USER }]), true),
            ("people", json!([]), json!([{ "object": "user", "id": USER }]), false),
            ("number", json!(7), json!(7), true),
            ("number", json!(7), json!(8), false),
        ] {
            assert_eq!(
                has_value(&json!({ "type": kind, kind: own }), &json!({ kind: request })),
                is_expected,
                "{request}"
            );
        }
    }

    #[test]
    fn values_that_can_be_cut_are_known() {
        let mention = json!({ "type": "mention", "plain_text": "@" });
        for (property, is_expected) in [
            (json!({ "type": "relation", "relation": [], "has_more": true }), true),
            (json!({ "type": "relation", "relation": vec![json!({ "id": USER }); 25], "has_more": false }), false),
            (json!({ "type": "people", "people": vec![json!({ "id": USER }); 25] }), true),
            (json!({ "type": "people", "people": [{ "id": USER }] }), false),
            (json!({ "type": "rich_text", "rich_text": vec![mention; 25] }), true),
            (json!({ "type": "rich_text", "rich_text": vec![json!({ "type": "text" }); 25] }), false),
            (json!({ "type": "rollup", "rollup": { "type": "incomplete" } }), true),
            (json!({ "type": "rollup", "rollup": { "type": "array", "array": vec![json!({}); 25] } }), true),
            (json!({ "type": "rollup", "rollup": { "type": "number", "number": 1 } }), false),
            (json!({ "type": "number", "number": 1 }), false),
        ] {
            assert_eq!(is_cut(&property), is_expected, "{property}");
        }
    }
}
