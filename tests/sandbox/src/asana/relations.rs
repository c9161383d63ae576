//! What ties a task to projects, tags, followers and a parent.

use serde_json::{Map, Value, json};

use super::body::{Field, Kind, data, required};
use super::fields::{known, list, shown};
use super::seed::{Person, tag_ref, task_ref};
use super::{Refused, access, bad, not_found, people, sections};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::fixtures::asana;

type Body = Map<String, Value>;

/// Changes a task as `change` says; `kind` is what the ledger calls it.
fn changed(
    world: &mut World,
    call: &Call,
    (fields, kind): (&[Field], &str),
    change: impl FnOnce(&World, &Person, &mut Value, &Body) -> Result<(), Refused>,
) -> Result<Value, Refused> {
    let caller = access(world, call, "tasks:write")?;
    known(call, &[])?;
    let body = data(call, fields)?;
    required(&body, fields[0].0).or_else(|refused| if fields[0].2 { Ok(()) } else { Err(refused) })?;
    let mut task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?.clone();
    change(world, &caller, &mut task, &body)?;
    task["modified_at"] = json!(world.clock.rfc3339());
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    if let Some(stored) = world.asana.task_mut(&gid) {
        *stored = task.clone();
    }
    world.asana.count_subtasks();
    world.record("asana", kind, &gid, asana::WORKSPACE, Value::Object(body));
    Ok(task)
}

fn whole(call: &Call, task: &Value) -> Reply {
    Ok(Answer::json(200, json!({"data": shown(call, task)})))
}

fn nothing() -> Reply {
    Ok(Answer::json(200, json!({"data": {}})))
}

fn items(task: &Value, field: &str) -> Vec<Value> {
    task[field].as_array().cloned().unwrap_or_default()
}

const FOLLOWERS: [Field; 1] = [("followers", Kind::Ids, false)];

/// `POST /tasks/{gid}/addFollowers`: the task as it is then.
pub(crate) fn add_followers(world: &mut World, call: &Call) -> Reply {
    let task = changed(world, call, (&FOLLOWERS, "followers_added"), |_, caller, task, body| {
        let mut followers = items(task, "followers");
        let added = people::several(caller, "followers", &body["followers"])?;
        followers.extend(added.into_iter().filter(|person| !items(task, "followers").contains(person)));
        task["followers"] = json!(followers);
        Ok(())
    })?;
    whole(call, &task)
}

/// `POST /tasks/{gid}/removeFollowers`.
pub(crate) fn remove_followers(world: &mut World, call: &Call) -> Reply {
    let task = changed(world, call, (&FOLLOWERS, "followers_removed"), |_, caller, task, body| {
        let gone = people::several(caller, "followers", &body["followers"])?;
        task["followers"] = items(task, "followers").into_iter().filter(|person| !gone.contains(person)).collect();
        Ok(())
    })?;
    whole(call, &task)
}

/// `POST /tasks/{gid}/addProject`: into a section of it, the first unless one is named.
pub(crate) fn add_project(world: &mut World, call: &Call) -> Reply {
    let fields = [
        ("project", Kind::Id, false),
        ("section", Kind::Id, true),
        ("insert_before", Kind::Id, true),
        ("insert_after", Kind::Id, true),
    ];
    changed(world, call, (&fields, "project_added"), |world, _, task, body| {
        let mut sections = world.asana.sections_of(body["project"].as_str().unwrap_or(""));
        let found = match body.get("section") {
            None | Some(Value::Null) => sections.next(),
            Some(wanted) => sections.find(|section| section["gid"] == *wanted),
        };
        sections::move_to(task, found.ok_or_else(|| bad("project: Unknown object"))?);
        Ok(())
    })?;
    nothing()
}

/// `POST /tasks/{gid}/removeProject`.
pub(crate) fn remove_project(world: &mut World, call: &Call) -> Reply {
    changed(world, call, (&[("project", Kind::Id, false)], "project_removed"), |_, _, task, body| {
        leave(task, &body["project"]);
        Ok(())
    })?;
    nothing()
}

/// Takes a task out of a project.
pub(crate) fn leave(task: &mut Value, project: &Value) {
    let elsewhere = |membership: &Value| membership["project"]["gid"] != *project;
    task["projects"] = items(task, "projects").into_iter().filter(|one| one["gid"] != *project).collect();
    task["memberships"] = items(task, "memberships").into_iter().filter(elsewhere).collect();
}

/// `POST /tasks/{gid}/addTag`.
pub(crate) fn add_tag(world: &mut World, call: &Call) -> Reply {
    changed(world, call, (&[("tag", Kind::Id, false)], "tag_added"), |world, _, task, body| {
        let tag = world.asana.tags.iter().find(|tag| tag["gid"] == body["tag"]).map(tag_ref);
        let tag = tag.ok_or_else(|| bad("tag: Unknown object"))?;
        let mut tags = items(task, "tags");
        tags.retain(|one| *one != tag);
        tags.push(tag);
        task["tags"] = json!(tags);
        Ok(())
    })?;
    nothing()
}

/// `POST /tasks/{gid}/removeTag`.
pub(crate) fn remove_tag(world: &mut World, call: &Call) -> Reply {
    changed(world, call, (&[("tag", Kind::Id, false)], "tag_removed"), |_, _, task, body| {
        task["tags"] = items(task, "tags").into_iter().filter(|tag| tag["gid"] != body["tag"]).collect();
        Ok(())
    })?;
    nothing()
}

/// `POST /tasks/{gid}/setParent`: null makes it a task of its own.
pub(crate) fn set_parent(world: &mut World, call: &Call) -> Reply {
    let fields = [("parent", Kind::Id, true), ("insert_before", Kind::Id, true), ("insert_after", Kind::Id, true)];
    let task = changed(world, call, (&fields, "parent_set"), |world, _, task, body| {
        task["parent"] = match body.get("parent") {
            None => return Err(bad("parent: Missing input")),
            Some(Value::Null) => Value::Null,
            Some(parent) => {
                let found = world.asana.task(parent.as_str().unwrap_or(""));
                task_ref(found.ok_or_else(|| bad("parent: Unknown object"))?)
            }
        };
        Ok(())
    })?;
    whole(call, &task)
}

/// `GET /tasks/{gid}/tags`.
pub(crate) fn tags_of_task(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tags:read")?;
    known(call, &["limit", "offset"])?;
    let task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?;
    list(call, &world.base_url, &format!("/tasks/{}/tags", call.param("gid")), &items(task, "tags"))
}
