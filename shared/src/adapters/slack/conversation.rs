//! A channel as Slack returns it, and its output.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// A channel in responses of `conversations.info`, `.list`, `.create` and `.join`.
/// <https://docs.slack.dev/reference/objects/conversation-object>
#[derive(Deserialize)]
pub(super) struct Conversation {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) creator: Option<String>,
    pub(super) created: Option<i64>,
    name_normalized: Option<String>,
    user: Option<String>,
    is_private: Option<bool>,
    is_im: Option<bool>,
    is_mpim: Option<bool>,
    is_archived: Option<bool>,
    is_member: Option<bool>,
    num_members: Option<u64>,
    topic: Option<TextProperty>,
    purpose: Option<TextProperty>,
}

#[derive(Deserialize)]
struct TextProperty {
    value: Option<String>,
}

/// A response with one channel.
#[derive(Deserialize)]
pub(super) struct ConversationResponse {
    pub(super) channel: Conversation,
}

impl Conversation {
    /// Returns true if `name`, in lower case, is the channel's name.
    pub(super) fn has_name(&self, name: &str) -> bool {
        [&self.name, &self.name_normalized].into_iter().flatten().any(|other| other.to_lowercase() == name)
    }

    /// Returns the channel as output.
    pub(super) fn to_json(&self) -> Value {
        let text = |property: &Option<TextProperty>| {
            property.as_ref().and_then(|property| property.value.clone()).filter(|text| !text.is_empty())
        };
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.channel_type(),
            "user": self.user,
            "archived": self.is_archived.unwrap_or_default(),
            "member": self.is_member,
            "members": self.num_members,
            "topic": text(&self.topic),
            "purpose": text(&self.purpose),
            "createdAt": self.created.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        })
    }

    /// True if everyone in the workspace may see the channel.
    pub(super) fn is_public(&self) -> bool {
        self.channel_type() == "public"
    }

    /// True for a direct conversation with one person or several.
    pub(super) fn is_direct(&self) -> bool {
        matches!(self.channel_type(), "direct" | "group")
    }

    fn channel_type(&self) -> &'static str {
        let is = |flag: Option<bool>| flag.unwrap_or_default();
        match () {
            () if is(self.is_im) => "direct",
            () if is(self.is_mpim) => "group",
            () if is(self.is_private) => "private",
            () => "public",
        }
    }
}
