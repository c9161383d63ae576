//! An outgoing mail and its RFC 5322 form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use serde_json::{Value, json};

use super::address::{self, MAX_RECIPIENTS, Mailbox};
use super::thread_headers::ThreadHeaders;
use crate::adapters::target::Target;
use crate::error::{Error, Result};
use crate::validate::fingerprint;

/// The header that identifies a message by its effect key. Gmail replaces the `Message-ID` when it sends.
pub(super) const EFFECT_KEY_HEADER: &str = "X-Plugin-Engine-Key";

/// A mail to be written.
#[derive(Debug, Default)]
pub(super) struct OutgoingMail {
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
    /// The thread it continues.
    pub(super) thread: Option<ThreadHeaders>,
}

/// A file in a mail.
#[derive(Debug)]
pub(super) struct OutgoingFile {
    /// Its name.
    pub(super) name: String,
    /// MIME type, for example `text/csv`.
    pub(super) content_type: String,
    /// Its content.
    pub(super) content: Vec<u8>,
    /// The id by which the HTML refers to the file, if it is an inline picture.
    pub(super) content_id: Option<String>,
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

    /// Returns the message resource of the Gmail API: RFC 5322 in base64url, and the thread id.
    pub(super) fn to_resource(&self, effect_key: &str, now: Timestamp) -> Value {
        let mut resource = json!({ "raw": URL_SAFE_NO_PAD.encode(self.to_rfc5322(effect_key, now)) });
        if let Some(thread) = &self.thread {
            resource["threadId"] = json!(thread.thread_id);
        }
        resource
    }

    /// Renders the message. One key gives one message, byte for byte: date, id and boundaries depend on the arguments only. It
    /// has no `From`; Gmail sets it to the account's own address.
    pub(super) fn to_rfc5322(&self, effect_key: &str, now: Timestamp) -> Vec<u8> {
        let token = message_token(effect_key);
        let mut message = MessageBuilder::new()
            .message_id(format!("{token}@plugin-engine.invalid"))
            .date(now.as_second())
            .header(EFFECT_KEY_HEADER, Raw::new(effect_key))
            .to(address::to_header(&self.to))
            .subject(self.subject.as_str());
        if !self.cc.is_empty() {
            message = message.cc(address::to_header(&self.cc));
        }
        if !self.bcc.is_empty() {
            message = message.bcc(address::to_header(&self.bcc));
        }
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(address::to_header(std::slice::from_ref(reply_to)));
        }
        if let Some(thread) = &self.thread {
            message = message.in_reply_to(thread.in_reply_to.as_str()).references(&*thread.references);
        }
        let mut bytes = Vec::new();
        message.body(self.mime_content(&token)).serialize(&mut bytes);
        bytes
    }

    fn mime_content(&self, token: &str) -> MimePart<'_> {
        let body = self.mime_body(token);
        if self.files.is_empty() {
            return body;
        }
        // The boundary differs from the inner one and is no prefix of it, because parsers compare the beginning of a line.
        let mixed = ContentType::new("multipart/mixed").attribute("boundary", format!("=_mixed_{token}"));
        let parts = std::iter::once(body).chain(self.files.iter().map(OutgoingFile::mime_part));
        MimePart::new(mixed, parts.collect::<Vec<_>>())
    }

    fn mime_body(&self, token: &str) -> MimePart<'_> {
        let text = MimePart::new("text/plain", self.text.as_str());
        let Some(html) = &self.html else { return text };
        // "=_" cannot occur in quoted-printable or base64 text: RFC 2045 section 6.7.
        let alternative = ContentType::new("multipart/alternative").attribute("boundary", format!("=_{token}"));
        MimePart::new(alternative, vec![text, MimePart::new("text/html", html.as_str())])
    }
}

impl OutgoingFile {
    fn mime_part(&self) -> MimePart<'_> {
        let part = MimePart::new(self.content_type.as_str(), self.content.as_slice());
        match &self.content_id {
            None => part.attachment(self.name.as_str()),
            Some(id) => {
                let inline = ContentType::new("inline").attribute("filename", self.name.as_str());
                part.header("Content-Disposition", inline).cid(id.as_str())
            }
        }
    }
}

/// Returns a short digest of an effect key, for a `Message-ID` and for a boundary, which may have at most 70 characters.
pub(super) fn message_token(effect_key: &str) -> String {
    fingerprint(effect_key, 16)
}
