//! A channel as Slack returns it, and its output.

use super::markup::Reader;
use super::person::PersonRef;
use super::time;
use super::user::cached_name;
use crate::adapters::prelude::*;

/// What is decided by: a channel's id and names, who may see it, and who created it. A response to such a question is taken only as
/// documented. <https://docs.slack.dev/reference/objects/conversation-object>
#[derive(Deserialize)]
pub(super) struct Conversation {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) creator: Option<String>,
    pub(super) created: Option<i64>,
    name_normalized: Option<String>,
    is_private: Option<bool>,
    is_im: Option<bool>,
    is_mpim: Option<bool>,
}

/// A channel in responses of `conversations.info`, `.list`, `.create` and `.join`.
/// <https://docs.slack.dev/reference/objects/conversation-object>
#[derive(Deserialize)]
pub(super) struct ConversationObject {
    id: String,
    name: Option<String>,
    creator: Option<String>,
    created: Option<i64>,
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
    pub(super) channel: ConversationObject,
}

/// A channel or a direct conversation as output.
#[skip_serializing_none]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Channel {
    /// The id.
    pub(super) id: String,
    /// The name.
    pub(super) name: Option<String>,
    /// The kind.
    #[serde(rename = "type")]
    kind: Option<ChannelKind>,
    /// The person of a direct conversation.
    person: Option<PersonRef>,
    /// True for an archived channel.
    archived: Option<bool>,
    /// True if the app is a member.
    member: Option<bool>,
    /// The number of members.
    member_count: Option<u64>,
    /// The topic.
    topic: Option<String>,
    /// The purpose.
    purpose: Option<String>,
    /// The time of creation.
    created_at: Option<String>,
    /// The person who created it.
    created_by: Option<PersonRef>,
}

/// The kind of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum ChannelKind {
    /// Visible to everyone in the workspace.
    Public,
    /// Visible to its members.
    Private,
    /// A conversation with one person.
    Direct,
    /// A conversation with several people.
    Group,
}

impl ChannelKind {
    /// Returns the kind by Slack's flags. A channel is public only if Slack says so: a flag that is missing opens none.
    fn of(is_private: Option<bool>, is_im: Option<bool>, is_mpim: Option<bool>) -> Option<Self> {
        match (is_im, is_mpim, is_private) {
            (Some(true), ..) => Some(Self::Direct),
            (_, Some(true), _) => Some(Self::Group),
            (.., Some(true)) => Some(Self::Private),
            (.., Some(false)) => Some(Self::Public),
            (.., None) => None,
        }
    }
}

impl ChannelKind {
    /// Returns Slack's name of the type in lists.
    pub(super) fn slack_type(self) -> &'static str {
        match self {
            Self::Public => "public_channel",
            Self::Private => "private_channel",
            Self::Direct => "im",
            Self::Group => "mpim",
        }
    }
}

impl Conversation {
    /// Returns true if `name`, in lower case, is the channel's name.
    pub(super) fn has_name(&self, name: &str) -> bool {
        [&self.name, &self.name_normalized].into_iter().flatten().any(|other| other.to_lowercase() == name)
    }

    /// True if everyone in the workspace may see the channel.
    pub(super) fn is_public(&self) -> bool {
        self.kind() == Some(ChannelKind::Public)
    }

    /// True for a direct conversation with one person or several.
    pub(super) fn is_direct(&self) -> bool {
        matches!(self.kind(), Some(ChannelKind::Direct | ChannelKind::Group))
    }

    fn kind(&self) -> Option<ChannelKind> {
        ChannelKind::of(self.is_private, self.is_im, self.is_mpim)
    }

    /// Returns the channel as output.
    pub(super) fn into_output(self, api: &Api<'_>) -> Channel {
        Channel {
            kind: self.kind(),
            id: self.id,
            name: self.name,
            person: None,
            archived: None,
            member: None,
            member_count: None,
            topic: None,
            purpose: None,
            created_at: self.created.and_then(time::of_seconds),
            created_by: self.creator.map(|id| PersonRef::of(api, id)),
        }
    }
}

impl ConversationObject {
    /// Returns the channel as output.
    pub(super) fn into_output(self, api: &Api<'_>) -> Channel {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let name_of = |id: &str| cached_name(api, id);
        let read = |text: String| Reader::new(&name_of).read(&text);
        let text = |property: Option<TextProperty>| filled(property.and_then(|property| property.value)).map(read);
        let person = |id: Option<String>| filled(id).map(|id| PersonRef::of(api, id));
        Channel {
            kind: ChannelKind::of(self.is_private, self.is_im, self.is_mpim),
            id: self.id,
            name: filled(self.name),
            person: person(self.user),
            archived: self.is_archived,
            member: self.is_member,
            member_count: self.num_members,
            topic: text(self.topic),
            purpose: text(self.purpose),
            created_at: self.created.and_then(time::of_seconds),
            created_by: person(self.creator),
        }
    }
}

impl Listed for Channel {
    const NOUN: &'static str = "channel";
}

impl Channel {
    /// Returns the kind, if it is known.
    pub(super) fn kind(&self) -> Option<ChannelKind> {
        self.kind
    }

    /// Returns the id of the person of a direct conversation.
    pub(super) fn person(&self) -> Option<&str> {
        self.person.as_ref().map(|person| person.id.as_str())
    }

    /// Returns the conversation with the name of its person, if that was read a while ago.
    pub(super) fn with_known_name(self, api: &Api<'_>) -> Self {
        Self { person: self.person.map(|person| PersonRef::of(api, person.id)), ..self }
    }

    /// True for the direct conversation with a person.
    pub(super) fn is_with(&self, person: &str) -> bool {
        self.kind == Some(ChannelKind::Direct) && self.person() == Some(person)
    }

    /// True if everyone in the workspace may see the channel.
    pub(super) fn is_public(&self) -> bool {
        self.kind == Some(ChannelKind::Public)
    }
}
