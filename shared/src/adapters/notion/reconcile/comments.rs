//! Reconciliation of comments.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list::{List, MAX_LIMIT};
use super::super::rich_text;
use super::{MAX_PAGES, is_candidate, too_long_error};
use crate::adapters::action::Reconciliation;
use crate::adapters::api::Api;
use crate::error::Result;

#[derive(Deserialize)]
struct Comment {
    id: String,
    discussion_id: Option<String>,
    created_time: Option<String>,
    rich_text: Vec<Value>,
}

/// Not applied if the page has no such comment created since the effect began, else inconclusive. A thread that is not visible on
/// the page proves nothing.
///
/// # Errors
/// As [`reconcile_child`](super::reconcile_child).
pub(in super::super) async fn reconcile_comment(
    api: &Api<'_>,
    page: &str,
    thread: Option<&str>,
    text: &str,
) -> Result<Reconciliation> {
    let (mut cursor, mut is_visible): (Option<String>, bool) = (None, thread.is_none());
    for _ in 0..MAX_PAGES {
        // https://developers.notion.com/reference/list-comments
        let call = api.get(&["v1", "comments"]).query("block_id", page).query("page_size", MAX_LIMIT);
        let list: List<Comment> = call.query_opt("start_cursor", cursor.as_deref()).send().await?;
        for comment in &list.results {
            let matches = rich_text::to_plain(&json!(comment.rich_text)).trim() == text.trim();
            if matches && is_candidate(api, &comment.id, comment.created_time.as_deref()) {
                return Ok(Reconciliation::Inconclusive);
            }
            is_visible |= comment.discussion_id.as_deref() == thread;
        }
        match list.cursor() {
            Some(next) => cursor = Some(next.to_owned()),
            None if is_visible && list.is_last() => return Ok(Reconciliation::NotApplied),
            None => return Ok(Reconciliation::Inconclusive),
        }
    }
    Err(too_long_error(api))
}
