//! A mail on its way out: who, what, and the RFC 5322 message made of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use serde_json::{Value, json};

use super::address::{self, Mailbox};
use super::thread_headers::ThreadHeaders;
use crate::validate::fingerprint;

/// The header by which a message is known again, whatever becomes of its `Message-ID`: Gmail writes a new one.
pub(super) const EFFECT_KEY_HEADER: &str = "X-Plugin-Engine-Key";

/// Far below Gmail's own 500: a mail to more people than this is not written by an agent on purpose.
pub(super) const MAX_RECIPIENTS: usize = 50;

/// A mail about to be written.
#[derive(Debug, Default)]
pub(super) struct OutgoingMail {
    /// Who gets it.
    pub(super) to: Vec<Mailbox>,
    /// Who gets a copy.
    pub(super) cc: Vec<Mailbox>,
    /// Who gets a copy unseen.
    pub(super) bcc: Vec<Mailbox>,
    /// Where answers go.
    pub(super) reply_to: Option<Mailbox>,
    /// The subject line.
    pub(super) subject: String,
    /// The plain text.
    pub(super) text: String,
    /// The same as HTML.
    pub(super) html: Option<String>,
    /// What is sent along.
    pub(super) files: Vec<OutgoingFile>,
    /// The conversation it continues.
    pub(super) thread: Option<ThreadHeaders>,
}

/// A file in a mail.
#[derive(Debug)]
pub(super) struct OutgoingFile {
    /// Its name.
    pub(super) name: String,
    /// Such as `text/csv`.
    pub(super) content_type: String,
    /// Its bytes.
    pub(super) content: Vec<u8>,
    /// By what the HTML refers to it, if it is a picture in it.
    pub(super) content_id: Option<String>,
}

impl OutgoingMail {
    /// How many people get it.
    pub(super) fn recipient_count(&self) -> usize {
        self.to.len() + self.cc.len() + self.bcc.len()
    }

    /// The message resource as the Gmail API takes it: RFC 5322 in base64url, and the conversation's id.
    pub(super) fn to_resource(&self, effect_key: &str, now: Timestamp) -> Value {
        let mut resource = json!({ "raw": URL_SAFE_NO_PAD.encode(self.to_rfc5322(effect_key, now)) });
        if let Some(conversation) = &self.thread {
            resource["threadId"] = json!(conversation.thread_id);
        }
        resource
    }

    /// One key makes one message, byte for byte: date, id and boundaries come from the arguments, not from the machine.
    /// There is no `From`; Gmail sets it to the account's own address.
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
        if let Some(conversation) = &self.thread {
            message = message.in_reply_to(conversation.in_reply_to.as_str()).references(&*conversation.references);
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
        // Another word than the inner one, and not its beginning: readers look for the beginning of a line.
        let mixed = ContentType::new("multipart/mixed").attribute("boundary", format!("=_mixed_{token}"));
        let parts = std::iter::once(body).chain(self.files.iter().map(OutgoingFile::mime_part));
        MimePart::new(mixed, parts.collect::<Vec<_>>())
    }

    fn mime_body(&self, token: &str) -> MimePart<'_> {
        let text = MimePart::new("text/plain", self.text.as_str());
        let Some(html) = &self.html else { return text };
        // "=_" cannot stand in quoted-printable or base64 text: RFC 2045 section 6.7.
        let alternative = ContentType::new("multipart/alternative").attribute("boundary", format!("=_{token}"));
        MimePart::new(alternative, vec![text, MimePart::new("text/html", html.as_str())])
    }
}

impl OutgoingFile {
    fn mime_part(&self) -> MimePart<'_> {
        let part = MimePart::new(self.content_type.as_str(), self.content.as_slice());
        match &self.content_id {
            None => part.attachment(self.name.as_str()),
            Some(cid) => {
                let shown = ContentType::new("inline").attribute("filename", self.name.as_str());
                part.header("Content-Disposition", shown).cid(cid.as_str())
            }
        }
    }
}

/// A short name of an effect key, fit for a `Message-ID` and a boundary, which may be at most 70 characters.
pub(super) fn message_token(effect_key: &str) -> String {
    fingerprint(effect_key, 16)
}
