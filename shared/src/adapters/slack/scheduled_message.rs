//! Scheduled messages that Slack has not posted yet.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::access::Actor;
use super::page::ResponseMetadata;
use crate::adapters::api::Api;
use crate::adapters::paging;
use crate::error::Result;

/// A page of scheduled messages.
#[derive(Deserialize)]
pub(super) struct ScheduledPage {
    pub(super) scheduled_messages: Vec<ScheduledMessage>,
    pub(super) response_metadata: Option<ResponseMetadata>,
}

/// A scheduled message.
#[derive(Deserialize)]
pub(super) struct ScheduledMessage {
    pub(super) id: String,
    pub(super) post_at: i64,
    pub(super) date_created: i64,
    #[serde(default)]
    pub(super) text: String,
    channel_id: Option<String>,
}

/// Lists the scheduled messages that match a query, as [`page::read`](super::page::read) does.
///
/// # Errors
/// A failure of the provider.
pub(super) async fn list(api: &Api<'_>, query: &Value, limit: u32) -> Result<(ScheduledPage, u32)> {
    // https://docs.slack.dev/reference/methods/chat.scheduledMessages.list
    let call = api.post(&["api", "chat.scheduledMessages.list"]).read_only();
    let read = |limit| {
        let mut query = query.clone();
        query["limit"] = json!(limit);
        call.clone().json(&query).send()
    };
    paging::read_in_parts(api, limit, read).await
}

/// Returns the ids of those messages that the agents of this user scheduled. A person's own token schedules as that person.
///
/// # Errors
/// [`Error::Unavailable`](crate::error::Error::Unavailable) when the recorded ids cannot be read now.
pub(super) async fn own_ids(api: &Api<'_>, ids: &[String]) -> Result<BTreeSet<String>> {
    match Actor::of(api) {
        Actor::Person => Ok(ids.iter().cloned().collect()),
        Actor::BotFor(_) | Actor::Bot => api.authorship.recorded(ids).await,
    }
}

impl ScheduledMessage {
    /// Returns the message as output.
    pub(super) fn to_json(&self) -> Value {
        let instant = |seconds: i64| Timestamp::from_second(seconds).ok();
        json!({
            "id": self.id,
            "channel": self.channel_id,
            "text": self.text,
            "postAt": instant(self.post_at),
            "createdAt": instant(self.date_created),
        })
    }
}
