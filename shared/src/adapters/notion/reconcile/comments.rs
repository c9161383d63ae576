//! Reconciliation of comments, by their author, time and text.

use super::super::bare_text::bare_text;
use super::super::comment::{Comment, CommentData};
use super::super::list::{self, MAX_LIMIT, Results};
use super::{bot_id, is_candidate};
use crate::adapters::action::{ActionOutput, Reconciliation};
use crate::adapters::api::Api;
use crate::error::Result;

/// Maximum number of pages of the list that are read at once.
const MAX_PAGES: usize = 20;

/// Looks for a comment of the bot on a page, in a thread if one is given. Another comment of the bot at that time may be this one
/// in another form, and a thread that is not visible on the page proves nothing.
///
/// # Errors
/// A failure of a call.
pub(in super::super) async fn reconcile_comment(
    api: &Api<'_>,
    page: &str,
    thread: Option<&str>,
    text: &str,
    output: impl FnOnce(Comment) -> ActionOutput<CommentData>,
) -> Result<Reconciliation<CommentData>> {
    let Some(bot) = bot_id(api).await? else { return Ok(Reconciliation::Inconclusive) };
    let is_own = |comment: &Comment| {
        thread.is_none_or(|thread| comment.discussion_id() == Some(thread))
            && comment.author() == Some(&bot)
            && is_candidate(api, &comment.id, comment.created_time())
    };
    let (mut cursor, mut is_visible) = (api.cursor.map(str::to_owned), thread.is_none() || api.cursor.is_some());
    let (mut own, mut limit) = (vec![], MAX_LIMIT);
    for read in 0..=MAX_PAGES {
        let list = match (&cursor, own.is_empty()) {
            (Some(cursor), true) if read == MAX_PAGES => return Ok(Reconciliation::Unfinished(cursor.clone())),
            _ if read == MAX_PAGES => break,
            _ => list_comments(api, page, cursor.as_deref(), limit).await,
        };
        let (list, size) = match (list, &cursor) {
            (Err(error), Some(cursor)) if error.is_rate_limit() && own.is_empty() => {
                return Ok(Reconciliation::Unfinished(cursor.clone()));
            }
            (list, _) => list?,
        };
        limit = size;
        is_visible |= list.results.iter().any(|comment| comment.discussion_id() == thread);
        let (next, is_last) = (list.cursor().map(str::to_owned), list.is_last());
        own.extend(list.results.into_iter().filter(is_own));
        match next {
            Some(next) => cursor = Some(next),
            None if is_last && own.is_empty() && is_visible => return Ok(Reconciliation::NotApplied),
            None if is_last => return Ok(unique_comment(own, text, output)),
            None => break,
        }
    }
    Ok(Reconciliation::Inconclusive)
}

async fn list_comments(api: &Api<'_>, page: &str, cursor: Option<&str>, limit: u32) -> Result<(Results<Comment>, u32)> {
    // https://developers.notion.com/reference/list-comments
    list::read_get(api, api.get(&["v1", "comments"]).query("block_id", page), limit, cursor).await
}

/// The only comment with this text is the effect's, if its time is known.
fn unique_comment(
    own: Vec<Comment>,
    text: &str,
    output: impl FnOnce(Comment) -> ActionOutput<CommentData>,
) -> Reconciliation<CommentData> {
    let sent = bare_text(text);
    let is_same = |comment: &Comment| {
        let shown = comment.text();
        shown.trim() == text.trim() || (!sent.is_empty() && bare_text(&shown) == sent)
    };
    let mut same = own.into_iter().filter(is_same);
    match (same.next(), same.next()) {
        (Some(comment), None) if comment.created_time().is_some() => Reconciliation::Applied(output(comment)),
        _ => Reconciliation::Inconclusive,
    }
}
