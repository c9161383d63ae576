//! Tasks (<https://developers.asana.com/reference/tasks>).

use serde_json::{Map, Value, json};

use super::body::{Field, Kind, data};
use super::fields::{known, shown};
use super::seed::{Person, link, tag_ref, task_ref, user, workspace};
use super::{Refused, access, bad, not_found, own_workspace, people, sections};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::fixtures::asana;

type Body = Map<String, Value>;

/// What may be written of a task at any time (the document's `TaskRequestBase`).
const WRITABLE: [Field; 16] = [
    ("name", Kind::Text, false),
    ("notes", Kind::Text, false),
    ("html_notes", Kind::Text, false),
    ("completed", Kind::Bool, false),
    ("due_on", Kind::Day, true),
    ("due_at", Kind::Instant, true),
    ("start_on", Kind::Day, true),
    ("start_at", Kind::Instant, true),
    ("resource_subtype", Kind::Choice(&["default_task", "milestone", "approval", "custom"]), false),
    ("approval_status", Kind::Choice(&["pending", "approved", "rejected", "changes_requested"]), false),
    ("assignee_status", Kind::Choice(&["today", "upcoming", "later", "new", "inbox"]), false),
    ("liked", Kind::Bool, false),
    ("assignee", Kind::Id, true),
    ("assignee_section", Kind::Id, true),
    ("custom_fields", Kind::Record, false),
    ("external", Kind::Record, true),
];

/// And what only when it is made.
const PLACED: [Field; 6] = [
    ("followers", Kind::Ids, false),
    ("tags", Kind::Ids, false),
    ("projects", Kind::Ids, false),
    ("memberships", Kind::Records, false),
    ("parent", Kind::Id, true),
    ("workspace", Kind::Id, false),
];

/// Fields that are stored as they are written.
const PLAIN: [&str; 6] = ["name", "notes", "html_notes", "completed", "resource_subtype", "liked"];

/// `POST /tasks`: 201 and the full record.
pub(crate) fn create(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "tasks:write")?;
    known(call, &[])?;
    let body = data(call, &[&WRITABLE[..], &PLACED].concat())?;
    let placed = ["workspace", "projects", "parent", "memberships"].iter().any(|field| body.contains_key(*field));
    if !placed {
        return Err(bad("You should specify one of workspace, parent, projects"));
    }
    make(world, call, &caller, body)
}

/// `POST /tasks/{gid}/subtasks`: the same below a task.
pub(crate) fn create_subtask(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "tasks:write")?;
    known(call, &[])?;
    let mut body = data(call, &[&WRITABLE[..], &PLACED].concat())?;
    let parent = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?;
    body.insert("parent".to_owned(), parent["gid"].clone());
    make(world, call, &caller, body)
}

fn make(world: &mut World, call: &Call, caller: &Person, body: Body) -> Reply {
    let gid = world.asana.next_gid();
    let now = world.clock.rfc3339();
    let mut task = json!({
        "gid": gid, "resource_type": "task", "resource_subtype": "default_task", "name": "", "notes": "",
        "completed": false, "completed_at": null, "created_at": now, "modified_at": now,
        "due_on": null, "due_at": null, "start_on": null, "start_at": null, "assignee": null,
        "followers": [user(caller)], "tags": [], "parent": null, "num_subtasks": 0, "custom_fields": [],
        "workspace": workspace(), "projects": [], "memberships": [], "permalink_url": link(&gid),
        "liked": false, "num_likes": 0, "hearted": false, "num_hearts": 0, "created_by": user(caller),
    });
    write(world, caller, &mut task, &body)?;
    place(world, caller, &mut task, &body)?;
    world.asana.tasks.push(task.clone());
    world.asana.count_subtasks();
    world.record("asana", "task_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(201, json!({"data": shown(call, &task)})))
}

/// The fields create and update share.
fn write(world: &World, caller: &Person, task: &mut Value, body: &Body) -> Result<(), Refused> {
    for field in PLAIN {
        if let Some(value) = body.get(field) {
            task[field] = value.clone();
        }
    }
    write_html(task, body)?;
    write_dates(task, body)?;
    if let Some(assignee) = body.get("assignee") {
        task["assignee"] = match assignee {
            Value::Null => Value::Null,
            assignee => user(&people::find(caller, "assignee", assignee)?),
        };
    }
    if let Some(values) = body.get("custom_fields").and_then(Value::as_object) {
        for (gid, value) in values {
            write_custom_field(task, gid, value)?;
        }
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

/// Rich text is XML below one `body` (<https://developers.asana.com/docs/rich-text>); the plain notes are what is left of it.
fn write_html(task: &mut Value, body: &Body) -> Result<(), Refused> {
    let Some(html) = body.get("html_notes").and_then(Value::as_str) else { return Ok(()) };
    if body.contains_key("notes") {
        return Err(bad("html_notes: Cannot be given together with notes"));
    }
    if !html.starts_with("<body>") || !html.ends_with("</body>") {
        return Err(bad("html_notes: XML is invalid"));
    }
    let texts = html.split('<').filter_map(|tag| tag.split_once('>').map(|(_, text)| text));
    task["notes"] = json!(texts.collect::<String>());
    Ok(())
}

fn write_dates(task: &mut Value, body: &Body) -> Result<(), Refused> {
    let given = |field: &str| body.contains_key(field);
    if (given("due_on") && given("due_at")) || (given("start_on") && given("start_at")) {
        return Err(bad("due_on: Only one of a date and a time can be given"));
    }
    if (given("start_on") || given("start_at")) && !given("due_on") && !given("due_at") {
        return Err(bad("start_on: due_on or due_at must be in the request too"));
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

/// The one custom field there is: a number.
fn write_custom_field(task: &mut Value, gid: &str, value: &Value) -> Result<(), Refused> {
    if gid != asana::ESTIMATE {
        return Err(bad(&format!("custom_fields: Custom field with ID {gid} is not on given object")));
    }
    let number = match value {
        Value::Null => None,
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.parse::<f64>().is_ok() => text.parse().ok(),
        _ => return Err(bad(&format!("custom_fields: {gid}: Value is not a number"))),
    };
    task["custom_fields"] = super::seed::custom_fields(number);
    Ok(())
}

/// Where a new task goes and who and what goes with it: projects, sections, parent, followers, tags.
fn place(world: &World, caller: &Person, task: &mut Value, body: &Body) -> Result<(), Refused> {
    let list = |field: &str| body.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(workspace) = body.get("workspace").and_then(Value::as_str) {
        own_workspace(workspace).map_err(|_| bad("workspace: Unknown object"))?;
    }
    for project in list("projects") {
        let first = world.asana.sections_of(project.as_str().unwrap_or("")).next();
        sections::move_to(task, first.ok_or_else(|| bad("projects: Unknown object"))?);
    }
    for membership in list("memberships") {
        let mut sections = world.asana.sections_of(membership["project"].as_str().unwrap_or(""));
        let found = match &membership["section"] {
            Value::Null => sections.next(),
            wanted => sections.find(|section| section["gid"] == *wanted),
        };
        sections::move_to(task, found.ok_or_else(|| bad("memberships: Unknown section"))?);
    }
    if let Some(parent) = body.get("parent").and_then(Value::as_str) {
        task["parent"] = task_ref(world.asana.task(parent).ok_or_else(|| bad("parent: Unknown object"))?);
    }
    if let Some(followers) = body.get("followers") {
        task["followers"] = json!(people::several(caller, "followers", followers)?);
    }
    let tag = |gid: &Value| world.asana.tags.iter().find(|tag| tag["gid"] == *gid).map(tag_ref);
    let tags: Option<Vec<Value>> = list("tags").iter().map(tag).collect();
    task["tags"] = json!(tags.ok_or_else(|| bad("tags: Unknown object"))?);
    Ok(())
}

/// `GET /tasks/{gid}`, also `external:<gid>`.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tasks:read")?;
    known(call, &[])?;
    let task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?;
    Ok(Answer::json(200, json!({"data": shown(call, task)})))
}

/// `PUT /tasks/{gid}`: only the fields sent change.
pub(crate) fn update(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "tasks:write")?;
    known(call, &[])?;
    let body = data(call, &WRITABLE)?;
    let mut task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?.clone();
    write(world, &caller, &mut task, &body)?;
    task["modified_at"] = json!(world.clock.rfc3339());
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    if let Some(stored) = world.asana.task_mut(&gid) {
        *stored = task.clone();
    }
    world.record("asana", "task_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(200, json!({"data": shown(call, &task)})))
}

/// `DELETE /tasks/{gid}`: with its subtasks, to the trash.
pub(crate) fn delete(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tasks:delete")?;
    known(call, &[])?;
    let task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?;
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    world.asana.tasks.retain(|task| task["gid"] != gid.as_str() && task["parent"]["gid"] != gid.as_str());
    world.asana.count_subtasks();
    world.record("asana", "task_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(Answer::json(200, json!({"data": {}})))
}
