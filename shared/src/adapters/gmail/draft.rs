//! Drafts. They make a send whose response was lost reconcilable, because sending a draft deletes it.
//! <https://developers.google.com/workspace/gmail/api/guides/drafts>

use jiff::Timestamp;

use super::address;
use super::email::{Email, Person};
use super::message::{Message, none_if_not_found};
use super::mime::EFFECT_KEY_HEADER;
use super::outgoing_call;
use super::outgoing_mail::OutgoingMail;
use crate::adapters::prelude::*;

/// A draft.
#[derive(Deserialize)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) message: Option<Message>,
}

/// A draft of which the id is known.
#[derive(Deserialize)]
struct DraftContent {
    message: Option<Message>,
}

/// A draft as actions return it.
#[skip_serializing_none]
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DraftSummary {
    /// The draft's id, for `gmail_update_draft`, `gmail_send_draft` and `gmail_delete_draft`.
    id: String,
    /// The id of its e-mail.
    message_id: Option<String>,
    /// The id of its thread.
    thread_id: Option<String>,
    /// The address at which a person can open it.
    link: Option<String>,
    /// The recipients.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to: Vec<Person>,
    /// The recipients of a copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cc: Vec<Person>,
    /// The recipients of a blind copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bcc: Vec<Person>,
    /// The subject line.
    subject: Option<String>,
    /// The time at which it was written.
    #[schemars(with = "Option<String>")]
    date: Option<Timestamp>,
    /// The beginning of the text.
    snippet: Option<String>,
}

impl Listed for DraftSummary {
    const NOUN: &'static str = "draft";
}

impl Draft {
    /// Returns the draft's message.
    ///
    /// # Errors
    /// A draft without one, about which nothing can be decided.
    pub(super) fn message(&self, api: &Api<'_>) -> Result<&Message> {
        self.message.as_ref().ok_or_else(|| api.error(Kind::Transient, "sent a draft without its message"))
    }

    /// Returns the draft's message alone.
    ///
    /// # Errors
    /// As [`Draft::message`].
    pub(super) fn into_message(self, api: &Api<'_>) -> Result<Message> {
        self.message.ok_or_else(|| api.error(Kind::Transient, "sent a draft without its message"))
    }

    /// True if the draft has the key of the effect that runs: nobody has written it again in Gmail.
    pub(super) fn is_own(&self, api: &Api<'_>) -> bool {
        self.message.as_ref().is_some_and(|message| EffectKey::of(api, message) == EffectKey::Own)
    }

    /// Returns the id of the draft's thread.
    pub(super) fn thread_id(&self) -> Option<&str> {
        self.message.as_ref()?.thread_id.as_deref()
    }

    /// Returns whom and what an action touches that sends the draft.
    pub(super) fn targets(&self) -> Vec<Target> {
        let message = self.message.as_ref();
        let subject = message.and_then(|message| message.header("Subject"));
        let draft = Target::new(TargetKind::Message, &self.id).named(subject);
        let headers = ["To", "Cc", "Bcc"].into_iter().filter_map(|name| message?.header(name));
        let people = headers.flat_map(address::parse_header).map(|person| person.to_target());
        std::iter::once(draft).chain(people).collect()
    }

    /// Returns the draft as an item of a list.
    pub(super) fn into_summary(self) -> DraftSummary {
        let Some(message) = self.message else { return DraftSummary { id: self.id, ..DraftSummary::default() } };
        let Email { id, thread_id, link, to, cc, bcc, subject, date, snippet, .. } = message.summary().listed();
        let (message_id, link) = if id.is_empty() { (None, None) } else { (Some(id), Some(link)) };
        DraftSummary { id: self.id, message_id, thread_id, link, to, cc, bcc, subject, date, snippet }
    }

    /// Returns the output of an action that wrote the draft.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<DraftSummary> {
        let (id, summary) = (self.id.clone(), self.into_summary());
        let link = summary.link.clone();
        ActionOutput::new(message, summary).with_id(id).with_link(link)
    }
}

/// A page of the list of drafts, newest first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DraftPage {
    // Absent when there are none.
    #[serde(default)]
    pub(super) drafts: Vec<DraftEntry>,
    pub(super) next_page_token: Option<String>,
}

/// A draft as listed: its id only.
#[derive(Deserialize)]
pub(super) struct DraftEntry {
    pub(super) id: String,
}

/// Creates a draft. A repeat does no harm: drafts are not sent.
pub(super) async fn create(api: &Api<'_>, mail: &OutgoingMail) -> Result<Draft> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
    outgoing_call::call(api, Method::POST, &["drafts"], mail, resource).await?.send().await
}

/// Lists drafts, newest first.
pub(super) async fn list(api: &Api<'_>, limit: u32, cursor: Option<&str>) -> Result<DraftPage> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/list
    let call = api.get(&["gmail", "v1", "users", "me", "drafts"]).query("maxResults", limit);
    call.query_opt("pageToken", cursor).send().await
}

/// Reads a draft with its headers; `None` if it was sent or deleted.
pub(super) async fn get(api: &Api<'_>, id: &str) -> Result<Option<Draft>> {
    read(api, id, "metadata").await
}

/// Reads a draft that an action is about.
///
/// # Errors
/// A failure of the call; [`Kind::NotFound`] with a hint if it was sent or deleted.
pub(super) async fn require(api: &Api<'_>, id: &str) -> Result<Draft> {
    get(api, id).await?.ok_or_else(|| missing(api))
}

/// Reads a draft that an action is about, with its body.
///
/// # Errors
/// As [`require`].
pub(super) async fn require_full(api: &Api<'_>, id: &str) -> Result<Draft> {
    get_full(api, id).await?.ok_or_else(|| missing(api))
}

fn missing(api: &Api<'_>) -> Error {
    let reason = "the draft does not exist: it was sent or deleted; list_drafts returns the existing ones";
    api.error(Kind::NotFound, reason)
}

/// Reads a draft with its body; `None` if it was sent or deleted.
pub(super) async fn get_full(api: &Api<'_>, id: &str) -> Result<Option<Draft>> {
    read(api, id, "full").await
}

async fn read(api: &Api<'_>, id: &str, format: &str) -> Result<Option<Draft>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
    let call = api.get(&["gmail", "v1", "users", "me", "drafts", id]).query("format", format);
    let content: Option<DraftContent> = none_if_not_found(call.send().await)?;
    Ok(content.map(|DraftContent { message }| Draft { id: id.to_owned(), message }))
}

/// Replaces the mail of a draft.
pub(super) async fn update(api: &Api<'_>, id: &str, mail: &OutgoingMail) -> Result<Draft> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/update
    let call = outgoing_call::call(api, Method::PUT, &["drafts", id], mail, resource).await?;
    let DraftContent { message } = call.send().await?;
    Ok(Draft { id: id.to_owned(), message })
}

/// Returns the draft resource with a message resource.
fn resource(message: Value) -> Value {
    json!({ "message": message })
}

/// Returns the messages of a thread, oldest first, with the headers that identify a sent draft. A thread that does not exist has none.
pub(super) async fn thread_messages(api: &Api<'_>, thread: &str) -> Result<Vec<Message>> {
    #[derive(Default, Deserialize)]
    struct Thread {
        #[serde(default)]
        messages: Vec<Message>,
    }
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get
    let call = api.get(&["gmail", "v1", "users", "me", "threads", thread]).query("format", "metadata");
    let call = [EFFECT_KEY_HEADER, "To", "Subject"].iter().fold(call, |call, name| call.query("metadataHeaders", name));
    let thread: Option<Thread> = none_if_not_found(call.send().await)?;
    Ok(thread.unwrap_or_default().messages)
}

/// The effect whose key a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EffectKey {
    /// The effect that runs.
    Own,
    /// Another effect.
    Another,
    /// The message has no key.
    None,
}

impl EffectKey {
    /// Reads the key of a message.
    pub(super) fn of(api: &Api<'_>, message: &Message) -> Self {
        match message.header(EFFECT_KEY_HEADER) {
            Some(key) if key.trim() == api.effect_key => Self::Own,
            Some(_) => Self::Another,
            None => Self::None,
        }
    }
}
