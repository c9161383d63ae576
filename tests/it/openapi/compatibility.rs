//! Compatibility of the document with an earlier one: the changes that break a client which was built for the earlier one.
//!
//! A request must stay accepted: no operation, parameter or field disappears (unknown fields are refused), none becomes
//! required, no value or type is taken away. A response must stay readable: no field disappears or becomes optional, no
//! type changes. Additions are compatible: the document tells clients to ignore fields and codes that they do not know.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

use super::assembled;
use crate::support::root;

/// Folder of the documents of released versions, one file each. It is empty until 0.2 is released.
const RELEASED: &str = "tests/it/openapi/released";

/// Direction in which a schema's values travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Request,
    Response,
}

/// Two documents, and the breaking changes found so far.
struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    /// Pairs of references that are being compared: schemas may be recursive.
    open: BTreeSet<(String, String)>,
    found: Vec<String>,
}

/// The breaking changes from `old` to `new`, each with its place. Empty: a client of `old` works with `new`.
pub(super) fn breaking_changes(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, open: BTreeSet::new(), found: vec![] };
    for (path, operations) in entries(&old["paths"]) {
        for (method, operation) in entries(operations) {
            let place = format!("{} {path}", method.to_uppercase());
            match new["paths"].get(path).and_then(|operations| operations.get(method)) {
                Some(now) => comparison.operation(&place, operation, now),
                None => comparison.found.push(format!("{place}: the operation is gone")),
            }
        }
    }
    comparison.found
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::String(text) => BTreeSet::from([text.as_str()]),
        other => items(other).iter().filter_map(Value::as_str).collect(),
    }
}

/// The value itself, or the part of the document that its `$ref` names.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(value)
}

impl Comparison<'_> {
    fn operation(&mut self, place: &str, old: &Value, new: &Value) {
        self.parameters(place, old, new);
        let body = |operation: &Value| operation["requestBody"]["content"]["application/json"]["schema"].clone();
        self.schema(&format!("{place} body"), &body(old), &body(new), Direction::Request);
        for (status, response) in entries(&old["responses"]).filter(|(status, _)| status.starts_with('2')) {
            let Some(now) = new["responses"].get(status) else {
                self.found.push(format!("{place}: the response {status} is gone"));
                continue;
            };
            let content =
                |document, response| resolve(document, response)["content"]["application/json"]["schema"].clone();
            let (old, new) = (content(self.old, response), content(self.new, now));
            self.schema(&format!("{place} {status}"), &old, &new, Direction::Response);
        }
    }

    fn parameters(&mut self, place: &str, old: &Value, new: &Value) {
        let of = |operation: &Value, name: &Value| {
            items(&operation["parameters"]).iter().find(|it| it["name"] == *name).cloned()
        };
        for parameter in items(&old["parameters"]) {
            match of(new, &parameter["name"]) {
                None => self.found.push(format!("{place}: the parameter {} is gone", parameter["name"])),
                Some(now) => {
                    let place = format!("{place} parameter {}", parameter["name"]);
                    self.schema(&place, &parameter["schema"], &now["schema"], Direction::Request);
                }
            }
        }
        let required = |parameter: &&Value| parameter["required"] == true;
        for parameter in items(&new["parameters"]).iter().filter(required) {
            if of(old, &parameter["name"]).is_none_or(|before| before["required"] != true) {
                self.found.push(format!("{place}: the parameter {} is required now", parameter["name"]));
            }
        }
    }

    fn schema(&mut self, place: &str, old: &Value, new: &Value, direction: Direction) {
        let name = |schema: &Value| schema["$ref"].as_str().unwrap_or_default().to_owned();
        let pair = (name(old), name(new));
        let named = !pair.0.is_empty();
        if named && !self.open.insert(pair.clone()) {
            return;
        }
        let (old, new) = (resolve(self.old, old).clone(), resolve(self.new, new).clone());
        self.values(place, &old, &new, direction);
        self.fields(place, &old, &new, direction);
        if !old["items"].is_null() {
            self.schema(&format!("{place}[]"), &old["items"], &new["items"], direction);
        }
        for form in ["oneOf", "anyOf"] {
            for (index, variant) in items(&old[form]).iter().enumerate() {
                let present = items(&new[form]).iter().any(|now| self.accepts(variant, now, direction));
                if !present {
                    self.found.push(format!("{place}: form {} of {form} is gone or changed", index + 1));
                }
            }
        }
        if named {
            self.open.remove(&pair);
        }
    }

    /// True if a value of the variant `old` still fits `new`.
    fn accepts(&self, old: &Value, new: &Value, direction: Direction) -> bool {
        let mut attempt = Comparison { old: self.old, new: self.new, open: self.open.clone(), found: vec![] };
        attempt.schema("", old, new, direction);
        attempt.found.is_empty()
    }

    fn values(&mut self, place: &str, old: &Value, new: &Value, direction: Direction) {
        let (before, now) = (texts(&old["type"]), texts(&new["type"]));
        let compatible = match direction {
            Direction::Request => now.is_empty() || before.is_subset(&now),
            Direction::Response => before.is_empty() || (!now.is_empty() && now.is_subset(&before)),
        };
        if !compatible {
            self.found.push(format!("{place}: the type was {before:?} and is {now:?}"));
        }
        let (before, now) = (texts(&old["enum"]), texts(&new["enum"]));
        if direction == Direction::Request && !now.is_empty() && (before.is_empty() || !before.is_subset(&now)) {
            self.found.push(format!("{place}: only {now:?} are accepted now"));
        }
        for (bound, grows) in
            [("maxLength", true), ("maxItems", true), ("maximum", true), ("minLength", false), ("minimum", false)]
        {
            let (before, now) = (old[bound].as_f64(), new[bound].as_f64());
            let tighter = match (before, now) {
                (Some(before), Some(now)) => {
                    if grows {
                        now < before
                    } else {
                        now > before
                    }
                }
                (None, Some(_)) => true,
                (_, None) => false,
            };
            if direction == Direction::Request && tighter {
                self.found.push(format!("{place}: {bound} was {before:?} and is {now:?}"));
            }
        }
    }

    fn fields(&mut self, place: &str, old: &Value, new: &Value, direction: Direction) {
        for (name, field) in entries(&old["properties"]) {
            match new["properties"].get(name) {
                Some(now) => self.schema(&format!("{place}.{name}"), field, now, direction),
                None => self.found.push(format!("{place}.{name}: the field is gone")),
            }
        }
        let (before, now) = (texts(&old["required"]), texts(&new["required"]));
        let changed: Vec<String> = match direction {
            Direction::Request => {
                now.difference(&before).map(|name| format!("{place}.{name}: the field is required now")).collect()
            }
            Direction::Response => {
                before.difference(&now).map(|name| format!("{place}.{name}: the field is optional now")).collect()
            }
        };
        self.found.extend(changed);
    }
}

fn document(request: &Value, response: &Value) -> Value {
    json!({ "paths": { "/things": { "post": {
        "parameters": [{ "name": "limit", "required": false, "schema": { "type": "integer", "maximum": 100 } }],
        "requestBody": { "content": { "application/json": { "schema": request } } },
        "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Out" } } } } },
    } } }, "components": { "schemas": { "Out": response } } })
}

fn pair() -> (Value, Value) {
    let request = json!({ "type": "object", "properties": { "name": { "type": "string", "maxLength": 10 } }, "required": ["name"] });
    let response = json!({ "type": "object", "properties": { "id": { "type": "string" } }, "required": ["id"] });
    (request, response)
}

#[test]
fn additions_are_compatible() {
    let (request, response) = pair();
    let old = document(&request, &response);
    let (mut wider, mut richer) = (request, response);
    wider["properties"]["note"] = json!({ "type": ["string", "null"] });
    wider["properties"]["name"]["maxLength"] = json!(20);
    richer["properties"]["link"] = json!({ "type": "string" });
    let mut new = document(&wider, &richer);
    new["paths"]["/others"] = json!({ "get": {} });
    assert_eq!(breaking_changes(&old, &new), Vec::<String>::new());
    assert_eq!(breaking_changes(&old, &old), Vec::<String>::new());
}

#[test]
fn each_breaking_change_is_reported_with_its_place() {
    let (request, response) = pair();
    let old = document(&request, &response);
    let changes: [(&str, Value, &str); 6] = [
        (
            "/paths/~1things/post/requestBody/content/application~1json/schema/required",
            json!(["name", "note"]),
            "note: the field is required now",
        ),
        (
            "/paths/~1things/post/requestBody/content/application~1json/schema/properties/name/maxLength",
            json!(5),
            "maxLength",
        ),
        (
            "/paths/~1things/post/requestBody/content/application~1json/schema/properties",
            json!({}),
            "name: the field is gone",
        ),
        ("/components/schemas/Out/properties/id/type", json!("integer"), "the type was"),
        ("/components/schemas/Out/required", json!([]), "id: the field is optional now"),
        ("/paths/~1things/post/parameters/0/required", json!(true), "\"limit\" is required now"),
    ];
    for (pointer, value, expected) in changes {
        let mut new = old.clone();
        *new.pointer_mut(pointer).expect(pointer) = value;
        let found = breaking_changes(&old, &new);
        assert!(found.len() == 1 && found[0].contains(expected), "{pointer}: {found:?}");
    }
    assert_eq!(breaking_changes(&old, &json!({ "paths": {} })), ["POST /things: the operation is gone"]);
}

#[test]
fn the_document_is_compatible_with_every_released_one() {
    let Ok(files) = fs::read_dir(root().join(RELEASED)) else { return };
    for file in files.map(|entry| entry.unwrap().path()) {
        let released: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let found = breaking_changes(&released, &assembled());
        assert!(found.is_empty(), "breaks clients of {}: {found:#?}", file.display());
    }
}

#[test]
fn the_document_is_compatible_with_itself() {
    let document = assembled();
    assert_eq!(breaking_changes(&document, &document), Vec::<String>::new());
}
