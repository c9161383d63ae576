//! `forward`: forwards a message, quoted with its headers and attachments.

use super::address::{self, OneOrMany};
use super::attachment::is_attachable_type;
use super::mail_input::{check_bodies, check_recipients};
use super::message::{self, Message};
use super::outgoing_mail::{OutgoingFile, OutgoingMail};
use super::send_via_draft::{self, MailAction};
use super::thread_headers::ThreadHeaders;
use super::{REPLY_SCOPES, check_id, original_message};
use crate::adapters::prelude::*;

/// Maximum size of texts and files together. Both are encoded twice, and the request still has an ordinary size.
const MAX_TOTAL_BYTES: u64 = 2 * 1024 * 1024;

/// Forward an e-mail: with an optional note above it, quoted with its sender, date, subject and recipients, and with its
/// attachments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Forward {
    /// The `id` of the e-mail to forward, as `fetch_emails` returns it.
    message_id: String,
    /// The recipients: an e-mail address, several separated by commas, or a list.
    to: OneOrMany,
    /// A note to put above the e-mail, plain text without markup.
    #[schemars(extend("x-multiline" = true))]
    body: Option<String>,
    /// Recipients of a copy.
    cc: Option<OneOrMany>,
    /// Recipients of a blind copy, hidden from the others.
    bcc: Option<OneOrMany>,
    /// Set to false to leave out its attachments; default true. With attachments, the e-mail may have at most 2 MiB.
    include_attachments: Option<bool>,
}

impl MailAction for Forward {
    const META: Meta = send_via_draft::mail("forward", REPLY_SCOPES)
        .aliases(&["forward_email"])
        .example(r#"{"messageId": "18f0000000000006", "to": "kim@example.com", "body": "Could you pay this one?"}"#);

    fn check(&self) -> Result<()> {
        check_id("messageId", &self.message_id)?;
        check_bodies(self.body.as_ref(), None)?;
        check_recipients(&self.addressed_mail()?)
    }

    async fn outgoing(&self, api: &Api<'_>) -> Result<OutgoingMail> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
        let original = message::get(api, &self.message_id).await?;
        let (quoted, quoted_html) = (original_message::quote_text(&original), original_message::quote_html(&original));
        let attachments = if self.include_attachments.unwrap_or(true) { original.attachments() } else { vec![] };
        let text_bytes = quoted.len() + quoted_html.as_ref().map_or(0, String::len);
        if text_bytes as u64 + attachments.iter().map(|part| part.size()).sum::<u64>() > MAX_TOTAL_BYTES {
            let reason = format!("the e-mail with its attachments is larger than {MAX_TOTAL_BYTES} bytes");
            return Err(api.error(Kind::Invalid, reason));
        }
        let join = |note: String, quoted: &str, separator: &str| {
            if note.is_empty() { quoted.to_owned() } else { note + separator + quoted }
        };
        let note = self.body.clone().unwrap_or_default();
        Ok(OutgoingMail {
            subject: original_message::prefixed_subject(&original, "Fwd:", &["fwd:", "fw:"]),
            html: quoted_html.map(|quoted| join(original_message::escape_html(&note), &quoted, "<br><br>")),
            text: join(note, &quoted, "\n\n"),
            files: read_files(api, &original, attachments).await?,
            thread: ThreadHeaders::replying_to(&original),
            ..self.addressed_mail()?
        })
    }
}

impl Forward {
    /// Builds a mail with the recipients and no content.
    fn addressed_mail(&self) -> Result<OutgoingMail> {
        Ok(OutgoingMail {
            to: address::parse_required("to", &self.to)?,
            cc: address::parse_optional("cc", self.cc.as_ref())?,
            bcc: address::parse_optional("bcc", self.bcc.as_ref())?,
            ..OutgoingMail::default()
        })
    }
}

async fn read_files(api: &Api<'_>, original: &Message, attachments: Vec<&message::Part>) -> Result<Vec<OutgoingFile>> {
    let mut files = Vec::with_capacity(attachments.len());
    for part in attachments {
        let name = if part.filename().is_empty() { "attachment" } else { part.filename() };
        // A message/rfc822 part must not be encoded in base64, so it is attached as an octet stream.
        let content_type =
            if is_attachable_type(part.content_type()) { part.content_type() } else { "application/octet-stream" };
        files.push(OutgoingFile {
            name: name.to_owned(),
            content_type: content_type.to_ascii_lowercase(),
            content: part.bytes(api, &original.id).await?,
            content_id: part.content_id().map(ToOwned::to_owned),
        });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
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
            { "partId": "1", "mimeType": "text/html", "body": { "data": "PHA-SGk8L3A-" } },
            { "partId": "2", "mimeType": "application/pdf", "filename": "größe.pdf",
                "body": { "attachmentId": "A1", "size": size } },
            { "partId": "3", "mimeType": "image/png", "filename": "a.png", "body": { "data": "AAEC", "size": 3 },
                "headers": [{ "name": "Content-ID", "value": "<pic@x>" }] },
            { "partId": "4", "mimeType": "message/rfc822", "filename": "", "body": { "data": "AAEC", "size": 3 },
                "headers": [{ "name": "Content-ID", "value": "<pic>\r\nBcc: x@y.co" }] }
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
                "GET /gmail/v1/users/me/messages/m1/attachments/A1",
                "POST /gmail/v1/users/me/drafts"
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
            "Content-Type: application/octet-stream\r\n",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
        assert!(!text.contains("x@y.co"), "{text}");
    }

    #[tokio::test]
    async fn refuses_an_email_over_the_size_limit() {
        let provider = |sent: &SentRequest| Ok(respond(sent, &original_with_files(MAX_TOTAL_BYTES)));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "forward", None, Step::Prepare, context(), provider).await;
        assert_eq!((checkpoint.unwrap_err().kind(), calls.len()), (Some(Kind::Invalid), 1));
        let mut without = context();
        without["includeAttachments"] = json!(false);
        let (draft, lines) = prepared_draft("forward", without, original_with_files(MAX_TOTAL_BYTES)).await;
        assert_eq!(lines.len(), 2);
        assert!(!decoded_message(&draft).contains("filename"));
    }

    #[tokio::test]
    async fn sends_and_reconciles_by_draft() {
        assert_sends_and_reconciles("forward", context()).await;
    }

    #[test]
    fn refuses_invalid_fields() {
        let refused = |field: &str, value: Value| {
            let mut context = context();
            context[field] = value;
            testing::refusal(&ADAPTER, "forward", context).0
        };
        assert_eq!(refused("messageId", json!("")), "context.messageId");
        assert_eq!(refused("to", json!("nobody")), "context.to");
        assert_eq!(refused("to", json!(vec!["a@b.co"; 51])), "context.to");
        assert_eq!(refused("includeAttachments", json!("no")), "context.includeAttachments");
    }
}
