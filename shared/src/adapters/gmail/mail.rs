//! A mail as an agent writes it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::address;
use super::attachment::{self, Attachment};
use super::outgoing::{MAX_RECIPIENTS, Outgoing};
use crate::adapters::action::OneOrMany;
use crate::error::{Error, Result};
use crate::ids::check_text;

/// RFC 5322 section 2.1.1: the longest line there may be.
const MAX_SUBJECT_BYTES: usize = 998;

/// A mail as an agent writes it; the common body of `send_email` and `create_draft`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Mail {
    /// Who gets it: an e-mail address, several with commas between, or a list. `Ann <ann@example.com>` works too.
    pub(super) to: OneOrMany,
    /// The subject line.
    pub(super) subject: String,
    /// The text, plain, without markup.
    pub(super) body: String,
    /// Who gets a copy.
    pub(super) cc: Option<OneOrMany>,
    /// Who gets a copy without the others seeing it.
    pub(super) bcc: Option<OneOrMany>,
    /// The address answers go to, when it is not the sender's.
    pub(super) reply_to: Option<String>,
    /// The same text as HTML, for readers that show it; `body` stays the plain alternative.
    pub(super) html: Option<String>,
    /// Files to send along, at most 10 and 20 KiB together.
    pub(super) attachments: Option<Vec<Attachment>>,
}

impl Mail {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        self.outgoing()?;
        check_text("subject", &self.subject, MAX_SUBJECT_BYTES)?;
        check_bodies(Some(&self.body), self.html.as_ref())
    }

    /// The mail to write.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a recipient is no address or a file no file.
    pub(super) fn outgoing(&self) -> Result<Outgoing> {
        let mail = Outgoing {
            to: address::read_all("to", &self.to)?,
            cc: address::read_some("cc", self.cc.as_ref())?,
            bcc: address::read_some("bcc", self.bcc.as_ref())?,
            reply_to: self.reply_to.as_deref().map(|text| address::read("replyTo", text)).transpose()?,
            subject: self.subject.clone(),
            text: self.body.clone(),
            html: self.html.clone(),
            files: attachment::read_all(self.attachments.as_ref())?,
            conversation: None,
        };
        check_recipients(&mail)?;
        Ok(mail)
    }
}

/// Checks that what is written is not empty.
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

/// Checks how many people an agent names.
///
/// # Errors
/// [`Error::Invalid`] naming `to`.
pub(super) fn check_recipients(mail: &Outgoing) -> Result<()> {
    if mail.recipients() > MAX_RECIPIENTS {
        return Err(Error::invalid("to", format!("with cc and bcc must be at most {MAX_RECIPIENTS} addresses")));
    }
    Ok(())
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;
    use crate::adapters::gmail::outgoing::token;
    use crate::adapters::testing::{EFFECT_KEY, NOW};

    fn mail(context: Value) -> Mail {
        serde_json::from_value(context).unwrap()
    }

    fn message(context: Value) -> String {
        String::from_utf8(mail(context).outgoing().unwrap().message(EFFECT_KEY, NOW.parse().unwrap())).unwrap()
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
        assert_eq!(text.matches(&format!("--=_{}", token(EFFECT_KEY))).count(), 3);
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
        let mail = mail(json!({ "to": "a@b.co", "subject": "S", "body": "B" })).outgoing().unwrap();
        let resource = mail.resource(EFFECT_KEY, NOW.parse().unwrap());
        let raw = resource["raw"].as_str().unwrap();
        assert_eq!(resource["threadId"], Value::Null);
        assert!(raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert!(URL_SAFE_NO_PAD.decode(raw).unwrap().ends_with(b"B"));
    }

    #[test]
    fn files_stand_beside_the_text_each_within_its_own_boundary() {
        let text =
            message(json!({ "to": "a@b.co", "subject": "S", "body": "Plain", "html": "<p>Rich</p>", "attachments": [
            { "filename": "größe.csv", "content": "YTtiCg==", "contentType": "text/csv" },
            { "filename": "b.bin", "content": "AAEC" }] }));
        let token = token(EFFECT_KEY);
        assert_eq!(text.matches(&format!("--=_mixed_{token}")).count(), 4, "{text}");
        assert_eq!(text.matches(&format!("--=_{token}")).count(), 3, "{text}");
        assert!(text.contains("filename*=UTF-8''gr%C3%B6%C3%9Fe.csv"), "{text}");
        assert!(text.contains("Content-Type: application/octet-stream\r\n") && text.contains("AAEC"), "{text}");
    }
}
