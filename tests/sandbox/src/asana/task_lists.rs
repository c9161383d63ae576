//! Task lists by project, section, assignee, parent or tag, and the task search.

use serde_json::{Value, json};

use super::fields::{
    boolean_parameter, compact, instant_parameter, limit_parameter, list_response, reject_unknown_parameters,
};
use super::{ErrorResponse, access, bad_request, body, check_workspace, not_found, people};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// `GET /tasks`: by project, by section, or by assignee and workspace.
pub(crate) fn list_tasks(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let caller = access(world, call, "tasks:read")?;
    let since = ["completed_since", "modified_since"];
    let filters = ["assignee", "project", "section", "workspace"];
    reject_unknown_parameters(call, &[&since[..], &filters, &["limit", "offset"]].concat())?;
    let [assignee, project, section, workspace] = filters.map(|name| call.query(name));
    if project.is_none() && section.is_none() && (assignee.is_none() || workspace.is_none()) {
        return Err(bad_request("You should specify a project, a section, or an assignee with a workspace"));
    }
    check_workspace(workspace.unwrap_or(""))?;
    if project.is_some_and(|gid| world.asana.project(gid).is_none()) {
        return Err(not_found("project"));
    }
    if section.is_some_and(|gid| world.asana.section(gid).is_none()) {
        return Err(not_found("section"));
    }
    let assignee = assignee.map(|who| people::find(&caller, "assignee", &json!(who))).transpose()?;
    let now = world.clock.millis();
    let [completed, modified] = [instant_parameter(call, since[0], now)?, instant_parameter(call, since[1], now)?];
    let wanted = |task: &&Value| {
        project.is_none_or(|gid| is_member_of(task, "project", gid))
            && section.is_none_or(|gid| is_member_of(task, "section", gid))
            && assignee.is_none_or(|person| task["assignee"]["gid"] == person.gid)
            && completed.is_none_or(|since| field_millis(task, "completed_at").is_none_or(|done| done >= since))
            && modified.is_none_or(|since| field_millis(task, "modified_at").is_some_and(|changed| changed >= since))
    };
    let found: Vec<Value> = world.asana.tasks.iter().filter(wanted).cloned().collect();
    list_response(call, &world.base_url, "/tasks", &found)
}

/// `GET /tasks/{gid}/subtasks`.
pub(crate) fn list_subtasks(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "tasks:read")?;
    reject_unknown_parameters(call, &["limit", "offset"])?;
    let gid = world.asana.task(call.path_param("gid")).ok_or_else(|| not_found("task"))?["gid"].clone();
    let found: Vec<Value> = world.asana.tasks.iter().filter(|task| task["parent"]["gid"] == gid).cloned().collect();
    list_response(call, &world.base_url, &format!("/tasks/{}/subtasks", call.path_param("gid")), &found)
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
pub(crate) fn search_tasks(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let caller = access(world, call, "tasks:read")?;
    reject_unknown_parameters(call, &SEARCH_PARAMETERS)?;
    check_workspace(call.path_param("workspace"))?;
    let now = world.clock.millis();
    let [after, before] =
        [instant_parameter(call, "created_at.after", now)?, instant_parameter(call, "created_at.before", now)?];
    let [due_after, due_before] = [date_parameter(call, "due_on.after")?, date_parameter(call, "due_on.before")?];
    let completed = boolean_parameter(call, "completed")?;
    let people = |gids: &str| gids.split(',').map(|who| people::find(&caller, "assignee.any", &json!(who))).collect();
    let assignees: Option<Vec<_>> = call.query("assignee.any").map(people).transpose()?;
    let due = |task: &Value| task["due_on"].as_str().map(str::to_owned);
    let wanted = |task: &&Value| {
        call.query("text").is_none_or(|text| contains_words(task, text))
            && any_value_matches(call, "projects.any", |gid| is_member_of(task, "project", gid))
            && any_value_matches(call, "sections.any", |gid| is_member_of(task, "section", gid))
            && any_value_matches(call, "tags.any", |gid| has_tag(task, gid))
            && assignees.as_ref().is_none_or(|people| people.iter().any(|one| task["assignee"]["gid"] == one.gid))
            && completed.is_none_or(|completed| task["completed"] == completed)
            && due_after.is_none_or(|day| due(task).is_some_and(|due| due.as_str() > day))
            && due_before.is_none_or(|day| due(task).is_some_and(|due| due.as_str() < day))
            && after.is_none_or(|at| field_millis(task, "created_at").is_some_and(|made| made > at))
            && before.is_none_or(|at| field_millis(task, "created_at").is_some_and(|made| made < at))
    };
    let mut found: Vec<&Value> = world.asana.tasks.iter().filter(wanted).collect();
    let by = match call.query("sort_by").unwrap_or("modified_at") {
        "due_date" => "due_on",
        by @ ("created_at" | "completed_at" | "modified_at") => by,
        "likes" | "relevance" => "gid",
        _ => return Err(bad_request("sort_by: Not a recognized value")),
    };
    found.sort_by_key(|task| task[by].as_str().unwrap_or("").to_owned());
    if boolean_parameter(call, "sort_ascending")? != Some(true) {
        found.reverse();
    }
    let page: Vec<Value> =
        found.into_iter().take(limit_parameter(call)?.unwrap_or(20)).map(|task| compact(call, task)).collect();
    Ok(ApiResponse::json(200, json!({"data": page})))
}

fn date_parameter<'a>(call: &'a ApiRequest, name: &str) -> Result<Option<&'a str>, ErrorResponse> {
    match call.query(name) {
        Some(day) if !body::is_day(day) => Err(bad_request(&format!("{name}: Value is not a valid date"))),
        given => Ok(given),
    }
}

/// True if a comma-separated parameter is absent or one of its values matches.
fn any_value_matches(call: &ApiRequest, name: &str, fits: impl Fn(&str) -> bool) -> bool {
    call.query(name).is_none_or(|gids| gids.split(',').any(fits))
}

fn contains_words(task: &Value, text: &str) -> bool {
    let all = format!("{} {}", task["name"], task["notes"]).to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| all.contains(word))
}

fn is_member_of(task: &Value, what: &str, gid: &str) -> bool {
    task["memberships"].as_array().into_iter().flatten().any(|place| place[what]["gid"] == gid)
}

fn field_millis(task: &Value, field: &str) -> Option<i64> {
    task[field].as_str()?.parse().ok().map(jiff::Timestamp::as_millisecond)
}

/// `GET /projects/{gid}/tasks` and `GET /sections/{gid}/tasks`.
pub(crate) fn tasks_of_container(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "tasks:read")?;
    reject_unknown_parameters(call, &["completed_since", "limit", "offset"])?;
    let gid = call.path_param("gid");
    let what = if world.asana.project(gid).is_some() { "project" } else { "section" };
    if what == "section" && world.asana.section(gid).is_none() {
        return Err(not_found(what));
    }
    let completed = instant_parameter(call, "completed_since", world.clock.millis())?;
    let open =
        |task: &Value| completed.is_none_or(|since| field_millis(task, "completed_at").is_none_or(|at| at >= since));
    let found: Vec<Value> =
        world.asana.tasks.iter().filter(|task| is_member_of(task, what, gid) && open(task)).cloned().collect();
    list_response(call, &world.base_url, &format!("/{what}s/{gid}/tasks"), &found)
}

/// `GET /tags/{gid}/tasks`.
pub(crate) fn tasks_of_tag(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "tasks:read")?;
    reject_unknown_parameters(call, &["limit", "offset"])?;
    let gid = call.path_param("gid");
    if !world.asana.tags.iter().any(|tag| tag["gid"] == gid) {
        return Err(not_found("tag"));
    }
    let found: Vec<Value> = world.asana.tasks.iter().filter(|task| has_tag(task, gid)).cloned().collect();
    list_response(call, &world.base_url, &format!("/tags/{gid}/tasks"), &found)
}

fn has_tag(task: &Value, gid: &str) -> bool {
    task["tags"].as_array().into_iter().flatten().any(|tag| tag["gid"] == gid)
}
