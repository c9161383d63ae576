//! A mailbox: messages, threads, drafts and labels, without HTTP.

use std::collections::BTreeSet;

use bytes::Bytes;
use mail_parser::Message as Mail;
use serde_json::{Value, json};

use super::{GmailStrangeness, mail, parts};

/// The labels of every mailbox.
pub(crate) const SYSTEM_LABELS: [&str; 14] = [
    "INBOX",
    "SENT",
    "DRAFT",
    "UNREAD",
    "STARRED",
    "IMPORTANT",
    "SPAM",
    "TRASH",
    "CHAT",
    "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_UPDATES",
    "CATEGORY_FORUMS",
];

/// A stored message. All other data is parsed from `raw`.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) thread_id: String,
    pub(crate) labels: BTreeSet<String>,
    pub(crate) raw: Bytes,
    /// Unix milliseconds.
    pub(crate) internal_date: i64,
    pub(crate) history_id: u64,
}

impl Message {
    pub(crate) fn has_label(&self, label: &str) -> bool {
        self.labels.contains(label)
    }

    /// Returns `{id, threadId}`, the form in lists.
    pub(crate) fn reference_json(&self) -> Value {
        json!({"id": self.id, "threadId": self.thread_id})
    }

    /// Returns `{id, threadId, labelIds}`, the form in responses to writes.
    pub(crate) fn summary_json(&self) -> Value {
        json!({"id": self.id, "threadId": self.thread_id, "labelIds": self.labels})
    }

    /// Returns the resource in one of the API's formats.
    pub(crate) fn to_json(&self, format: &str, only_headers: &[&str], strangeness: GmailStrangeness) -> Value {
        let parsed = mail::parse(&self.raw);
        let mut shown = self.summary_json();
        shown["snippet"] = json!(parsed.as_ref().map(mail::snippet).unwrap_or_default());
        shown["historyId"] = json!(self.history_id.to_string());
        shown["internalDate"] = json!(self.internal_date.to_string());
        shown["sizeEstimate"] = json!(self.raw.len());
        match (format, &parsed) {
            ("raw", _) => shown["raw"] = json!(mail::encode(&self.raw)),
            ("metadata", Some(parsed)) => shown["payload"] = parts::headers_json(parsed, only_headers),
            ("full", Some(parsed)) => shown["payload"] = parts::payload_json(parsed, strangeness.keeps_html_apart),
            _ => {}
        }
        shown
    }
}

/// A draft: an id of its own for a message with the label DRAFT.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) message_id: String,
    /// Unix milliseconds.
    pub(crate) created: i64,
}

/// A label created by the user.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Its visibilities and its colour, as they were sent.
    pub(crate) options: Value,
}

impl Label {
    /// Returns the resource without its counts, the form in lists.
    pub(crate) fn to_json(&self) -> Value {
        let mut shown = self.options.clone();
        shown["id"] = json!(self.id);
        shown["name"] = json!(self.name);
        shown["type"] = json!("user");
        shown
    }
}

/// A person's mailbox.
#[derive(Clone, Debug)]
pub(crate) struct Mailbox {
    pub(crate) address: String,
    /// The person's name in `From`.
    pub(crate) name: String,
    /// Oldest first.
    pub(crate) messages: Vec<Message>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) labels: Vec<Label>,
    pub(crate) history_id: u64,
}

impl Mailbox {
    pub(crate) fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    pub(crate) fn draft(&self, id: &str) -> Option<&Draft> {
        self.drafts.iter().find(|draft| draft.id == id)
    }

    /// Returns the messages of a thread, oldest first.
    pub(crate) fn messages_of_thread<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Message> {
        self.messages.iter().filter(move |message| message.thread_id == id)
    }

    pub(crate) fn label_exists(&self, id: &str) -> bool {
        SYSTEM_LABELS.contains(&id) || self.labels.iter().any(|label| label.id == id)
    }

    /// Removes a label from the mailbox and from its messages.
    pub(crate) fn remove_label(&mut self, id: &str) -> Option<Label> {
        let index = self.labels.iter().position(|label| label.id == id)?;
        self.messages.iter_mut().for_each(|message| message.labels.retain(|label| label != id));
        Some(self.labels.remove(index))
    }

    /// Adds a message with the next history id.
    pub(crate) fn add_message(&mut self, mut message: Message) {
        self.history_id += 1;
        message.history_id = self.history_id;
        self.messages.push(message);
    }

    pub(crate) fn remove_message(&mut self, id: &str) -> Option<Message> {
        let index = self.messages.iter().position(|message| message.id == id)?;
        self.history_id += 1;
        Some(self.messages.remove(index))
    }

    /// Changes a message's labels.
    pub(crate) fn relabel(&mut self, id: &str, add: &[String], remove: &[String]) -> Option<&Message> {
        self.history_id += 1;
        let history_id = self.history_id;
        let message = self.messages.iter_mut().find(|message| message.id == id)?;
        message.history_id = history_id;
        message.labels.retain(|label| !remove.contains(label));
        message.labels.extend(add.iter().cloned());
        Some(message)
    }

    /// Finds the thread that a mail replies to: `In-Reply-To` or `References` names one of its messages and the subjects are
    /// equal. With `thread_id` only that thread matches (the three conditions of `Message.threadId`, discovery document
    /// gmail.v1).
    pub(crate) fn find_thread(&self, incoming: &Mail<'_>, thread_id: Option<&str>) -> Option<String> {
        let mut named = mail::ids(incoming, "In-Reply-To");
        named.extend(mail::ids(incoming, "References"));
        if named.is_empty() {
            return None;
        }
        let subject = incoming.thread_name().unwrap_or("");
        let candidates = self.messages.iter().filter(|message| thread_id.is_none_or(|id| message.thread_id == id));
        let mut parents = candidates.filter(|message| {
            mail::parse(&message.raw).is_some_and(|parsed| {
                mail::ids(&parsed, "Message-ID").iter().any(|id| named.contains(id))
                    && parsed.thread_name().unwrap_or("").eq_ignore_ascii_case(subject)
            })
        });
        parents.next().map(|message| message.thread_id.clone())
    }
}
