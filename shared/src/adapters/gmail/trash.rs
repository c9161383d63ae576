//! Moving messages to the trash and restoring them.

use super::email::ChangedEmail;
use super::message::Message;
use crate::adapters::prelude::*;

/// Moves a message to the trash, or restores it.
///
/// # Errors
/// A failure of the call.
pub(super) async fn set_in_trash(
    api: &Api<'_>,
    id: &str,
    in_trash: bool,
    message: &str,
) -> Result<ActionOutput<ChangedEmail>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/trash
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/untrash
    let method = if in_trash { "trash" } else { "untrash" };
    let changed: Message = api.post(&["gmail", "v1", "users", "me", "messages", id, method]).send().await?;
    Ok(changed.with_id(id).changed().into_output(message))
}
