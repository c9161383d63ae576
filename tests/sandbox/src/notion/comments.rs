//! Comments (<https://developers.notion.com/reference/comment-object>).

use serde_json::{Value, json};

use super::model::{Comment, canonical_uuid};
use super::{
    ErrorResponse, check_access, json_body, not_found, paging_from_query, reject_unknown_fields,
    reject_unknown_parameters, text, validation_error,
};
use crate::fixtures::notion;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const CREATE_FIELDS: [&str; 6] = ["parent", "discussion_id", "rich_text", "markdown", "attachments", "display_name"];

/// `GET /v1/comments`: the open comments of a page or block, oldest first.
pub(crate) fn list(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    check_access(world, call)?;
    reject_unknown_parameters(call, &["block_id", "start_cursor", "page_size"])?;
    let wrong = || validation_error("query.block_id should be a valid uuid.");
    let id = call.query("block_id").and_then(canonical_uuid).ok_or_else(wrong)?;
    require_exists(world, &id)?;
    let shown = world.notion.comments.iter().filter(|comment| comment.is_on(&id)).map(Comment::to_json).collect();
    Ok(ApiResponse::json(200, super::list_response(world, shown, &paging_from_query(call)?, "comment")?))
}

/// `POST /v1/comments`: starts a discussion on a page or block, or replies in one.
pub(crate) fn create(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    check_access(world, call)?;
    let body = json_body(call)?;
    reject_unknown_fields(&body, &CREATE_FIELDS)?;
    let (thread, parent) = resolve_discussion(world, &body)?;
    let rich_text = match (&body["rich_text"], body["markdown"].as_str()) {
        (Value::Null, Some(markdown)) => text::from_plain(markdown),
        (given, None) => text::normalize(given, "body.rich_text")?,
        _ => return Err(validation_error("body.rich_text and body.markdown are mutually exclusive.")),
    };
    let comment = Comment {
        id: world.entropy.uuid(),
        thread,
        parent,
        author: (notion::BOT.to_owned(), super::users::BOT_NAME.to_owned()),
        rich_text,
        created: world.clock.rfc3339(),
    };
    let (id, shown) = (comment.id.clone(), comment.to_json());
    world.notion.comments.push(comment);
    world.record_effect("notion", "comment_created", &id, notion::WORKSPACE, body);
    Ok(ApiResponse::json(200, shown))
}

/// Resolves the discussion of a new comment.
fn resolve_discussion(world: &mut SandboxState, body: &Value) -> Result<(String, Value), ErrorResponse> {
    let uuid = |text: &Value, field: &str| {
        let id = text.as_str().and_then(canonical_uuid);
        id.ok_or_else(|| validation_error(&format!("body.{field} should be a valid uuid.")))
    };
    match (&body["discussion_id"], &body["parent"]) {
        (Value::Null, parent) => {
            let kind = if parent["block_id"].is_null() { "page_id" } else { "block_id" };
            let id = uuid(&parent[kind], &format!("parent.{kind}"))?;
            require_exists(world, &id)?;
            Ok((world.entropy.uuid(), json!({"type": kind, kind: id})))
        }
        (thread, Value::Null) => {
            let id = uuid(thread, "discussion_id")?;
            let first = world.notion.comments.iter().find(|comment| comment.thread == id);
            let parent = first.ok_or_else(|| not_found("discussion", &id))?.parent.clone();
            Ok((id, parent))
        }
        _ => Err(validation_error("body.parent and body.discussion_id are mutually exclusive.")),
    }
}

fn require_exists(world: &SandboxState, id: &str) -> Result<(), ErrorResponse> {
    let there = world.notion.page(id).is_some() || world.notion.block(id).is_some();
    if there { Ok(()) } else { Err(not_found("page or block", id)) }
}
