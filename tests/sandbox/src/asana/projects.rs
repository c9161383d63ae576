//! Workspaces, projects, sections, users and typeahead.

use serde_json::{Value, json};

use super::fields::{list, shown};
use super::world::{PEOPLE, Person, SECTIONS, project_ref, user, workspace};
use super::{access, bad, not_found};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::world::asana;

/// `GET /workspaces`.
pub(crate) fn workspaces(world: &mut World, call: &Call) -> Reply {
    access(world, call, "workspaces:read")?;
    list(call, &world.base_url, "/workspaces", &[workspace()])
}

fn project(world: &World) -> Value {
    let mut project = project_ref();
    project["archived"] = json!(false);
    project["notes"] = json!("New pages for the autumn launch.");
    project["workspace"] = workspace();
    project["owner"] = user(&PEOPLE[0]);
    project["permalink_url"] = json!(format!("https://app.asana.com/0/{}", asana::PROJECT));
    project["created_at"] = json!(crate::clock::rfc3339(world.asana.started - 30 * 86_400_000));
    project
}

/// `GET /projects` and `GET /workspaces/{w}/projects`.
pub(crate) fn projects(world: &mut World, call: &Call) -> Reply {
    access(world, call, "projects:read")?;
    let workspace = call.query("workspace").unwrap_or(call.param("workspace"));
    if !workspace.is_empty() && workspace != asana::WORKSPACE {
        return Err(not_found("workspace"));
    }
    // The one project is not archived.
    let found = if call.query("archived") == Some("true") { Vec::new() } else { vec![project(world)] };
    list(call, &world.base_url, "/projects", &found)
}

/// `GET /projects/{gid}`.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    access(world, call, "projects:read")?;
    if call.param("gid") != asana::PROJECT {
        return Err(not_found("project"));
    }
    Ok(Answer::json(200, json!({"data": shown(call, &project(world))})))
}

/// `GET /projects/{gid}/sections`: the specification lists no scope for it; any token will do.
pub(crate) fn sections(world: &mut World, call: &Call) -> Reply {
    access(world, call, "")?;
    if call.param("gid") != asana::PROJECT {
        return Err(not_found("project"));
    }
    let sections = SECTIONS.map(|(gid, name)| json!({"gid": gid, "resource_type": "section", "name": name}));
    list(call, &world.base_url, &format!("/projects/{}/sections", asana::PROJECT), &sections)
}

fn person(person: &Person) -> Value {
    let mut full = user(person);
    full["email"] = json!(person.email);
    full["workspaces"] = json!([workspace()]);
    full
}

/// `GET /users/me` and `GET /users/{gid}`.
pub(crate) fn person_by_gid(world: &mut World, call: &Call) -> Reply {
    let caller = access(world, call, "users:read")?;
    let asked = call.param("gid");
    let known = |one: &Person| one.gid == asked || one.email.eq_ignore_ascii_case(asked);
    let found = if asked == "me" { Some(caller) } else { PEOPLE.into_iter().find(known) };
    let found = found.ok_or_else(|| not_found("user"))?;
    Ok(Answer::json(200, json!({"data": shown(call, &person(&found))})))
}

/// `GET /workspaces/{w}/typeahead`: objects whose name contains the query.
pub(crate) fn typeahead(world: &mut World, call: &Call) -> Reply {
    access(world, call, "workspaces.typeahead:read")?;
    if call.param("workspace") != asana::WORKSPACE {
        return Err(not_found("workspace"));
    }
    let query = call.query("query").unwrap_or("").to_lowercase();
    let kind = call.query("resource_type").or_else(|| call.query("type")).unwrap_or("");
    let all: Vec<Value> = match kind {
        "user" => PEOPLE.iter().map(person).collect(),
        "project" => vec![project(world)],
        "task" => world.asana.tasks.clone(),
        "tag" | "portfolio" | "goal" | "project_template" | "custom_field" | "team" => Vec::new(),
        _ => return Err(bad("resource_type: Not a recognized type")),
    };
    let hit =
        |record: &Value, field: &str| record[field].as_str().is_some_and(|text| text.to_lowercase().contains(&query));
    let count = call.query("count").and_then(|count| count.parse().ok()).unwrap_or(20);
    let found: Vec<Value> = all.into_iter().filter(|one| hit(one, "name") || hit(one, "email")).take(count).collect();
    list(call, &world.base_url, &format!("/workspaces/{}/typeahead", asana::WORKSPACE), &found)
}
