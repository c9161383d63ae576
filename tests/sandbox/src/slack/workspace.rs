//! A workspace's channels, messages and people, without HTTP.

use serde_json::{Value, json};

use super::formatting;
use super::strangeness::SlackStrangeness;

/// The kind of a conversation; each has its own scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConversationKind {
    Public,
    Private,
    Direct,
    /// A direct conversation of more than two members.
    Group,
}

impl ConversationKind {
    /// Returns the value in the `types` argument.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Public => "public_channel",
            Self::Private => "private_channel",
            Self::Direct => "im",
            Self::Group => "mpim",
        }
    }

    /// Returns the prefix of the kind's scopes, as in `channels:read`.
    pub(crate) fn scope(self) -> &'static str {
        match self {
            Self::Public => "channels",
            Self::Private => "groups",
            Self::Direct => "im",
            Self::Group => "mpim",
        }
    }
}

/// A conversation with its messages.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) previous_names: Vec<String>,
    pub(crate) kind: ConversationKind,
    /// User ids; of a direct conversation the bot and the person.
    pub(crate) members: Vec<String>,
    /// Unix seconds.
    pub(crate) created: i64,
    pub(crate) topic: String,
    pub(crate) purpose: String,
    pub(crate) archived: bool,
    /// The user who created the channel; empty for seed channels.
    pub(crate) creator: String,
    messages: Vec<Message>,
}

/// A reaction of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reaction {
    /// The emoji's name in Slack.
    pub(crate) emoji: String,
    pub(crate) user: String,
}

/// The pinning of a message to its channel.
#[derive(Clone, Debug)]
pub(crate) struct Pin {
    /// Unix seconds.
    pub(crate) created: i64,
    pub(crate) created_by: String,
}

/// A message. `micros` determines its order and its `ts`.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Unix microseconds, unique in the channel.
    pub(crate) micros: i64,
    pub(crate) thread: Option<i64>,
    /// True for a reply that is also shown in the channel.
    pub(crate) broadcast: bool,
    pub(crate) metadata: Option<Value>,
    /// The reactions, oldest first.
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) pin: Option<Pin>,
    /// The message's other fields in the API's form.
    pub(crate) body: Value,
}

impl Message {
    pub(crate) fn new(micros: i64, thread: Option<i64>, body: Value) -> Self {
        Self { micros, thread, broadcast: false, metadata: None, reactions: Vec::new(), pin: None, body }
    }

    /// True if the user wrote the message.
    pub(crate) fn is_written_by(&self, user: &str) -> bool {
        self.body["user"] == user
    }

    /// Returns the reactions by emoji, in the API's form.
    fn reactions(&self) -> Vec<Value> {
        let mut names: Vec<&String> = Vec::new();
        for reaction in &self.reactions {
            if !names.contains(&&reaction.emoji) {
                names.push(&reaction.emoji);
            }
        }
        let users_of = |name: &String| -> Vec<&String> {
            self.reactions.iter().filter(|reaction| reaction.emoji == *name).map(|reaction| &reaction.user).collect()
        };
        names
            .into_iter()
            .map(|name| json!({"name": name, "users": users_of(name), "count": users_of(name).len()}))
            .collect()
    }
}

impl Channel {
    pub(crate) fn new(
        id: &str,
        name: &str,
        kind: ConversationKind,
        members: &[&str],
        created: i64,
        purpose: &str,
    ) -> Self {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        let (id, name, purpose) = (id.to_owned(), name.to_owned(), purpose.to_owned());
        let (topic, creator, previous_names) = (String::new(), String::new(), Vec::new());
        Self {
            id,
            name,
            previous_names,
            kind,
            members,
            created,
            topic,
            purpose,
            archived: false,
            creator,
            messages: Vec::new(),
        }
    }

    pub(crate) fn has_member(&self, user: &str) -> bool {
        self.members.iter().any(|member| member == user)
    }

    /// Adds a message at `micros`, or at the next free microsecond.
    pub(crate) fn add_message(&mut self, mut message: Message) -> i64 {
        while self.messages.iter().any(|other| other.micros == message.micros) {
            message.micros += 1;
        }
        let micros = message.micros;
        self.messages.push(message);
        self.messages.sort_by_key(|message| message.micros);
        micros
    }

    /// Returns the messages of the channel itself, oldest first: replies only if broadcast.
    pub(crate) fn timeline(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter().filter(|message| message.thread.is_none() || message.broadcast)
    }

    /// Returns a parent and its replies, oldest first.
    pub(crate) fn thread(&self, parent: i64) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.micros == parent || message.thread == Some(parent))
    }

    pub(crate) fn message(&self, micros: i64) -> Option<&Message> {
        self.messages.iter().find(|message| message.micros == micros)
    }

    pub(crate) fn message_mut(&mut self, micros: i64) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.micros == micros)
    }

    pub(crate) fn remove_message(&mut self, micros: i64) {
        self.messages.retain(|message| message.micros != micros);
    }

    /// Returns the number of pinned messages.
    pub(crate) fn pin_count(&self) -> usize {
        self.pinned().count()
    }

    /// Returns the pinned messages with their pins, the newest pin first.
    pub(crate) fn pinned(&self) -> impl Iterator<Item = (&Message, &Pin)> {
        let mut pinned: Vec<_> =
            self.messages.iter().filter_map(|message| Some((message, message.pin.as_ref()?))).collect();
        pinned.sort_by_key(|(message, pin)| std::cmp::Reverse((pin.created, message.micros)));
        pinned.into_iter()
    }

    /// Returns a message in the API's form, with the fields of its thread.
    pub(crate) fn message_json(&self, message: &Message, with_metadata: bool, strangeness: SlackStrangeness) -> Value {
        let mut shown = message.body.clone();
        shown["ts"] = json!(format_ts(message.micros));
        if let Some(thread) = message.thread {
            shown["thread_ts"] = json!(format_ts(thread));
        } else if let Some(last) = self.thread(message.micros).filter(|reply| reply.thread.is_some()).last() {
            shown["thread_ts"] = shown["ts"].clone();
            shown["reply_count"] = json!(self.thread(message.micros).count() - 1);
            shown["latest_reply"] = json!(format_ts(last.micros));
        }
        if !message.reactions.is_empty() {
            shown["reactions"] = json!(message.reactions());
        }
        if message.pin.is_some() {
            shown["pinned_to"] = json!([self.id]);
        }
        if message.broadcast {
            shown["subtype"] = json!("thread_broadcast");
        }
        if let Some(metadata) = message.metadata.as_ref().filter(|_| with_metadata) {
            shown["metadata"] = metadata.clone();
        }
        formatting::show_message(strangeness, &mut shown);
        shown
    }

    /// Returns the conversation object (<https://docs.slack.dev/reference/objects/conversation-object>) as seen by `user`.
    pub(crate) fn to_json(&self, user: &str) -> Value {
        if self.kind == ConversationKind::Direct {
            let other = self.members.iter().find(|member| *member != user);
            return json!({"id": self.id, "is_im": true, "is_channel": false, "created": self.created, "user": other});
        }
        let (private, group) = (self.kind != ConversationKind::Public, self.kind == ConversationKind::Group);
        json!({
            "id": self.id, "name": self.name, "name_normalized": self.name, "created": self.created,
            "creator": self.creator,
            "is_channel": !group, "is_group": false, "is_im": false, "is_mpim": group, "is_private": private,
            "previous_names": self.previous_names, "is_archived": self.archived, "is_general": self.name == "general", "is_member": self.has_member(user),
            "is_shared": false, "num_members": self.members.len(),
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
        })
    }
}

/// A person or the bot.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) real_name: String,
    /// `None` for the bot.
    pub(crate) email: Option<String>,
}

impl User {
    /// Returns the user object (<https://docs.slack.dev/reference/objects/user-object>); the e-mail address needs a separate
    /// scope.
    pub(crate) fn to_json(&self, team: &str, with_email: bool) -> Value {
        let mut profile = json!({"real_name": self.real_name, "display_name": self.name});
        if let Some(email) = self.email.as_ref().filter(|_| with_email) {
            profile["email"] = json!(email);
        }
        json!({
            "id": self.id, "team_id": team, "name": self.name, "real_name": self.real_name, "deleted": false,
            "is_bot": self.email.is_none(), "is_app_user": false, "tz": "Europe/Amsterdam", "profile": profile,
        })
    }
}

/// A scheduled message.
#[derive(Clone, Debug)]
pub(crate) struct ScheduledMessage {
    pub(crate) id: String,
    pub(crate) channel: String,
    /// Unix seconds.
    pub(crate) post_at: i64,
    /// Unix seconds.
    pub(crate) created: i64,
    pub(crate) thread: Option<i64>,
    /// True if the message has metadata. Slack accepts it and then never posts the message (documented on the method's page).
    pub(crate) has_metadata: bool,
    pub(crate) body: Value,
}

/// Formats microseconds as a `ts`, for example `1512085950.000216`.
pub(crate) fn format_ts(micros: i64) -> String {
    format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000))
}

/// Parses a `ts` to microseconds; plain seconds are accepted too.
pub(crate) fn parse_ts(ts: &str) -> Option<i64> {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, ""));
    let mut digits: String = fraction.chars().take(6).collect();
    while digits.len() < 6 {
        digits.push('0');
    }
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(digits.parse().ok()?)
}
