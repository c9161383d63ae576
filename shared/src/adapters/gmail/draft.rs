//! Drafts, through which a send whose answer was lost can be settled: sending a draft uses it up.
//! <https://developers.google.com/workspace/gmail/api/guides/drafts>

use serde::Deserialize;
use serde_json::json;

use super::mail::KEY_HEADER;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, ProviderError, Result};

/// How many of the newest drafts are looked through for one that was written and not noted down.
const RECENT: u32 = 20;

/// A draft as it was created.
#[derive(Deserialize)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) message: Message,
}

/// A message, as far as anybody here needs it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) thread_id: Option<String>,
    #[serde(default)]
    pub(super) label_ids: Vec<String>,
    payload: Option<Payload>,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Drafts {
    #[serde(default)]
    drafts: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
}

#[derive(Deserialize)]
struct Thread {
    #[serde(default)]
    messages: Vec<Message>,
}

impl Message {
    fn has_key(&self, key: &str) -> bool {
        let headers = self.payload.iter().flat_map(|payload| &payload.headers);
        headers.into_iter().any(|header| header.name.eq_ignore_ascii_case(KEY_HEADER) && header.value.trim() == key)
    }
}

/// Writes a draft. That it could happen twice does no harm.
pub(super) async fn create(api: &Api<'_>, raw: &str) -> Result<Draft> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
    let call = api.post(&["gmail", "v1", "users", "me", "drafts"]).json(&json!({ "message": { "raw": raw } }));
    call.send().await
}

/// The draft of this effect among the newest ones.
pub(super) async fn find(api: &Api<'_>) -> Result<Option<Draft>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/list
    let list = api.get(&["gmail", "v1", "users", "me", "drafts"]).query("maxResults", RECENT);
    for Listed { id } in list.send::<Drafts>().await?.drafts {
        match get(api, &id).await? {
            Some(draft) if draft.message.has_key(&api.effect_key) => return Ok(Some(draft)),
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

/// The sent message of this effect in the thread its draft was in.
pub(super) async fn sent(api: &Api<'_>, thread: &str) -> Result<Option<Message>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/get
    let call = api
        .get(&["gmail", "v1", "users", "me", "threads", thread])
        .query("format", "metadata")
        .query("metadataHeaders", KEY_HEADER);
    let thread: Option<Thread> = or_absent(call.send().await)?;
    let sent =
        |message: &Message| message.has_key(&api.effect_key) && message.label_ids.iter().any(|label| label == "SENT");
    Ok(thread.and_then(|thread| thread.messages.into_iter().find(sent)))
}

/// A read of something that may be gone.
fn or_absent<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(Error::Provider(ProviderError { kind: Kind::NotFound, .. })) => Ok(None),
        Err(error) => Err(error),
    }
}
