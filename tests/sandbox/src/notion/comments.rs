//! Comments (<https://developers.notion.com/reference/comment-object>).

use serde_json::{Value, json};

use super::model::{Comment, canonical};
use super::{Refused, access, body, invalid, not_found, only, only_query, paging, text};
use crate::http::{Answer, Call, Reply};
use crate::state::World;
use crate::fixtures::notion;

const FIELDS: [&str; 6] = ["parent", "discussion_id", "rich_text", "markdown", "attachments", "display_name"];

/// `GET /v1/comments`: the open comments of a page or a block, oldest first.
pub(crate) fn list(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    only_query(call, &["block_id", "start_cursor", "page_size"])?;
    let wrong = || invalid("query.block_id should be a valid uuid.");
    let id = call.query("block_id").and_then(canonical).ok_or_else(wrong)?;
    must_be_there(world, &id)?;
    let shown = world.notion.comments.iter().filter(|comment| comment.is_on(&id)).map(Comment::show).collect();
    Ok(Answer::json(200, super::list(world, shown, &paging(call)?, "comment")?))
}

/// `POST /v1/comments`: begins a thread on a page or a block, or goes on in one.
pub(crate) fn create(world: &mut World, call: &Call) -> Reply {
    access(world, call)?;
    let body = body(call)?;
    only(&body, &FIELDS)?;
    let (thread, parent) = place(world, &body)?;
    let rich_text = match (&body["rich_text"], body["markdown"].as_str()) {
        (Value::Null, Some(markdown)) => text::from_plain(markdown),
        (given, None) => text::normalize(given, "body.rich_text")?,
        _ => return Err(invalid("body.rich_text and body.markdown are mutually exclusive.")),
    };
    let comment = Comment {
        id: world.entropy.uuid(),
        thread,
        parent,
        author: (notion::BOT.to_owned(), super::users::BOT_NAME.to_owned()),
        rich_text,
        created: world.clock.rfc3339(),
    };
    let (id, shown) = (comment.id.clone(), comment.show());
    world.notion.comments.push(comment);
    world.record("notion", "comment_created", &id, notion::WORKSPACE, body);
    Ok(Answer::json(200, shown))
}

/// The thread a new comment goes to, and what that is on.
fn place(world: &mut World, body: &Value) -> Result<(String, Value), Refused> {
    let uuid = |text: &Value, field: &str| {
        let id = text.as_str().and_then(canonical);
        id.ok_or_else(|| invalid(&format!("body.{field} should be a valid uuid.")))
    };
    match (&body["discussion_id"], &body["parent"]) {
        (Value::Null, parent) => {
            let kind = if parent["block_id"].is_null() { "page_id" } else { "block_id" };
            let id = uuid(&parent[kind], &format!("parent.{kind}"))?;
            must_be_there(world, &id)?;
            Ok((world.entropy.uuid(), json!({"type": kind, kind: id})))
        }
        (thread, Value::Null) => {
            let id = uuid(thread, "discussion_id")?;
            let first = world.notion.comments.iter().find(|comment| comment.thread == id);
            let parent = first.ok_or_else(|| not_found("discussion", &id))?.parent.clone();
            Ok((id, parent))
        }
        _ => Err(invalid("body.parent and body.discussion_id are mutually exclusive.")),
    }
}

fn must_be_there(world: &World, id: &str) -> Result<(), Refused> {
    let there = world.notion.page(id).is_some() || world.notion.block(id).is_some();
    if there { Ok(()) } else { Err(not_found("page or block", id)) }
}
