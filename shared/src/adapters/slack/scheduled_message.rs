//! Messages that wait at Slack for their time.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::ResponseMetadata;
use crate::adapters::api::Api;
use crate::error::Result;

/// A page of those that wait.
#[derive(Deserialize)]
pub(super) struct ScheduledPage {
    pub(super) scheduled_messages: Vec<ScheduledMessage>,
    pub(super) response_metadata: Option<ResponseMetadata>,
}

/// One that waits.
#[derive(Deserialize)]
pub(super) struct ScheduledMessage {
    pub(super) id: String,
    pub(super) post_at: i64,
    pub(super) date_created: i64,
    #[serde(default)]
    pub(super) text: String,
    channel_id: Option<String>,
}

/// Those that wait and fit what is asked.
///
/// # Errors
/// A failure of the provider.
pub(super) async fn list(api: &Api<'_>, asked: &Value) -> Result<ScheduledPage> {
    // https://docs.slack.dev/reference/methods/chat.scheduledMessages.list
    api.post(&["api", "chat.scheduledMessages.list"]).json(asked).read_only().send().await
}

impl ScheduledMessage {
    /// It in our shape.
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
