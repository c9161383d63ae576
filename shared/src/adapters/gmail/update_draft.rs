//! `update_draft`: changes the mail of a draft.

use super::DRAFT_SCOPES;
use super::address::{self, Mailbox, Recipients};
use super::attachment::{self, Files};
use super::draft::{self, DraftSummary};
use super::id::Id;
use super::mail_input::{Body, Subject};
use super::message::Message;
use super::original_message::header_mailboxes;
use super::outgoing_mail::OutgoingMail;
use super::sender::SenderChoice;
use super::texts::TextForms;
use super::thread_headers::ThreadHeaders;
use crate::adapters::prelude::*;

/// Change a draft. What is left out stays as it is; a new text replaces the plain text and the HTML, and new files replace all files. A
/// draft of a reply stays in its thread as long as its subject matches.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateDraft {
    /// The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it.
    draft_id: Id,
    /// The recipients: an e-mail address, several separated by commas, or a list.
    to: Option<Recipients>,
    /// The subject line.
    subject: Option<Subject>,
    /// The text, plain, without markup. It is made of `html` where only that is new.
    body: Option<Body>,
    /// The text as Markdown.
    markdown: Option<Body>,
    /// Recipients of a copy.
    cc: Option<Recipients>,
    /// Recipients of a blind copy, hidden from the others.
    bcc: Option<Recipients>,
    /// The address to which replies go, if not the sender's.
    reply_to: Option<Mailbox>,
    /// The text as HTML.
    html: Option<Body>,
    /// Files to attach, 25 MiB in total.
    attachments: Option<Files>,
    /// The account's address or alias that sends it; with another display name as `Ann <ann@example.com>`.
    from: Option<Mailbox>,
    /// Fields to empty, for example `["cc"]`.
    clear: Option<Items<Clearable, 5>>,
}

/// A part of a draft that can be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum Clearable {
    Attachments,
    Bcc,
    Cc,
    ReplyTo,
    To,
}

impl Action for UpdateDraft {
    const META: Meta = Meta::idempotent("update_draft", DRAFT_SCOPES)
        .overwrites("those of the recipients, the subject, the texts and the files of the draft that are named")
        .example(
            r#"{"draftId": "r-6000000000000000001", "to": "kim@example.com", "subject": "Press page",
                 "body": "The page is up. Could you have a look?"}"#,
        );
    type Output = DraftSummary;

    fn check(&self) -> Result<()> {
        let named = self.named();
        let set = [
            (Clearable::Attachments, self.attachments.is_some()),
            (Clearable::Bcc, self.bcc.is_some()),
            (Clearable::Cc, self.cc.is_some()),
            (Clearable::ReplyTo, self.reply_to.is_some()),
            (Clearable::To, self.to.is_some()),
        ];
        if set.iter().any(|(field, is_set)| *is_set && self.clears(*field)) {
            return Err(Error::invalid(
                "clear",
                "must not have a field that is also set, for example [\"cc\"] without cc",
            ));
        }
        let is_named = self.clear.is_some()
            || self.to.is_some()
            || self.cc.is_some()
            || self.bcc.is_some()
            || self.subject.is_some();
        if !is_named
            && self.from.is_none()
            && self.reply_to.is_none()
            && self.attachments.is_none()
            && self.texts().is_empty()
        {
            return Err(Error::Missing(vec!["body".to_owned()]));
        }
        if !self.texts().is_empty() {
            self.texts().check()?;
        }
        attachment::check_size(&named)?;
        named.check_recipients()
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        let draft = Target::new(TargetKind::Message, &*self.draft_id);
        Ok([vec![draft], self.named().targets()].concat())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<DraftSummary>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
        let mut old = draft::require_full(api, &self.draft_id).await?.into_message(api)?;
        old.read_long_texts(api).await?;
        let mail = self.merged(api, &old).await?;
        if let Err(Error::Invalid { reason, .. }) = mail.check_recipients() {
            return Err(api.error(Kind::Invalid, format!("the draft's recipients {reason}")));
        }
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/update
        Ok(draft::update(api, &self.draft_id, &mail).await?.into_output("The draft was changed."))
    }
}

impl UpdateDraft {
    fn clears(&self, field: Clearable) -> bool {
        self.clear.iter().flat_map(|clear| clear.iter()).any(|cleared| *cleared == field)
    }

    fn texts(&self) -> TextForms<'_> {
        TextForms { body: self.body.as_ref(), markdown: self.markdown.as_ref(), html: self.html.as_ref() }
    }

    /// Returns a mail of what is named.
    fn named(&self) -> OutgoingMail {
        let (text, html) = self.texts().both();
        let files = attachment::files(self.attachments.as_ref(), html.as_deref());
        OutgoingMail {
            to: address::of(self.to.as_ref()),
            cc: address::of(self.cc.as_ref()),
            bcc: address::of(self.bcc.as_ref()),
            reply_to: self.reply_to.clone(),
            subject: self.subject.as_deref().unwrap_or_default().to_owned(),
            text,
            html,
            files,
            ..OutgoingMail::default()
        }
    }

    /// Returns the draft's mail with what is named in place of what it has.
    async fn merged(&self, api: &Api<'_>, old: &Message) -> Result<OutgoingMail> {
        let mut mail = self.named();
        for (header, people, is_named) in [
            ("To", &mut mail.to, self.to.is_some() || self.clears(Clearable::To)),
            ("Cc", &mut mail.cc, self.cc.is_some() || self.clears(Clearable::Cc)),
            ("Bcc", &mut mail.bcc, self.bcc.is_some() || self.clears(Clearable::Bcc)),
        ] {
            if !is_named {
                let unreadable = old.header(header).map(address::unreadable).unwrap_or_default();
                if let Some(text) = unreadable.first() {
                    let field = header.to_lowercase();
                    let reason =
                        format!("the draft's {field} has '{text}', which is no address; set {field} to replace it");
                    return Err(api.error(Kind::Invalid, reason));
                }
                *people = header_mailboxes(old, header);
            }
        }
        // Another sender has its own address for replies.
        if mail.reply_to.is_none() && self.from.is_none() && !self.clears(Clearable::ReplyTo) {
            mail.reply_to = header_mailboxes(old, "Reply-To").into_iter().next();
        }
        if self.subject.is_none() {
            mail.subject = old.header("Subject").unwrap_or_default().to_owned();
        }
        if self.texts().is_empty() {
            (mail.text, mail.html) = (old.text().unwrap_or_default(), old.html());
        }
        if self.attachments.is_none() && !self.clears(Clearable::Attachments) {
            mail.files = attachment::of_message(api, old).await?;
        } else if self.texts().is_empty() {
            // The pictures of the text that stays are no attachments.
            mail.files.extend(attachment::shown_in_message(api, old).await?);
        }
        mail.thread = ThreadHeaders::of_draft(old);
        match &self.from {
            Some(from) => SenderChoice { from: Some(from), signature: false }.apply(api, mail).await,
            None => Ok(OutgoingMail { from: header_mailboxes(old, "From").into_iter().next(), ..mail }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::gmail::send_via_draft::testing::{decoded_message, written_message};
    use crate::adapters::testing;

    fn context() -> Value {
        json!({ "draftId": "r1", "to": "a@b.co", "subject": "Re: Hello", "body": "Better." })
    }

    async fn update(headers: Value) -> (ActionOutput, Value, String) {
        let provider = move |sent: &testing::SentRequest| match sent.line.as_str() {
            "GET /gmail/v1/users/me/drafts/r1" => (
                200,
                json!({ "id": "r1", "message": { "id": "m1", "threadId": "t1", "payload": { "headers": headers } } }),
            ),
            _ => (200, json!({ "id": "r1", "message": { "id": "m2", "threadId": "t1" } })),
        };
        let (output, calls) = testing::run(&ADAPTER, "update_draft", context(), provider).await;
        assert_eq!(calls[1].line, "PUT /gmail/v1/users/me/drafts/r1");
        let body = calls[1].body.clone();
        let raw = decoded_message(&body["message"]);
        (output.unwrap(), body, raw)
    }

    #[tokio::test]
    async fn replaces_the_mail() {
        let (output, body, raw) = update(json!([])).await;
        assert_eq!((&output.data["id"], &output.data["messageId"]), (&json!("r1"), &json!("m2")));
        assert_eq!(output.external_id.as_deref(), Some("r1"));
        assert_eq!(body["message"]["threadId"], Value::Null);
        assert!(raw.contains("Subject: Re: Hello\r\n") && raw.ends_with("Better."), "{raw}");
    }

    #[tokio::test]
    async fn what_is_not_named_stays() {
        let header = |(name, value): &(&str, &str)| json!({ "name": name, "value": value });
        let headers: Vec<Value> = [("To", "Ann <a@b.co>"), ("Cc", "c@b.co"), ("Bcc", "d@b.co"), ("Subject", "Hello")]
            .iter()
            .map(header)
            .collect();
        let parts = json!([{ "mimeType": "text/plain", "body": { "data": "SGk" } },
            { "mimeType": "text/html", "body": { "data": "PHA-SGk8L3A-" } },
            { "partId": "2", "mimeType": "application/pdf", "filename": "a.pdf", "body": { "data": "AAEC", "size": 3 } }]);
        let message = json!({ "id": "m1", "threadId": "t1",
            "payload": { "mimeType": "multipart/mixed", "headers": headers, "parts": parts } });
        let update = async |context: Value| {
            let message = message.clone();
            let provider = move |_: &testing::SentRequest| (200, json!({ "id": "r1", "message": message }));
            let (output, calls) = testing::run(&ADAPTER, "update_draft", context, provider).await;
            output.unwrap();
            let mail = written_message(calls.last().unwrap());
            decoded_message(&mail)
        };
        let raw = update(json!({ "draftId": "r1", "subject": "Hello again" })).await;
        for line in [
            "Ann\" <a@b.co>",
            "Cc: <c@b.co>",
            "Bcc: <d@b.co>",
            "Subject: Hello again",
            "Hi",
            "<p>Hi</p>",
            "a.pdf",
            "AAEC",
        ] {
            assert!(raw.contains(line), "{line} in {raw}");
        }
        let raw = update(json!({ "draftId": "r1", "markdown": "*New*" })).await;
        assert!(raw.contains("Subject: Hello\r\n") && raw.contains("<em>New</em>") && raw.contains("a.pdf"), "{raw}");
        assert!(!raw.contains("<p>Hi</p>"), "{raw}");
        assert_eq!(testing::refusal(&ADAPTER, "update_draft", json!({ "draftId": "r1" })).0, "context.body");
        let raw = update(json!({ "draftId": "r1", "clear": ["cc", "bcc", "attachments"] })).await;
        assert!(raw.contains("<a@b.co>") && !["Cc:", "Bcc:", "a.pdf"].iter().any(|part| raw.contains(part)), "{raw}");
        let both = json!({ "draftId": "r1", "clear": ["cc"], "cc": "x@b.co" });
        assert_eq!(testing::refusal(&ADAPTER, "update_draft", both).0, "context.clear");
    }

    #[tokio::test]
    async fn reply_draft_stays_in_its_thread() {
        let headers = json!([{ "name": "In-Reply-To", "value": "<b@x.co>" },
            { "name": "References", "value": "<a@x.co> <b@x.co>" }]);
        let (_, body, raw) = update(headers).await;
        assert_eq!(body["message"]["threadId"], "t1");
        assert!(
            raw.contains("In-Reply-To: <b@x.co>\r\n") && raw.contains("References: <a@x.co> <b@x.co>\r\n"),
            "{raw}"
        );
    }

    #[tokio::test]
    async fn a_draft_with_a_recipient_without_address_is_not_changed() {
        let headers = json!([{ "name": "To", "value": "Ann <a@b.co>, Bob <bob>" }]);
        let message =
            json!({ "id": "m1", "threadId": "t1", "payload": { "mimeType": "text/plain", "headers": headers } });
        let update = async |context: Value| {
            let message = message.clone();
            let provider = move |_: &testing::SentRequest| (200, json!({ "id": "r1", "message": message }));
            testing::run(&ADAPTER, "update_draft", context, provider).await
        };
        let (output, calls) = update(json!({ "draftId": "r1", "subject": "Hello" })).await;
        let error = output.unwrap_err().to_string();
        assert!(error.contains("the draft's to has 'Bob <bob>', which is no address; set to to replace it"), "{error}");
        assert!(calls.iter().all(|call| call.line.starts_with("GET ")), "{calls:?}");
        assert!(update(json!({ "draftId": "r1", "to": "a@b.co" })).await.0.is_ok());
    }

    #[tokio::test]
    async fn missing_draft_is_not_found() {
        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, calls) = testing::run(&ADAPTER, "update_draft", context(), not_found).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::NotFound, 1));
    }
}
