//! Stories of tasks (<https://developers.asana.com/reference/stories>): comments and history.

use serde_json::{Value, json};

use super::body::{Field, Kind, data};
use super::fields::{known, list, shown};
use super::seed::story;
use super::{access, bad, error, not_found};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::fixtures::asana;

const WRITABLE: [Field; 4] = [
    ("text", Kind::Text, false),
    ("html_text", Kind::Text, false),
    ("is_pinned", Kind::Bool, false),
    ("sticker_name", Kind::Text, false),
];

/// `GET /tasks/{gid}/stories`: oldest first.
pub(crate) fn of_task(world: &mut World, call: &Call) -> Reply {
    access(world, call, "stories:read")?;
    known(call, &["limit", "offset"])?;
    let task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?;
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    let stories: Vec<Value> =
        world.asana.stories.iter().filter(|story| story["target"]["gid"] == gid.as_str()).cloned().collect();
    list(call, &world.base_url, &format!("/tasks/{gid}/stories"), &stories)
}

/// `POST /tasks/{gid}/stories`: a comment.
pub(crate) fn create(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "stories:write")?;
    known(call, &[])?;
    let body = data(call, &WRITABLE)?;
    let (text, html) = (body.get("text"), body.get("html_text"));
    if text.is_some() == html.is_some() {
        return Err(bad("text: Exactly one of text and html_text must be given"));
    }
    let text = text.or(html).and_then(Value::as_str).unwrap_or("");
    if text.trim().is_empty() {
        return Err(bad("text: Value is empty"));
    }
    let task = world.asana.task(call.param("gid")).ok_or_else(|| not_found("task"))?.clone();
    let gid = world.asana.next_gid();
    let mut made = story(&gid, &task, &caller, ("comment_added", text), &world.clock.rfc3339());
    if let Some(html) = html {
        made["html_text"] = html.clone();
    }
    world.asana.stories.push(made.clone());
    world.record("asana", "comment_added", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(201, json!({"data": shown(call, &made)})))
}

/// `GET /stories/{gid}`.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    access(world, call, "stories:read")?;
    known(call, &[])?;
    let found = world.asana.stories.iter().find(|story| story["gid"] == call.param("gid"));
    Ok(Answer::json(200, json!({"data": shown(call, found.ok_or_else(|| not_found("story"))?)})))
}

/// `PUT /stories/{gid}`: comments change by their authors' hands alone.
pub(crate) fn update(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "stories:write")?;
    known(call, &[])?;
    let body = data(call, &WRITABLE)?;
    let gid = call.param("gid").to_owned();
    let story = world.asana.stories.iter_mut().find(|story| story["gid"] == gid.as_str());
    let story = story.ok_or_else(|| not_found("story"))?;
    if story["created_by"]["gid"] != caller.gid {
        return Err(error(403, "story: Only its author may change it"));
    }
    for (name, value) in &body {
        story[name] = value.clone();
    }
    let story = story.clone();
    world.record("asana", "comment_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(200, json!({"data": shown(call, &story)})))
}

/// `DELETE /stories/{gid}`: likewise.
pub(crate) fn delete(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "stories:delete")?;
    known(call, &[])?;
    let gid = call.param("gid").to_owned();
    let at = world.asana.stories.iter().position(|story| story["gid"] == gid.as_str());
    let at = at.ok_or_else(|| not_found("story"))?;
    if world.asana.stories[at]["created_by"]["gid"] != caller.gid {
        return Err(error(403, "story: Only its author may delete it"));
    }
    world.asana.stories.remove(at);
    world.record("asana", "comment_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(Answer::json(200, json!({"data": {}})))
}
