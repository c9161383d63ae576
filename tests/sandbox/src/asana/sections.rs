//! Sections of projects (<https://developers.asana.com/reference/sections>), and the tasks in them.

use serde_json::{Value, json};

use super::body::{Field, Kind, data, required};
use super::fields::{known, list, shown};
use super::seed::{membership, project_ref, section};
use super::{access, bad, not_found};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::fixtures::asana;

const WRITABLE: [Field; 3] =
    [("name", Kind::Text, false), ("insert_before", Kind::Id, false), ("insert_after", Kind::Id, false)];

const PLACED: [Field; 3] =
    [("task", Kind::Id, false), ("insert_before", Kind::Id, true), ("insert_after", Kind::Id, true)];

/// `GET /projects/{gid}/sections`: the specification lists no scope for it; any token will do.
pub(crate) fn of_project(world: &mut World, call: &Call) -> Reply {
    access(world, call, "")?;
    known(call, &["limit", "offset"])?;
    let gid = call.param("gid");
    world.asana.project(gid).ok_or_else(|| not_found("project"))?;
    let sections: Vec<Value> = world.asana.sections_of(gid).cloned().collect();
    list(call, &world.base_url, &format!("/projects/{gid}/sections"), &sections)
}

/// `POST /projects/{gid}/sections`: likewise.
pub(crate) fn create(world: &mut World, call: &Call) -> Reply {
    access(world, call, "")?;
    known(call, &[])?;
    let body = data(call, &WRITABLE)?;
    required(&body, "name")?;
    let project = world.asana.project(call.param("gid")).map(project_ref).ok_or_else(|| not_found("project"))?;
    if body.contains_key("insert_before") && body.contains_key("insert_after") {
        return Err(bad("insert_before: Cannot be given together with insert_after"));
    }
    let gid = world.asana.next_gid();
    let made = section(&gid, body["name"].as_str().unwrap_or(""), &project, &world.clock.rfc3339());
    let beside = body.get("insert_before").or_else(|| body.get("insert_after"));
    let at = match beside {
        Some(beside) => {
            let found = world.asana.sections.iter().position(|one| one["gid"] == *beside);
            found.ok_or_else(|| bad("insert_before: Unknown object"))? + usize::from(body.contains_key("insert_after"))
        }
        None => world.asana.sections.len(),
    };
    world.asana.sections.insert(at, made.clone());
    world.record("asana", "section_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(201, json!({"data": shown(call, &made)})))
}

/// `POST /sections/{gid}/addTask`: the task leaves the project's other sections.
pub(crate) fn add_task(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tasks:write")?;
    known(call, &[])?;
    let body = data(call, &PLACED)?;
    required(&body, "task")?;
    let section = world.asana.section(call.param("gid")).ok_or_else(|| not_found("section"))?.clone();
    let task = world.asana.task(body["task"].as_str().unwrap_or("")).ok_or_else(|| bad("task: Unknown object"))?;
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    let now = world.clock.rfc3339();
    if let Some(task) = world.asana.task_mut(&gid) {
        move_to(task, &section);
        task["modified_at"] = json!(now);
    }
    world.record("asana", "task_moved", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(200, json!({"data": {}})))
}

/// Puts a task into a section, and with it into its project.
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
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    access(world, call, "")?;
    known(call, &[])?;
    let found = world.asana.section(call.param("gid")).ok_or_else(|| not_found("section"))?;
    Ok(Answer::json(200, json!({"data": shown(call, found)})))
}

/// `PUT /sections/{gid}`: its name.
pub(crate) fn update(world: &mut World, call: &Call) -> Reply {
    access(world, call, "")?;
    known(call, &[])?;
    let body = data(call, &WRITABLE)?;
    required(&body, "name")?;
    let gid = call.param("gid").to_owned();
    let section = world.asana.sections.iter_mut().find(|section| section["gid"] == gid.as_str());
    let section = section.ok_or_else(|| not_found("section"))?;
    section["name"] = body["name"].clone();
    let section = section.clone();
    world.record("asana", "section_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(200, json!({"data": shown(call, &section)})))
}

/// `DELETE /sections/{gid}`: only an empty one, and not the last.
pub(crate) fn delete(world: &mut World, call: &Call) -> Reply {
    access(world, call, "")?;
    known(call, &[])?;
    let section = world.asana.section(call.param("gid")).ok_or_else(|| not_found("section"))?.clone();
    let lies_in = |place: &Value| place["section"]["gid"] == section["gid"];
    let places = world.asana.tasks.iter().flat_map(|task| task["memberships"].as_array().into_iter().flatten());
    let project = section["project"]["gid"].as_str().unwrap_or("");
    if places.into_iter().any(lies_in) || world.asana.sections_of(project).count() == 1 {
        return Err(bad("section: Only an empty section that is not the last can be deleted"));
    }
    let gid = section["gid"].as_str().unwrap_or("").to_owned();
    world.asana.sections.retain(|one| one["gid"] != gid.as_str());
    world.record("asana", "section_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(Answer::json(200, json!({"data": {}})))
}
