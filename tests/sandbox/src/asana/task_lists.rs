//! Task lists by project, section, assignee, parent or tag, and the task search.

use serde_json::{Value, json};

use super::fields::{
    boolean_parameter, compact, instant_parameter, limit_parameter, list_response, reject_unknown_parameters,
};
use super::seed::PEOPLE;
use super::{ErrorResponse, access, bad_request, body, check_workspace, listed, not_found, people};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// `GET /tasks`: by project, by section, or by assignee and workspace.
pub(crate) fn list_tasks(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "tasks:read")?;
    let since = ["completed_since", "modified_since"];
    let filters = ["assignee", "project", "section", "workspace"];
    reject_unknown_parameters(request, &[&since[..], &filters, &["limit", "offset"]].concat())?;
    let [assignee, project, section, workspace] = filters.map(|name| request.query(name));
    if project.is_none() && section.is_none() && (assignee.is_none() || workspace.is_none()) {
        return Err(bad_request("You should specify a project, a section, or an assignee with a workspace"));
    }
    check_workspace(workspace.unwrap_or(""))?;
    if project.is_some_and(|gid| state.asana.project(gid).is_none()) {
        return Err(not_found("project"));
    }
    if section.is_some_and(|gid| state.asana.section(gid).is_none()) {
        return Err(not_found("section"));
    }
    let assignee = assignee.map(|who| people::find(&caller, "assignee", &json!(who))).transpose()?;
    let now = state.clock.millis();
    let [completed, modified] =
        [instant_parameter(request, since[0], now)?, instant_parameter(request, since[1], now)?];
    let matches = |task: &&Value| {
        project.is_none_or(|gid| is_member_of(task, "project", gid))
            && section.is_none_or(|gid| is_member_of(task, "section", gid))
            && assignee.is_none_or(|person| task["assignee"]["gid"] == person.gid)
            && completed.is_none_or(|since| field_millis(task, "completed_at").is_none_or(|done| done >= since))
            && modified.is_none_or(|since| field_millis(task, "modified_at").is_some_and(|changed| changed >= since))
    };
    let found: Vec<Value> = listed(state, &state.asana.tasks).filter(matches).cloned().collect();
    list_response(request, &state.base_url, "/tasks", &found)
}

/// `GET /tasks/{gid}/subtasks`.
pub(crate) fn list_subtasks(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tasks:read")?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    let gid = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?["gid"].clone();
    let found: Vec<Value> =
        listed(state, &state.asana.tasks).filter(|task| task["parent"]["gid"] == gid).cloned().collect();
    list_response(request, &state.base_url, &format!("/tasks/{}/subtasks", request.path_param("gid")), &found)
}

/// Parameters of the task search that the sandbox supports; Asana documents more.
const SEARCH_PARAMETERS: [&str; 13] = [
    "text",
    "projects.any",
    "sections.any",
    "tags.any",
    "assignee.any",
    "completed",
    "due_on.after",
    "due_on.before",
    "created_at.after",
    "created_at.before",
    "sort_by",
    "sort_ascending",
    "limit",
];

/// `GET /workspaces/{w}/tasks/search`: not paged, 20 results unless `limit` is set. Asana offers it in paid workspaces only; this
/// one counts as paid.
pub(crate) fn search_tasks(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "tasks:read")?;
    reject_unknown_parameters(request, &SEARCH_PARAMETERS)?;
    check_workspace(request.path_param("workspace"))?;
    let now = state.clock.millis();
    let [after, before] =
        [instant_parameter(request, "created_at.after", now)?, instant_parameter(request, "created_at.before", now)?];
    let [due_after, due_before] = [date_parameter(request, "due_on.after")?, date_parameter(request, "due_on.before")?];
    let completed = boolean_parameter(request, "completed")?;
    let people = |gids: &str| gids.split(',').map(|who| people::find(&caller, "assignee.any", &json!(who))).collect();
    let assignees: Option<Vec<_>> = request.query("assignee.any").map(people).transpose()?;
    let due = |task: &Value| task["due_on"].as_str().map(str::to_owned);
    let matches = |task: &&Value| {
        request.query("text").is_none_or(|text| contains_words(task, text))
            && any_value_matches(request, "projects.any", |gid| is_member_of(task, "project", gid))
            && any_value_matches(request, "sections.any", |gid| is_member_of(task, "section", gid))
            && any_value_matches(request, "tags.any", |gid| has_tag(task, gid))
            && assignees.as_ref().is_none_or(|people| people.iter().any(|one| task["assignee"]["gid"] == one.gid))
            && completed.is_none_or(|completed| task["completed"] == completed)
            && due_after.is_none_or(|day| due(task).is_some_and(|due| due.as_str() > day))
            && due_before.is_none_or(|day| due(task).is_some_and(|due| due.as_str() < day))
            && after.is_none_or(|at| field_millis(task, "created_at").is_some_and(|created| created > at))
            && before.is_none_or(|at| field_millis(task, "created_at").is_some_and(|created| created < at))
    };
    let mut found: Vec<&Value> = listed(state, &state.asana.tasks).filter(matches).collect();
    let by = match request.query("sort_by").unwrap_or("modified_at") {
        "due_date" => "due_on",
        by @ ("created_at" | "completed_at" | "modified_at") => by,
        "likes" | "relevance" => "gid",
        _ => return Err(bad_request("sort_by: Not a recognized value")),
    };
    found.sort_by_key(|task| task[by].as_str().unwrap_or("").to_owned());
    if boolean_parameter(request, "sort_ascending")? != Some(true) {
        found.reverse();
    }
    let page: Vec<Value> =
        found.into_iter().take(limit_parameter(request)?.unwrap_or(20)).map(|task| compact(request, task)).collect();
    Ok(ApiResponse::json(200, json!({"data": page})))
}

fn date_parameter<'a>(request: &'a ApiRequest, name: &str) -> Result<Option<&'a str>, ErrorResponse> {
    match request.query(name) {
        Some(day) if !body::is_day(day) => Err(bad_request(&format!("{name}: Value is not a valid date"))),
        valid => Ok(valid),
    }
}

/// True if a comma-separated parameter is absent or one of its values matches.
fn any_value_matches(request: &ApiRequest, name: &str, fits: impl Fn(&str) -> bool) -> bool {
    request.query(name).is_none_or(|gids| gids.split(',').any(fits))
}

fn contains_words(task: &Value, text: &str) -> bool {
    let all = format!("{} {}", task["name"], task["notes"]).to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| all.contains(word))
}

fn is_member_of(task: &Value, field: &str, gid: &str) -> bool {
    task["memberships"].as_array().into_iter().flatten().any(|place| place[field]["gid"] == gid)
}

fn field_millis(task: &Value, field: &str) -> Option<i64> {
    task[field].as_str()?.parse().ok().map(jiff::Timestamp::as_millisecond)
}

/// `GET /projects/{gid}/tasks` and `GET /sections/{gid}/tasks`.
pub(crate) fn tasks_of_container(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tasks:read")?;
    reject_unknown_parameters(request, &["completed_since", "limit", "offset"])?;
    let gid = request.path_param("gid");
    let field = if state.asana.project(gid).is_some() { "project" } else { "section" };
    if field == "section" && state.asana.section(gid).is_none() {
        return Err(not_found(field));
    }
    let completed = instant_parameter(request, "completed_since", state.clock.millis())?;
    let open =
        |task: &Value| completed.is_none_or(|since| field_millis(task, "completed_at").is_none_or(|at| at >= since));
    let found: Vec<Value> = listed(state, &state.asana.tasks)
        .filter(|task| is_member_of(task, field, gid) && open(task))
        .cloned()
        .collect();
    list_response(request, &state.base_url, &format!("/{field}s/{gid}/tasks"), &found)
}

/// `GET /tags/{gid}/tasks`.
pub(crate) fn tasks_of_tag(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tasks:read")?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    let gid = request.path_param("gid");
    if !state.asana.tags.iter().any(|tag| tag["gid"] == gid) {
        return Err(not_found("tag"));
    }
    let found: Vec<Value> = listed(state, &state.asana.tasks).filter(|task| has_tag(task, gid)).cloned().collect();
    list_response(request, &state.base_url, &format!("/tags/{gid}/tasks"), &found)
}

fn has_tag(task: &Value, gid: &str) -> bool {
    task["tags"].as_array().into_iter().flatten().any(|tag| tag["gid"] == gid)
}

/// `GET /user_task_lists/{gid}/tasks`: My Tasks of a person.
pub(crate) fn tasks_of_user(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tasks:read")?;
    reject_unknown_parameters(request, &["completed_since", "limit", "offset"])?;
    let gid = request.path_param("gid");
    let owner = PEOPLE.into_iter().find(|person| people::task_list_gid(person) == gid);
    let owner = owner.ok_or_else(|| not_found("user_task_list"))?;
    let completed = instant_parameter(request, "completed_since", state.clock.millis())?;
    let matches = |task: &&Value| {
        task["assignee"]["gid"] == owner.gid
            && completed.is_none_or(|since| field_millis(task, "completed_at").is_none_or(|at| at >= since))
    };
    let found: Vec<Value> = listed(state, &state.asana.tasks).filter(matches).cloned().collect();
    list_response(request, &state.base_url, &format!("/user_task_lists/{gid}/tasks"), &found)
}
