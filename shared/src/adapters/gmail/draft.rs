//! Drafts, through which a send whose answer was lost can be settled: sending a draft uses it up.
//! <https://developers.google.com/workspace/gmail/api/guides/drafts>

use serde::Deserialize;
use serde_json::json;

use super::message::{Message, or_absent};
use super::outgoing::{KEY_HEADER, Outgoing};
use crate::adapters::action::ActionOutput;
use crate::adapters::api::Api;
use crate::error::Result;

/// How many of the newest drafts are looked through for one that was written and not noted down.
const RECENT: u32 = 20;

/// A draft.
#[derive(Deserialize)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) message: Message,
}

impl Draft {
    /// What was done to it, as told to the agent.
    pub(super) fn done(self, message: &str) -> ActionOutput {
        ActionOutput {
            message: message.to_owned(),
            data: json!({ "id": self.id, "messageId": self.message.id, "threadId": self.message.thread_id }),
            link: Some(super::link(&self.message.id)),
            external_id: Some(self.id),
        }
    }
}

/// A page of the list of drafts, newest first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    // Absent when there are none.
    #[serde(default)]
    pub(super) drafts: Vec<Listed>,
    pub(super) next_page_token: Option<String>,
}

/// A draft as the list has it.
#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
}

/// Writes a draft. That it could happen twice does no harm.
pub(super) async fn create(api: &Api<'_>, mail: &Outgoing) -> Result<Draft> {
    let message = mail.resource(&api.effect_key, api.now());
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
    api.post(&["gmail", "v1", "users", "me", "drafts"]).json(&json!({ "message": message })).send().await
}

/// Lists drafts, newest first.
pub(super) async fn list(api: &Api<'_>, limit: u32, cursor: Option<&str>) -> Result<Page> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/list
    let call = api.get(&["gmail", "v1", "users", "me", "drafts"]).query("maxResults", limit);
    call.query_opt("pageToken", cursor).send().await
}

/// The draft of this effect among the newest ones.
pub(super) async fn find(api: &Api<'_>) -> Result<Option<Draft>> {
    for Listed { id } in list(api, RECENT, None).await?.drafts {
        match get(api, &id).await? {
            Some(draft) if is_ours(api, &draft.message) => return Ok(Some(draft)),
            Some(_) | None => {}
        }
    }
    Ok(None)
}

/// A draft with its headers; `None` when there is none: it was sent or deleted.
pub(super) async fn get(api: &Api<'_>, id: &str) -> Result<Option<Draft>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
    let call = api.get(&["gmail", "v1", "users", "me", "drafts", id]).query("format", "metadata");
    or_absent(call.send().await)
}

/// The first message of a conversation that fits; none where the conversation is gone.
pub(super) async fn in_thread(
    api: &Api<'_>,
    thread: &str,
    fits: impl Fn(&Message) -> bool + Send,
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
        .query("metadataHeaders", KEY_HEADER);
    let thread: Option<Thread> = or_absent(call.send().await)?;
    Ok(thread.and_then(|thread| thread.messages.into_iter().find(|message| fits(message))))
}

/// Whether a message was written for this effect.
pub(super) fn is_ours(api: &Api<'_>, message: &Message) -> bool {
    message.header(KEY_HEADER).is_some_and(|key| key.trim() == api.effect_key)
}
