//! Direct conversations with people.

use serde::Deserialize;
use serde_json::json;

use crate::adapters::api::Api;
use crate::error::Result;

/// A response of `conversations.open`.
#[derive(Deserialize)]
pub(super) struct OpenResponse {
    pub(super) channel: DirectConversation,
    #[serde(default)]
    pub(super) already_open: bool,
}

/// A direct conversation; only its id is used.
#[derive(Deserialize)]
pub(super) struct DirectConversation {
    pub(super) id: String,
}

/// Returns the conversation with these people, by their ids. Slack returns the existing one or creates it, without notifying
/// them.
///
/// # Errors
/// A failure of the provider.
pub(super) async fn open(api: &Api<'_>, users: &[String]) -> Result<OpenResponse> {
    // https://docs.slack.dev/reference/methods/conversations.open
    api.post(&["api", "conversations.open"]).json(&json!({ "users": users.join(",") })).preparation().send().await
}
