//! Threads as actions return them.
//! <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads#Thread>

use jiff::Timestamp;
use std::collections::BTreeSet;

use super::email::{ChangedEmail, Email, Person};
use super::message::Message;
use super::web_link;
use crate::adapters::prelude::*;

/// A thread as Gmail returns it.
#[derive(Default, Deserialize)]
pub(super) struct Thread {
    #[serde(default)]
    pub(super) messages: Vec<Message>,
}

/// A thread as a list returns it.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreadSummary {
    /// The id, for `gmail_get_thread`.
    id: String,
    /// The address at which a person can open it.
    link: String,
    /// The subject line of its first e-mail.
    subject: Option<String>,
    /// The senders of its e-mails, each once.
    from: Vec<Person>,
    /// The time of its last e-mail.
    #[schemars(with = "Option<String>")]
    date: Option<Timestamp>,
    /// The beginning of the text of its last e-mail.
    snippet: Option<String>,
    /// The number of its e-mails.
    email_count: usize,
    /// The ids of the labels that any of its e-mails has.
    label_ids: BTreeSet<String>,
    /// True if an e-mail of it is marked as unread.
    unread: bool,
}

/// A thread that an action changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ChangedThread {
    /// The id.
    id: String,
    /// The address at which a person can open it.
    link: String,
    /// Its e-mails with their labels.
    emails: Vec<ChangedEmail>,
}

impl Listed for ThreadSummary {
    const NOUN: &'static str = "thread";
}

impl Thread {
    /// Returns the thread as an item of a list.
    pub(super) fn into_summary(self, id: String) -> ThreadSummary {
        let known = self.messages.iter().filter(|message| !message.id.is_empty());
        let emails: Vec<Email> = known.map(|message| message.summary().listed()).collect();
        let label_ids = emails.iter().flat_map(|email| email.label_ids.iter().cloned()).collect();
        let unread = emails.iter().any(|email| email.unread);
        let mut summary = ThreadSummary {
            link: web_link(&id),
            id,
            subject: emails.first().and_then(|email| email.subject.clone()),
            from: vec![],
            date: emails.iter().filter_map(|email| email.date).max(),
            snippet: emails.last().and_then(|email| email.snippet.clone()),
            email_count: emails.len(),
            label_ids,
            unread,
        };
        for person in emails.into_iter().filter_map(|email| email.from) {
            if summary.from.iter().all(|known| known.email != person.email || known.email.is_none()) {
                summary.from.push(person);
            }
        }
        summary
    }
}

/// Changes all e-mails of a thread by one of its methods: `modify`, `trash` or `untrash`.
///
/// # Errors
/// A failure of the call.
pub(super) async fn change(
    api: &Api<'_>,
    id: &str,
    method: &str,
    request: Option<&Value>,
    message: &str,
) -> Result<ActionOutput<ChangedThread>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/modify
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/trash
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/untrash
    let call = api.post(&["gmail", "v1", "users", "me", "threads", id, method]);
    let call = match request {
        Some(request) => call.json(request),
        None => call,
    };
    let Thread { messages } = call.send().await?;
    let emails = messages.iter().filter(|message| !message.id.is_empty()).map(Message::changed).collect();
    let thread = ChangedThread { id: id.to_owned(), link: web_link(id), emails };
    Ok(ActionOutput::new(message, thread).with_id(id).with_link(Some(web_link(id))))
}
