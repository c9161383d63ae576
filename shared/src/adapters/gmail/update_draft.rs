//! `update_draft`: replaces the mail of a draft.

use super::address::OneOrMany;
use super::attachment::AttachmentInput;
use super::draft::{self, Draft};
use super::mail_input::MailInput;
use super::thread_headers::ThreadHeaders;
use super::{DRAFT_SCOPES, check_id};
use crate::adapters::prelude::*;

/// Replace a draft's content: fields left out are removed. A draft that replies to an e-mail stays in its thread as long as the
/// subject matches.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateDraft {
    /// The draft's `id`, as `create_draft` and `list_drafts` return it.
    draft_id: String,
    /// The recipients: an e-mail address, several separated by commas, or a list.
    to: OneOrMany,
    /// The subject line.
    subject: String,
    /// The text, plain, without markup.
    body: String,
    /// Recipients of a copy.
    cc: Option<OneOrMany>,
    /// Recipients of a blind copy, hidden from the others.
    bcc: Option<OneOrMany>,
    /// The address replies go to, if it is not the sender's.
    reply_to: Option<String>,
    /// The same text as HTML, for mail programs that display it; `body` is the plain-text alternative.
    html: Option<String>,
    /// Files to attach, at most 10 and 20 KiB in total.
    attachments: Option<Vec<AttachmentInput>>,
}

impl Action for UpdateDraft {
    const META: Meta = Meta::idempotent("update_draft", DRAFT_SCOPES).example(
        r#"{"draftId": "r-6000000000000000001", "to": "kim@example.com", "subject": "Press page",
                 "body": "The page is up. Could you have a look?"}"#,
    );
    type Output = Value;

    fn check(&self) -> Result<()> {
        check_id("draftId", &self.draft_id)?;
        self.input().check()
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
        let Some(old) = draft::get(api, &self.draft_id).await? else {
            return Err(api.error(
                Kind::NotFound,
                "the draft does not exist: it was sent or deleted; list_drafts returns the existing ones",
            ));
        };
        let mut mail = self.input().outgoing()?;
        mail.thread = ThreadHeaders::of_draft(&old.message);
        let message = mail.to_resource(&api.effect_key, api.now());
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/update
        let call = api.call(Method::PUT, &["gmail", "v1", "users", "me", "drafts", &self.draft_id]);
        let draft: Draft = call.json(&json!({ "message": message })).send().await?;
        Ok(draft.into_output("The draft was replaced."))
    }
}

impl UpdateDraft {
    fn input(&self) -> MailInput {
        MailInput {
            to: self.to.clone(),
            subject: self.subject.clone(),
            body: self.body.clone(),
            cc: self.cc.clone(),
            bcc: self.bcc.clone(),
            reply_to: self.reply_to.clone(),
            html: self.html.clone(),
            attachments: self.attachments.clone(),
        }
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
        assert_eq!(output.data, json!({ "id": "r1", "messageId": "m2", "threadId": "t1" }));
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
        let mut empty = context();
        empty["body"] = json!(" ");
        assert_eq!(testing::refusal(&ADAPTER, "update_draft", empty).0, "context.body");
    }
}
