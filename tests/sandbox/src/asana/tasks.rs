//! Tasks (<https://developers.asana.com/reference/tasks>).

use serde_json::{Value, json};

use super::fields::{list, shown};
use super::world::{PEOPLE, Person, SECTIONS, link, membership, project_ref, user, workspace};
use super::{Refused, access, bad, data, not_found};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::world::asana;

/// Fields a client may write as they are, with their kind in words.
const PLAIN: [&str; 9] =
    ["name", "notes", "html_notes", "completed", "due_on", "due_at", "start_on", "start_at", "resource_subtype"];

/// `POST /tasks`: 201 and the full record.
pub(crate) fn create(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "tasks:write")?;
    let body = data(call)?;
    let placed = ["workspace", "projects", "parent", "memberships"].iter().any(|field| !body[*field].is_null());
    if !placed {
        return Err(bad("You should specify one of workspace, parent, projects"));
    }
    let gid = world.asana.next_gid();
    let now = world.clock.rfc3339();
    let mut task = json!({
        "gid": gid, "resource_type": "task", "resource_subtype": "default_task", "name": "", "notes": "",
        "completed": false, "completed_at": null, "created_at": now, "modified_at": now,
        "due_on": null, "due_at": null, "start_on": null, "start_at": null, "assignee": null,
        "followers": [user(&caller)], "tags": [], "parent": null, "num_subtasks": 0, "custom_fields": [],
        "workspace": workspace(), "projects": [], "memberships": [], "permalink_url": link(&gid),
        "liked": false, "num_likes": 0, "hearted": false, "num_hearts": 0, "created_by": user(&caller),
    });
    write(world, &caller, &mut task, &body)?;
    place(world, &mut task, &body)?;
    world.asana.tasks.push(task.clone());
    world.record("asana", "task_created", &gid, asana::WORKSPACE, body);
    Ok(Answer::json(201, json!({"data": shown(call, &task)})))
}

/// The fields create and update share.
fn write(world: &World, caller: &Person, task: &mut Value, body: &Value) -> Result<(), Refused> {
    for field in PLAIN {
        if let Some(value) = body.get(field) {
            task[field] = value.clone();
        }
    }
    if !task["name"].is_string() {
        return Err(bad("name: Value is not a string"));
    }
    if !task["completed"].is_boolean() {
        return Err(bad("completed: Value is not a boolean"));
    }
    let date = |field: &str| {
        task[field].is_null() || task[field].as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok())
    };
    if !date("due_on") || !date("start_on") {
        return Err(bad("due_on: Value is not a valid date"));
    }
    if let Some(assignee) = body.get("assignee") {
        task["assignee"] = if assignee.is_null() { Value::Null } else { user(&find_person(caller, assignee)?) };
    }
    if let Some(followers) = body["followers"].as_array() {
        let all: Result<Vec<Value>, Refused> =
            followers.iter().map(|one| find_person(caller, one).map(|person| user(&person))).collect();
        task["followers"] = Value::Array(all?);
    }
    if let Some(external) = body.get("external") {
        let long = |field: &str, most: usize| external[field].as_str().is_some_and(|text| text.chars().count() > most);
        if long("gid", 1_024) || long("data", 32_768) {
            return Err(bad("external: Value is too long"));
        }
        task["external"] = external.clone();
    }
    let completed_at = if task["completed"] == json!(true) { json!(world.clock.rfc3339()) } else { Value::Null };
    if task["completed_at"].is_null() != completed_at.is_null() {
        task["completed_at"] = completed_at;
    }
    Ok(())
}

/// A user by gid, e-mail address or `me`.
fn find_person(caller: &Person, value: &Value) -> Result<Person, Refused> {
    let wanted = value.as_str().unwrap_or("");
    if wanted == "me" {
        return Ok(*caller);
    }
    let found = PEOPLE.into_iter().find(|person| person.gid == wanted || person.email.eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| bad(&format!("assignee: Not a user in this workspace: {wanted}")))
}

/// Where a new task goes: projects, sections, parent, workspace.
fn place(world: &World, task: &mut Value, body: &Value) -> Result<(), Refused> {
    if body["workspace"].as_str().is_some_and(|gid| gid != asana::WORKSPACE) {
        return Err(bad("workspace: Unknown object"));
    }
    let projects = body["projects"].as_array().into_iter().flatten();
    let placed = body["memberships"].as_array().into_iter().flatten();
    for project in projects.chain(placed.clone().map(|membership| &membership["project"])) {
        if project.as_str() != Some(asana::PROJECT) {
            return Err(bad("projects: Unknown object"));
        }
        task["projects"] = json!([project_ref()]);
        task["memberships"] = json!([membership(asana::SECTION_TO_DO)]);
    }
    for section in placed.filter_map(|membership| membership["section"].as_str()) {
        if !SECTIONS.iter().any(|(gid, _)| *gid == section) {
            return Err(bad("memberships: Unknown section"));
        }
        task["memberships"] = json!([membership(section)]);
    }
    if let Some(parent) = body["parent"].as_str() {
        let parent = world.asana.task(parent).ok_or_else(|| bad("parent: Unknown object"))?;
        task["parent"] = json!({"gid": parent["gid"], "resource_type": "task", "name": parent["name"]});
    }
    Ok(())
}

/// `GET /tasks/{gid}`, also `external:<gid>`.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tasks:read")?;
    let task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?;
    Ok(Answer::json(200, json!({"data": shown(call, task)})))
}

/// `PUT /tasks/{gid}`: only the fields sent change.
pub(crate) fn update(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "tasks:write")?;
    let body = data(call)?;
    let mut task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?.clone();
    write(world, &caller, &mut task, &body)?;
    task["modified_at"] = json!(world.clock.rfc3339());
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    if let Some(stored) = world.asana.tasks.iter_mut().find(|stored| stored["gid"] == task["gid"]) {
        *stored = task.clone();
    }
    world.record("asana", "task_updated", &gid, asana::WORKSPACE, body);
    Ok(Answer::json(200, json!({"data": shown(call, &task)})))
}

/// `DELETE /tasks/{gid}`.
pub(crate) fn delete(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tasks:delete")?;
    let task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?;
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    world.asana.tasks.retain(|task| task["gid"] != gid.as_str());
    world.record("asana", "task_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(Answer::json(200, json!({"data": {}})))
}

/// `GET /tasks`: by project, by section, or by assignee and workspace.
pub(crate) fn search(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "tasks:read")?;
    let (project, section) = (call.query("project"), call.query("section"));
    let (assignee, workspace) = (call.query("assignee"), call.query("workspace"));
    if project.is_none() && section.is_none() && (assignee.is_none() || workspace.is_none()) {
        return Err(bad("You should specify a project, a section, or an assignee with a workspace"));
    }
    if project.is_some_and(|gid| gid != asana::PROJECT) {
        return Err(not_found("project"));
    }
    if section.is_some_and(|gid| !SECTIONS.iter().any(|(known, _)| *known == gid)) {
        return Err(not_found("section"));
    }
    let assignee = assignee.map(|who| find_person(&caller, &json!(who))).transpose()?;
    let in_section = |task: &Value, gid: &str| {
        task["memberships"].as_array().into_iter().flatten().any(|place| place["section"]["gid"] == gid)
    };
    let in_project = |task: &Value, gid: &str| {
        task["projects"].as_array().into_iter().flatten().any(|project| project["gid"] == gid)
    };
    let found: Vec<Value> = world
        .asana
        .tasks
        .iter()
        .filter(|task| project.is_none_or(|gid| in_project(task, gid)))
        .filter(|task| section.is_none_or(|gid| in_section(task, gid)))
        .filter(|task| assignee.is_none_or(|person| task["assignee"]["gid"] == person.gid))
        .filter(|task| recent(task, call, world.clock.millis()))
        .cloned()
        .collect();
    list(call, &world.base_url, "/tasks", &found)
}

/// `completed_since` (incomplete, or completed after it) and `modified_since`.
fn recent(task: &Value, call: &Call, now: i64) -> bool {
    let millis = |text: &str| match text {
        "now" => Some(now),
        _ => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond),
    };
    let at = |field: &str| task[field].as_str().and_then(millis);
    let completed = call.query("completed_since").and_then(millis);
    let modified = call.query("modified_since").and_then(millis);
    completed.is_none_or(|since| at("completed_at").is_none_or(|done| done >= since))
        && modified.is_none_or(|since| at("modified_at").is_some_and(|changed| changed >= since))
}
