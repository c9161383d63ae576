//! Tags (<https://developers.asana.com/reference/tags>).

use serde_json::{Value, json};

use super::body::{Field, FieldType, request_data, require_field};
use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::seed::tag;
use super::{access, check_workspace, not_found};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const WRITABLE_FIELDS: [Field; 5] = [
    ("name", FieldType::Text, false),
    ("color", FieldType::Text, true),
    ("notes", FieldType::Text, false),
    ("followers", FieldType::Ids, false),
    ("workspace", FieldType::Id, false),
];

/// `GET /tags` and `GET /workspaces/{w}/tags`.
pub(crate) fn list(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "tags:read")?;
    reject_unknown_parameters(call, &["workspace", "limit", "offset"])?;
    check_workspace(call.query("workspace").unwrap_or(call.path_param("workspace")))?;
    list_response(call, &world.base_url, "/tags", &world.asana.tags)
}

/// `POST /tags`: 201 and the full record. Two tags may have the same name.
pub(crate) fn create(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "tags:write")?;
    reject_unknown_parameters(call, &[])?;
    let body = request_data(call, &WRITABLE_FIELDS)?;
    require_field(&body, "workspace")?;
    check_workspace(body["workspace"].as_str().unwrap_or(""))?;
    let gid = world.asana.next_gid();
    let mut made = tag(&gid, "", &world.clock.rfc3339());
    for field in ["name", "color", "notes"] {
        if let Some(value) = body.get(field) {
            made[field] = value.clone();
        }
    }
    world.asana.tags.push(made.clone());
    world.record_effect("asana", "tag_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(201, json!({"data": select_fields(call, &made)})))
}

/// `GET /tags/{gid}`.
pub(crate) fn get(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    access(world, call, "tags:read")?;
    reject_unknown_parameters(call, &[])?;
    let found = world.asana.tags.iter().find(|tag| tag["gid"] == call.path_param("gid"));
    Ok(ApiResponse::json(200, json!({"data": select_fields(call, found.ok_or_else(|| not_found("tag"))?)})))
}
