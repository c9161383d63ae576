//! Direct conversations with people.

use serde::Deserialize;
use serde_json::json;

use crate::adapters::api::{Api, Call};
use crate::error::Result;

/// A response of `conversations.open`.
#[derive(Deserialize)]
pub(super) struct OpenResponse {
    pub(super) channel: DirectConversation,
    #[serde(default)]
    pub(super) already_open: bool,
}

/// A response of `conversations.open` that creates nothing.
#[derive(Deserialize)]
struct FoundResponse {
    channel: Option<DirectConversation>,
}

/// A direct conversation; only its id is used.
#[derive(Deserialize)]
pub(super) struct DirectConversation {
    pub(super) id: String,
}

/// Returns the call that opens the conversation with these people, by their ids; its response is an [`OpenResponse`]. Slack returns
/// the existing conversation or creates it, without notifying them. Where the conversation is only needed for another call, add
/// [`Call::preparation`].
pub(super) fn open<'a>(api: &'a Api<'_>, users: &[String]) -> Call<'a> {
    // https://docs.slack.dev/reference/methods/conversations.open
    api.post(&["api", "conversations.open"]).json(&json!({ "users": users.join(",") }))
}

/// Returns the id of the conversation with a person, if there is one.
///
/// # Errors
/// A failure of the look-up.
pub(super) async fn find(api: &Api<'_>, person: &str) -> Result<Option<String>> {
    // https://docs.slack.dev/reference/methods/conversations.open
    let body = json!({ "users": person, "prevent_creation": true });
    let found: FoundResponse = api.post(&["api", "conversations.open"]).read_only().lookup().json(&body).send().await?;
    Ok(found.channel.map(|channel| channel.id))
}
