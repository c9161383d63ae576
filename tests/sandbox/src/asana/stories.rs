//! Stories of tasks (<https://developers.asana.com/reference/stories>): comments and history.

use serde_json::{Map, Value, json};

use super::body::{Field, FieldType, field, request_data};
use super::fields::{list_response, reject_unknown_parameters, select_fields};
use super::seed::story;
use super::{ErrorResponse, access, bad_request, error, listed, not_found, rich_text};
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
    let (text, html) = written(state, &body)?.ok_or_else(|| bad_request("text: Missing input"))?;
    let task = state.asana.task(request.path_param("gid")).ok_or_else(|| not_found("task"))?.clone();
    let gid = state.asana.next_gid();
    let mut created = story(&gid, &task, &caller, "comment_added", &text, &state.clock.rfc3339());
    created["html_text"] = json!(html);
    state.asana.stories.push(created.clone());
    state.record_effect("asana", "comment_added", &gid, asana::WORKSPACE, Value::Object(body));
    Ok(ApiResponse::json(201, json!({"data": select_fields(request, &created)})))
}

/// Returns the text of a comment, plain and as rich text, if the request has one.
fn written(state: &SandboxState, body: &Map<String, Value>) -> Result<Option<(String, String)>, ErrorResponse> {
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    let (text, html) = match (field("text"), field("html_text")) {
        (Some(_), Some(_)) => return Err(bad_request("text: Only one of text and html_text can be given")),
        (Some(text), None) => (text.to_owned(), rich_text::of_plain(text)),
        (None, Some(html)) => {
            let accepted = rich_text::accept(&state.asana, "html_text", html, false)?;
            (accepted.text, accepted.html)
        }
        (None, None) => return Ok(None),
    };
    match text.trim().is_empty() {
        true => Err(bad_request("text: Value is empty")),
        false => Ok(Some((text, html))),
    }
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
    let written = written(state, &body)?;
    let story = state.asana.stories.iter_mut().find(|story| story["gid"] == gid.as_str());
    let story = story.ok_or_else(|| not_found("story"))?;
    if story["created_by"]["gid"] != caller.gid {
        return Err(error(403, "story: Only its author may change it"));
    }
    if let Some((text, html)) = written {
        (story["text"], story["html_text"]) = (json!(text), json!(html));
    }
    if let Some(is_pinned) = body.get("is_pinned") {
        story["is_pinned"] = is_pinned.clone();
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
