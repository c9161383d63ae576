//! `send_email`: sends a mail from the connected account.

use super::SEND_SCOPES;
use super::mail_input::MailInput;
use super::outgoing_mail::OutgoingMail;
use super::send_via_draft::{self, MailAction};
use crate::adapters::prelude::*;

/// Send a new e-mail at once; `gmail_create_draft` lets a person check it first, and `gmail_reply` answers one.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct SendEmail(MailInput);

impl MailAction for SendEmail {
    const META: Meta = send_via_draft::mail("send_email", SEND_SCOPES)
        .core()
        .example(r#"{"to": "kim@example.com", "subject": "Hello", "body": "See you on Monday."}"#);

    fn check(&self) -> Result<()> {
        self.0.check_sendable()
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(self.0.outgoing().targets())
    }

    async fn outgoing(&self, api: &Api<'_>) -> Result<OutgoingMail> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/send
        self.0.composed(api).await
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;
    use crate::adapters::action::Reconciliation;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;
    use crate::adapters::testing::{ActionHarness, EFFECT_KEY, MemoryFiles, Step, StepOutput};
    use crate::http::HttpError;

    fn context() -> serde_json::Value {
        json!({ "to": "recipient@example.com", "subject": "Hello from AgentOS", "body": "This is a test email." })
    }

    fn message_with_key(labels: &[&str]) -> Value {
        let headers = json!([{ "name": "X-Plugin-Engine-Key", "value": EFFECT_KEY }]);
        json!({ "id": "m1", "threadId": "t1", "labelIds": labels, "payload": { "headers": headers } })
    }

    #[tokio::test]
    async fn creates_a_draft_and_sends_it() {
        let response =
            |_: &testing::SentRequest| Ok((200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } })));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "send_email", None, Step::Prepare, context(), response).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("r1/t1".to_owned())));
        assert_eq!(calls[1].line, "POST /gmail/v1/users/me/drafts");
        let raw = URL_SAFE_NO_PAD.decode(calls[1].body["message"]["raw"].as_str().unwrap()).unwrap();
        let message = String::from_utf8(raw).unwrap();
        assert!(message.contains("To: <recipient@example.com>\r\n"), "{message}");

        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, "send_email", "r1/t1", context(), |_| {
            (200, json!({ "id": "m1", "threadId": "t1", "labelIds": ["SENT"] }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "m1", "threadId": "t1", "link": "https://mail.google.com/mail/u/0/#all/m1",
                "labelIds": ["SENT"], "unread": false })
        );
        assert_eq!(output.external_id.as_deref(), Some("m1"));
        assert_eq!(output.link.as_deref(), Some("https://mail.google.com/mail/u/0/#all/m1"));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /gmail/v1/users/me/drafts/send"));
        assert_eq!((calls[0].header("authorization"), &calls[0].body), ("Bearer xoxp-token-1", &json!({ "id": "r1" })));
    }

    #[tokio::test]
    async fn sends_directly_without_draft_scopes() {
        let refused = |_: &testing::SentRequest| {
            Ok((403, json!({ "error": { "errors": [{ "reason": "insufficientPermissions" }], "message": "no" } })))
        };
        let (checkpoint, _) = testing::run_step(&ADAPTER, "send_email", None, Step::Prepare, context(), refused).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("direct".to_owned())));
        let (output, calls) =
            testing::run_with_checkpoint(&ADAPTER, "send_email", "direct", context(), |_| (200, json!({ "id": "m1" })))
                .await;
        assert_eq!(output.unwrap().external_id.as_deref(), Some("m1"));
        assert_eq!(calls[1].line, "POST /gmail/v1/users/me/messages/send");
    }

    /// A mail with a file that a person uploaded.
    fn context_with_file() -> Value {
        let mut context = context();
        context["attachments"] = json!([{ "file": "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D", "filename": "a.bin", "contentType": "a/b", "size": 100 }]);
        context
    }

    #[tokio::test]
    async fn uploads_a_mail_with_files_as_a_draft_or_directly() {
        let answer =
            |_: &testing::SentRequest| Ok((200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } })));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "send_email", None, Step::Prepare, context_with_file(), answer).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("r1/t1".to_owned())));
        let (_, direct) = testing::run_with_checkpoint(&ADAPTER, "send_email", "direct", context_with_file(), |_| {
            (200, json!({ "id": "m1" }))
        })
        .await;
        let coded = STANDARD.encode(MemoryFiles::content(100));
        for (call, line, metadata) in [
            (&calls[1], "POST /upload/gmail/v1/users/me/drafts", "\r\n\r\n{\"message\":{}}\r\n--upload_"),
            (&direct[1], "POST /upload/gmail/v1/users/me/messages/send", "\r\n\r\n{}\r\n--upload_"),
        ] {
            assert_eq!((call.line.as_str(), call.parameter("uploadType")), (line, "multipart"));
            assert!(call.header("content-type").starts_with("multipart/related; boundary=upload_"));
            let body = std::str::from_utf8(&call.content).unwrap();
            assert!(body.contains(metadata) && body.contains("filename=\"a.bin\""), "{body}");
            assert!(body.replace("\r\n", "").contains(&coded), "{body}");
        }
    }

    #[tokio::test]
    async fn the_longest_text_is_uploaded_too() {
        let mut context = context();
        context["body"] = json!("\u{e4}".repeat(1_000_000));
        let answer =
            |_: &testing::SentRequest| Ok((200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } })));
        let (_, calls) = testing::run_step(&ADAPTER, "send_email", None, Step::Prepare, context.clone(), answer).await;
        assert_eq!(calls[1].line, "POST /gmail/v1/users/me/drafts");
        context["html"] = context["body"].clone();
        let (_, calls) = testing::run_step(&ADAPTER, "send_email", None, Step::Prepare, context.clone(), answer).await;
        assert_eq!(calls[1].line, "POST /upload/gmail/v1/users/me/drafts");
        context["body"] = json!("a".repeat(1_000_001));
        assert_eq!(testing::refusal(&ADAPTER, "send_email", context).0, "context.body");
    }

    #[tokio::test]
    async fn finds_a_draft_after_a_lost_response() {
        let provider = |sent: &testing::SentRequest| match sent.line.as_str() {
            "POST /gmail/v1/users/me/drafts" => Err(HttpError::Lost("reset".to_owned())),
            "GET /gmail/v1/users/me/drafts" => Ok((200, json!({ "drafts": [{ "id": "r0" }, { "id": "r1" }] }))),
            "GET /gmail/v1/users/me/drafts/r1" => {
                Ok((200, json!({ "id": "r1", "message": message_with_key(&["DRAFT"]) })))
            }
            _ => Ok((200, json!({ "id": "r0", "message": { "id": "m0", "threadId": "t0" } }))),
        };
        let (checkpoint, _) = testing::run_step(&ADAPTER, "send_email", None, Step::Prepare, context(), provider).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("r1/t1".to_owned())));
    }

    #[tokio::test]
    async fn lost_response_and_missing_draft_are_ambiguous() {
        let lost = |_: &testing::SentRequest| Err(HttpError::Lost("reset".to_owned()));
        let (output, calls) = testing::run_fallible(&ADAPTER, "send_email", context(), lost).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Ambiguous, 2));
        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404, "message": "gone" } }));
        let (output, _) = testing::run_with_checkpoint(&ADAPTER, "send_email", "r1/t1", context(), not_found).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[tokio::test]
    async fn reconciles_a_lost_send_by_its_draft() {
        let reconcile = async |draft: (u16, Value), thread: (u16, Value)| {
            let provider = move |sent: &testing::SentRequest| {
                Ok(if sent.line.contains("/drafts/") { draft.clone() } else { thread.clone() })
            };
            let (reconciliation, calls) =
                testing::run_step(&ADAPTER, "send_email", Some("r1/t1"), Step::Reconcile, context(), provider).await;
            assert!(calls.iter().all(|sent| sent.line.starts_with("GET ")));
            reconciliation.unwrap()
        };
        let not_found = || (404, json!({ "error": { "code": 404 } }));
        let draft = (200, json!({ "id": "r1", "message": message_with_key(&["DRAFT"]) }));
        assert_eq!(reconcile(draft, not_found()).await, StepOutput::Reconciliation(Reconciliation::NotApplied));
        let StepOutput::Reconciliation(Reconciliation::Applied(output)) =
            reconcile(not_found(), (200, json!({ "messages": [message_with_key(&["SENT"])] }))).await
        else {
            panic!("the mail is in the thread")
        };
        assert_eq!(output.external_id.as_deref(), Some("m1"));
        for thread in [not_found(), (200, json!({ "messages": [message_with_key(&["TRASH"])] }))] {
            assert_eq!(reconcile(not_found(), thread).await, StepOutput::Reconciliation(Reconciliation::Inconclusive));
        }
    }

    /// A provider whose answer to a new draft is lost, with one draft that has no key. Its list fails if `listed` is false.
    fn unkeyed_draft(
        text: &'static str,
        at: i64,
        listed: bool,
    ) -> impl Fn(&testing::SentRequest) -> Result<(u16, Value), HttpError> + Send + Sync {
        let headers = json!([{ "name": "To", "value": "<recipient@example.com>" },
            { "name": "Subject", "value": "Hello from AgentOS" }]);
        let payload = json!({ "mimeType": "text/plain", "headers": headers,
            "body": { "size": text.len(), "data": URL_SAFE_NO_PAD.encode(text) } });
        let message = json!({ "id": "m1", "threadId": "t1", "internalDate": at.to_string(), "payload": payload });
        move |sent| match sent.line.as_str() {
            "GET /gmail/v1/users/me/drafts" if listed => Ok((200, json!({ "drafts": [{ "id": "r1" }] }))),
            "GET /gmail/v1/users/me/drafts" => Ok((500, Value::Null)),
            "GET /gmail/v1/users/me/drafts/r1" => Ok((200, json!({ "id": "r1", "message": message }))),
            "DELETE /gmail/v1/users/me/drafts/r1" => Ok((204, Value::Null)),
            _ => Err(HttpError::Lost("reset".to_owned())),
        }
    }

    /// The test's time in milliseconds.
    const NOW_MS: i64 = 1_795_428_000_000;

    #[tokio::test]
    async fn a_draft_that_lost_its_key_is_found_by_its_content_and_age() {
        let prepare = async |text, at, listed| {
            let provider = unkeyed_draft(text, at, listed);
            let step = testing::run_step(&ADAPTER, "send_email", None, Step::Prepare, context(), provider);
            step.await.0
        };
        let found = prepare("This is\r\na test email.\r\n", NOW_MS - 59_000, true).await;
        assert_eq!(found.unwrap(), StepOutput::Checkpoint(Some("r1/t1".to_owned())));
        // Another text, an older draft, and a failed look leave the outcome unknown.
        for (text, at, listed) in [
            ("This is a test email, edited.", NOW_MS, true),
            ("This is a test email.", NOW_MS - 61_000, true),
            ("This is a test email.", NOW_MS, false),
        ] {
            let error = prepare(text, at, listed).await.unwrap_err();
            assert_eq!(error.kind(), Some(Kind::Ambiguous), "{text} {at} {listed}");
        }
    }

    #[tokio::test]
    async fn a_retry_adopts_or_deletes_the_draft_of_the_earlier_attempt() {
        let harness = ActionHarness::new(&ADAPTER, unkeyed_draft("This is a test email.", NOW_MS, true));
        let action = ADAPTER.action("send_email").unwrap();
        let api = Api { is_retry: true, ..harness.api(action, None) };
        assert_eq!(action.prepare(&api, &context()).await.unwrap().as_deref(), Some("r1/t1"));
        action.discard(&api, &context()).await.unwrap();
        let calls = harness.calls();
        assert!(calls.iter().all(|sent| !sent.line.starts_with("POST ")));
        assert_eq!(calls.last().unwrap().line, "DELETE /gmail/v1/users/me/drafts/r1");
    }

    #[tokio::test]
    async fn a_first_attempt_deletes_no_draft_but_its_own_and_an_absent_draft_is_deleted() {
        let not_found = |_: &testing::SentRequest| Ok((404, json!({ "error": { "code": 404 } })));
        for (checkpoint, calls_made) in [(None, 0), (Some("direct"), 0), (Some("r1/t1"), 1)] {
            let (discarded, calls) =
                testing::run_step(&ADAPTER, "send_email", checkpoint, Step::Discard, context(), not_found).await;
            assert_eq!((discarded.unwrap(), calls.len()), (StepOutput::Discarded, calls_made), "{checkpoint:?}");
        }
    }

    #[tokio::test]
    async fn a_retry_with_a_grant_without_drafts_sends_directly() {
        let refused = |_: &testing::SentRequest| {
            Ok((403, json!({ "error": { "errors": [{ "reason": "insufficientPermissions" }], "message": "no" } })))
        };
        let harness = ActionHarness::new(&ADAPTER, refused);
        let action = ADAPTER.action("send_email").unwrap();
        let api = Api { is_retry: true, ..harness.api(action, None) };
        assert_eq!(action.prepare(&api, &context()).await.unwrap().as_deref(), Some("direct"));
        action.discard(&api, &context()).await.unwrap();
    }

    #[tokio::test]
    async fn a_sent_mail_that_lost_its_key_is_found_in_the_draft_thread() {
        let reconcile = async |at: i64, previous: Option<&str>| {
            let message = json!({ "id": "m1", "threadId": "t1", "labelIds": ["SENT"], "internalDate": at.to_string() });
            let harness = ActionHarness::new(&ADAPTER, move |sent| {
                let is_draft = sent.line.contains("/drafts/");
                Ok(if is_draft { (404, Value::Null) } else { (200, json!({ "messages": [message] })) })
            });
            let action = ADAPTER.action("send_email").unwrap();
            let api = Api { previous_external_id: previous, ..harness.api(action, Some("r1/t1")) };
            StepOutput::Reconciliation(action.reconcile(&api, &context()).await.unwrap())
        };
        assert_eq!(reconcile(NOW_MS + 1, None).await.applied_id(), Some("m1"));
        let inconclusive = StepOutput::Reconciliation(Reconciliation::Inconclusive);
        assert_eq!(reconcile(NOW_MS - 61_000, None).await, inconclusive);
        assert_eq!(reconcile(NOW_MS + 1, Some("m1")).await, inconclusive);
    }

    #[tokio::test]
    async fn discard_deletes_the_draft() {
        let deleted = |_: &testing::SentRequest| Ok((200, Value::Null));
        let (outcome, calls) =
            testing::run_step(&ADAPTER, "send_email", Some("r1/t1"), Step::Discard, context(), deleted).await;
        assert_eq!(
            (outcome.unwrap(), calls[0].line.as_str()),
            (StepOutput::Discarded, "DELETE /gmail/v1/users/me/drafts/r1")
        );
    }

    #[test]
    fn refuses_too_many_recipients() {
        let context = json!({ "to": vec!["a@b.co"; 30], "cc": vec!["c@b.co"; 21], "subject": "S", "body": "B" });
        assert_eq!(testing::refusal(&ADAPTER, "send_email", context).0, "context.to");
    }
}
