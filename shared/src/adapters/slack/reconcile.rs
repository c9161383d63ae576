//! How a message is known again: by the key in its metadata. Everybody in the workspace can read that; it tells nothing else.
//! <https://docs.slack.dev/messaging/message-metadata/>

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::{self, ResponseMetadata};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// The type of the metadata.
const EVENT_TYPE: &str = "plugin_engine_send";
/// Messages asked for at once; apps outside the Marketplace get 15.
const PAGE_LIMIT: u32 = 200;
/// How much older than its time a message may be, whichever clock is wrong: the key tells it from every other.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);
/// Pages read before giving up.
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

/// The metadata a message is sent with.
pub(super) fn effect_metadata(api: &Api<'_>) -> Value {
    json!({ "event_type": EVENT_TYPE, "event_payload": { "key": api.effect_key } })
}

/// The `ts` of this effect's message in a channel, or in a thread of it.
///
/// # Errors
/// Also when the channel moves too fast to be read to its end: then nobody can say.
pub(super) async fn find_message(api: &Api<'_>, channel: &str, thread: Option<&str>) -> Result<Option<String>> {
    let wanted = effect_metadata(api);
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        // https://docs.slack.dev/reference/methods/conversations.history
        // https://docs.slack.dev/reference/methods/conversations.replies
        let method = if thread.is_some() { "conversations.replies" } else { "conversations.history" };
        let call = api
            .get(&["api", method])
            .query("channel", channel)
            .query_opt("ts", thread)
            .query("oldest", format!("{}.000000", (api.not_before - CLOCK_SKEW).as_second()))
            .query("include_all_metadata", true)
            .query("limit", PAGE_LIMIT)
            .query_opt("cursor", cursor.as_deref());
        let page: History = call.send().await?;
        if let Some(found) = page.messages.into_iter().find(|message| message.metadata.as_ref() == Some(&wanted)) {
            return Ok(Some(found.ts));
        }
        cursor = page::next_cursor(page.response_metadata);
        if cursor.is_none() {
            return Ok(None);
        }
    }
    Err(api.error(Kind::Transient, "the channel has too many new messages to find one in"))
}
