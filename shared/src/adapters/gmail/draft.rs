//! Drafts. They make a send whose response was lost reconcilable, because sending a draft deletes it.
//! <https://developers.google.com/workspace/gmail/api/guides/drafts>

use serde::Deserialize;
use serde_json::json;

use super::message::{Message, none_if_not_found};
use super::outgoing_mail::{EFFECT_KEY_HEADER, OutgoingMail};
use crate::adapters::action::ActionOutput;
use crate::adapters::api::Api;
use crate::error::Result;

/// Number of newest drafts searched for one whose id was not stored as a checkpoint.
const MAX_RECENT_DRAFTS: u32 = 20;

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

/// Searches the newest drafts for the one with this effect's key.
pub(super) async fn find_by_key(api: &Api<'_>) -> Result<Option<Draft>> {
    for DraftEntry { id } in list(api, MAX_RECENT_DRAFTS, None).await?.drafts {
        match get(api, &id).await? {
            Some(draft) if has_effect_key(api, &draft.message) => return Ok(Some(draft)),
            Some(_) | None => {}
        }
    }
    Ok(None)
}

/// Reads a draft with its headers; `None` if it was sent or deleted.
pub(super) async fn get(api: &Api<'_>, id: &str) -> Result<Option<Draft>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
    let call = api.get(&["gmail", "v1", "users", "me", "drafts", id]).query("format", "metadata");
    none_if_not_found(call.send().await)
}

/// Returns the first message of a thread that matches; `None` if the thread does not exist.
pub(super) async fn find_in_thread(
    api: &Api<'_>,
    thread: &str,
    matches: impl Fn(&Message) -> bool + Send,
) -> Result<Option<Message>> {
    #[derive(Deserialize)]
    struct Thread {
        #[serde(default)]
        messages: Vec<Message>,
    }
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get
    let call = api
        .get(&["gmail", "v1", "users", "me", "threads", thread])
        .query("format", "metadata")
        .query("metadataHeaders", EFFECT_KEY_HEADER);
    let thread: Option<Thread> = none_if_not_found(call.send().await)?;
    Ok(thread.and_then(|thread| thread.messages.into_iter().find(|message| matches(message))))
}

/// True if the message carries this effect's key.
pub(super) fn has_effect_key(api: &Api<'_>, message: &Message) -> bool {
    message.header(EFFECT_KEY_HEADER).is_some_and(|key| key.trim() == api.effect_key)
}
