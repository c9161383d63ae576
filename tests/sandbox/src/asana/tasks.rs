//! Tasks (<https://developers.asana.com/reference/tasks>).

use serde_json::{Map, Value, json};

use super::body::{Field, FieldType, field, nullable, request_data};
use super::fields::{reject_unknown_parameters, select_fields};
use super::seed::{Person, tag_ref, task_ref, task_url, user, workspace};
use super::{
    ErrorResponse, access, bad_request, check_workspace, custom_fields, not_found, people, rich_text, sections,
};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

type Body = Map<String, Value>;

/// Task fields that can be written on create and update (`TaskRequestBase` in Asana's OpenAPI document).
const WRITABLE_FIELDS: [Field; 16] = [
    field("name", FieldType::Text),
    field("notes", FieldType::Text),
    field("html_notes", FieldType::Text),
    field("completed", FieldType::Bool),
    nullable("due_on", FieldType::Day),
    nullable("due_at", FieldType::Instant),
    nullable("start_on", FieldType::Day),
    nullable("start_at", FieldType::Instant),
    field("resource_subtype", FieldType::Choice(&["default_task", "milestone", "approval", "custom"])),
    field("approval_status", FieldType::Choice(&["pending", "approved", "rejected", "changes_requested"])),
    field("assignee_status", FieldType::Choice(&["today", "upcoming", "later", "new", "inbox"])),
    field("liked", FieldType::Bool),
    nullable("assignee", FieldType::Id),
    nullable("assignee_section", FieldType::Id),
    field("custom_fields", FieldType::Record),
    nullable("external", FieldType::Record),
];

/// Task fields that can be written on create only.
const CREATE_ONLY_FIELDS: [Field; 6] = [
    field("followers", FieldType::Ids),
    field("tags", FieldType::Ids),
    field("projects", FieldType::Ids),
    field("memberships", FieldType::Records),
    nullable("parent", FieldType::Id),
    field("workspace", FieldType::Id),
];

/// Fields that are stored as sent.
const PASSTHROUGH_FIELDS: [&str; 5] = ["name", "notes", "completed", "resource_subtype", "liked"];

/// `POST /tasks`: 201 and the full record.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "tasks:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &[&WRITABLE_FIELDS[..], &CREATE_ONLY_FIELDS].concat())?;
    let placed = ["workspace", "projects", "parent", "memberships"].iter().any(|field| body.contains_key(*field));
    if !placed {
        return Err(bad_request("You should specify one of workspace, parent, projects"));
    }
    create_record(state, request, &caller, body)
}

/// `POST /tasks/{gid}/subtasks`: creates a task below another one.
pub(crate) fn create_subtask(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "tasks:write")?;
    reject_unknown_parameters(request, &[])?;
    let mut body = request_data(request, &[&WRITABLE_FIELDS[..], &CREATE_ONLY_FIELDS].concat())?;
    let parent = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?;
    body.insert("parent".to_owned(), parent["gid"].clone());
    create_record(state, request, &caller, body)
}

fn create_record(state: &mut SandboxState, request: &ApiRequest, caller: &Person, body: Body) -> HandlerResult {
    let gid = state.asana.next_gid();
    let now = state.clock.rfc3339();
    let mut task = json!({
        "gid": gid, "resource_type": "task", "resource_subtype": "default_task", "name": "", "notes": "", "html_notes": "<body></body>",
        "completed": false, "completed_at": null, "created_at": now, "modified_at": now,
        "due_on": null, "due_at": null, "start_on": null, "start_at": null, "assignee": null,
        "followers": [user(caller)], "tags": [], "parent": null, "num_subtasks": 0, "custom_fields": [],
        "workspace": workspace(), "projects": [], "memberships": [], "permalink_url": task_url(&gid),
        "liked": false, "num_likes": 0, "hearted": false, "num_hearts": 0, "created_by": user(caller),
    });
    apply_fields(state, caller, &mut task, &body)?;
    apply_relations(state, caller, &mut task, &body)?;
    state.asana.tasks.push(task.clone());
    state.asana.update_subtask_counts();
    state.record_effect("asana", "task_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(201, json!({"data": select_fields(request, &task)})))
}

/// Applies the fields that create and update share.
fn apply_fields(state: &SandboxState, caller: &Person, task: &mut Value, body: &Body) -> Result<(), ErrorResponse> {
    for field in PASSTHROUGH_FIELDS {
        if let Some(value) = body.get(field) {
            task[field] = value.clone();
        }
    }
    apply_html_notes(state, task, body)?;
    apply_dates(task, body)?;
    if let Some(assignee) = body.get("assignee") {
        task["assignee"] = match assignee {
            Value::Null => Value::Null,
            assignee => user(&people::find(caller, "assignee", assignee)?),
        };
    }
    if let Some(values) = body.get("custom_fields").and_then(Value::as_object) {
        for (gid, value) in values {
            custom_fields::apply(state, caller, task, gid, value)?;
        }
    }
    // A personal token has no external data of its own.
    if let Some(external) = body.get("external").filter(|_| !state.strangeness.asana.has_personal_token) {
        let too_long =
            |field: &str, max: usize| external[field].as_str().is_some_and(|text| text.chars().count() > max);
        if too_long("gid", 1_024) || too_long("data", 32_768) {
            return Err(bad_request("external: Value is too long"));
        }
        task["external"] = external.clone();
    }
    let completed_at = if task["completed"] == json!(true) { json!(state.clock.rfc3339()) } else { Value::Null };
    if task["completed_at"].is_null() != completed_at.is_null() {
        task["completed_at"] = completed_at;
    }
    Ok(())
}

/// Applies `html_notes` (<https://developers.asana.com/docs/rich-text>), or keeps it beside changed `notes`.
fn apply_html_notes(state: &SandboxState, task: &mut Value, body: &Body) -> Result<(), ErrorResponse> {
    match (body.get("html_notes").and_then(Value::as_str), body.get("notes").and_then(Value::as_str)) {
        (Some(_), Some(_)) => return Err(bad_request("html_notes: Cannot be given together with notes")),
        (Some(html), None) => {
            let accepted = rich_text::accept(&state.asana, "html_notes", html, true)?;
            (task["html_notes"], task["notes"]) = (json!(accepted.html), json!(accepted.text));
        }
        (None, Some(notes)) => task["html_notes"] = json!(rich_text::of_plain(notes)),
        (None, None) => {}
    }
    Ok(())
}

fn apply_dates(task: &mut Value, body: &Body) -> Result<(), ErrorResponse> {
    let has = |field: &str| body.contains_key(field);
    if (has("due_on") && has("due_at")) || (has("start_on") && has("start_at")) {
        return Err(bad_request("due_on: Only one of a date and a time can be given"));
    }
    if (has("start_on") && !has("due_on") && !has("due_at")) || (has("start_at") && !has("due_at")) {
        return Err(bad_request("start_on: due_on or due_at must be in the request too"));
    }
    let starts = body.get("start_on").or_else(|| body.get("start_at")).is_some_and(|start| !start.is_null());
    if starts && task["resource_subtype"] == "milestone" {
        return Err(bad_request("start_on: A milestone cannot have a start date"));
    }
    let text = |field: &str| body.get(field).and_then(Value::as_str);
    let is_after = |start, due| text(start).zip(text(due)).is_some_and(|(start, due)| start > due);
    if is_after("start_on", "due_on") || is_after("start_at", "due_at") {
        return Err(bad_request("start_on: The start date must be before the due date"));
    }
    for (day, time) in [("due_on", "due_at"), ("start_on", "start_at")] {
        if let Some(value) = body.get(day) {
            (task[day], task[time]) = (value.clone(), Value::Null);
        }
        if let Some(value) = body.get(time) {
            let text = value.as_str().and_then(|text| text.get(..10));
            (task[day], task[time]) = (json!(text), value.clone());
        }
    }
    Ok(())
}

/// Applies a new task's relations: projects, sections, parent, followers and tags.
fn apply_relations(state: &SandboxState, caller: &Person, task: &mut Value, body: &Body) -> Result<(), ErrorResponse> {
    let list = |field: &str| body.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(workspace) = body.get("workspace").and_then(Value::as_str) {
        check_workspace(workspace).map_err(|_| bad_request("workspace: Unknown object"))?;
    }
    for project in list("projects") {
        let first = state.asana.sections_of(project.as_str().unwrap_or("")).next();
        sections::move_to(task, first.ok_or_else(|| bad_request("projects: Unknown object"))?);
    }
    for membership in list("memberships") {
        let mut sections = state.asana.sections_of(membership["project"].as_str().unwrap_or(""));
        let found = match &membership["section"] {
            Value::Null => sections.next(),
            gid => sections.find(|section| section["gid"] == *gid),
        };
        sections::move_to(task, found.ok_or_else(|| bad_request("memberships: Unknown section"))?);
    }
    if let Some(parent) = body.get("parent").and_then(Value::as_str) {
        let parent = state.asana.task(parent).ok_or_else(|| bad_request("parent: Unknown object"))?;
        if parent["custom_fields"].as_array().is_some_and(|fields| !fields.is_empty()) {
            custom_fields::add_missing(task);
        }
        task["parent"] = task_ref(parent);
    }
    if let Some(followers) = body.get("followers") {
        task["followers"] = json!(people::find_all(caller, "followers", followers)?);
    }
    let tag = |gid: &Value| state.asana.tags.iter().find(|tag| tag["gid"] == *gid).map(tag_ref);
    let tags: Option<Vec<Value>> = list("tags").iter().map(tag).collect();
    task["tags"] = json!(tags.ok_or_else(|| bad_request("tags: Unknown object"))?);
    Ok(())
}

/// `GET /tasks/{gid}`; `external:<gid>` is accepted too.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tasks:read")?;
    reject_unknown_parameters(request, &[])?;
    let task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, task)})))
}

/// `PUT /tasks/{gid}`: only the fields sent change.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "tasks:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &WRITABLE_FIELDS)?;
    let mut task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?.clone();
    apply_fields(state, &caller, &mut task, &body)?;
    task["modified_at"] = json!(state.clock.rfc3339());
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    if let Some(stored) = state.asana.task_mut(&gid) {
        *stored = task.clone();
    }
    state.record_effect("asana", "task_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &task)})))
}

/// `DELETE /tasks/{gid}`: deletes the task and its subtasks.
pub(crate) fn delete(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tasks:delete")?;
    reject_unknown_parameters(request, &[])?;
    let task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?;
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    state.asana.tasks.retain(|task| task["gid"] != gid.as_str() && task["parent"]["gid"] != gid.as_str());
    state.asana.update_subtask_counts();
    state.record_effect("asana", "task_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(ApiResponse::json(200, json!({"data": {}})))
}
