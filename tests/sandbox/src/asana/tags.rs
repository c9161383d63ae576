//! Tags (<https://developers.asana.com/reference/tags>).

use serde_json::{Value, json};

use super::body::{Field, FieldType, field, nullable, request_data, require_field};
use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::seed::tag;
use super::{access, check_workspace, listed, not_found};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const WRITABLE_FIELDS: [Field; 5] = [
    field("name", FieldType::Text),
    nullable("color", FieldType::Text),
    field("notes", FieldType::Text),
    field("followers", FieldType::Ids),
    field("workspace", FieldType::Id),
];

/// `GET /tags` and `GET /workspaces/{w}/tags`.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tags:read")?;
    reject_unknown_parameters(request, &["workspace", "limit", "offset"])?;
    check_workspace(request.query("workspace").unwrap_or(request.path_param("workspace")))?;
    let shown: Vec<Value> = listed(state, &state.asana.tags).cloned().collect();
    list_response(request, &state.base_url, "/tags", &shown)
}

/// `POST /tags`: 201 and the full record. Two tags may have the same name.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tags:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &WRITABLE_FIELDS)?;
    require_field(&body, "workspace")?;
    check_workspace(body["workspace"].as_str().unwrap_or(""))?;
    let gid = state.asana.next_gid();
    let mut created = tag(&gid, "", &state.clock.rfc3339());
    for field in ["name", "color", "notes"] {
        if let Some(value) = body.get(field) {
            created[field] = value.clone();
        }
    }
    state.asana.tags.push(created.clone());
    state.record_effect("asana", "tag_created", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(201, json!({"data": select_fields(request, &created)})))
}

/// `GET /tags/{gid}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "tags:read")?;
    reject_unknown_parameters(request, &[])?;
    let found = state.asana.tags.iter().find(|tag| tag["gid"] == request.path_param("gid"));
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, found.ok_or_else(|| not_found("tag"))?)})))
}
