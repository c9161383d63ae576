//! Workspaces, projects and typeahead.

use serde_json::{Value, json};

use super::body::{Field, FieldType, request_data, require_field};
use super::fields::{boolean_parameter, list_response, reject_unknown_parameters, select_fields};
use super::seed::{PEOPLE, project_ref, section, user, workspace};
use super::{access, bad_request, check_workspace, not_found, people, relations};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// Writable fields of a project (`ProjectRequest` in Asana's OpenAPI document).
const WRITABLE_FIELDS: [Field; 17] = [
    ("name", FieldType::Text, false),
    ("archived", FieldType::Bool, false),
    ("color", FieldType::Text, true),
    ("icon", FieldType::Text, true),
    ("default_view", FieldType::Choice(&["list", "board", "calendar", "timeline"]), false),
    ("due_date", FieldType::Day, true),
    ("due_on", FieldType::Day, true),
    ("start_on", FieldType::Day, true),
    ("html_notes", FieldType::Text, false),
    ("notes", FieldType::Text, false),
    ("public", FieldType::Bool, false),
    ("privacy_setting", FieldType::Choice(&["public_to_workspace", "private_to_team", "private"]), false),
    ("custom_fields", FieldType::Record, false),
    ("followers", FieldType::Text, false),
    ("owner", FieldType::Id, true),
    ("team", FieldType::Id, false),
    ("workspace", FieldType::Id, false),
];

/// `GET /workspaces`.
pub(crate) fn list_workspaces(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "workspaces:read")?;
    reject_unknown_parameters(call, &["limit", "offset"])?;
    list_response(call, &world.base_url, "/workspaces", &[workspace()])
}

/// `GET /workspaces/{w}`.
pub(crate) fn get_workspace(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "workspaces:read")?;
    reject_unknown_parameters(call, &[])?;
    check_workspace(call.path_param("workspace"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(call, &workspace())})))
}

/// `GET /projects` and `GET /workspaces/{w}/projects`.
pub(crate) fn list_projects(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "projects:read")?;
    reject_unknown_parameters(call, &["workspace", "team", "archived", "limit", "offset"])?;
    check_workspace(call.query("workspace").unwrap_or(call.path_param("workspace")))?;
    if call.query("team").is_some() {
        return Err(not_found("team"));
    }
    let archived = boolean_parameter(call, "archived")?;
    let wanted = |project: &&Value| archived.is_none_or(|archived| project["archived"] == archived);
    let found: Vec<Value> = world.asana.projects.iter().filter(wanted).cloned().collect();
    list_response(call, &world.base_url, "/projects", &found)
}

/// `GET /projects/{gid}`.
pub(crate) fn get(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "projects:read")?;
    reject_unknown_parameters(call, &[])?;
    let project = world.asana.project(call.path_param("gid")).ok_or_else(|| not_found("project"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(call, project)})))
}

/// `POST /projects`: 201 and the full record. A new project has one section.
pub(crate) fn create(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let caller = access(world, call, "projects:write")?;
    reject_unknown_parameters(call, &[])?;
    let body = request_data(call, &WRITABLE_FIELDS)?;
    require_field(&body, "workspace")?;
    check_workspace(body["workspace"].as_str().unwrap_or(""))?;
    if body.contains_key("team") {
        return Err(bad_request("team: Unknown object"));
    }
    if body.contains_key("start_on") && !body.contains_key("due_on") {
        return Err(bad_request("start_on: due_on must be in the request too"));
    }
    let gid = world.asana.next_gid();
    let mut project = super::seed::project(&gid, "", &world.clock.rfc3339());
    for (name, value) in &body {
        project[name] = value.clone();
    }
    project["workspace"] = workspace();
    project["owner"] = match body.get("owner") {
        Some(Value::Null) => Value::Null,
        Some(owner) => user(&people::find(&caller, "owner", owner)?),
        None => user(&caller),
    };
    let named = project_ref(&project);
    let first = section(&world.asana.next_gid(), "Untitled section", &named, &world.clock.rfc3339());
    world.asana.sections.push(first);
    world.asana.projects.push(project.clone());
    world.record_effect("asana", "project_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(201, json!({"data": select_fields(call, &project)})))
}

/// `PUT /projects/{gid}`: only the fields sent change.
pub(crate) fn update(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let caller = access(world, call, "projects:write")?;
    reject_unknown_parameters(call, &[])?;
    let mut body = request_data(call, &WRITABLE_FIELDS)?;
    for once in ["followers", "team", "workspace"] {
        if body.contains_key(once) {
            return Err(bad_request(&format!("{once}: Cannot write this property")));
        }
    }
    if let Some(owner) = body.get_mut("owner").filter(|owner| !owner.is_null()) {
        *owner = user(&people::find(&caller, "owner", owner)?);
    }
    let gid = call.path_param("gid").to_owned();
    let now = world.clock.rfc3339();
    let project = world.asana.projects.iter_mut().find(|project| project["gid"] == gid.as_str());
    let project = project.ok_or_else(|| not_found("project"))?;
    for (name, value) in &body {
        project[name] = value.clone();
    }
    project["modified_at"] = json!(now);
    let project = project.clone();
    world.record_effect("asana", "project_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(200, json!({"data": select_fields(call, &project)})))
}

/// `DELETE /projects/{gid}`: the project's tasks are not deleted.
pub(crate) fn delete(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "projects:delete")?;
    reject_unknown_parameters(call, &[])?;
    let gid = call.path_param("gid").to_owned();
    world.asana.project(&gid).ok_or_else(|| not_found("project"))?;
    world.asana.projects.retain(|project| project["gid"] != gid.as_str());
    world.asana.sections.retain(|section| section["project"]["gid"] != gid.as_str());
    let deleted = json!(gid);
    world.asana.tasks.iter_mut().for_each(|task| relations::remove_from_project(task, &deleted));
    world.record_effect("asana", "project_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(ApiResponse::json(200, json!({"data": {}})))
}

/// `GET /workspaces/{w}/typeahead`: objects whose name contains the query.
pub(crate) fn typeahead(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "workspaces.typeahead:read")?;
    reject_unknown_parameters(call, &["resource_type", "type", "query", "count"])?;
    check_workspace(call.path_param("workspace"))?;
    let query = call.query("query").unwrap_or("").to_lowercase();
    let kind = call.query("resource_type").or_else(|| call.query("type")).unwrap_or("");
    let all: Vec<Value> = match kind {
        "user" | "actor" => PEOPLE.iter().map(people::user_record).collect(),
        "project" => world.asana.projects.clone(),
        "task" => world.asana.tasks.clone(),
        "tag" => world.asana.tags.clone(),
        "agent" | "portfolio" | "goal" | "project_template" | "custom_field" | "team" => Vec::new(),
        _ => return Err(bad_request("resource_type: Not a recognized type")),
    };
    let hit =
        |record: &Value, field: &str| record[field].as_str().is_some_and(|text| text.to_lowercase().contains(&query));
    let count = call.query("count").and_then(|count| count.parse().ok()).unwrap_or(20);
    let found: Vec<Value> = all.into_iter().filter(|one| hit(one, "name") || hit(one, "email")).take(count).collect();
    list_response(call, &world.base_url, &format!("/workspaces/{}/typeahead", asana::WORKSPACE), &found)
}
