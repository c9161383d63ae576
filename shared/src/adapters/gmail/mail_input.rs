//! Input of an e-mail.

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::{self, Mailbox, Recipients};
use super::attachment::{self, Files};
use super::outgoing_mail::OutgoingMail;
use super::texts::TextForms;
use crate::adapters::input::{Line, Text};
use crate::error::Result;

/// A subject line. The length is that of a line of RFC 5322, section 2.1.1.
pub(super) type Subject = Line<998>;

/// A text of a mail.
pub(super) type Body = Text<1_000_000>;

/// Input of `send_email` and `create_draft`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct MailInput {
    /// The recipients: an e-mail address such as `Ann <ann@example.com>`, several separated by commas, or a list.
    pub(super) to: Recipients,
    /// The subject line.
    pub(super) subject: Subject,
    /// The text, plain, without markup.
    pub(super) body: Option<Body>,
    /// The text as Markdown.
    pub(super) markdown: Option<Body>,
    /// Recipients of a copy.
    pub(super) cc: Option<Recipients>,
    /// Recipients of a blind copy, hidden from the others.
    pub(super) bcc: Option<Recipients>,
    /// The address to which replies go, if not the sender's.
    #[schemars(extend("x-tier" = "all"))]
    pub(super) reply_to: Option<Mailbox>,
    /// The text as HTML.
    pub(super) html: Option<Body>,
    /// Files to attach, 25 MiB in total; one of the type `text/calendar; method=REQUEST` is an invitation.
    pub(super) attachments: Option<Files>,
}

impl MailInput {
    /// Checks what crosses fields.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) naming the field.
    pub(super) fn check(&self) -> Result<()> {
        self.texts().check()?;
        let mail = self.outgoing();
        attachment::check_size(&mail)?;
        mail.check_recipients()
    }

    fn texts(&self) -> TextForms<'_> {
        TextForms { body: self.body.as_ref(), markdown: self.markdown.as_ref(), html: self.html.as_ref() }
    }

    /// Builds the mail.
    pub(super) fn outgoing(&self) -> OutgoingMail {
        let (text, html) = self.texts().both();
        OutgoingMail {
            to: self.to.to_vec(),
            cc: address::of(self.cc.as_ref()),
            bcc: address::of(self.bcc.as_ref()),
            reply_to: self.reply_to.clone(),
            subject: self.subject.to_string(),
            text,
            html,
            files: attachment::files(self.attachments.as_ref()),
            left_out: vec![],
            thread: None,
        }
    }
}

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use super::*;
    use crate::adapters::gmail::mime::message_token;
    use crate::adapters::testing::{EFFECT_KEY, NOW};

    fn input(context: Value) -> MailInput {
        serde_json::from_value(context).unwrap()
    }

    fn rendered(context: Value) -> String {
        String::from_utf8(input(context).outgoing().rendered(EFFECT_KEY, NOW.parse().unwrap())).unwrap()
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
            let error = serde_path_to_error::deserialize::<_, MailInput>(context).unwrap_err();
            assert_eq!(error.path().to_string(), field);
            assert!(error.to_string().contains("control characters"), "{error}");
        }
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

    #[test]
    fn an_attached_mail_is_not_coded_and_an_invitation_is_a_form_of_the_text() {
        let inner = "Subject: Inner\r\n\r\nGrüße";
        let event = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n";
        let text = rendered(json!({ "to": "a@b.co", "subject": "S", "body": "Plain", "attachments": [
            { "filename": "inner.eml", "text": inner, "contentType": "message/rfc822" },
            { "filename": "invite.ics", "text": event, "contentType": "text/calendar; method=REQUEST" },
            { "filename": "page.mhtml", "text": "x", "contentType": "multipart/related" }] }));
        let text = text.replace("\r\n ", " ").replace("\r\n\t", " ");
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains("Content-Type: multipart/mixed; ") && head.contains("Content-Transfer-Encoding: 8bit"),
            "{text}"
        );
        assert!(text.contains(&format!("Content-Transfer-Encoding: 8bit\r\nContent-Disposition: attachment; filename=\"inner.eml\"\r\n\r\n{inner}\r\n--=_mixed_")), "{text}");
        let coded = STANDARD.encode(event);
        assert_eq!(text.matches(&coded).count(), 2, "{text}");
        let form = format!(
            "Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}"
        );
        let (plain, form) = (text.find("Plain").unwrap(), text.find(&form).unwrap());
        assert!(
            text.find("multipart/alternative").unwrap() < plain && plain < form && form < text.find(inner).unwrap(),
            "{text}"
        );
        assert!(
            text.contains("Content-Type: application/ics\r\n") && text.contains("filename=\"invite.ics\""),
            "{text}"
        );
        assert!(text.contains("Content-Type: application/octet-stream\r\n"), "{text}");
    }
}
