//! `update_draft`: replaces the mail of a draft.

use super::DRAFT_SCOPES;
use super::address::{Mailbox, Recipients};
use super::attachment::Files;
use super::draft::{self, DraftSummary};
use super::id::Id;
use super::mail_input::{Body, MailInput, Subject};
use super::thread_headers::ThreadHeaders;
use crate::adapters::prelude::*;

/// Replace the whole content of a draft: a field that is left out is removed. A draft of a reply stays in its thread as long as its
/// subject matches.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateDraft {
    /// The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it.
    draft_id: Id,
    /// The recipients: an e-mail address, several separated by commas, or a list.
    to: Recipients,
    /// The subject line.
    subject: Subject,
    /// The text, plain, without markup.
    body: Body,
    /// Recipients of a copy.
    cc: Option<Recipients>,
    /// Recipients of a blind copy, hidden from the others.
    bcc: Option<Recipients>,
    /// The address to which replies go, if not the sender's.
    reply_to: Option<Mailbox>,
    /// The same text as HTML; mail programs show it instead of `body`.
    html: Option<Body>,
    /// Files to attach, 25 MiB in total.
    attachments: Option<Files>,
}

impl Action for UpdateDraft {
    const META: Meta = Meta::idempotent("update_draft", DRAFT_SCOPES)
        .overwrites("the recipients, the subject, the texts and the files of the draft")
        .example(
            r#"{"draftId": "r-6000000000000000001", "to": "kim@example.com", "subject": "Press page",
                 "body": "The page is up. Could you have a look?"}"#,
        );
    type Output = DraftSummary;

    fn check(&self) -> Result<()> {
        self.input().check()
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        let draft = Target::new(TargetKind::Message, &*self.draft_id);
        Ok([vec![draft], self.input().outgoing().targets()].concat())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<DraftSummary>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
        let old = draft::require(api, &self.draft_id).await?;
        let mut mail = self.input().outgoing();
        mail.thread = old.message.as_ref().and_then(ThreadHeaders::of_draft);
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/update
        Ok(draft::update(api, &self.draft_id, &mail).await?.into_output("The draft was replaced."))
    }
}

impl UpdateDraft {
    fn input(&self) -> MailInput {
        let Self { draft_id: _, to, subject, body, cc, bcc, reply_to, html, attachments } = self.clone();
        MailInput { to, subject, body, cc, bcc, reply_to, html, attachments }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::adapters::gmail::ADAPTER;
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
        let raw = URL_SAFE_NO_PAD.decode(body["message"]["raw"].as_str().unwrap()).unwrap();
        (output.unwrap(), body, String::from_utf8(raw).unwrap())
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
    async fn missing_draft_is_not_found() {
        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, calls) = testing::run(&ADAPTER, "update_draft", context(), not_found).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::NotFound, 1));
    }
}
