//! Tags (<https://developers.asana.com/reference/tags>).

use serde_json::{Value, json};

use super::body::{Field, Kind, data, required};
use super::fields::{known, list, shown};
use super::seed::tag;
use super::{access, not_found, own_workspace};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::fixtures::asana;

const WRITABLE: [Field; 5] = [
    ("name", Kind::Text, false),
    ("color", Kind::Text, true),
    ("notes", Kind::Text, false),
    ("followers", Kind::Ids, false),
    ("workspace", Kind::Id, false),
];

/// `GET /tags` and `GET /workspaces/{w}/tags`.
pub(crate) fn all(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tags:read")?;
    known(call, &["workspace", "limit", "offset"])?;
    own_workspace(call.query("workspace").unwrap_or(call.param("workspace")))?;
    list(call, &world.base_url, "/tags", &world.asana.tags)
}

/// `POST /tags`: 201 and the full record. A name may stand twice.
pub(crate) fn create(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tags:write")?;
    known(call, &[])?;
    let body = data(call, &WRITABLE)?;
    required(&body, "workspace")?;
    own_workspace(body["workspace"].as_str().unwrap_or(""))?;
    let gid = world.asana.next_gid();
    let mut made = tag(&gid, "", &world.clock.rfc3339());
    for field in ["name", "color", "notes"] {
        if let Some(value) = body.get(field) {
            made[field] = value.clone();
        }
    }
    world.asana.tags.push(made.clone());
    world.record("asana", "tag_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(Answer::json(201, json!({"data": shown(call, &made)})))
}

/// `GET /tags/{gid}`.
pub(crate) fn get(world: &mut World, call: &Call) -> Reply {
    access(world, call, "tags:read")?;
    known(call, &[])?;
    let found = world.asana.tags.iter().find(|tag| tag["gid"] == call.param("gid"));
    Ok(Answer::json(200, json!({"data": shown(call, found.ok_or_else(|| not_found("tag"))?)})))
}
