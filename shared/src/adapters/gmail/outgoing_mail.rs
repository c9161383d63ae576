//! An outgoing mail. `mime.rs` writes it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::address::{MAX_RECIPIENTS, Mailbox};
use super::attachment::AttachmentInput;
use super::mime;
use super::remarks::Remarks;
use super::thread_headers::ThreadHeaders;
use crate::adapters::api::Api;
use crate::adapters::content::{Content, Source};
use crate::adapters::target::Target;
use crate::error::{Error, Result};

/// A mail to be written.
#[derive(Debug, Default)]
pub(super) struct OutgoingMail {
    /// The sender; `None` for the account's own address, which Gmail then writes.
    pub(super) from: Option<Mailbox>,
    /// The recipients.
    pub(super) to: Vec<Mailbox>,
    /// Recipients of a copy.
    pub(super) cc: Vec<Mailbox>,
    /// Recipients of a blind copy.
    pub(super) bcc: Vec<Mailbox>,
    /// The address replies go to.
    pub(super) reply_to: Option<Mailbox>,
    /// The subject line.
    pub(super) subject: String,
    /// The plain text.
    pub(super) text: String,
    /// The same text as HTML.
    pub(super) html: Option<String>,
    /// Attached files.
    pub(super) files: Vec<OutgoingFile>,
    /// The facts about its recipients that the caller has to know.
    pub(super) remarks: Remarks,
    /// The thread it continues.
    pub(super) thread: Option<ThreadHeaders>,
}

/// A file in a mail. Its content is read while the mail is sent.
#[derive(Debug)]
pub(super) struct OutgoingFile {
    /// Its name.
    pub(super) name: String,
    /// MIME type with its parameters, for example `text/csv; header=present`.
    pub(super) content_type: String,
    /// The size in bytes.
    pub(super) size: u64,
    /// The id by which the HTML refers to the file, if it is an inline picture.
    pub(super) content_id: Option<String>,
    /// The place of its content.
    pub(super) origin: Origin,
}

/// The place of a file's content.
#[derive(Debug)]
pub(super) enum Origin {
    /// The context: the content itself, or the id of an uploaded file.
    Context(AttachmentInput),
    /// A file of another mail.
    Mail(Source),
}

impl OutgoingMail {
    /// The recipients in every role.
    pub(super) fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }

    /// Checks the number of recipients.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `to`.
    pub(super) fn check_recipients(&self) -> Result<()> {
        match self.recipients().count() <= MAX_RECIPIENTS {
            true => Ok(()),
            false => Err(Error::invalid(
                "to",
                format!("must have at most {MAX_RECIPIENTS} addresses together with cc and bcc"),
            )),
        }
    }

    /// Returns the people to whom the mail goes.
    pub(super) fn targets(&self) -> Vec<Target> {
        self.recipients().map(Mailbox::to_target).collect()
    }

    /// Writes the mail behind other content. Files are opened when it is their turn to be sent.
    pub(super) fn write_to(&self, content: Content, api: &Api<'_>) -> Content {
        mime::write(self, content, &api.effect_key, api.now(), |file| file.source(api))
    }

    /// Returns the whole mail. Its files are in memory.
    #[cfg(test)]
    pub(super) fn rendered(&self, effect_key: &str, now: Timestamp) -> Vec<u8> {
        let inline = |file: &OutgoingFile| match &file.origin {
            Origin::Context(file) => Source::bytes(file.inline().unwrap().clone()),
            Origin::Mail(source) => source.clone(),
        };
        let content = mime::write(self, Content::new(), effect_key, now, inline);
        let body = futures::executor::block_on(content.open()).unwrap();
        futures::executor::block_on(body.collect(usize::MAX)).unwrap().to_vec()
    }

    /// Returns the mail for a person: texts, and files by their names and sizes.
    pub(super) fn described(&self) -> Value {
        let people = |people: &[Mailbox]| people.iter().map(Mailbox::described).collect::<Vec<_>>();
        let reply_to = self.reply_to.as_ref().map(Mailbox::described);
        let from = self.from.as_ref().map(Mailbox::described);
        let files: Vec<Value> = self.files.iter().map(OutgoingFile::described).collect();
        let mut described = json!({ "to": people(&self.to), "cc": people(&self.cc), "bcc": people(&self.bcc), "replyTo": reply_to,
            "subject": self.subject, "text": self.text, "html": self.html, "attachments": files });
        for (name, value) in
            [("from", json!(from)), ("leftOut", json!(self.remarks.left_out)), ("note", json!(self.remarks.note()))]
        {
            if !value.is_null() && value != json!([]) {
                described[name] = value;
            }
        }
        described
    }

    /// Returns the number of bytes of the mail as it is sent.
    pub(super) fn encoded_length(&self) -> u64 {
        let unread = |file: &OutgoingFile| {
            Source::new(file.size, || {
                Box::pin(async { Err(Error::internal("a file that is only counted was opened")) })
            })
        };
        // A key and a time change the length by some bytes at most.
        mime::write(self, Content::new(), "", Timestamp::UNIX_EPOCH, unread).length()
    }
}

impl OutgoingFile {
    fn described(&self) -> Value {
        let id = match &self.origin {
            Origin::Context(file) => file.file(),
            Origin::Mail(_) => None,
        };
        json!({ "file": id, "filename": self.name, "contentType": self.content_type, "size": self.size })
    }

    fn source(&self, api: &Api<'_>) -> Source {
        match &self.origin {
            Origin::Context(file) => file.source(api),
            Origin::Mail(source) => source.clone(),
        }
    }
}
