//! A message as Slack returns it, and its output.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::ResponseMetadata;
use super::time;

/// Default page size: the maximum that apps outside the Marketplace get in one call since 2025.
pub(super) const DEFAULT_LIMIT: u32 = 15;
/// Maximum page size.
pub(super) const MAX_LIMIT: u32 = 100;

/// A page of `conversations.history` or `conversations.replies`.
#[derive(Deserialize)]
pub(super) struct History {
    pub(super) messages: Vec<Message>,
    #[serde(default)]
    pub(super) has_more: bool,
    pub(super) response_metadata: Option<ResponseMetadata>,
}

/// A message.
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) ts: String,
    text: Option<String>,
    user: Option<String>,
    bot_id: Option<String>,
    subtype: Option<String>,
    thread_ts: Option<String>,
    reply_count: Option<u32>,
    reactions: Option<Vec<Reaction>>,
    files: Option<Vec<File>>,
}

#[derive(Deserialize)]
struct Reaction {
    name: String,
    count: Option<u32>,
}

#[derive(Deserialize)]
struct File {
    id: String,
    name: Option<String>,
    mimetype: Option<String>,
    permalink: Option<String>,
}

impl Message {
    /// Returns the text; empty if the message consists of something else.
    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Returns the message as output.
    pub(super) fn to_json(&self) -> Value {
        let reaction = |reaction: &Reaction| json!({ "name": reaction.name, "count": reaction.count });
        let file = |file: &File| json!({ "id": file.id, "name": file.name, "mimeType": file.mimetype, "link": file.permalink });
        json!({
            "ts": self.ts,
            "time": time::timestamp(&self.ts),
            "user": self.user,
            "botId": self.bot_id,
            "subtype": self.subtype,
            "text": self.text(),
            "threadTs": self.thread_ts,
            "replyCount": self.reply_count,
            "reactions": self.reactions.iter().flatten().map(reaction).collect::<Vec<_>>(),
            "files": self.files.iter().flatten().map(file).collect::<Vec<_>>(),
        })
    }
}
