//! Sections of projects (<https://developers.asana.com/reference/sections>), and the tasks in them.

use serde_json::{Value, json};

use super::body::{Field, FieldType, field, nullable, request_data, require_field};
use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::oauth::DEFAULT_SCOPE;
use super::seed::{membership, project_ref, section};
use super::{access, bad_request, custom_fields, is_listed, not_found};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const WRITABLE_FIELDS: [Field; 3] =
    [field("name", FieldType::Text), field("insert_before", FieldType::Id), field("insert_after", FieldType::Id)];

const ADD_TASK_FIELDS: [Field; 3] =
    [field("task", FieldType::Id), nullable("insert_before", FieldType::Id), nullable("insert_after", FieldType::Id)];

/// The scope that sections need: the specification lists none, so that it is that of full permissions or none.
fn section_scope(state: &SandboxState) -> &'static str {
    if state.strangeness.asana.has_closed_sections { DEFAULT_SCOPE } else { "" }
}

/// `GET /projects/{gid}/sections`: the specification lists no scope, so any token is accepted.
pub(crate) fn list_of_project(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, section_scope(state))?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    let gid = request.path_param("gid");
    state.asana.project(gid).ok_or_else(|| not_found("project"))?;
    let sections: Vec<Value> =
        state.asana.sections_of(gid).filter(|section| is_listed(state, section)).cloned().collect();
    list_response(request, &state.base_url, &format!("/projects/{gid}/sections"), &sections)
}

/// `POST /projects/{gid}/sections`: no scope either.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, section_scope(state))?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &WRITABLE_FIELDS)?;
    require_field(&body, "name")?;
    let project =
        state.asana.project(request.path_param("gid")).map(project_ref).ok_or_else(|| not_found("project"))?;
    if body.contains_key("insert_before") && body.contains_key("insert_after") {
        return Err(bad_request("insert_before: Cannot be given together with insert_after"));
    }
    let gid = state.asana.next_gid();
    let created = section(&gid, body["name"].as_str().unwrap_or(""), &project, &state.clock.rfc3339());
    let neighbour = body.get("insert_before").or_else(|| body.get("insert_after"));
    let at = match neighbour {
        Some(neighbour) => {
            let found = state.asana.sections.iter().position(|one| one["gid"] == *neighbour);
            found.ok_or_else(|| bad_request("insert_before: Unknown object"))?
                + usize::from(body.contains_key("insert_after"))
        }
        None => state.asana.sections.len(),
    };
    state.asana.sections.insert(at, created.clone());
    state.record_effect("asana", "section_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(201, json!({"data": select_fields(request, &created)})))
}

/// `POST /sections/{gid}/addTask`: removes the task from the project's other sections.
pub(crate) fn add_task(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tasks:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &ADD_TASK_FIELDS)?;
    require_field(&body, "task")?;
    let section = state.asana.section(request.path_param("gid")).ok_or_else(|| not_found("section"))?.clone();
    let task =
        state.asana.task(body["task"].as_str().unwrap_or("")).ok_or_else(|| bad_request("task: Unknown object"))?;
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    let now = state.clock.rfc3339();
    if let Some(task) = state.asana.task_mut(&gid) {
        move_to(task, &section);
        task["modified_at"] = json!(now);
    }
    state.record_effect("asana", "task_moved", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(200, json!({"data": {}})))
}

/// Moves a task into a section and adds it to the section's project.
pub(crate) fn move_to(task: &mut Value, section: &Value) {
    let project = &section["project"];
    let elsewhere = |list: &Value, of: fn(&Value) -> &Value| {
        let items = list.as_array().into_iter().flatten();
        items.filter(|item| of(item)["gid"] != project["gid"]).cloned().collect::<Vec<_>>()
    };
    let mut memberships = elsewhere(&task["memberships"], |membership| &membership["project"]);
    let mut projects = elsewhere(&task["projects"], |project| project);
    if project["gid"] == asana::PROJECT {
        custom_fields::add_missing(task);
    }
    memberships.push(membership(section));
    projects.push(project.clone());
    task["memberships"] = json!(memberships);
    task["projects"] = json!(projects);
}

/// `GET /sections/{gid}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, section_scope(state))?;
    reject_unknown_parameters(request, &[])?;
    let found = state.asana.section(request.path_param("gid")).ok_or_else(|| not_found("section"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, found)})))
}

/// `PUT /sections/{gid}`: changes the name.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, section_scope(state))?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &WRITABLE_FIELDS)?;
    require_field(&body, "name")?;
    let gid = request.path_param("gid").to_owned();
    let section = state.asana.sections.iter_mut().find(|section| section["gid"] == gid.as_str());
    let section = section.ok_or_else(|| not_found("section"))?;
    section["name"] = body["name"].clone();
    let section = section.clone();
    state.record_effect("asana", "section_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &section)})))
}

/// `DELETE /sections/{gid}`: only for an empty section that is not the project's last one.
pub(crate) fn delete(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, section_scope(state))?;
    reject_unknown_parameters(request, &[])?;
    let section = state.asana.section(request.path_param("gid")).ok_or_else(|| not_found("section"))?.clone();
    let lies_in = |place: &Value| place["section"]["gid"] == section["gid"];
    let places = state.asana.tasks.iter().flat_map(|task| task["memberships"].as_array().into_iter().flatten());
    let project = section["project"]["gid"].as_str().unwrap_or("");
    if places.into_iter().any(lies_in) || state.asana.sections_of(project).count() == 1 {
        return Err(bad_request("section: Only an empty section that is not the last can be deleted"));
    }
    let gid = section["gid"].as_str().unwrap_or("").to_owned();
    state.asana.sections.retain(|one| one["gid"] != gid.as_str());
    state.record_effect("asana", "section_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(ApiResponse::json(200, json!({"data": {}})))
}
