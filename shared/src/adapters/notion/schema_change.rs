//! Changes of the schema of a data source, checked against the schema that it has.
//! <https://developers.notion.com/reference/update-data-source-properties>

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use super::{options, properties, schema};

/// The changes that are asked for, by property.
#[derive(Debug, Default)]
pub(super) struct SchemaChange<'a> {
    /// Types of new properties.
    pub(super) add: Option<&'a Map<String, Value>>,
    /// New names.
    pub(super) rename: Option<&'a BTreeMap<String, String>>,
    /// Properties to remove.
    pub(super) remove: Vec<&'a str>,
    /// New types.
    pub(super) change: Option<&'a Map<String, Value>>,
    /// Options to add.
    pub(super) add_options: Option<&'a BTreeMap<String, Vec<String>>>,
    /// Options to remove.
    pub(super) remove_options: Option<&'a BTreeMap<String, Vec<String>>>,
}

/// The ids of the properties that a change names, from before it: a renamed property is found by its id.
#[derive(Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Ids(BTreeMap<String, String>);

impl Ids {
    /// The id of the property of a name; the name itself if there was none.
    fn of<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }
}

impl SchemaChange<'_> {
    /// True if nothing of the schema is to be changed.
    pub(super) fn is_empty(&self) -> bool {
        self.names().next().is_none() && self.add.is_none_or(Map::is_empty)
    }

    /// The names of the properties that must exist, each with the field that names it.
    fn names(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let renamed = self.rename.into_iter().flat_map(BTreeMap::keys).map(|name| ("rename", name.as_str()));
        let removed = self.remove.iter().map(|name| ("remove", *name));
        renamed
            .chain(removed)
            .chain(self.change.into_iter().flat_map(Map::keys).map(|name| ("change", name.as_str())))
            .chain(self.add_options.into_iter().flat_map(BTreeMap::keys).map(|name| ("addOptions", name.as_str())))
            .chain(
                self.remove_options.into_iter().flat_map(BTreeMap::keys).map(|name| ("removeOptions", name.as_str())),
            )
    }

    /// Checks the change against the schema before it, and returns the ids of the properties that it names.
    ///
    /// # Errors
    /// A text for people that names the field and the property.
    pub(super) fn check(&self, schema: &Map<String, Value>) -> Result<Ids, String> {
        let mut ids = Ids::default();
        for (field, name) in self.names() {
            let invalid = |reason: &str| format!("{field}.{name}: {reason}");
            let (known, property) =
                properties::find(schema, name).ok_or_else(|| invalid(&properties::unknown(schema)))?;
            if matches!(field, "remove" | "change") && property["type"] == "title" {
                return Err(invalid("is the title, which cannot be removed and has no other type"));
            }
            if field == "remove" && self.names().any(|(other, it)| other != field && (it == name || it == known)) {
                return Err(invalid("must not be removed and changed at once"));
            }
            ids.0.insert(name.to_owned(), property["id"].as_str().unwrap_or(known).to_owned());
        }
        for (old, new) in self.rename.into_iter().flatten() {
            let is_other = properties::find(schema, old).is_none_or(|(known, _)| known != new);
            if is_other && schema.contains_key(new) || self.add.is_some_and(|add| add.contains_key(new)) {
                return Err(format!("rename.{old}: a property is called {new} already"));
            }
        }
        for (name, kind) in self.add.into_iter().flatten() {
            if schema.contains_key(name) {
                return Err(format!("add.{name}: exists already; `change` changes its type"));
            }
            let request = schema::property_to_request(kind).map_err(|reason| format!("add.{name}: {reason}"))?;
            if request.get("title").is_some() {
                return Err(format!("add.{name}: must not be a second title"));
            }
        }
        for (name, kind) in self.change.into_iter().flatten() {
            schema::property_to_request(kind).map_err(|reason| format!("change.{name}: {reason}"))?;
        }
        self.check_options(schema)?;
        Ok(ids)
    }

    fn check_options(&self, schema: &Map<String, Value>) -> Result<(), String> {
        for (field, map) in [("addOptions", self.add_options), ("removeOptions", self.remove_options)] {
            for (name, options) in map.into_iter().flatten() {
                let invalid = |reason: String| format!("{field}.{name}: {reason}");
                let property = properties::find(schema, name).map(|(_, property)| property).unwrap_or(&Value::Null);
                let kind = property["type"].as_str().unwrap_or_default();
                if !schema::TYPES_WITH_OPTIONS.contains(&kind) {
                    return Err(invalid(format!("has no options: its type is {kind}")));
                }
                if field == "addOptions" {
                    options.iter().try_for_each(|option| options::check_option_name(option)).map_err(invalid)?;
                } else if kind == "status" {
                    return Err(invalid(
                        "Notion removes no options of a status for other apps: remove them in Notion".to_owned(),
                    ));
                } else {
                    options
                        .iter()
                        .try_for_each(|option| options::find_option(property, option).map(|_| ()))
                        .map_err(invalid)?;
                }
            }
        }
        Ok(())
    }

    /// Returns the properties of the request for a schema, in which a part of the change may be made already. Properties that exist are
    /// named by their ids, so that a request made twice changes nothing more.
    ///
    /// # Errors
    /// A type that is none.
    pub(super) fn to_request(&self, schema: &Map<String, Value>, ids: &Ids) -> Result<Map<String, Value>, String> {
        let find = |name: &str| properties::find(schema, ids.of(name));
        let mut request = Map::new();
        let mut set = |id: &str, change: Value| match request.entry(id).or_insert(json!({})) {
            Value::Object(known) => known.extend(change.as_object().cloned().unwrap_or_default()),
            other => *other = change,
        };
        for (name, kind) in self.add.into_iter().flatten() {
            let requested = schema::property_to_request(kind)?;
            // An earlier attempt added it.
            if !schema.contains_key(name) {
                set(name, requested);
            }
        }
        for (name, kind) in self.change.into_iter().flatten() {
            set(ids.of(name), schema::property_to_request(kind)?);
        }
        for (old, new) in self.rename.into_iter().flatten() {
            if find(old).is_some_and(|(known, _)| known != new) {
                set(ids.of(old), json!({ "name": new }));
            }
        }
        let names = [self.add_options, self.remove_options].into_iter().flatten().flat_map(BTreeMap::keys);
        for name in names {
            if let Some((_, property)) = find(name) {
                set(ids.of(name), self.options(name, property));
            }
        }
        for name in self.remove.iter().filter(|name| find(name).is_some()) {
            request.insert(ids.of(name).to_owned(), Value::Null);
        }
        Ok(request)
    }

    /// Returns all options of a property after the change: Notion removes those that a request leaves out.
    fn options(&self, name: &str, property: &Value) -> Value {
        let of = |map: Option<&BTreeMap<String, Vec<String>>>| {
            map.and_then(|map| map.get(name)).cloned().unwrap_or_default()
        };
        let (added, removed) = (of(self.add_options), of(self.remove_options));
        let is = |option: &Value, names: &[String]| {
            let own = option["name"].as_str().unwrap_or_default().to_lowercase();
            names.iter().any(|name| name.trim().to_lowercase() == own)
        };
        let kind = property["type"].as_str().unwrap_or_default();
        let known = property[kind]["options"].as_array().map(Vec::as_slice).unwrap_or_default();
        let stay = known.iter().filter(|option| !is(option, &removed)).map(|option| match option["id"].as_str() {
            Some(id) => json!({ "id": id, "name": option["name"] }),
            None => json!({ "name": option["name"] }),
        });
        let new = added.iter().filter(|name| !known.iter().any(|option| is(option, std::slice::from_ref(name))));
        let options: Vec<Value> = stay.chain(new.map(|name| json!({ "name": name.trim() }))).collect();
        json!({ kind: { "options": options } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Map<String, Value> {
        let options = json!([{ "id": "1", "name": "Low", "color": "red" }, { "id": "2", "name": "High" }]);
        let properties = json!({
            "Task": { "id": "title", "type": "title" },
            "Due": { "id": "d%3A", "type": "date" },
            "Level": { "id": "l", "type": "select", "select": { "options": options } },
        });
        properties.as_object().unwrap().clone()
    }

    #[test]
    fn a_change_is_made_by_ids_and_only_once() {
        let rename = BTreeMap::from([("Due".to_owned(), "Until".to_owned())]);
        let add = json!({ "Size": "number" });
        let added = BTreeMap::from([("Level".to_owned(), vec!["Mid".to_owned(), "low".to_owned()])]);
        let removed = BTreeMap::from([("Level".to_owned(), vec!["high".to_owned()])]);
        let change = SchemaChange {
            add: add.as_object(),
            rename: Some(&rename),
            add_options: Some(&added),
            remove_options: Some(&removed),
            ..SchemaChange::default()
        };
        let ids = change.check(&schema()).unwrap();
        let options = json!([{ "id": "1", "name": "Low" }, { "name": "Mid" }]);
        assert_eq!(
            json!(change.to_request(&schema(), &ids).unwrap()),
            json!({ "Size": { "number": {} }, "d%3A": { "name": "Until" }, "l": { "select": { "options": options } } })
        );
        let mut after = schema();
        let due = after.remove("Due").unwrap();
        after.extend([("Until".to_owned(), due), ("Size".to_owned(), json!({ "id": "s", "type": "number" }))]);
        let again = change.to_request(&after, &ids).unwrap();
        assert_eq!(again.keys().collect::<Vec<_>>(), ["l"]);
    }

    #[test]
    fn a_property_is_removed_by_its_id_unless_it_was_removed() {
        let change = SchemaChange { remove: vec!["Due"], ..SchemaChange::default() };
        let ids = change.check(&schema()).unwrap();
        assert_eq!(json!(change.to_request(&schema(), &ids).unwrap()), json!({ "d%3A": null }));
        let mut after = schema();
        after.remove("Due");
        assert!(change.to_request(&after, &ids).unwrap().is_empty());
    }
}
