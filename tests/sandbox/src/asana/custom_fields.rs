//! Custom fields (<https://developers.asana.com/docs/custom-fields-guide>): those of the seed project, one of each type, and their values.

use serde_json::{Value, json};

use super::body::{is_day, is_instant};
use super::fields::{list_response, reject_unknown_parameters};
use super::seed::Person;
use super::{ErrorResponse, access, bad_request, check_workspace, error, not_found, people};
use crate::fixtures::asana;
use crate::http::{ApiRequest, HandlerResult};
use crate::state::SandboxState;

/// The id, the name, the type and the options of a field. The last option is disabled.
type Field = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const FIELDS: [Field; 10] = [
    (asana::ESTIMATE, "Estimate", "number", &[]),
    (
        asana::PRIORITY,
        "Priority",
        "enum",
        &[("1200000000000421", "High"), ("1200000000000422", "Low"), ("1200000000000423", "Someday")],
    ),
    (
        "1200000000000043",
        "Channels",
        "multi_enum",
        &[("1200000000000431", "Web"), ("1200000000000432", "Mail, print"), ("1200000000000433", "Fax")],
    ),
    ("1200000000000044", "Due diligence", "date", &[]),
    ("1200000000000045", "Owners", "people", &[]),
    ("1200000000000046", "Client", "text", &[]),
    ("1200000000000047", "Linked", "reference", &[]),
    ("1200000000000048", "Total", "formula", &[]),
    ("1200000000000049", "Ticket", "custom_id", &[]),
    (PROGRESS, "Progress", "number", &[]),
];
/// The field that shows a share as a percentage.
const PROGRESS: &str = "1200000000000040";

/// Builds a field without a value.
fn blank(&(gid, name, kind, options): &(&str, &str, &str, &[(&str, &str)])) -> Value {
    let subtype = match kind {
        "formula" => "number",
        "custom_id" => "text",
        kind => kind,
    };
    let count = options.len();
    let option = |(at, (gid, name)): (usize, &(&str, &str))| json!({"gid": gid, "resource_type": "enum_option", "name": name, "enabled": at + 1 < count});
    let mut field = json!({
        "gid": gid, "resource_type": "custom_field", "resource_subtype": subtype, "type": subtype, "name": name,
        "representation_type": kind, "is_formula_field": kind == "formula", "is_value_read_only": kind == "formula",
        "enabled": true, "display_value": null, "format": if gid == PROGRESS { "percentage" } else { "none" },
    });
    if !options.is_empty() {
        field["enum_options"] = options.iter().enumerate().map(option).collect();
    }
    field[value_field(kind)] =
        if matches!(kind, "multi_enum" | "people" | "reference") { json!([]) } else { Value::Null };
    field
}

fn value_field(kind: &str) -> &'static str {
    match kind {
        "enum" => "enum_value",
        "multi_enum" => "multi_enum_values",
        "date" => "date_value",
        "people" => "people_value",
        "reference" => "reference_value",
        "text" | "custom_id" => "text_value",
        _ => "number_value",
    }
}

/// Builds all fields without values.
pub(crate) fn blanks() -> Value {
    FIELDS.iter().map(blank).collect()
}

/// Adds the fields that the tasks of the seed project have.
pub(crate) fn add_missing(record: &mut Value) {
    let mut fields = record["custom_fields"].as_array().cloned().unwrap_or_default();
    for field in &FIELDS {
        if !fields.iter().any(|known| known["gid"] == field.0) {
            fields.push(blank(field));
        }
    }
    record["custom_fields"] = json!(fields);
}

/// Sets a field of a task or a project.
pub(crate) fn apply(
    state: &SandboxState,
    caller: &Person,
    record: &mut Value,
    gid: &str,
    value: &Value,
) -> Result<(), ErrorResponse> {
    let refused = |reason: &str| bad_request(&format!("custom_fields: {gid}: {reason}"));
    let known = FIELDS.iter().find(|field| field.0 == gid);
    let field = known.ok_or_else(|| refused("Custom field with this ID is not on given object"))?;
    if matches!(field.2, "formula" | "custom_id") {
        return Err(error(403, &format!("custom_fields: {gid}: The value of this field is read-only")));
    }
    let mut set = blank(field);
    if !value.is_null() {
        let (stored, shown) = stored_value(state, caller, field, value).map_err(refused)?;
        let percent = stored.as_f64().filter(|_| gid == PROGRESS).map(|share| format!("{}%", share * 100.0));
        set[value_field(field.2)] = stored;
        set["display_value"] = json!(percent.unwrap_or(shown));
    }
    let mut fields = record["custom_fields"].as_array().cloned().unwrap_or_default();
    fields.retain(|known| known["gid"] != gid);
    fields.push(set);
    let place = |field: &Value| FIELDS.iter().position(|known| field["gid"] == known.0);
    fields.sort_by_key(place);
    record["custom_fields"] = json!(fields);
    Ok(())
}

/// Returns the value as it is stored, and as a text for people.
fn stored_value(
    state: &SandboxState,
    caller: &Person,
    &(_, _, kind, options): &(&str, &str, &str, &[(&str, &str)]),
    value: &Value,
) -> Result<(Value, String), &'static str> {
    let option = |gid: &Value| {
        let enabled = &options[..options.len().saturating_sub(1)];
        let found = enabled.iter().find(|option| *gid == option.0).ok_or("Not an enabled option of this field")?;
        Ok((
            json!({"gid": found.0, "resource_type": "enum_option", "name": found.1, "enabled": true}),
            found.1.to_owned(),
        ))
    };
    let gids = |value: &Value| match value.as_array() {
        Some(all) if all.iter().all(|gid| gid.as_str().is_some_and(|gid| gid.bytes().all(|b| b.is_ascii_digit()))) => {
            Ok(all.clone())
        }
        _ => Err("Value is not an array of gids"),
    };
    let joined = |all: Vec<(Value, String)>| {
        let (values, names): (Vec<Value>, Vec<String>) = all.into_iter().unzip();
        (json!(values), names.join(", "))
    };
    match kind {
        "number" => match value {
            Value::Number(number) => Ok((value.clone(), number.to_string())),
            Value::String(text) if text.parse::<f64>().is_ok() => Ok((json!(text.parse::<f64>().ok()), text.clone())),
            _ => Err("Value is not a number"),
        },
        "enum" => option(value),
        "multi_enum" => Ok(joined(gids(value)?.iter().map(option).collect::<Result<_, _>>()?)),
        "date" => date_value(state, value),
        "people" => {
            let person = |gid: &Value| {
                let person = people::find(caller, "custom_fields", gid).map_err(|_| "Not a user in this workspace")?;
                Ok((super::seed::user(&person), person.name.to_owned()))
            };
            Ok(joined(gids(value)?.iter().map(person).collect::<Result<_, &'static str>>()?))
        }
        "reference" => {
            let found = |gid: &Value| match state.asana.task(gid.as_str().unwrap_or("")) {
                Some(task) => Ok((super::seed::task_ref(task), task["name"].as_str().unwrap_or("").to_owned())),
                None => Err("Unknown object"),
            };
            Ok(joined(gids(value)?.iter().map(found).collect::<Result<_, &'static str>>()?))
        }
        _ => match value.as_str() {
            Some(text) => Ok((value.clone(), text.to_owned())),
            None => Err("Value is not a string"),
        },
    }
}

/// Reads a date: Asana's pages show an object, and its OpenAPI document a text too. The strange workspace takes only the object.
fn date_value(state: &SandboxState, value: &Value) -> Result<(Value, String), &'static str> {
    let text = value.as_str().filter(|_| !state.strangeness.asana.has_strict_dates);
    let date = value["date"].as_str().or(text).filter(|text| is_day(text));
    let time = value["date_time"].as_str().or(text).filter(|text| is_instant(text));
    match (date, time) {
        (Some(date), None) => Ok((json!({"date": date, "date_time": null}), date.to_owned())),
        (None, Some(time)) => Ok((json!({"date": time.get(..10), "date_time": time}), time.to_owned())),
        _ => Err("Value is not a date object"),
    }
}

/// `GET /projects/{gid}/custom_field_settings`.
pub(crate) fn settings_of_project(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "projects:read")?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    let gid = request.path_param("gid");
    let project = state.asana.project(gid).ok_or_else(|| not_found("project"))?;
    let fields = if project["gid"] == asana::PROJECT { blanks() } else { json!([]) };
    let setting = |(at, field): (usize, &Value)| {
        json!({"gid": (1_200_000_000_000_500 + at).to_string(), "resource_type": "custom_field_setting",
            "project": super::seed::project_ref(project), "custom_field": field})
    };
    let settings: Vec<Value> = fields.as_array().into_iter().flatten().enumerate().map(setting).collect();
    list_response(request, &state.base_url, &format!("/projects/{gid}/custom_field_settings"), &settings)
}

/// `GET /workspaces/{w}/custom_fields`.
pub(crate) fn list_of_workspace(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "custom_fields:read")?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    check_workspace(request.path_param("workspace"))?;
    let fields = blanks().as_array().cloned().unwrap_or_default();
    list_response(request, &state.base_url, &format!("/workspaces/{}/custom_fields", asana::WORKSPACE), &fields)
}
