//! Sections of projects (<https://developers.asana.com/reference/sections>), and the tasks in them.

use serde_json::{Value, json};

use super::body::{Field, FieldType, request_data, require_field};
use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::seed::{membership, project_ref, section};
use super::{access, bad_request, not_found};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const WRITABLE_FIELDS: [Field; 3] =
    [("name", FieldType::Text, false), ("insert_before", FieldType::Id, false), ("insert_after", FieldType::Id, false)];

const ADD_TASK_FIELDS: [Field; 3] =
    [("task", FieldType::Id, false), ("insert_before", FieldType::Id, true), ("insert_after", FieldType::Id, true)];

/// `GET /projects/{gid}/sections`: the specification lists no scope, so any token is accepted.
pub(crate) fn list_of_project(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "")?;
    reject_unknown_parameters(call, &["limit", "offset"])?;
    let gid = call.path_param("gid");
    world.asana.project(gid).ok_or_else(|| not_found("project"))?;
    let sections: Vec<Value> = world.asana.sections_of(gid).cloned().collect();
    list_response(call, &world.base_url, &format!("/projects/{gid}/sections"), &sections)
}

/// `POST /projects/{gid}/sections`: no scope either.
pub(crate) fn create(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "")?;
    reject_unknown_parameters(call, &[])?;
    let body = request_data(call, &WRITABLE_FIELDS)?;
    require_field(&body, "name")?;
    let project = world.asana.project(call.path_param("gid")).map(project_ref).ok_or_else(|| not_found("project"))?;
    if body.contains_key("insert_before") && body.contains_key("insert_after") {
        return Err(bad_request("insert_before: Cannot be given together with insert_after"));
    }
    let gid = world.asana.next_gid();
    let made = section(&gid, body["name"].as_str().unwrap_or(""), &project, &world.clock.rfc3339());
    let beside = body.get("insert_before").or_else(|| body.get("insert_after"));
    let at = match beside {
        Some(beside) => {
            let found = world.asana.sections.iter().position(|one| one["gid"] == *beside);
            found.ok_or_else(|| bad_request("insert_before: Unknown object"))?
                + usize::from(body.contains_key("insert_after"))
        }
        None => world.asana.sections.len(),
    };
    world.asana.sections.insert(at, made.clone());
    world.record_effect("asana", "section_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(201, json!({"data": select_fields(call, &made)})))
}

/// `POST /sections/{gid}/addTask`: removes the task from the project's other sections.
pub(crate) fn add_task(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "tasks:write")?;
    reject_unknown_parameters(call, &[])?;
    let body = request_data(call, &ADD_TASK_FIELDS)?;
    require_field(&body, "task")?;
    let section = world.asana.section(call.path_param("gid")).ok_or_else(|| not_found("section"))?.clone();
    let task =
        world.asana.task(body["task"].as_str().unwrap_or("")).ok_or_else(|| bad_request("task: Unknown object"))?;
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    let now = world.clock.rfc3339();
    if let Some(task) = world.asana.task_mut(&gid) {
        move_to(task, &section);
        task["modified_at"] = json!(now);
    }
    world.record_effect("asana", "task_moved", &gid, asana::WORKSPACE, Value::Object(body));
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
    memberships.push(membership(section));
    projects.push(project.clone());
    task["memberships"] = json!(memberships);
    task["projects"] = json!(projects);
}

/// `GET /sections/{gid}`.
pub(crate) fn get(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "")?;
    reject_unknown_parameters(call, &[])?;
    let found = world.asana.section(call.path_param("gid")).ok_or_else(|| not_found("section"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(call, found)})))
}

/// `PUT /sections/{gid}`: changes the name.
pub(crate) fn update(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "")?;
    reject_unknown_parameters(call, &[])?;
    let body = request_data(call, &WRITABLE_FIELDS)?;
    require_field(&body, "name")?;
    let gid = call.path_param("gid").to_owned();
    let section = world.asana.sections.iter_mut().find(|section| section["gid"] == gid.as_str());
    let section = section.ok_or_else(|| not_found("section"))?;
    section["name"] = body["name"].clone();
    let section = section.clone();
    world.record_effect("asana", "section_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(200, json!({"data": select_fields(call, &section)})))
}

/// `DELETE /sections/{gid}`: only for an empty section that is not the project's last one.
pub(crate) fn delete(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "")?;
    reject_unknown_parameters(call, &[])?;
    let section = world.asana.section(call.path_param("gid")).ok_or_else(|| not_found("section"))?.clone();
    let lies_in = |place: &Value| place["section"]["gid"] == section["gid"];
    let places = world.asana.tasks.iter().flat_map(|task| task["memberships"].as_array().into_iter().flatten());
    let project = section["project"]["gid"].as_str().unwrap_or("");
    if places.into_iter().any(lies_in) || world.asana.sections_of(project).count() == 1 {
        return Err(bad_request("section: Only an empty section that is not the last can be deleted"));
    }
    let gid = section["gid"].as_str().unwrap_or("").to_owned();
    world.asana.sections.retain(|one| one["gid"] != gid.as_str());
    world.record_effect("asana", "section_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(ApiResponse::json(200, json!({"data": {}})))
}
