//! Workspaces, projects and typeahead.

use serde_json::{Value, json};

use super::body::{Field, Kind, data, required};
use super::fields::{boolean, known, list, shown};
use super::seed::{PEOPLE, project_ref, section, user, workspace};
use super::{access, bad, relations, not_found, own_workspace, people};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::fixtures::asana;

/// What may be written of a project (the document's `ProjectRequest`).
const WRITABLE: [Field; 17] = [
    ("name", Kind::Text, false),
    ("archived", Kind::Bool, false),
    ("color", Kind::Text, true),
    ("icon", Kind::Text, true),
    ("default_view", Kind::Choice(&["list", "board", "calendar", "timeline"]), false),
    ("due_date", Kind::Day, true),
    ("due_on", Kind::Day, true),
    ("start_on", Kind::Day, true),
    ("html_notes", Kind::Text, false),
    ("notes", Kind::Text, false),
    ("public", Kind::Bool, false),
    ("privacy_setting", Kind::Choice(&["public_to_workspace", "private_to_team", "private"]), false),
    ("custom_fields", Kind::Record, false),
    ("followers", Kind::Text, false),
    ("owner", Kind::Id, true),
    ("team", Kind::Id, false),
    ("workspace", Kind::Id, false),
];

/// `GET /workspaces`.
pub(crate) fn workspaces(world: &mut World, call: &Call) -> Reply {
    access(world, call, "workspaces:read")?;
    known(call, &["limit", "offset"])?;
    list(call, &world.base_url, "/workspaces", &[workspace()])
}

/// `GET /workspaces/{w}`.
pub(crate) fn workspace_by_gid(world: &mut World, call: &Call) -> Reply {
    access(world, call, "workspaces:read")?;
    known(call, &[])?;
    own_workspace(call.param("workspace"))?;
    Ok(Answer::json(200, json!({"data": shown(call, &workspace())})))
}

/// `GET /projects` and `GET /workspaces/{w}/projects`.
pub(crate) fn projects(world: &mut World, call: &Call) -> Reply {
    access(world, call, "projects:read")?;
    known(call, &["workspace", "team", "archived", "limit", "offset"])?;
    own_workspace(call.query("workspace").unwrap_or(call.param("workspace")))?;
    if call.query("team").is_some() {
        return Err(not_found("team"));
    }
    let archived = boolean(call, "archived")?;
    let wanted = |project: &&Value| archived.is_none_or(|archived| project["archived"] == archived);
    let found: Vec<Value> = world.asana.projects.iter().filter(wanted).cloned().collect();
    list(call, &world.base_url, "/projects", &found)
}

/// `GET /projects/{gid}`.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    access(world, call, "projects:read")?;
    known(call, &[])?;
    let project = world.asana.project(call.param("gid")).ok_or_else(|| not_found("project"))?;
    Ok(Answer::json(200, json!({"data": shown(call, project)})))
}

/// `POST /projects`: 201 and the full record. A new project has one section.
pub(crate) fn create(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "projects:write")?;
    known(call, &[])?;
    let body = data(call, &WRITABLE)?;
    required(&body, "workspace")?;
    own_workspace(body["workspace"].as_str().unwrap_or(""))?;
    if body.contains_key("team") {
        return Err(bad("team: Unknown object"));
    }
    if body.contains_key("start_on") && !body.contains_key("due_on") {
        return Err(bad("start_on: due_on must be in the request too"));
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
    world.record("asana", "project_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(201, json!({"data": shown(call, &project)})))
}

/// `PUT /projects/{gid}`: only the fields sent change.
pub(crate) fn update(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "projects:write")?;
    known(call, &[])?;
    let mut body = data(call, &WRITABLE)?;
    for once in ["followers", "team", "workspace"] {
        if body.contains_key(once) {
            return Err(bad(&format!("{once}: Cannot write this property")));
        }
    }
    if let Some(owner) = body.get_mut("owner").filter(|owner| !owner.is_null()) {
        *owner = user(&people::find(&caller, "owner", owner)?);
    }
    let gid = call.param("gid").to_owned();
    let now = world.clock.rfc3339();
    let project = world.asana.projects.iter_mut().find(|project| project["gid"] == gid.as_str());
    let project = project.ok_or_else(|| not_found("project"))?;
    for (name, value) in &body {
        project[name] = value.clone();
    }
    project["modified_at"] = json!(now);
    let project = project.clone();
    world.record("asana", "project_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(200, json!({"data": shown(call, &project)})))
}

/// `DELETE /projects/{gid}`: its tasks stay.
pub(crate) fn delete(world: &mut World, call: &Call) -> Reply {
    access(world, call, "projects:delete")?;
    known(call, &[])?;
    let gid = call.param("gid").to_owned();
    world.asana.project(&gid).ok_or_else(|| not_found("project"))?;
    world.asana.projects.retain(|project| project["gid"] != gid.as_str());
    world.asana.sections.retain(|section| section["project"]["gid"] != gid.as_str());
    let deleted = json!(gid);
    world.asana.tasks.iter_mut().for_each(|task| relations::leave(task, &deleted));
    world.record("asana", "project_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(Answer::json(200, json!({"data": {}})))
}

/// `GET /workspaces/{w}/typeahead`: objects whose name contains the query.
pub(crate) fn typeahead(world: &mut World, call: &Call) -> Reply {
    access(world, call, "workspaces.typeahead:read")?;
    known(call, &["resource_type", "type", "query", "count"])?;
    own_workspace(call.param("workspace"))?;
    let query = call.query("query").unwrap_or("").to_lowercase();
    let kind = call.query("resource_type").or_else(|| call.query("type")).unwrap_or("");
    let all: Vec<Value> = match kind {
        "user" | "actor" => PEOPLE.iter().map(people::full).collect(),
        "project" => world.asana.projects.clone(),
        "task" => world.asana.tasks.clone(),
        "tag" => world.asana.tags.clone(),
        "agent" | "portfolio" | "goal" | "project_template" | "custom_field" | "team" => Vec::new(),
        _ => return Err(bad("resource_type: Not a recognized type")),
    };
    let hit =
        |record: &Value, field: &str| record[field].as_str().is_some_and(|text| text.to_lowercase().contains(&query));
    let count = call.query("count").and_then(|count| count.parse().ok()).unwrap_or(20);
    let found: Vec<Value> = all.into_iter().filter(|one| hit(one, "name") || hit(one, "email")).take(count).collect();
    list(call, &world.base_url, &format!("/workspaces/{}/typeahead", asana::WORKSPACE), &found)
}
