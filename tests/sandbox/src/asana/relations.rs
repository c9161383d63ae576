//! Relations of a task: projects, tags, followers and its parent.

use serde_json::{Map, Value, json};

use super::body::{Field, FieldType, field, nullable, request_data, require_field};
use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::seed::{Person, tag_ref, task_ref};
use super::{ErrorResponse, access, bad_request, not_found, people, sections};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

type Body = Map<String, Value>;

/// Applies `change` to a task and records an effect of this `kind`.
fn change_task(
    state: &mut SandboxState,
    request: &ApiRequest,
    fields: &[Field],
    kind: &str,
    change: impl FnOnce(&SandboxState, &Person, &mut Value, &Body) -> Result<(), ErrorResponse>,
) -> Result<Value, ErrorResponse> {
    let caller = access(state, request, "tasks:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, fields)?;
    if !fields[0].nullable {
        require_field(&body, fields[0].name)?;
    }
    let mut task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?.clone();
    change(state, &caller, &mut task, &body)?;
    task["modified_at"] = json!(state.clock.rfc3339());
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    if let Some(stored) = state.asana.task_mut(&gid) {
        *stored = task.clone();
    }
    state.asana.update_subtask_counts();
    state.record_effect("asana", kind, &gid, asana::WORKSPACE, Value::Object(body));
    Ok(task)
}

fn task_response(request: &ApiRequest, task: &Value) -> HandlerResult {
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, task)})))
}

fn empty_response() -> HandlerResult {
    Ok(ApiResponse::json(200, json!({"data": {}})))
}

fn items(task: &Value, field: &str) -> Vec<Value> {
    task[field].as_array().cloned().unwrap_or_default()
}

const FOLLOWER_FIELDS: [Field; 1] = [field("followers", FieldType::Ids)];

/// `POST /tasks/{gid}/addFollowers`: returns the changed task.
pub(crate) fn add_followers(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let task = change_task(state, request, &FOLLOWER_FIELDS, "followers_added", |_, caller, task, body| {
        let mut followers = items(task, "followers");
        let added = people::find_all(caller, "followers", &body["followers"])?;
        followers.extend(added.into_iter().filter(|person| !items(task, "followers").contains(person)));
        task["followers"] = json!(followers);
        Ok(())
    })?;
    task_response(request, &task)
}

/// `POST /tasks/{gid}/removeFollowers`.
pub(crate) fn remove_followers(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let task = change_task(state, request, &FOLLOWER_FIELDS, "followers_removed", |_, caller, task, body| {
        let removed = people::find_all(caller, "followers", &body["followers"])?;
        task["followers"] = items(task, "followers").into_iter().filter(|person| !removed.contains(person)).collect();
        Ok(())
    })?;
    task_response(request, &task)
}

/// Rejects a change that is made already, where Asana is strange.
fn check_unmade(state: &SandboxState, is_made: bool, field: &str) -> Result<(), ErrorResponse> {
    match state.strangeness.asana.refuses_made_changes && is_made {
        true => Err(bad_request(&format!("{field}: Nothing to change"))),
        false => Ok(()),
    }
}

fn is_at(task: &Value, project: &Value, section: &Value) -> bool {
    let mut memberships = task["memberships"].as_array().into_iter().flatten();
    memberships
        .any(|place| place["project"]["gid"] == *project && (section.is_null() || place["section"]["gid"] == *section))
}

/// `POST /tasks/{gid}/addProject`: adds the task to the named section, or to the project's first one.
pub(crate) fn add_project(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let fields = [
        field("project", FieldType::Id),
        nullable("section", FieldType::Id),
        nullable("insert_before", FieldType::Id),
        nullable("insert_after", FieldType::Id),
    ];
    change_task(state, request, &fields, "project_added", |state, _, task, body| {
        let mut sections = state.asana.sections_of(body["project"].as_str().unwrap_or(""));
        let found = match body.get("section") {
            None | Some(Value::Null) => sections.next(),
            Some(gid) => sections.find(|section| section["gid"] == *gid),
        };
        let section = found.ok_or_else(|| bad_request("project: Unknown object"))?;
        let named = body.get("section").unwrap_or(&Value::Null);
        check_unmade(state, is_at(task, &body["project"], named), "project")?;
        sections::move_to(task, section);
        Ok(())
    })?;
    empty_response()
}

/// `POST /tasks/{gid}/removeProject`.
pub(crate) fn remove_project(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change_task(state, request, &[field("project", FieldType::Id)], "project_removed", |state, _, task, body| {
        check_unmade(state, !is_at(task, &body["project"], &Value::Null), "project")?;
        remove_from_project(task, &body["project"]);
        Ok(())
    })?;
    empty_response()
}

/// Removes a task from a project.
pub(crate) fn remove_from_project(task: &mut Value, project: &Value) {
    let elsewhere = |membership: &Value| membership["project"]["gid"] != *project;
    task["projects"] = items(task, "projects").into_iter().filter(|one| one["gid"] != *project).collect();
    task["memberships"] = items(task, "memberships").into_iter().filter(elsewhere).collect();
}

/// `POST /tasks/{gid}/addTag`.
pub(crate) fn add_tag(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change_task(state, request, &[field("tag", FieldType::Id)], "tag_added", |state, _, task, body| {
        let tag = state.asana.tags.iter().find(|tag| tag["gid"] == body["tag"]).map(tag_ref);
        let tag = tag.ok_or_else(|| bad_request("tag: Unknown object"))?;
        let mut tags = items(task, "tags");
        check_unmade(state, tags.contains(&tag), "tag")?;
        tags.retain(|one| *one != tag);
        tags.push(tag);
        task["tags"] = json!(tags);
        Ok(())
    })?;
    empty_response()
}

/// `POST /tasks/{gid}/removeTag`.
pub(crate) fn remove_tag(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change_task(state, request, &[field("tag", FieldType::Id)], "tag_removed", |state, _, task, body| {
        check_unmade(state, items(task, "tags").iter().all(|tag| tag["gid"] != body["tag"]), "tag")?;
        task["tags"] = items(task, "tags").into_iter().filter(|tag| tag["gid"] != body["tag"]).collect();
        Ok(())
    })?;
    empty_response()
}

/// `POST /tasks/{gid}/setParent`: null makes it a top-level task.
pub(crate) fn set_parent(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let fields = [
        nullable("parent", FieldType::Id),
        nullable("insert_before", FieldType::Id),
        nullable("insert_after", FieldType::Id),
    ];
    let task = change_task(state, request, &fields, "parent_set", |state, _, task, body| {
        check_unmade(state, body.get("parent") == Some(&task["parent"]["gid"]), "parent")?;
        task["parent"] = match body.get("parent") {
            None => return Err(bad_request("parent: Missing input")),
            Some(Value::Null) => Value::Null,
            Some(parent) => {
                let found = state.asana.task(parent.as_str().unwrap_or(""));
                task_ref(found.ok_or_else(|| bad_request("parent: Unknown object"))?)
            }
        };
        Ok(())
    })?;
    task_response(request, &task)
}

/// `GET /tasks/{gid}/tags`.
pub(crate) fn tags_of_task(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tags:read")?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    let task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?;
    list_response(request, &state.base_url, &format!("/tasks/{}/tags", request.path_param("gid")), &items(task, "tags"))
}
