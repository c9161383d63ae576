//! Workspaces, projects and typeahead.

use serde_json::{Map, Value, json};

use super::body::{Field, FieldType, field, nullable, request_data, require_field};
use super::fields::{boolean_parameter, list_response, reject_unknown_parameters, select_fields};
use super::seed::{PEOPLE, Person, project_ref, section, user, workspace};
use super::{
    ErrorResponse, access, bad_request, check_workspace, custom_fields, listed, not_found, people, relations,
    rich_text, teams,
};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// Writable fields of a project (`ProjectRequest` in Asana's OpenAPI document).
const WRITABLE_FIELDS: [Field; 17] = [
    field("name", FieldType::Text),
    field("archived", FieldType::Bool),
    nullable("color", FieldType::Text),
    nullable("icon", FieldType::Text),
    field("default_view", FieldType::Choice(&["list", "board", "calendar", "timeline"])),
    nullable("due_date", FieldType::Day),
    nullable("due_on", FieldType::Day),
    nullable("start_on", FieldType::Day),
    field("html_notes", FieldType::Text),
    field("notes", FieldType::Text),
    field("public", FieldType::Bool),
    field("privacy_setting", FieldType::Choice(&["public_to_workspace", "private_to_team", "private"])),
    field("custom_fields", FieldType::Record),
    field("followers", FieldType::Text),
    nullable("owner", FieldType::Id),
    field("team", FieldType::Id),
    field("workspace", FieldType::Id),
];

/// The deprecation of a project's team.
const TEAM_CHANGE: &str = "name=project_team_sharing;info=https://forum.asana.com/t/new-sharing;affected=true";

/// Builds the workspace's record.
fn workspace_record(state: &SandboxState) -> Value {
    let mut record = workspace();
    record["is_organization"] = json!(state.strangeness.asana.is_organization);
    record
}

/// `GET /workspaces`.
pub(crate) fn list_workspaces(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "workspaces:read")?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    list_response(request, &state.base_url, "/workspaces", &[workspace_record(state)])
}

/// `GET /workspaces/{w}`.
pub(crate) fn get_workspace(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "workspaces:read")?;
    reject_unknown_parameters(request, &[])?;
    check_workspace(request.path_param("workspace"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &workspace_record(state))})))
}

/// `GET /projects` and `GET /workspaces/{w}/projects`.
pub(crate) fn list_projects(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "projects:read")?;
    reject_unknown_parameters(request, &["workspace", "team", "archived", "limit", "offset"])?;
    check_workspace(request.query("workspace").unwrap_or(request.path_param("workspace")))?;
    let team = request.query("team");
    if team.is_some_and(|team| !teams::gids(state).contains(&team)) {
        return Err(not_found("team"));
    }
    let archived = boolean_parameter(request, "archived")?;
    let matches = |project: &&Value| {
        archived.is_none_or(|archived| project["archived"] == archived)
            && team.is_none_or(|team| project["team"]["gid"] == team)
    };
    let found: Vec<Value> = listed(state, &state.asana.projects).filter(matches).cloned().collect();
    list_response(request, &state.base_url, "/projects", &found)
}

/// `GET /projects/{gid}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "projects:read")?;
    reject_unknown_parameters(request, &[])?;
    let project = state.asana.project(request.path_param("gid")).ok_or_else(|| not_found("project"))?;
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, project)})))
}

/// `POST /projects`: 201 and the full record. A new project has one section.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "projects:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &WRITABLE_FIELDS)?;
    require_field(&body, "workspace")?;
    check_workspace(body["workspace"].as_str().unwrap_or(""))?;
    let is_organization = state.strangeness.asana.is_organization;
    match body.get("team") {
        None if is_organization => return Err(bad_request("team: Missing input")),
        Some(team) if !teams::gids(state).iter().any(|known| team == known) => {
            return Err(bad_request("team: Unknown object"));
        }
        _ => {}
    }
    if body.contains_key("start_on") && !body.contains_key("due_on") {
        return Err(bad_request("start_on: due_on must be in the request too"));
    }
    let description = description(state, &body)?;
    let gid = state.asana.next_gid();
    let mut project = super::seed::project(&gid, "", &state.clock.rfc3339());
    for (name, value) in &body {
        project[name] = value.clone();
    }
    describe(&mut project, description);
    project["workspace"] = workspace();
    project["team"] = body.get("team").and_then(Value::as_str).map_or(Value::Null, teams::team_ref);
    set_custom_fields(state, &caller, &mut project, &body)?;
    project["owner"] = match body.get("owner") {
        Some(Value::Null) => Value::Null,
        Some(owner) => user(&people::find(&caller, "owner", owner)?),
        None => user(&caller),
    };
    let named = project_ref(&project);
    let first = section(&state.asana.next_gid(), "Untitled section", &named, &state.clock.rfc3339());
    state.asana.sections.push(first);
    state.asana.projects.push(project.clone());
    let names_team = body.contains_key("team");
    state.record_effect("asana", "project_created", &gid, asana::WORKSPACE, Value::Object(body));
    let created = ApiResponse::json(201, json!({"data": select_fields(request, &project)}));
    // https://developers.asana.com/reference/createproject: the field is deprecated.
    Ok(if names_team { created.header("asana-change", TEAM_CHANGE) } else { created })
}

/// Sets the project's own custom fields.
fn set_custom_fields(
    state: &SandboxState,
    caller: &Person,
    project: &mut Value,
    body: &Map<String, Value>,
) -> Result<(), ErrorResponse> {
    let Some(values) = body.get("custom_fields").and_then(Value::as_object) else { return Ok(()) };
    if project["custom_fields"].is_object() {
        project["custom_fields"] = json!([]);
    }
    for (gid, value) in values {
        custom_fields::apply(state, caller, project, gid, value)?;
    }
    Ok(())
}

/// Returns the description of a request, plain and as rich text, if it has one.
fn description(state: &SandboxState, body: &Map<String, Value>) -> Result<Option<(String, String)>, ErrorResponse> {
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    match (field("notes"), field("html_notes")) {
        (Some(_), Some(_)) => Err(bad_request("html_notes: Cannot be given together with notes")),
        (Some(notes), None) => Ok(Some((notes.to_owned(), rich_text::of_plain(notes)))),
        (None, Some(html)) => {
            let accepted = rich_text::accept(&state.asana, "html_notes", html, false)?;
            Ok(Some((accepted.text, accepted.html)))
        }
        (None, None) => Ok(None),
    }
}

fn describe(project: &mut Value, description: Option<(String, String)>) {
    if let Some((notes, html)) = description {
        (project["notes"], project["html_notes"]) = (json!(notes), json!(html));
    }
}

/// `PUT /projects/{gid}`: only the fields sent change.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "projects:write")?;
    reject_unknown_parameters(request, &[])?;
    let mut body = request_data(request, &WRITABLE_FIELDS)?;
    for create_only in ["followers", "team", "workspace"] {
        if body.contains_key(create_only) {
            return Err(bad_request(&format!("{create_only}: Cannot write this property")));
        }
    }
    if let Some(owner) = body.get_mut("owner").filter(|owner| !owner.is_null()) {
        *owner = user(&people::find(&caller, "owner", owner)?);
    }
    let gid = request.path_param("gid").to_owned();
    let now = state.clock.rfc3339();
    let description = description(state, &body)?;
    let project = state.asana.projects.iter_mut().find(|project| project["gid"] == gid.as_str());
    let project = project.ok_or_else(|| not_found("project"))?;
    for (name, value) in &body {
        project[name] = value.clone();
    }
    describe(project, description);
    project["modified_at"] = json!(now);
    let project = project.clone();
    state.record_effect("asana", "project_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &project)})))
}

/// `DELETE /projects/{gid}`: the project's tasks are not deleted.
pub(crate) fn delete(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "projects:delete")?;
    reject_unknown_parameters(request, &[])?;
    let gid = request.path_param("gid").to_owned();
    state.asana.project(&gid).ok_or_else(|| not_found("project"))?;
    state.asana.projects.retain(|project| project["gid"] != gid.as_str());
    state.asana.sections.retain(|section| section["project"]["gid"] != gid.as_str());
    let deleted = json!(gid);
    state.asana.tasks.iter_mut().for_each(|task| relations::remove_from_project(task, &deleted));
    state.record_effect("asana", "project_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(ApiResponse::json(200, json!({"data": {}})))
}

/// `GET /workspaces/{w}/typeahead`: objects whose name contains the query.
pub(crate) fn typeahead(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "workspaces.typeahead:read")?;
    reject_unknown_parameters(request, &["resource_type", "type", "query", "count"])?;
    check_workspace(request.path_param("workspace"))?;
    let query = request.query("query").unwrap_or("").to_lowercase();
    let kind = request.query("resource_type").or_else(|| request.query("type")).unwrap_or("");
    let all: Vec<Value> = match kind {
        "user" | "actor" => PEOPLE.iter().map(people::user_record).collect(),
        "project" => listed(state, &state.asana.projects).cloned().collect(),
        "task" => listed(state, &state.asana.tasks).cloned().collect(),
        "tag" => listed(state, &state.asana.tags).cloned().collect(),
        "team" => teams::gids(state).iter().map(|gid| teams::team_ref(gid)).collect(),
        "agent" | "portfolio" | "goal" | "project_template" | "custom_field" => Vec::new(),
        _ => return Err(bad_request("resource_type: Not a recognized type")),
    };
    let hit =
        |record: &Value, field: &str| record[field].as_str().is_some_and(|text| text.to_lowercase().contains(&query));
    let count = request.query("count").and_then(|count| count.parse().ok()).unwrap_or(20);
    let found: Vec<Value> = all.into_iter().filter(|one| hit(one, "name") || hit(one, "email")).take(count).collect();
    list_response(request, &state.base_url, &format!("/workspaces/{}/typeahead", asana::WORKSPACE), &found)
}
