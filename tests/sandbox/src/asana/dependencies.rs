//! Dependencies of tasks (<https://developers.asana.com/reference/adddependenciesfortask>).

use serde_json::{Value, json};

use super::body::{Field, FieldType, field, request_data, require_field};
use super::fields::reject_unknown_parameters;
use super::{ErrorResponse, access, bad_request, not_found};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// Maximum number of dependencies and dependents of a task.
const MAX_COUNT: usize = 30;

pub(crate) fn add_dependencies(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change(state, request, ["dependencies", "dependents"], true)
}

pub(crate) fn remove_dependencies(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change(state, request, ["dependencies", "dependents"], false)
}

pub(crate) fn add_dependents(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change(state, request, ["dependents", "dependencies"], true)
}

pub(crate) fn remove_dependents(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change(state, request, ["dependents", "dependencies"], false)
}

/// Adds or removes the tasks in `field` of the request; each of them has the task itself in `inverse`.
fn change(state: &mut SandboxState, request: &ApiRequest, names: [&'static str; 2], adds: bool) -> HandlerResult {
    access(state, request, "tasks:write")?;
    reject_unknown_parameters(request, &[])?;
    let [name, inverse] = names;
    let fields: [Field; 1] = [field(name, FieldType::Ids)];
    let body = request_data(request, &fields)?;
    require_field(&body, name)?;
    let task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?;
    let gid = task["gid"].as_str().unwrap_or_default().to_owned();
    let others: Vec<String> =
        body[name].as_array().into_iter().flatten().filter_map(|gid| gid.as_str().map(str::to_owned)).collect();
    check(state, &gid, &others, name, adds)?;
    for other in &others {
        relate(state, &gid, name, other, adds);
        relate(state, other, inverse, &gid, adds);
    }
    let kind = if adds { "dependencies_added" } else { "dependencies_removed" };
    state.record_effect("asana", kind, &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(200, json!({"data": {}})))
}

/// Rejects unknown tasks, the task itself, too many, and what is done already where Asana is strange.
fn check(state: &SandboxState, gid: &str, others: &[String], name: &str, adds: bool) -> Result<(), ErrorResponse> {
    let task = state.asana.task(gid).ok_or_else(|| not_found("task"))?;
    if others.iter().any(|other| state.asana.task(other).is_none()) {
        return Err(bad_request(&format!("{name}: Unknown object")));
    }
    if others.iter().any(|other| other == gid) {
        return Err(bad_request(&format!("{name}: A task cannot depend on itself")));
    }
    let related = |other: &String| items(task, name).iter().any(|one| one["gid"] == other.as_str());
    if state.strangeness.asana.refuses_made_changes && others.iter().all(|other| related(other) == adds) {
        return Err(bad_request(&format!("{name}: Nothing to change")));
    }
    let count = items(task, "dependencies").len() + items(task, "dependents").len();
    match adds && count + others.len() > MAX_COUNT {
        true => Err(bad_request(&format!("{name}: A task can have at most {MAX_COUNT} dependencies and dependents"))),
        false => Ok(()),
    }
}

fn items(task: &Value, field: &str) -> Vec<Value> {
    task[field].as_array().cloned().unwrap_or_default()
}

fn relate(state: &mut SandboxState, gid: &str, field: &str, other: &str, adds: bool) {
    if let Some(task) = state.asana.task_mut(gid) {
        let mut related: Vec<Value> = items(task, field).into_iter().filter(|one| one["gid"] != other).collect();
        if adds {
            related.push(json!({"gid": other, "resource_type": "task"}));
        }
        task[field] = json!(related);
    }
}
