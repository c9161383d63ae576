//! Drafts. They make a send whose response was lost reconcilable, because sending a draft deletes it.
//! <https://developers.google.com/workspace/gmail/api/guides/drafts>

use serde::Deserialize;
use serde_json::json;

use super::message::{Message, none_if_not_found};
use super::outgoing_mail::{EFFECT_KEY_HEADER, OutgoingMail};
use crate::adapters::action::ActionOutput;
use crate::adapters::api::Api;
use crate::error::Result;

/// A draft.
#[derive(Deserialize)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) message: Message,
}

impl Draft {
    /// Returns the output of an action that wrote the draft.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput {
            message: message.to_owned(),
            data: json!({ "id": self.id, "messageId": self.message.id, "threadId": self.message.thread_id }),
            link: Some(super::web_link(&self.message.id)),
            external_id: Some(self.id),
        }
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
    let message = mail.to_resource(&api.effect_key, api.now());
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
    api.post(&["gmail", "v1", "users", "me", "drafts"]).json(&json!({ "message": message })).send().await
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

/// Reads a draft with its body; `None` if it was sent or deleted.
pub(super) async fn get_full(api: &Api<'_>, id: &str) -> Result<Option<Draft>> {
    read(api, id, "full").await
}

async fn read(api: &Api<'_>, id: &str, format: &str) -> Result<Option<Draft>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
    let call = api.get(&["gmail", "v1", "users", "me", "drafts", id]).query("format", format);
    none_if_not_found(call.send().await)
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
