//! Stories of tasks (<https://developers.asana.com/reference/stories>): comments and history.

use serde_json::{Value, json};

use super::body::{Field, FieldType, field, request_data};
use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::seed::story;
use super::{access, bad_request, error, listed, not_found};
use crate::fixtures::asana;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const WRITABLE_FIELDS: [Field; 4] = [
    field("text", FieldType::Text),
    field("html_text", FieldType::Text),
    field("is_pinned", FieldType::Bool),
    field("sticker_name", FieldType::Text),
];

/// `GET /tasks/{gid}/stories`: oldest first.
pub(crate) fn list_of_task(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "stories:read")?;
    reject_unknown_parameters(request, &["limit", "offset"])?;
    let task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?;
    let gid = task["gid"].as_str().unwrap_or("").to_owned();
    let stories: Vec<Value> =
        listed(state, &state.asana.stories).filter(|story| story["target"]["gid"] == gid.as_str()).cloned().collect();
    list_response(request, &state.base_url, &format!("/tasks/{gid}/stories"), &stories)
}

/// `POST /tasks/{gid}/stories`: a comment.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "stories:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &WRITABLE_FIELDS)?;
    let (text, html) = (body.get("text"), body.get("html_text"));
    if text.is_some() == html.is_some() {
        return Err(bad_request("text: Exactly one of text and html_text must be given"));
    }
    let text = text.or(html).and_then(Value::as_str).unwrap_or("");
    if text.trim().is_empty() {
        return Err(bad_request("text: Value is empty"));
    }
    let task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?.clone();
    let gid = state.asana.next_gid();
    let mut created = story(&gid, &task, &caller, "comment_added", text, &state.clock.rfc3339());
    if let Some(html) = html {
        created["html_text"] = html.clone();
    }
    state.asana.stories.push(created.clone());
    state.record_effect("asana", "comment_added", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(201, json!({"data": select_fields(request, &created)})))
}

/// `GET /stories/{gid}`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    access(state, request, "stories:read")?;
    reject_unknown_parameters(request, &[])?;
    let found = state.asana.stories.iter().find(|story| story["gid"] == request.path_param("gid"));
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, found.ok_or_else(|| not_found("story"))?)})))
}

/// `PUT /stories/{gid}`: only the author can change a comment.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "stories:write")?;
    reject_unknown_parameters(request, &[])?;
    let body = request_data(request, &WRITABLE_FIELDS)?;
    let gid = request.path_param("gid").to_owned();
    let story = state.asana.stories.iter_mut().find(|story| story["gid"] == gid.as_str());
    let story = story.ok_or_else(|| not_found("story"))?;
    if story["created_by"]["gid"] != caller.gid {
        return Err(error(403, "story: Only its author may change it"));
    }
    for (name, value) in &body {
        story[name] = value.clone();
    }
    let story = story.clone();
    state.record_effect("asana", "comment_updated", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(200, json!({"data": select_fields(request, &story)})))
}

/// `DELETE /stories/{gid}`: only the author can delete a comment.
pub(crate) fn delete(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let caller = access(state, request, "stories:delete")?;
    reject_unknown_parameters(request, &[])?;
    let gid = request.path_param("gid").to_owned();
    let at = state.asana.stories.iter().position(|story| story["gid"] == gid.as_str());
    let at = at.ok_or_else(|| not_found("story"))?;
    if state.asana.stories[at]["created_by"]["gid"] != caller.gid {
        return Err(error(403, "story: Only its author may delete it"));
    }
    state.asana.stories.remove(at);
    state.record_effect("asana", "comment_deleted", &gid, asana::WORKSPACE, json!({"gid": gid}));
    Ok(ApiResponse::json(200, json!({"data": {}})))
}
