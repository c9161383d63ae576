//! A message as Slack returns it, and its outputs.

use serde_json::Map;

use super::block_text;
use super::channel::{ChannelRef, ResolvedChannel};
use super::file::{FileObject, FileRef};
use super::markup::{Mention, MentionKind, Reader};
use super::page::{self, ResponseMetadata};
use super::permalink;
use super::time;
use super::user::{self, cached_name};
use crate::adapters::api::Call;
use crate::adapters::prelude::*;

/// The advice to a caller who meets a message that alone is too long.
pub(super) const PASS_OVER: &str =
    "one message is too long: pass over it with `latest` before its time or `oldest` after it";

/// A number of messages. The default is the maximum that apps outside the Marketplace get in one call since 2025.
pub(super) type MessageLimit = Limit<15, 100>;

/// A page of `conversations.history` or `conversations.replies`.
#[derive(Deserialize)]
pub(super) struct History {
    pub(super) messages: Vec<MessageObject>,
    #[serde(default)]
    pub(super) has_more: bool,
    response_metadata: Option<ResponseMetadata>,
}

/// A message as Slack returns it. <https://docs.slack.dev/reference/events/message>
#[derive(Deserialize)]
pub(super) struct MessageObject {
    pub(super) ts: String,
    text: Option<String>,
    #[serde(default)]
    blocks: Value,
    #[serde(default)]
    attachments: Value,
    #[serde(default)]
    files: Vec<FileObject>,
    user: Option<String>,
    username: Option<String>,
    bot_id: Option<String>,
    bot_profile: Option<BotProfile>,
    subtype: Option<String>,
    thread_ts: Option<String>,
    reply_count: Option<u32>,
    #[serde(default)]
    reactions: Vec<Reaction>,
    /// Of a message among pins, or with its reactions.
    permalink: Option<String>,
}

/// What a message says, as Slack returns it.
#[derive(Clone, Copy)]
pub(super) struct MessageContent<'a> {
    pub(super) text: Option<&'a str>,
    pub(super) blocks: &'a Value,
    pub(super) attachments: &'a Value,
    pub(super) files: &'a [FileObject],
}

#[derive(Deserialize)]
struct BotProfile {
    name: Option<String>,
}

/// A message as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    /// The `ts`, the message's id in its channel.
    pub(super) ts: String,
    /// The time of posting.
    pub(super) created_at: Option<String>,
    /// The one who posted it.
    pub(super) author: Option<Author>,
    /// The text, with that of blocks, attachments and snippets: mentions by name, links as `label (address)`.
    pub(super) text: Option<String>,
    /// The mentions in the text.
    pub(super) mentions: Option<Vec<Mention>>,
    /// The text in Slack's markup, the blocks and the attachments, with `raw`.
    pub(super) raw: Option<Map<String, Value>>,
    /// The channel, unless all messages are of the one that was asked for.
    pub(super) channel: Option<ChannelRef>,
    /// The address at which a person can open it.
    pub(super) link: Option<String>,
    /// The kind of a special message, such as `channel_join`.
    pub(super) subtype: Option<String>,
    /// The `ts` of the first message of its thread.
    pub(super) thread_ts: Option<String>,
    /// The number of replies.
    pub(super) reply_count: Option<u32>,
    /// The reactions.
    pub(super) reactions: Vec<Reaction>,
    /// The files, which `get_file` reads.
    pub(super) files: Vec<FileRef>,
}

/// The author of a message, a person or an app.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Author {
    /// The user id.
    pub(super) id: Option<String>,
    /// The name, if it is known.
    pub(super) name: Option<String>,
    /// The id of the app's bot that posted it.
    pub(super) bot_id: Option<String>,
}

/// A reaction of a message; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct Reaction {
    /// The name of the emoji.
    name: String,
    /// The number of people.
    count: Option<u32>,
}

/// A message that an action posted or changed, as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangedMessage {
    /// The `ts`, the message's id in its channel.
    pub(super) ts: String,
    /// The channel.
    pub(super) channel: ChannelRef,
    /// The `ts` of the first message of its thread.
    pub(super) thread_ts: Option<String>,
    /// The time of posting.
    pub(super) created_at: Option<String>,
}

impl Listed for Message {
    const NOUN: &'static str = "message";
}

impl Author {
    /// Returns an author, if anything is known.
    pub(super) fn of(id: Option<String>, name: Option<String>, bot_id: Option<String>) -> Option<Self> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (id, name, bot_id) = (filled(id), filled(name), filled(bot_id));
        (id.is_some() || name.is_some() || bot_id.is_some()).then_some(Self { id, name, bot_id })
    }
}

impl MessageContent<'_> {
    /// Returns the text as a person reads it, and the mentions in it.
    pub(super) fn read(&self, api: &Api<'_>) -> (String, Vec<Mention>) {
        let name_of = |id: &str| cached_name(api, id);
        let mut reader = Reader::new(&name_of);
        let text = self.text.unwrap_or_default();
        let text = block_text::of_message(&mut reader, text, self.blocks, self.attachments);
        let text = self.files.iter().map(FileObject::text).fold(text, |text, file| block_text::with_file(text, &file));
        (text, reader.mentions)
    }

    /// Returns what a search finds the message by, in lower case: its text, and the names of its files.
    pub(super) fn searchable(&self, api: &Api<'_>) -> String {
        let files = self.files.iter().filter_map(|file| file.name.as_ref());
        files.fold(self.read(api).0, |text, name| format!("{text}\n{name}")).to_lowercase()
    }

    /// Returns the content as Slack sent it.
    fn raw(&self) -> Map<String, Value> {
        let fields =
            [("text", json!(self.text)), ("blocks", self.blocks.clone()), ("attachments", self.attachments.clone())];
        fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Returns the message of which only this is known.
    pub(super) fn to_message(self, api: &Api<'_>, ts: &str, raw: bool) -> Message {
        let (text, mentions) = self.read(api);
        Message {
            created_at: time::of_ts(ts),
            ts: ts.to_owned(),
            author: None,
            text: Some(text).filter(|text| !text.is_empty()),
            mentions: Some(mentions).filter(|mentions| !mentions.is_empty()),
            raw: raw.then(|| self.raw()),
            channel: None,
            link: None,
            subtype: None,
            thread_ts: None,
            reply_count: None,
            reactions: vec![],
            files: vec![],
        }
    }
}

impl MessageObject {
    /// Returns what the message says.
    pub(super) fn content(&self) -> MessageContent<'_> {
        let Self { text, blocks, attachments, files, .. } = self;
        MessageContent { text: text.as_deref(), blocks, attachments, files }
    }

    /// Returns the message of a channel as output; with `raw` also as Slack sent it.
    pub(super) fn into_output(self, api: &Api<'_>, channel: &str, raw: bool) -> Message {
        let link = permalink::of(api, channel, &self.ts, self.thread_ts.as_deref());
        let content = self.content().to_message(api, &self.ts, raw);
        let own_name = self.username.or_else(|| self.bot_profile.and_then(|bot| bot.name));
        let name = own_name.or_else(|| self.user.as_deref().and_then(|id| cached_name(api, id)));
        Message {
            author: Author::of(self.user, name, self.bot_id),
            link: self.permalink.or(link),
            subtype: self.subtype,
            thread_ts: self.thread_ts,
            reply_count: self.reply_count,
            reactions: self.reactions,
            files: self.files.into_iter().map(FileObject::into_ref).collect(),
            ..content
        }
    }
}

impl ChangedMessage {
    /// Returns a message that is no reply.
    pub(super) fn new(channel: ResolvedChannel, ts: impl Into<String>) -> Self {
        let ts = ts.into();
        Self { channel: channel.into_ref(), thread_ts: None, created_at: time::of_ts(&ts), ts }
    }

    /// Returns the output of an action on this message.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<Self> {
        let ts = self.ts.clone();
        ActionOutput::new(message, self).with_id(ts)
    }

    /// Returns the output of an action on this message, which a person can open.
    pub(super) fn into_linked_output(self, api: &Api<'_>, message: &str) -> ActionOutput<Self> {
        let link = permalink::of(api, &self.channel.id, &self.ts, self.thread_ts.as_deref());
        self.into_output(message).with_link(link)
    }
}

/// Reads the page of messages that a caller requested. `call` has the other parameters.
///
/// # Errors
/// As [`page::read`].
pub(super) async fn list(
    api: &Api<'_>,
    channel: &ResolvedChannel,
    call: Call<'_>,
    limit: MessageLimit,
    cursor: Option<&str>,
    raw: bool,
) -> Result<ActionOutput<List<Message>>> {
    let read = page::read(api, call.query("channel", &channel.id), limit.get(), cursor).await;
    let (history, _): (History, u32) = read.map_err(|error| channel.map_error(api, error))?;
    learn_names(api, history.messages.iter().map(MessageObject::content)).await;
    let messages = history.messages.into_iter().map(|message| message.into_output(api, &channel.id, raw));
    Ok(List::of(messages, page::next_cursor(history.response_metadata)))
}

/// Reads the names of people whom messages mention, as far as they are unknown and few. Without the right to them the ids remain.
pub(super) async fn learn_names(api: &Api<'_>, contents: impl Iterator<Item = MessageContent<'_>>) {
    let mentions: Vec<Mention> = contents.flat_map(|content| content.read(api).1).collect();
    let people = mentions.iter().filter(|mention| mention.kind == MentionKind::Person && mention.name.is_none());
    user::learn_names(api, people.filter_map(|mention| mention.id.as_deref())).await;
}
