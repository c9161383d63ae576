//! Options of selects and of statuses.

use serde_json::{Map, Value, json};

use crate::adapters::choices::list_choices;
use crate::adapters::target::Target;

/// The name of an option: a text, or an object with a name or an id.
pub(super) fn option_name(value: &Value) -> Option<&str> {
    let name = value.as_str().or_else(|| value["name"].as_str()).or_else(|| value["id"].as_str())?;
    Some(name).filter(|name| !name.trim().is_empty())
}

/// The names of the options of a property, as far as they are known.
fn option_names(property: &Value) -> Vec<&str> {
    let kind = property["type"].as_str().unwrap_or_default();
    let options = property[kind]["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().filter_map(|option| option["name"].as_str()).collect()
}

/// Finds an option by its name, also in other case, or by its id.
///
/// # Errors
/// The options that exist.
pub(super) fn find_option<'a>(property: &'a Value, name: &str) -> Result<Option<&'a str>, String> {
    let (names, name) = (option_names(property), name.trim());
    let kind = property["type"].as_str().unwrap_or_default();
    let options = property[kind]["options"].as_array().into_iter().flatten();
    let by_id = options.filter(|option| option["id"] == name).find_map(|option| option["name"].as_str());
    let exact = names.iter().find(|known| **known == name).copied().or(by_id);
    let found = exact.or_else(|| names.iter().find(|known| known.to_lowercase() == name.to_lowercase()).copied());
    match found {
        None if !names.is_empty() => {
            let names = list_choices(names);
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

/// Returns an option by its name. Notion creates unknown options of a select, and refuses those of a status:
/// <https://developers.notion.com/reference/property-object#status>
///
/// # Errors
/// The reason for people.
pub(super) fn to_request(property: &Value, kind: &str, name: &str) -> Result<Value, String> {
    let found = find_option(property, name);
    match found {
        Ok(Some(known)) => Ok(json!({ "name": known })),
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
}
