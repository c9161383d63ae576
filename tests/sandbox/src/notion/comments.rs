//! Comments (<https://developers.notion.com/reference/comment-object>).

use serde_json::{Value, json};

use super::model::{Author, Comment, canonical_uuid};
use super::{
    ErrorResponse, check_access, creation_time, error, is_listed, json_body, markdown, not_found, paging_from_query,
    reject_unknown_fields, reject_unknown_parameters, text, validation_error,
};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const CREATE_FIELDS: [&str; 7] =
    ["parent", "discussion_id", "rich_text", "markdown", "markdown_version", "attachments", "display_name"];

/// `GET /v1/comments`: the open comments of a page or block, oldest first.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_capability(state, request)?;
    reject_unknown_parameters(request, &["block_id", "start_cursor", "page_size"])?;
    let bad_id = || validation_error("query.block_id should be a valid uuid.");
    let id = request.query("block_id").and_then(canonical_uuid).ok_or_else(bad_id)?;
    require_exists(state, &id)?;
    let listed = |comment: &&Comment| comment.is_on(&id) && is_listed(state, &comment.id);
    let shown = state.notion.comments.iter().filter(listed).map(Comment::to_json).collect();
    Ok(ApiResponse::json(200, super::list_response(state, shown, &paging_from_query(request)?, "comment")?))
}

/// `POST /v1/comments`: starts a discussion on a page or block, or replies in one.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    check_capability(state, request)?;
    let body = json_body(request)?;
    reject_unknown_fields(&body, &CREATE_FIELDS)?;
    let Discussion { id: thread, parent } = resolve_discussion(state, &body)?;
    if body["markdown"].is_null() && !body["markdown_version"].is_null() {
        return Err(validation_error("body.markdown_version should be sent only with body.markdown."));
    }
    let rich_text = match (&body["rich_text"], body["markdown"].as_str()) {
        (Value::Null, Some(source)) => text::normalize(&markdown::rich_text(source), "body.markdown")?,
        (pieces, None) => text::normalize(pieces, "body.rich_text")?,
        _ => return Err(validation_error("body.rich_text and body.markdown are mutually exclusive.")),
    };
    let id = state.entropy.uuid();
    let created = creation_time(state, &id);
    let comment = Comment {
        id,
        thread,
        parent,
        author: Author {
            id: state.notion.connection.bot.clone(),
            name: super::users::BOT_NAME.to_owned(),
            is_bot: true,
        },
        rich_text,
        created,
    };
    let (id, shown) = (comment.id.clone(), comment.to_json());
    state.notion.comments.push(comment);
    state.record_effect("notion", "comment_created", &id, state.notion.id, body);
    Ok(ApiResponse::json(200, shown))
}

/// Rejects a request of a connection that may not use comments.
fn check_capability(state: &mut SandboxState, request: &ApiRequest) -> Result<(), ErrorResponse> {
    check_access(state, request)?;
    if state.strangeness.notion.lacks_comment_capability {
        return Err(error(403, "restricted_resource", "Insufficient permissions for this endpoint."));
    }
    Ok(())
}

/// A discussion and the page or block that it belongs to.
struct Discussion {
    id: String,
    parent: Value,
}

/// Resolves the discussion of a new comment.
fn resolve_discussion(state: &mut SandboxState, body: &Value) -> Result<Discussion, ErrorResponse> {
    let uuid = |text: &Value, field: &str| {
        let id = text.as_str().and_then(canonical_uuid);
        id.ok_or_else(|| validation_error(&format!("body.{field} should be a valid uuid.")))
    };
    match (&body["discussion_id"], &body["parent"]) {
        (Value::Null, parent) => {
            let kind = if parent["block_id"].is_null() { "page_id" } else { "block_id" };
            let id = uuid(&parent[kind], &format!("parent.{kind}"))?;
            // A block is no page here, and a page no block.
            let is_page = state.notion.page(&id).is_some();
            if is_page != (kind == "page_id") || (!is_page && state.notion.block(&id).is_none()) {
                return Err(not_found(if kind == "page_id" { "page" } else { "block" }, &id));
            }
            Ok(Discussion { id: state.entropy.uuid(), parent: json!({"type": kind, kind: id}) })
        }
        (thread, Value::Null) => {
            let id = uuid(thread, "discussion_id")?;
            let first = state.notion.comments.iter().find(|comment| comment.thread == id);
            let parent = first.ok_or_else(|| not_found("discussion", &id))?.parent.clone();
            Ok(Discussion { id, parent })
        }
        _ => Err(validation_error("body.parent and body.discussion_id are mutually exclusive.")),
    }
}

fn require_exists(state: &SandboxState, id: &str) -> Result<(), ErrorResponse> {
    let exists = state.notion.page(id).is_some() || state.notion.block(id).is_some();
    if exists { Ok(()) } else { Err(not_found("page or block", id)) }
}
