//! Input of an e-mail.

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::{self, OneOrMany};
use super::attachment::{self, AttachmentInput};
use super::outgoing_mail::{MAX_RECIPIENTS, OutgoingMail};
use crate::error::{Error, Result};
use crate::validate::check_text;

/// Longest line: RFC 5322 section 2.1.1.
const MAX_SUBJECT_BYTES: usize = 998;

/// Input of `send_email` and `create_draft`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct MailInput {
    /// The recipients: an e-mail address, several separated by commas, or a list. `Ann <ann@example.com>` is accepted too.
    pub(super) to: OneOrMany,
    /// The subject line.
    pub(super) subject: String,
    /// The text, plain, without markup.
    #[schemars(extend("x-multiline" = true))]
    pub(super) body: String,
    /// Recipients of a copy.
    pub(super) cc: Option<OneOrMany>,
    /// Recipients of a blind copy, hidden from the others.
    pub(super) bcc: Option<OneOrMany>,
    /// The address replies go to, if it is not the sender's.
    pub(super) reply_to: Option<String>,
    /// The same text as HTML, for mail programs that display it; `body` is the plain-text alternative.
    #[schemars(extend("x-multiline" = true))]
    pub(super) html: Option<String>,
    /// Files to attach, at most 10 and 20 KiB in total.
    pub(super) attachments: Option<Vec<AttachmentInput>>,
}

impl MailInput {
    /// Checks what the types do not express.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        self.outgoing()?;
        check_text("subject", &self.subject, MAX_SUBJECT_BYTES)?;
        check_bodies(Some(&self.body), self.html.as_ref())
    }

    /// Builds the mail.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an invalid recipient or file.
    pub(super) fn outgoing(&self) -> Result<OutgoingMail> {
        let mail = OutgoingMail {
            to: address::parse_required("to", &self.to)?,
            cc: address::parse_optional("cc", self.cc.as_ref())?,
            bcc: address::parse_optional("bcc", self.bcc.as_ref())?,
            reply_to: self.reply_to.as_deref().map(|text| address::parse_one("replyTo", text)).transpose()?,
            subject: self.subject.clone(),
            text: self.body.clone(),
            html: self.html.clone(),
            files: attachment::decode_all(self.attachments.as_ref())?,
            thread: None,
        };
        check_recipients(&mail)?;
        Ok(mail)
    }
}

/// Checks that the texts are not empty.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_bodies(body: Option<&String>, html: Option<&String>) -> Result<()> {
    for (field, text) in [("body", body), ("html", html)] {
        if text.is_some_and(|text| text.trim().is_empty()) {
            return Err(Error::invalid(field, "must not be empty"));
        }
    }
    Ok(())
}

/// Checks the number of recipients.
///
/// # Errors
/// [`Error::Invalid`] naming `to`.
pub(super) fn check_recipients(mail: &OutgoingMail) -> Result<()> {
    if mail.recipient_count() > MAX_RECIPIENTS {
        return Err(Error::invalid(
            "to",
            format!("must have at most {MAX_RECIPIENTS} addresses together with cc and bcc"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;
    use crate::adapters::gmail::outgoing_mail::message_token;
    use crate::adapters::testing::{EFFECT_KEY, NOW};

    fn input(context: Value) -> MailInput {
        serde_json::from_value(context).unwrap()
    }

    fn rendered(context: Value) -> String {
        String::from_utf8(input(context).outgoing().unwrap().to_rfc5322(EFFECT_KEY, NOW.parse().unwrap())).unwrap()
    }

    #[test]
    fn renders_a_plain_mail() {
        let text = rendered(json!({ "to": "Doe <a@b.co>", "subject": "Hello", "body": "One\nTwo\r\n" }));
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
    fn renders_alternatives_and_repeats_byte_for_byte_for_one_key() {
        let context = json!({ "to": ["a@b.co"], "subject": "Hello", "body": "Plain", "html": "<p>Rich</p>",
            "cc": "c@b.co", "bcc": ["d@b.co"], "replyTo": "Eve <e@b.co>" });
        let text = rendered(context.clone());
        assert!(text.contains("Content-Type: multipart/alternative;"));
        assert_eq!(text.matches(&format!("--=_{}", message_token(EFFECT_KEY))).count(), 3);
        assert!(text.find("text/plain").unwrap() < text.find("text/html").unwrap());
        for header in ["Cc: ", "Bcc: ", "Reply-To: "] {
            assert!(text.contains(&format!("\r\n{header}")), "{header}");
        }
        assert_eq!(text, rendered(context));
    }

    #[test]
    fn encodes_non_ascii_and_limits_line_length() {
        let text =
            rendered(json!({ "to": "Jürgen Groß <j@b.co>", "subject": "Grüße ".repeat(40), "body": "ä".repeat(5000) }));
        assert!(text.is_ascii());
        assert!(text.contains("Subject: =?utf-8?"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 998));
    }

    #[test]
    fn refuses_line_breaks_in_headers() {
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
            match input(context).check() {
                Err(Error::Invalid { field: named, reason }) => {
                    assert_eq!(named, field);
                    assert!(reason.contains("control characters"), "{reason}");
                }
                other => panic!("{field}: {other:?}"),
            }
        }
    }

    #[test]
    fn resource_is_base64url_without_padding() {
        let mail = input(json!({ "to": "a@b.co", "subject": "S", "body": "B" })).outgoing().unwrap();
        let resource = mail.to_resource(EFFECT_KEY, NOW.parse().unwrap());
        let raw = resource["raw"].as_str().unwrap();
        assert_eq!(resource["threadId"], Value::Null);
        assert!(raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert!(URL_SAFE_NO_PAD.decode(raw).unwrap().ends_with(b"B"));
    }

    #[test]
    fn files_and_text_have_separate_boundaries() {
        let text =
            rendered(json!({ "to": "a@b.co", "subject": "S", "body": "Plain", "html": "<p>Rich</p>", "attachments": [
            { "filename": "größe.csv", "content": "YTtiCg==", "contentType": "text/csv" },
            { "filename": "b.bin", "content": "AAEC" }] }));
        let token = message_token(EFFECT_KEY);
        assert_eq!(text.matches(&format!("--=_mixed_{token}")).count(), 4, "{text}");
        assert_eq!(text.matches(&format!("--=_{token}")).count(), 3, "{text}");
        assert!(text.contains("filename*=UTF-8''gr%C3%B6%C3%9Fe.csv"), "{text}");
        assert!(text.contains("Content-Type: application/octet-stream\r\n") && text.contains("AAEC"), "{text}");
    }
}
