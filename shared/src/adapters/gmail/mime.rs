//! The RFC 5322 form of an outgoing mail: `mail_builder` writes the headers and the texts; the content of the files is added unread, and
//! coded while it is sent.
//!
//! ```text
//! multipart/mixed
//!   multipart/alternative
//!     text/plain
//!     multipart/related: the HTML with its pictures
//!     text/calendar: an invitation
//!   the files
//! ```
//! A level with one part is left out.

use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

use super::outgoing_mail::{OutgoingFile, OutgoingMail};
use super::{address, header};
use crate::adapters::content::{Content, Source};
use crate::validate::fingerprint;

/// The header that identifies a message by its effect key. Gmail replaces the `Message-ID` when it sends.
pub(super) const EFFECT_KEY_HEADER: &str = "X-Plugin-Engine-Key";

/// The type of the attached copy of an invitation, as Google Calendar sends it: a mail program does not take it for a second one.
const INVITATION_COPY_TYPE: &str = "application/ics";

/// A part of a mail.
enum Node<'a> {
    /// A text.
    Text(MimePart<'a>),
    /// A file: its headers, and its content.
    File(MimePart<'a>, &'a OutgoingFile),
    /// Parts of a kind: `mixed`, `alternative` or `related`.
    Parts(&'static str, Vec<Node<'a>>),
}

/// Writes a mail behind other content. One key gives one message, byte for byte: date, id and boundaries depend on the arguments only.
/// Without a `From`, Gmail sets the account's own address.
pub(super) fn write(
    mail: &OutgoingMail,
    content: Content,
    effect_key: &str,
    now: Timestamp,
    source: impl Fn(&OutgoingFile) -> Source,
) -> Content {
    let token = message_token(effect_key);
    let writer = Writer { token: &token, source };
    let (head, root) = (head(mail, effect_key, &token, now), root(mail));
    let mut bytes = Vec::new();
    match root {
        // The root is no file: a mail has a text.
        Node::Text(part) | Node::File(part, _) => {
            head.body(part).serialize(&mut bytes);
            content.text(bytes)
        }
        Node::Parts(kind, parts) => {
            head.body(writer.opening(kind, &parts)).serialize(&mut bytes);
            writer.parts(content, bytes, kind, parts)
        }
    }
}

/// Returns a short digest of an effect key, for a `Message-ID` and for a boundary, which may have at most 70 characters.
pub(super) fn message_token(effect_key: &str) -> String {
    fingerprint(effect_key, 16)
}

/// Returns the mail's own headers.
fn head<'a>(mail: &'a OutgoingMail, effect_key: &'a str, token: &str, now: Timestamp) -> MessageBuilder<'a> {
    let mut message = MessageBuilder::new()
        .message_id(format!("{token}@plugin-engine.invalid"))
        .date(now.as_second())
        .header(EFFECT_KEY_HEADER, Raw::new(effect_key))
        .header("Subject", header::subject(&mail.subject));
    if let Some(from) = &mail.from {
        message = message.from(address::to_header(std::slice::from_ref(from)));
    }
    if !mail.to.is_empty() {
        message = message.to(address::to_header(&mail.to));
    }
    if !mail.cc.is_empty() {
        message = message.cc(address::to_header(&mail.cc));
    }
    if !mail.bcc.is_empty() {
        message = message.bcc(address::to_header(&mail.bcc));
    }
    if let Some(reply_to) = &mail.reply_to {
        message = message.reply_to(address::to_header(std::slice::from_ref(reply_to)));
    }
    let Some(thread) = &mail.thread else { return message };
    if let Some(id) = &thread.in_reply_to {
        message = message.in_reply_to(id.as_str());
    }
    if thread.references.is_empty() { message } else { message.references(&*thread.references) }
}

/// Returns the parts of a mail.
fn root(mail: &OutgoingMail) -> Node<'_> {
    let is_picture = |file: &&OutgoingFile| mail.html.is_some() && file.content_id.is_some();
    let (pictures, files): (Vec<_>, Vec<_>) = mail.files.iter().partition(is_picture);
    let mut texts = vec![Node::Text(MimePart::new("text/plain", mail.text.as_str()))];
    if let Some(html) = &mail.html {
        let html = Node::Text(MimePart::new("text/html", html.as_str()));
        texts.push(joined("related", html, pictures.into_iter().map(OutgoingFile::part)));
    }
    // Mail programs offer an answer to an invitation only where it is a form of the text (RFC 6047 section 2.4); that it is a file too lets a
    // person save it.
    texts.extend(files.iter().filter(|file| file.is_invitation()).map(|file| file.invitation()));
    let text = if texts.len() == 1 { texts.remove(0) } else { Node::Parts("alternative", texts) };
    joined("mixed", text, files.into_iter().map(OutgoingFile::part))
}

/// Returns a part with others beside it; the part alone if there are none.
fn joined<'a>(kind: &'static str, first: Node<'a>, others: impl Iterator<Item = Node<'a>>) -> Node<'a> {
    let mut parts: Vec<Node<'a>> = others.collect();
    if parts.is_empty() {
        return first;
    }
    parts.insert(0, first);
    Node::Parts(kind, parts)
}

/// The writer of a mail's parts.
struct Writer<'a, S> {
    token: &'a str,
    source: S,
}

impl<S: Fn(&OutgoingFile) -> Source> Writer<'_, S> {
    /// Returns the boundary of the parts of a kind. It differs from the others and is no prefix of one, because parsers compare the beginning
    /// of a line. "=_" cannot occur in quoted-printable or base64 text: RFC 2045 section 6.7.
    fn boundary(&self, kind: &str) -> String {
        match kind {
            "alternative" => format!("=_{}", self.token),
            kind => format!("=_{kind}_{}", self.token),
        }
    }

    /// Returns the headers of parts of a kind, and none of the parts.
    fn opening(&self, kind: &str, parts: &[Node<'_>]) -> MimePart<'static> {
        let content_type = ContentType::new(format!("multipart/{kind}")).attribute("boundary", self.boundary(kind));
        let opening = MimePart::new(content_type, Vec::<MimePart<'static>>::new());
        // RFC 2045 section 6.4: parts have no wider coding than the whole.
        if parts.iter().any(Node::is_as_it_is) { opening.transfer_encoding("8bit") } else { opening }
    }

    /// Writes parts. `head` ends with [`Writer::opening`], which the builder ends as if there were no parts.
    fn parts(&self, content: Content, mut head: Vec<u8>, kind: &str, parts: Vec<Node<'_>>) -> Content {
        let boundary = self.boundary(kind);
        let closing = format!("\r\n--{boundary}--\r\n");
        head.truncate(head.len() - closing.len());
        let mut content = content;
        for part in parts {
            head.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
            content = self.node(content, std::mem::take(&mut head), part);
        }
        content.text(closing)
    }

    fn node(&self, content: Content, mut head: Vec<u8>, node: Node<'_>) -> Content {
        match node {
            Node::Text(part) => {
                part.write_part(&mut head);
                content.text(head)
            }
            Node::File(part, file) => {
                part.write_part(&mut head);
                let (content, source) = (content.text(head), (self.source)(file));
                if file.is_as_it_is() { content.source(source) } else { content.base64_lines(source) }
            }
            Node::Parts(kind, parts) => {
                self.opening(kind, &parts).write_part(&mut head);
                self.parts(content, head, kind, parts)
            }
        }
    }
}

impl Node<'_> {
    fn is_as_it_is(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::File(_, file) => file.is_as_it_is(),
            Self::Parts(_, parts) => parts.iter().any(Self::is_as_it_is),
        }
    }
}

impl OutgoingFile {
    /// True if the file is an attached mail, or a report of one: RFC 2046 section 5.2 forbids base64 for it.
    fn is_as_it_is(&self) -> bool {
        self.content_type.starts_with("message/")
    }

    /// True for an event to which people are invited, or another change of it: RFC 6047 section 2.4. The calendar of another mail is a file
    /// like others, because its invitation is not for the mail's recipients.
    fn is_invitation(&self) -> bool {
        let mut parameters = self.content_type.split(';');
        let is_calendar = parameters.next().is_some_and(|essence| essence.trim() == "text/calendar");
        let names_method = |parameter: &str| {
            parameter.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("method"))
        };
        is_calendar && matches!(self.origin, super::outgoing_mail::Origin::Context(_)) && parameters.any(names_method)
    }

    /// Returns an invitation as a form of the text.
    fn invitation(&self) -> Node<'_> {
        let names_charset = self.content_type.to_ascii_lowercase().contains("charset=");
        let charset = if names_charset { "" } else { "; charset=utf-8" };
        Node::File(self.headers(format!("{}{charset}", self.content_type)), self)
    }

    /// Returns the file as an attachment, or as a picture of the HTML.
    fn part(&self) -> Node<'_> {
        let content_type = match self.content_type.as_str() {
            _ if self.is_invitation() => INVITATION_COPY_TYPE,
            // A file is no part of the mail's own structure.
            kind if kind.starts_with("multipart/") => "application/octet-stream",
            kind => kind,
        };
        let part = self.headers(content_type.to_owned());
        let part = match &self.content_id {
            None => part.attachment(self.name.as_str()),
            Some(id) => {
                let inline = ContentType::new("inline").attribute("filename", self.name.as_str());
                part.header("Content-Disposition", inline).cid(id.as_str())
            }
        };
        Node::File(part, self)
    }

    /// Returns a part without its content. A name beyond ASCII is in the disposition; the type has a plain one beside it, for mail programs that
    /// do not know RFC 2231.
    fn headers(&self, content_type: String) -> MimePart<'_> {
        let coding = if self.is_as_it_is() { "8bit" } else { "base64" };
        let has_name = content_type.to_ascii_lowercase().contains("name=");
        let content_type = match self.name.is_ascii() || has_name {
            true => ContentType::new(content_type),
            false => ContentType::new(content_type).attribute("name", header::plain_name(&self.name)),
        };
        MimePart::new(content_type, Vec::<u8>::new()).transfer_encoding(coding)
    }
}
