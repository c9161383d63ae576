//! `forward`: forwards a message, quoted with its headers and attachments.

use super::address::{self, Mailbox, Recipients};
use super::attachment;
use super::id::Id;
use super::mail_input::Body;
use super::message;
use super::outgoing_mail::OutgoingMail;
use super::send_via_draft::{self, MailAction};
use super::sender::SenderChoice;
use super::texts::TextForms;
use super::thread_headers::ThreadHeaders;
use super::{REPLY_SCOPES, original_message, quotation};
use crate::adapters::prelude::*;

/// Forward an e-mail, quoted and with its attachments, with an optional note above it. It is sent at once, unless `asDraft` is true.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Forward {
    /// The e-mail's `id`, as `gmail_fetch_emails` returns it.
    message_id: Id,
    /// The recipients: an e-mail address, several separated by commas, or a list.
    to: Option<Recipients>,
    /// A note to put above the e-mail, plain text without markup.
    body: Option<Body>,
    /// The note as Markdown.
    markdown: Option<Body>,
    /// The note as HTML.
    html: Option<Body>,
    /// Recipients of a copy.
    cc: Option<Recipients>,
    /// Recipients of a blind copy, hidden from the others.
    bcc: Option<Recipients>,
    /// Set to false to leave out its attachments, which may have at most 25 MiB in total.
    #[serde(default = "super::yes")]
    include_attachments: bool,
    /// Set to true to write a draft for a person to check, and send nothing.
    #[serde(default)]
    as_draft: bool,
    /// The account's address or alias that sends it, if not its own address; with another display name as `Ann <ann@example.com>`.
    from: Option<Mailbox>,
    /// True adds the signature of the sending address.
    #[serde(default)]
    signature: bool,
}

impl MailAction for Forward {
    const META: Meta = send_via_draft::mail("forward", REPLY_SCOPES)
        .aliases(&["forward_email"])
        .example(r#"{"messageId": "18f0000000000006", "to": "kim@example.com", "body": "Could you pay this one?"}"#);

    fn check(&self) -> Result<()> {
        if !self.texts().is_empty() {
            self.texts().check()?;
        }
        self.addressed_mail().check_recipients()?;
        match self.to.is_none() && self.cc.is_none() && self.bcc.is_none() && !self.as_draft {
            true => Err(Error::Missing(vec!["to".to_owned()])),
            false => Ok(()),
        }
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(self.addressed_mail().targets())
    }

    fn is_draft(&self) -> bool {
        self.as_draft
    }

    async fn outgoing(&self, api: &Api<'_>) -> Result<OutgoingMail> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
        let mut original = message::get(api, &self.message_id).await?;
        original.read_long_texts(api).await?;
        let files = match self.include_attachments {
            true => attachment::of_message(api, &original).await?,
            // The pictures of the text are no attachments.
            false => attachment::shown_in_message(api, &original).await?,
        };
        let (text, html) = self.texts().both();
        let note = OutgoingMail {
            subject: original_message::prefixed_subject(&original, "Fwd:", &["fwd:", "fw:"]),
            text,
            html,
            files,
            thread: ThreadHeaders::replying_to(&original),
            ..self.addressed_mail()
        };
        let sender = SenderChoice { from: self.from.as_ref(), signature: self.signature };
        Ok(quotation::forwarding(sender.apply(api, note).await?, &original))
    }
}

impl Forward {
    fn texts(&self) -> TextForms<'_> {
        TextForms { body: self.body.as_ref(), markdown: self.markdown.as_ref(), html: self.html.as_ref() }
    }

    /// Builds a mail with the recipients and no content.
    fn addressed_mail(&self) -> OutgoingMail {
        OutgoingMail {
            to: address::of(self.to.as_ref()),
            cc: address::of(self.cc.as_ref()),
            bcc: address::of(self.bcc.as_ref()),
            ..OutgoingMail::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders as _};

    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::gmail::attachment::MAX_FILES_BYTES;
    use crate::adapters::gmail::send_via_draft::testing::{
        assert_sends_and_reconciles, decoded_message, original_message, prepared_draft, respond,
    };
    use crate::adapters::testing::{self, SentRequest, Step};

    fn context() -> Value {
        json!({ "messageId": "m1", "to": "eve@b.co", "body": "Look & see.", "bcc": "f@b.co" })
    }

    /// Returns the original with a text, HTML, a file and a picture.
    fn original_with_files(size: u64) -> Value {
        let mut original = original_message("INBOX");
        original["payload"]["mimeType"] = json!("multipart/mixed");
        original["payload"]["parts"] = json!([
            { "partId": "0", "mimeType": "text/plain", "body": { "data": "SGk" } },
            { "partId": "1", "mimeType": "text/html", "body": { "data": "PHA-SGk8L3A-PGltZyBzcmM9ImNpZDpwaWNAeCI-" } },
            { "partId": "2", "mimeType": "application/pdf", "filename": "größe.pdf",
                "body": { "attachmentId": "A1", "size": size } },
            { "partId": "3", "mimeType": "image/png", "filename": "a.png", "body": { "data": "AAEC", "size": 3 },
                "headers": [{ "name": "Content-ID", "value": "<pic@x>" }] },
            { "partId": "4", "mimeType": "message/rfc822", "filename": "", "body": { "data": "U3ViamVjdDogSW5uZXINCg0KSGk", "size": 20 },
                "headers": [{ "name": "Content-ID", "value": "<pic>\r\nBcc: x@y.co" }] },
            { "partId": "5", "mimeType": "text/calendar", "filename": "", "body": { "data": "QkVHSU4", "size": 5 },
                "headers": [{ "name": "Content-Type", "value": "text/calendar; charset=\"UTF-8\"; method=REQUEST" }] }
        ]);
        original
    }

    #[tokio::test]
    async fn forwards_quote_and_files() {
        let (draft, lines) = prepared_draft("forward", context(), original_with_files(3)).await;
        assert_eq!(
            lines,
            [
                "GET /gmail/v1/users/me/messages/m1",
                "GET /gmail/v1/users/me/settings/sendAs",
                "GET /gmail/v1/users/me/messages/m1/attachments/A1",
                "POST /upload/gmail/v1/users/me/drafts"
            ]
        );
        assert_eq!(draft["threadId"], "t1");
        let text = decoded_message(&draft);
        for line in [
            "To: <eve@b.co>\r\n",
            "Bcc: <f@b.co>\r\n",
            "Subject: Fwd: Hello\r\n",
            "In-Reply-To: <b@x.co>\r\n",
            "Look & see.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Ann <ann@b.co>\r\n",
            "\r\n\r\nHi\r\n",
            "Look &amp; see.<br><br>",
            "filename*=UTF-8''gr%C3%B6%C3%9Fe.pdf",
            "Content-ID: <pic@x>\r\n",
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: attachment; filename=\"message.eml\"\r\n\r\n\
             Subject: Inner\r\n\r\nHi\r\n--",
            "Content-Type: text/calendar; charset=UTF-8; method=REQUEST\r\n",
            "filename=\"invite.ics\"",
            "\r\n\r\nQkVHSU4=\r\n",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
        assert!(!text.contains("x@y.co"), "{text}");
    }

    #[tokio::test]
    async fn refuses_an_email_over_the_size_limit() {
        let provider = |sent: &SentRequest| Ok(respond(sent, &original_with_files(MAX_FILES_BYTES)));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "forward", None, Step::Prepare, context(), provider).await;
        let error = checkpoint.unwrap_err();
        assert_eq!((error.kind(), calls.len()), (Some(Kind::Invalid), 2));
        assert!(error.to_string().contains("at most 26214400 bytes (25 MiB)"), "{error}");
        let mut without = context();
        without["includeAttachments"] = json!(false);
        let (draft, lines) = prepared_draft("forward", without, original_with_files(MAX_FILES_BYTES)).await;
        assert_eq!(lines.len(), 3);
        let text = decoded_message(&draft);
        assert!(text.matches("filename").count() == 1 && text.contains("filename=\"a.png\""), "{text}");
    }

    #[tokio::test]
    async fn a_picture_stays_beside_the_html_that_shows_it() {
        let (draft, _) = prepared_draft("forward", context(), original_with_files(3)).await;
        let raw = decoded_message(&draft);
        let mail = MessageParser::default().parse(&raw).unwrap();
        let kinds: Vec<String> = mail
            .parts
            .iter()
            .map(|part| {
                part.content_type()
                    .map_or_else(String::new, |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "multipart/mixed",
                "multipart/alternative",
                "text/plain",
                "multipart/related",
                "text/html",
                "image/png",
                "application/pdf",
                "message/rfc822",
                "text/calendar"
            ]
        );
        assert!(!raw.contains("application/ics"), "the calendar of another mail is no invitation to its reader: {raw}");
    }

    #[tokio::test]
    async fn a_text_that_gmail_stores_separately_is_quoted() {
        let mut original = original_message("INBOX");
        original["payload"]["mimeType"] = json!("text/plain");
        original["payload"]["body"] = json!({ "attachmentId": "A1", "size": 3 });
        let (draft, lines) = prepared_draft("forward", context(), original).await;
        assert_eq!(lines.len(), 4);
        let text = decoded_message(&draft);
        assert!(text.contains("Subject: Hello") && !text.contains("filename"), "{text}");
    }

    #[tokio::test]
    async fn sends_and_reconciles_by_draft() {
        assert_sends_and_reconciles("forward", context()).await;
    }
}
