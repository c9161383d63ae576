//! Scheduled messages that Slack has not posted yet.

use std::collections::BTreeSet;
use std::ops::Deref;

use super::access::Actor;
use super::channel::ChannelRef;
use super::markup::Reader;
use super::page::ResponseMetadata;
use super::{time, user, workspace};
use crate::adapters::paging;
use crate::adapters::prelude::*;

const MAX_ID_CHARS: usize = 64;

/// The id of a scheduled message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "String", extend("maxLength" = MAX_ID_CHARS, "pattern" = "^[A-Za-z0-9]+$"))]
pub(super) struct ScheduledId(String);

/// A page of scheduled messages.
#[derive(Deserialize)]
pub(super) struct ScheduledPage {
    pub(super) scheduled_messages: Vec<ScheduledObject>,
    pub(super) response_metadata: Option<ResponseMetadata>,
}

/// A scheduled message as Slack returns it. <https://docs.slack.dev/reference/methods/chat.scheduledMessages.list>
#[derive(Deserialize)]
pub(super) struct ScheduledObject {
    /// A text. The example of the document has a number.
    #[serde(deserialize_with = "text_or_number")]
    pub(super) id: String,
    pub(super) post_at: Option<i64>,
    pub(super) date_created: Option<i64>,
    pub(super) text: Option<String>,
    channel_id: Option<String>,
}

/// A scheduled message as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduledMessage {
    /// The id.
    pub(super) id: String,
    /// The channel.
    pub(super) channel: Option<ChannelRef>,
    /// The text: mentions by name, links as `label (address)`.
    pub(super) text: Option<String>,
    /// The time of posting.
    pub(super) post_at: Option<String>,
    /// The time at which it was scheduled.
    pub(super) created_at: Option<String>,
    /// The `ts` of the first message of its thread.
    pub(super) thread_ts: Option<String>,
}

impl TryFrom<String> for ScheduledId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match (1..=MAX_ID_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            true => Ok(Self(text)),
            false => Err("must be the id of a scheduled message, for example Q1298393284"),
        }
    }
}

impl Deref for ScheduledId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Listed for ScheduledMessage {
    const NOUN: &'static str = "message";
}

impl ScheduledObject {
    /// Returns the message as output.
    pub(super) fn into_output(self, api: &Api<'_>) -> ScheduledMessage {
        let name_of = |id: &str| user::cached_name(api, id);
        ScheduledMessage {
            id: self.id,
            channel: self.channel_id.map(|id| ChannelRef { id, name: None }),
            text: self.text.map(|text| Reader::new(&name_of).read(&text)),
            post_at: self.post_at.and_then(time::of_seconds),
            created_at: self.date_created.and_then(time::of_seconds),
            thread_ts: None,
        }
    }
}

impl ScheduledMessage {
    /// Returns a message of which only the id and the channel are known.
    pub(super) fn new(id: String, channel: ChannelRef) -> Self {
        Self { id, channel: Some(channel), text: None, post_at: None, created_at: None, thread_ts: None }
    }

    /// Returns the output of an action on this message.
    pub(super) fn into_output(self, message: impl Into<String>) -> ActionOutput<Self> {
        let id = self.id.clone();
        ActionOutput::new(message, self).with_id(id)
    }
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
        workspace::name_in_body(api, &mut query);
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

fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("must be a text or a number")),
    }
}
