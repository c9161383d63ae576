//! Authorship of messages. All users of a workspace post as one bot, and Slack lets it change all that it posted. So a message is
//! changed only for the user whose agents posted it: its metadata carries the author mark of their connection.

use serde::Deserialize;

use super::access::Actor;
use super::channel::ResolvedChannel;
use super::page;
use super::reconcile::MessageMetadata;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Messages per page: the one that is asked for, after its thread's first.
const PAGE_LIMIT: u32 = 2;

#[derive(Deserialize)]
struct Thread {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    /// `tombstone` for a deleted message that has replies.
    subtype: Option<String>,
    #[serde(default)]
    metadata: MessageMetadata,
}

/// Remembers for a while that a message is the connection's own.
pub(super) fn remember(api: &Api<'_>, channel: &str, ts: &str) {
    api.insert_lookup(&lookup_key(channel, ts), "own");
}

/// Checks that the agents of this user posted a message, and that it exists. With a person's token Slack checks that.
///
/// # Errors
/// [`Kind::NotFound`] for a message that does not exist, [`Kind::Forbidden`] for one of others; a failure of the look-up.
pub(super) async fn check_own(api: &Api<'_>, channel: &ResolvedChannel, ts: &str) -> Result<()> {
    if Actor::of(api) == Actor::Person || api.get_lookup(&lookup_key(&channel.id, ts)).is_some() {
        return Ok(());
    }
    // https://docs.slack.dev/reference/methods/conversations.replies
    let call = api
        .get(&["api", "conversations.replies"])
        .query("channel", &channel.id)
        .query("ts", ts)
        .query("oldest", ts)
        .query("latest", ts)
        .query("inclusive", true)
        .query("include_all_metadata", true);
    let read = page::read(api, call, PAGE_LIMIT, None).await;
    let (thread, _): (Thread, u32) = read.map_err(|error| channel.map_error(api, error))?;
    let is_there = |message: &Message| message.ts == ts && message.subtype.as_deref() != Some("tombstone");
    let Some(message) = thread.messages.into_iter().find(is_there) else {
        return Err(api.error(Kind::NotFound, "message_not_found: fetch_messages returns the messages of a channel"));
    };
    if !message.metadata.is_own(api).await? {
        return Err(refusal(api));
    }
    remember(api, &channel.id, ts);
    Ok(())
}

fn refusal(api: &Api<'_>) -> Error {
    let text =
        "only messages that your own agents posted with send_message can be changed; others post as the same app";
    api.error(Kind::Forbidden, text)
}

fn lookup_key(channel: &str, ts: &str) -> String {
    format!("own {channel} {ts}")
}
