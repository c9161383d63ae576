//! Conversations with people, outside any channel.

use serde::Deserialize;
use serde_json::json;

use crate::adapters::api::Api;
use crate::error::Result;

/// What `conversations.open` says.
#[derive(Deserialize)]
pub(super) struct OpenResponse {
    pub(super) channel: DirectConversation,
    #[serde(default)]
    pub(super) already_open: bool,
}

/// A conversation of which nothing but the id counts.
#[derive(Deserialize)]
pub(super) struct DirectConversation {
    pub(super) id: String,
}

/// The conversation with these people, by their ids. Slack gives the one there is, or makes it: nobody notices.
///
/// # Errors
/// A failure of the provider.
pub(super) async fn open(api: &Api<'_>, users: &[String]) -> Result<OpenResponse> {
    // https://docs.slack.dev/reference/methods/conversations.open
    api.post(&["api", "conversations.open"]).json(&json!({ "users": users.join(",") })).idempotent().send().await
}
