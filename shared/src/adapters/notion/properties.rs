//! Property values, converted from plain values, as people and models write them, to Notion's form.
//! <https://developers.notion.com/reference/page-property-values>

use serde_json::{Map, Number, Value, json};
use url::Url;

use super::options::{self, option_name};
use super::{date_property, rich_text};
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
/// Types that a person sets.
const SET_TYPES: [&str; 14] = [
    "title",
    "rich_text",
    "number",
    "select",
    "status",
    "multi_select",
    "date",
    "people",
    "relation",
    "files",
    "checkbox",
    "url",
    "email",
    "phone_number",
];

/// Returns the name and the schema of a property: by its name or its id. The id of the title is `title`.
pub(super) fn find<'a>(schema: &'a Map<String, Value>, name: &str) -> Option<(&'a String, &'a Value)> {
    let by_name = schema.get_key_value(name);
    by_name.or_else(|| {
        schema.iter().find(|(_, property)| property["id"] == name || (name == "title" && property["type"] == "title"))
    })
}

/// Says that a property does not exist, and which ones do.
pub(super) fn unknown(schema: &Map<String, Value>) -> String {
    format!("the property does not exist; existing properties are {}", list_choices(schema.keys().map(String::as_str)))
}

/// Converts properties to Notion's request form, in which people and pages may still be named by more than their ids. `schema` has each
/// property's type by name: a data source's or a page's own. Without a schema, which a connection may not read, an object in Notion's own
/// form is kept unchanged.
///
/// # Errors
/// A text for people that names the property.
pub(super) fn to_request(
    schema: &Map<String, Value>,
    values: &Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let mut request = Map::new();
    for (name, value) in values {
        let invalid = |reason: String| format!("properties.{name}: {reason}");
        let (known, value) = match find(schema, name) {
            Some((known, property)) => (known, property_to_request(property, value).map_err(invalid)?),
            None if schema.is_empty() && value.is_object() => (name, value.clone()),
            None => return Err(invalid(unknown(schema))),
        };
        if request.insert(known.clone(), value).is_some() {
            return Err(invalid(format!("names the property '{known}', which has a value already")));
        }
    }
    Ok(request)
}

/// Converts a value, which can be in Notion's own form, to Notion's property object.
///
/// # Errors
/// The form the type requires.
pub(super) fn property_to_request(property: &Value, value: &Value) -> Result<Value, String> {
    let kind = property["type"].as_str().unwrap_or_default();
    if COMPUTED_TYPES.contains(&kind) {
        return Err(format!("cannot be set: Notion computes it ({kind})"));
    }
    let own = value.get(kind);
    let is_of = |other: &&&str| {
        **other != kind && value.get(**other).is_some_and(|inner| inner.is_object() || inner.is_array())
    };
    if let (None, Some(other)) = (own, SET_TYPES.iter().find(is_of)) {
        return Err(format!("is given as {other}, but its type is {kind}"));
    }
    match own {
        // Rich text and files in Notion's own form have more than a plain value can say.
        Some(Value::Array(items))
            if matches!(kind, "title" | "rich_text" | "files") && items.iter().all(Value::is_object) =>
        {
            Ok(json!({ kind: items }))
        }
        Some(inner) if SET_TYPES.contains(&kind) => value_to_request(property, kind, inner),
        Some(_) => Ok(value.clone()),
        None => value_to_request(property, kind, value),
    }
}

fn value_to_request(property: &Value, kind: &str, value: &Value) -> Result<Value, String> {
    let must_be = |what: &str| Err(format!("must be {what}: its type is {kind}"));
    let inner = match (kind, value) {
        ("title" | "rich_text" | "multi_select" | "people" | "relation" | "files", Value::Null) => json!([]),
        ("number" | "select" | "status" | "date" | "url" | "email" | "phone_number", Value::Null) => Value::Null,
        ("checkbox", Value::Null) => json!(false),
        ("title" | "rich_text", _) => match as_text(value) {
            Some(text) if rich_text::fits_limits(&text) => json!(rich_text::to_rich_text(&text)),
            _ => return must_be("a text of at most 200,000 characters"),
        },
        ("number", _) => as_number(value).map_or_else(|| must_be("a number, such as 5"), |number| Ok(number.into()))?,
        ("checkbox", _) => as_boolean(value).map_or_else(|| must_be("true or false"), |flag| Ok(flag.into()))?,
        ("select" | "status", _) => match option_name(value) {
            Some(name) => options::to_request(property, kind, name)?,
            None => return must_be("the name of an option"),
        },
        ("multi_select", _) => {
            let names = list_of(value, |item| option_name(item).map(str::to_owned));
            let Ok(names) = names else {
                return must_be("a list of at most 100 option names, such as [\"A\", \"B\"]");
            };
            names.iter().map(|name| options::to_request(property, kind, name)).collect::<Result<Value, _>>()?
        }
        ("people", _) => {
            list_of(value, |person| Some(json!({ "object": "user", "id": person_name(person)? }))).map(Value::from).or(
                must_be("a list of at most 100 people: addresses, names, ids or \"me\", such as [\"ann@example.com\"]"),
            )?
        }
        ("relation", _) => list_of(value, |page| Some(json!({ "id": page_name(page)? })))
            .map(Value::from)
            .or(must_be("a list of at most 100 pages: ids, links or titles, such as [\"Launch plan\"]"))?,
        ("files", _) if is_signed(value) => {
            return Err("must not have an address with X-Amz-Signature, which ends in an hour, unless it is of a file that this \
                        page stores: give one that lasts, such as https://example.com/b.pdf"
                .to_owned());
        }
        ("files", _) => list_of(value, file).map(Value::from).or(must_be("a list of https addresses"))?,
        ("url", _) => contact(value, MAX_URL_UNITS).map_or_else(|reason| must_be(&reason), Ok)?,
        ("email" | "phone_number", _) => {
            contact(value, MAX_CONTACT_UNITS).map_or_else(|reason| must_be(&reason), Ok)?
        }
        ("date", _) => date_property::to_request(value)?,
        _ => return must_be("Notion's property object"),
    };
    Ok(json!({ kind: inner }))
}

/// Returns a text, also of a number.
fn as_text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()))
}

/// Returns a number, also of a text in digits.
pub(super) fn as_number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Returns a boolean, also of a text.
pub(super) fn as_boolean(value: &Value) -> Option<bool> {
    match value.as_str() {
        Some(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Some(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        Some(_) => None,
        None => value.as_bool(),
    }
}

/// Converts one value or a list of them by `item`.
fn list_of<T>(value: &Value, item: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>, ()> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        item => std::slice::from_ref(item),
    };
    if items.len() > MAX_ITEMS {
        return Err(());
    }
    items.iter().map(|value| item(value).ok_or(())).collect()
}

/// The words that name a person: an id, an address or a name, or an object with one of them, as outputs have it.
pub(super) fn person_name(person: &Value) -> Option<&str> {
    let parts = ["id", "email", "name"].iter().find_map(|key| person[*key].as_str());
    let nested = person.pointer("/person/email").and_then(Value::as_str);
    person.as_str().or(parts).or(nested).filter(|name| !name.trim().is_empty())
}

/// The words that name a page: an id, a link or a title, or an object with one of them.
pub(super) fn page_name(page: &Value) -> Option<&str> {
    let parts = ["id", "link", "title"].iter().find_map(|key| page[*key].as_str());
    page.as_str().or(parts).filter(|name| !name.trim().is_empty())
}

/// An address or a number to call, or the words for what it must be.
fn contact(value: &Value, max_units: usize) -> Result<Value, String> {
    let text = as_text(value).map(|text| text.trim().to_owned());
    match text.filter(|text| text.encode_utf16().count() <= max_units) {
        // Notion refuses an empty address.
        Some(text) if text.is_empty() => {
            Err("something, and must not be empty; leave it out, or name it in `clear` of notion_update_page"
                .to_owned())
        }
        Some(text) => Ok(json!(text)),
        None => Err(format!("a text of at most {max_units} characters")),
    }
}

/// True if an address of a value is signed for an hour, as those of files that Notion stores.
fn is_signed(value: &Value) -> bool {
    let items = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    items.iter().any(|item| item.as_str().is_some_and(|address| address.contains("X-Amz-Signature=")))
}

/// A file that Notion stores, in its own form, or one on the web, named by the last segment of its address.
fn file(file: &Value) -> Option<Value> {
    if file["file"]["url"].is_string() {
        return Some(file.clone());
    }
    let address = file.as_str()?;
    let url = Url::parse(address).ok().filter(|url| url.scheme() == "https" && address.len() <= MAX_URL_UNITS)?;
    let last = url.path_segments().and_then(|mut path| path.rfind(|segment| !segment.is_empty()));
    let name: String = last.or(url.host_str())?.chars().take(MAX_FILE_NAME_CHARS).collect();
    Some(json!({ "type": "external", "name": name, "external": { "url": address } }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::plain_values::to_plain;

    const USER: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn rich_text(content: &str) -> Value {
        json!([{ "type": "text", "text": { "content": content } }])
    }

    fn value_to_request(kind: &str, value: &Value) -> Result<Value, String> {
        property_to_request(&json!({ "type": kind }), value)
    }

    /// Type, plain value, Notion's value.
    fn conversions() -> Vec<(&'static str, Value, Value)> {
        let file = json!({ "type": "external", "name": "b.pdf", "external": { "url": "https://a.example/x/b.pdf" } });
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
            ("files", json!(["https://a.example/x/b.pdf"]), json!([file])),
        ]
    }

    #[test]
    fn converts_in_both_directions() {
        for (kind, plain_value, notion_value) in conversions() {
            let schema = Map::from_iter([("P".to_owned(), json!({ "id": "x", "type": kind }))]);
            let own = json!({ kind: notion_value });
            for value in [&plain_value, &own] {
                let written = to_request(&schema, &Map::from_iter([("P".to_owned(), value.clone())])).unwrap();
                assert_eq!(written["P"], own, "{value}");
            }
            let mut property = json!({ "id": "x", "type": kind });
            property[kind] = notion_value;
            assert_eq!(to_plain(&property), plain_value, "{kind}");
        }
    }

    #[test]
    fn refuses_values_of_the_wrong_type() {
        for (kind, value) in [
            ("title", json!(true)),
            ("rich_text", json!("x".repeat(200_001))),
            ("number", json!("four")),
            ("checkbox", json!("yes")),
            ("select", json!(["A"])),
            ("select", json!("A, B")),
            ("status", json!(true)),
            ("multi_select", json!([1])),
            ("multi_select", json!(vec!["A"; 101])),
            ("date", json!("tomorrow")),
            ("url", json!("x".repeat(2001))),
            ("url", json!(" ")),
            ("email", json!("x".repeat(201))),
            ("people", json!([{}])),
            ("relation", json!([5])),
            ("files", json!(["http://a.example/b"])),
            ("files", json!("https://s3.example/b.pdf?X-Amz-Date=1&X-Amz-Signature=2")),
            ("place", json!("Here")),
            ("status", json!({ "select": { "name": "A" } })),
        ] {
            assert!(value_to_request(kind, &value).is_err(), "{kind}");
        }
        for kind in COMPUTED_TYPES {
            for value in [json!("x"), json!({ kind: {} })] {
                assert!(value_to_request(kind, &value).unwrap_err().contains("cannot be set"), "{kind}");
            }
        }
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
    fn accepts_single_values_and_names_and_ids_of_properties() {
        assert_eq!(value_to_request("multi_select", &json!("A")), Ok(json!({ "multi_select": [{ "name": "A" }] })));
        let schema = Map::from_iter([("Due".to_owned(), json!({ "id": "d%3A", "type": "date" }))]);
        let of = |name: &str| Map::from_iter([(name.to_owned(), json!("2026-11-23"))]);
        for name in ["Due", "d%3A"] {
            assert_eq!(
                to_request(&schema, &of(name)).unwrap()["Due"],
                json!({ "date": { "start": "2026-11-23" } }),
                "{name}"
            );
        }
        let reason = "properties.due: the property does not exist; existing properties are Due";
        assert_eq!(to_request(&schema, &of("due")).unwrap_err(), reason);
        let own = Map::from_iter([("Hidden".to_owned(), json!({ "date": { "start": "2026-11-23" } }))]);
        assert_eq!(to_request(&Map::new(), &own), Ok(own.clone()), "a connection may not read the schema");
        assert!(to_request(&schema, &own).is_err());
    }
}
