//! A mail as an agent writes it, and the RFC 5322 message made of it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use schemars::JsonSchema;
use serde::Deserialize;

use super::address::{self, Mailbox};
use crate::adapters::action::OneOrMany;
use crate::error::{Error, Result};
use crate::ids::check_text;

/// The header by which a message is known again, whatever becomes of its `Message-ID`: Gmail writes a new one.
pub(super) const KEY_HEADER: &str = "X-Plugin-Engine-Key";

/// Far below Gmail's own 500: a mail to more people than this is not written by an agent on purpose.
const MAX_RECIPIENTS: usize = 50;
/// RFC 5322 section 2.1.1: the longest line there may be.
const MAX_SUBJECT_BYTES: usize = 998;

/// A mail as an agent writes it; the common body of `send_email` and `create_draft`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Mail {
    /// Who gets it: an e-mail address, several with commas between, or a list. `Ann <ann@example.com>` works too.
    to: OneOrMany,
    /// The subject line.
    subject: String,
    /// The text, plain, without markup.
    body: String,
    /// Who gets a copy.
    cc: Option<OneOrMany>,
    /// Who gets a copy without the others seeing it.
    bcc: Option<OneOrMany>,
    /// The address answers go to, when it is not the sender's.
    reply_to: Option<String>,
    /// The same text as HTML, for readers that show it; `body` stays the plain alternative.
    html: Option<String>,
}

struct Recipients {
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
    bcc: Vec<Mailbox>,
    reply_to: Option<Mailbox>,
}

impl Mail {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        self.recipients()?;
        check_text("subject", &self.subject, MAX_SUBJECT_BYTES)?;
        for (field, text) in [("body", Some(&self.body)), ("html", self.html.as_ref())] {
            if text.is_some_and(|text| text.trim().is_empty()) {
                return Err(Error::invalid(field, "must not be empty"));
            }
        }
        Ok(())
    }

    /// The message as the Gmail API takes it: RFC 5322, in base64url.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a recipient is no address.
    pub(super) fn raw(&self, effect_key: &str, now: Timestamp) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(self.message(effect_key, now)?))
    }

    /// One key makes one message, byte for byte: date, id and boundary come from the arguments, not from the machine.
    /// There is no `From`; Gmail sets it to the account's own address.
    fn message(&self, effect_key: &str, now: Timestamp) -> Result<Vec<u8>> {
        let token = token(effect_key);
        let Recipients { to, cc, bcc, reply_to } = self.recipients()?;
        let mut message = MessageBuilder::new()
            .message_id(format!("{token}@plugin-engine.invalid"))
            .date(now.as_second())
            .header(KEY_HEADER, Raw::new(effect_key))
            .to(address::header(&to))
            .subject(self.subject.as_str());
        if !cc.is_empty() {
            message = message.cc(address::header(&cc));
        }
        if !bcc.is_empty() {
            message = message.bcc(address::header(&bcc));
        }
        if let Some(reply_to) = &reply_to {
            message = message.reply_to(address::header(std::slice::from_ref(reply_to)));
        }
        let mut bytes = Vec::new();
        message.body(self.content(&token)).serialize(&mut bytes);
        Ok(bytes)
    }

    fn content(&self, token: &str) -> MimePart<'_> {
        let text = MimePart::new("text/plain", self.body.as_str());
        let Some(html) = &self.html else { return text };
        // "=_" cannot stand in quoted-printable or base64 text: RFC 2045 section 6.7.
        let alternative = ContentType::new("multipart/alternative").attribute("boundary", format!("=_{token}"));
        MimePart::new(alternative, vec![text, MimePart::new("text/html", html.as_str())])
    }

    fn recipients(&self) -> Result<Recipients> {
        let optional = |field: &str, given: &Option<OneOrMany>| match given {
            Some(given) => address::read_all(field, given),
            None => Ok(Vec::new()),
        };
        let to = address::read_all("to", &self.to)?;
        let cc = optional("cc", &self.cc)?;
        let bcc = optional("bcc", &self.bcc)?;
        if to.len() + cc.len() + bcc.len() > MAX_RECIPIENTS {
            return Err(Error::invalid("to", format!("with cc and bcc must be at most {MAX_RECIPIENTS} addresses")));
        }
        let reply_to = self.reply_to.as_deref().map(|text| address::read("replyTo", text)).transpose()?;
        Ok(Recipients { to, cc, bcc, reply_to })
    }
}

/// A short name of an effect key, fit for a `Message-ID` and a boundary, which may be at most 70 characters.
fn token(effect_key: &str) -> String {
    digest(&SHA256, effect_key.as_bytes()).as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::adapters::testing::{KEY, NOW};

    fn mail(context: Value) -> Mail {
        serde_json::from_value(context).unwrap()
    }

    fn message(context: Value) -> String {
        String::from_utf8(mail(context).message(KEY, NOW.parse().unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn a_plain_mail() {
        let text = message(json!({ "to": "Doe <a@b.co>", "subject": "Hello", "body": "One\nTwo\r\n" }));
        for line in [
            "To: \"Doe\" <a@b.co>\r\n",
            "Subject: Hello\r\n",
            "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n",
            "X-Plugin-Engine-Key: task_abc.1\r\n",
            "MIME-Version: 1.0\r\n",
            "\r\n\r\nOne\r\nTwo",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
        assert_eq!(text.matches("Message-ID: <").count(), 1);
        assert!(text.contains("@plugin-engine.invalid>\r\n"));
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "only CRLF: {text:?}");
    }

    #[test]
    fn text_and_html_are_alternatives_and_a_key_repeats_byte_for_byte() {
        let context = json!({ "to": ["a@b.co"], "subject": "Hello", "body": "Plain", "html": "<p>Rich</p>",
            "cc": "c@b.co", "bcc": ["d@b.co"], "replyTo": "Eve <e@b.co>" });
        let text = message(context.clone());
        assert!(text.contains("Content-Type: multipart/alternative;"));
        assert_eq!(text.matches(&format!("--=_{}", token(KEY))).count(), 3);
        assert!(text.find("text/plain").unwrap() < text.find("text/html").unwrap());
        for header in ["Cc: ", "Bcc: ", "Reply-To: "] {
            assert!(text.contains(&format!("\r\n{header}")), "{header}");
        }
        assert_eq!(text, message(context));
    }

    #[test]
    fn what_is_not_ascii_is_encoded_and_lines_stay_short() {
        let text =
            message(json!({ "to": "Jürgen Groß <j@b.co>", "subject": "Grüße ".repeat(40), "body": "ä".repeat(5000) }));
        assert!(text.is_ascii());
        assert!(text.contains("Subject: =?utf-8?"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 998));
    }

    #[test]
    fn a_line_break_in_a_header_is_refused() {
        let good = json!({ "to": "a@b.co", "subject": "S", "body": "B" });
        for (field, value) in [
            ("subject", "S\r\nBcc: x@y.co"),
            ("subject", "S\nX"),
            ("to", "a@b.co\r\nBcc: x@y.co"),
            ("cc", "a@b.co\nX: y"),
            ("bcc", "a\r@b.co"),
            ("replyTo", "a@b.co\r\n"),
        ] {
            let mut context = good.clone();
            context[field] = json!(value);
            match mail(context).check() {
                Err(Error::Invalid { field: named, reason }) => {
                    assert_eq!(named, field);
                    assert!(reason.contains("control characters"), "{reason}");
                }
                other => panic!("{field}: {other:?}"),
            }
        }
    }

    #[test]
    fn base64url_without_padding() {
        let raw = mail(json!({ "to": "a@b.co", "subject": "S", "body": "B" })).raw(KEY, NOW.parse().unwrap()).unwrap();
        assert!(raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert!(URL_SAFE_NO_PAD.decode(raw).unwrap().ends_with(b"B"));
    }
}
