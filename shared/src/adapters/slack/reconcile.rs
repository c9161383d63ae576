//! Reconciliation of a posted message by the effect key in its metadata. Everyone in the workspace can read the metadata; it
//! contains nothing else.
//! <https://docs.slack.dev/messaging/message-metadata/>

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::{self, ResponseMetadata};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// The event type of the metadata.
const EVENT_TYPE: &str = "plugin_engine_send";
/// Messages per page; apps outside the Marketplace get 15.
const PAGE_LIMIT: u32 = 200;
/// Tolerance for a message whose time is before the planned time. It can be generous: the key identifies the message.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);
/// Maximum number of pages to read.
const MAX_PAGES: usize = 5;

#[derive(Deserialize)]
struct History {
    messages: Vec<Message>,
    response_metadata: Option<ResponseMetadata>,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    metadata: Option<Value>,
}

/// Returns the metadata of the message that this effect posts.
pub(super) fn effect_metadata(api: &Api<'_>) -> Value {
    json!({ "event_type": EVENT_TYPE, "event_payload": { "key": api.effect_key } })
}

/// Returns the `ts` of this effect's message in a channel, or in a thread of it.
///
/// # Errors
/// A failure of a call, or more than [`MAX_PAGES`] pages of newer messages: the result is then unknown.
pub(super) async fn find_message(api: &Api<'_>, channel: &str, thread: Option<&str>) -> Result<Option<String>> {
    let expected = effect_metadata(api);
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        // https://docs.slack.dev/reference/methods/conversations.history
        // https://docs.slack.dev/reference/methods/conversations.replies
        let method = if thread.is_some() { "conversations.replies" } else { "conversations.history" };
        let call = api
            .get(&["api", method])
            .query("channel", channel)
            .query_opt("ts", thread)
            .query("oldest", format!("{}.000000", (api.attempted_at - MAX_CLOCK_SKEW).as_second()))
            .query("include_all_metadata", true)
            .query("limit", PAGE_LIMIT)
            .query_opt("cursor", cursor.as_deref());
        let page: History = call.send().await?;
        if let Some(found) = page.messages.into_iter().find(|message| message.metadata.as_ref() == Some(&expected)) {
            return Ok(Some(found.ts));
        }
        cursor = page::next_cursor(page.response_metadata);
        if cursor.is_none() {
            return Ok(None);
        }
    }
    Err(api.error(Kind::Transient, "the channel has too many new messages to search them all"))
}
