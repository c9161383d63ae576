//! Options of selects and of statuses.

use serde_json::{Map, Value, json};

use crate::adapters::choices::list_choices;
use crate::adapters::target::Target;

/// The name of an option: a text, or an object with a name or an id.
pub(super) fn option_name(value: &Value) -> Option<&str> {
    let name = value.as_str().or_else(|| value["name"].as_str()).or_else(|| value["id"].as_str())?;
    Some(name).filter(|name| !name.trim().is_empty())
}

/// The options of a property, as far as they are known.
fn options_of(property: &Value) -> &[Value] {
    let kind = property["type"].as_str().unwrap_or_default();
    property[kind]["options"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The names of the options of a property, as far as they are known.
fn option_names(property: &Value) -> Vec<&str> {
    options_of(property).iter().filter_map(|option| option["name"].as_str()).collect()
}

/// Finds an option by its name, also in other case, or by its id.
///
/// # Errors
/// The options that exist.
pub(super) fn find_option<'a>(property: &'a Value, name: &str) -> Result<Option<&'a str>, String> {
    Ok(find(property, name)?.and_then(|option| option["name"].as_str()))
}

fn find<'a>(property: &'a Value, name: &str) -> Result<Option<&'a Value>, String> {
    let (options, name) = (options_of(property), name.trim());
    let by = |is_it: &dyn Fn(&str) -> bool, key: &str| {
        options.iter().find(|option| option["name"].is_string() && option[key].as_str().is_some_and(is_it))
    };
    let is_exact = |known: &str| known == name;
    let exact = by(&is_exact, "name").or_else(|| by(&is_exact, "id"));
    match exact.or_else(|| by(&|known| known.to_lowercase() == name.to_lowercase(), "name")) {
        None if !options.is_empty() => {
            let names = list_choices(option_names(property));
            Err(format!("option \"{name}\" does not exist; existing options are {names}"))
        }
        found => Ok(found),
    }
}

/// Says why a name cannot be that of an option (seen in <https://github.com/egordm/notionsci/issues/13>).
///
/// # Errors
/// The reason.
pub(super) fn check_option_name(name: &str) -> Result<(), String> {
    match name.contains(',') {
        true => Err(format!("option \"{name}\" must not have a comma: Notion refuses it; several options are a list")),
        false => Ok(()),
    }
}

/// Returns an option by its id, or a new one by its name. Notion creates unknown options of a select, and refuses those of a status:
/// <https://developers.notion.com/reference/property-object#status>. It refuses an unknown id, so that a schema that was remembered brings
/// back no option that was removed.
///
/// # Errors
/// The reason for people.
pub(super) fn to_request(property: &Value, kind: &str, name: &str) -> Result<Value, String> {
    match find(property, name) {
        Ok(Some(known)) => {
            let key = if known["id"].is_string() { "id" } else { "name" };
            Ok(json!({ key: known[key] }))
        }
        Err(reason) if kind == "status" => Err(reason),
        _ => check_option_name(name).map(|()| json!({ "name": name.trim() })),
    }
}

/// Returns the options of a request that the schema lacks, each with its property: Notion creates them.
pub(super) fn new_options(schema: &Map<String, Value>, request: &Map<String, Value>) -> Vec<String> {
    let mut new = vec![];
    for (name, value) in request {
        let Some(property) = schema.get(name).filter(|property| !option_names(property).is_empty()) else { continue };
        let selected = [&value["select"]].into_iter().chain(value["multi_select"].as_array().into_iter().flatten());
        let names = selected.filter_map(|option| option["name"].as_str());
        new.extend(
            names.filter(|option| !option_names(property).contains(option)).map(|option| format!("{option} of {name}")),
        );
    }
    new
}

/// Adds the options that an action will make to the name of its target.
pub(super) fn with_new(target: Target, new_options: &[String]) -> Target {
    match (new_options, target.name.clone()) {
        ([], _) => target,
        (new, name) => {
            let name = name.unwrap_or_default();
            target.named(Some(format!("{name} (with the new option {})", new.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::properties;

    #[test]
    fn unknown_status_names_the_existing_ones_and_a_select_may_be_new() {
        let options = json!({ "options": [{ "name": "To do" }, { "name": "Done" }] });
        let status = json!({ "type": "status", "status": options.clone() });
        let select = json!({ "type": "select", "select": options });
        let schema = Map::from_iter([("State".to_owned(), status), ("Kind".to_owned(), select)]);
        let set =
            |name: &str, value: Value| properties::to_request(&schema, &Map::from_iter([(name.to_owned(), value)]));
        let reason = "properties.State: option \"Done!\" does not exist; existing options are To do, Done";
        for value in [json!("Done!"), json!({ "name": "Done!" }), json!({ "status": { "name": "Done!" } })] {
            assert_eq!(set("State", value).unwrap_err(), reason);
        }
        assert_eq!(set("State", json!("done")).unwrap()["State"], json!({ "status": { "name": "Done" } }));
        let new = set("Kind", json!("Done!")).unwrap();
        assert_eq!(new_options(&schema, &new), ["Done! of Kind"]);
        assert!(new_options(&schema, &set("Kind", json!("done")).unwrap()).is_empty());
    }

    #[test]
    fn options_that_are_known_are_named_by_their_ids() {
        let options = json!({ "options": [{ "id": "o1", "name": "Low" }, { "id": "o2", "name": "Top" }] });
        for kind in ["select", "status", "multi_select"] {
            let property = json!({ "type": kind, kind: options });
            for name in ["Top", "top", "o2"] {
                assert_eq!(to_request(&property, kind, name), Ok(json!({ "id": "o2" })), "{kind} {name}");
            }
        }
        let schema = Map::from_iter([("Tags".to_owned(), json!({ "type": "multi_select", "multi_select": options }))]);
        let tags = Map::from_iter([("Tags".to_owned(), json!(["low", "New"]))]);
        let request = properties::to_request(&schema, &tags).unwrap();
        assert_eq!(request["Tags"], json!({ "multi_select": [{ "id": "o1" }, { "name": "New" }] }));
        assert_eq!(new_options(&schema, &request), ["New of Tags"]);
    }
}
