//! `reply`: replies to the sender of a message, in its thread.

use super::REPLY_SCOPES;
use super::outgoing_mail::OutgoingMail;
use super::reply_input::{Audience, ReplyInput};
use super::send_via_draft::{self, MailAction};
use crate::adapters::prelude::*;

/// Reply to the sender of an e-mail, in its thread; `gmail_reply_all` writes to its other recipients too. It is sent at once, unless `asDraft` is true.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Reply(ReplyInput);

impl MailAction for Reply {
    const META: Meta = send_via_draft::mail("reply", REPLY_SCOPES)
        .core()
        .example(r#"{"messageId": "18f0000000000004", "body": "I tell them on Friday."}"#);

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    fn is_draft(&self) -> bool {
        self.0.as_draft
    }

    async fn outgoing(&self, api: &Api<'_>) -> Result<OutgoingMail> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
        self.0.outgoing(api, Audience::Sender).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::action::Reconciliation;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::gmail::reply_input::testing::{self as inputs, context};
    use crate::adapters::gmail::send_via_draft::testing::{
        assert_sends_and_reconciles, decoded_message, original_message, prepared_draft,
    };
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    async fn prepared_reply(original: Value) -> (Value, Vec<String>) {
        prepared_draft("reply", context(), original).await
    }

    #[tokio::test]
    async fn replies_to_the_sender_in_the_thread() {
        let (draft, lines) = prepared_reply(original_message("INBOX")).await;
        assert_eq!(
            lines,
            [
                "GET /gmail/v1/users/me/messages/m1",
                "GET /gmail/v1/users/me/settings/sendAs",
                "POST /gmail/v1/users/me/drafts"
            ]
        );
        assert_eq!(draft["threadId"], "t1");
        let text = decoded_message(&draft);
        for line in [
            "To: <list@b.co>\r\n",
            "Cc: <c@b.co>\r\n",
            "Subject: Re: Hello\r\n",
            "In-Reply-To: <b@x.co>\r\n",
            "References: <a@x.co> <b@x.co>\r\n",
            "X-Plugin-Engine-Key: task_abc.1\r\n",
            "\r\n\r\nThanks.",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
        assert!(!text.contains("me@b.co") && !text.contains("dan@b.co"), "{text}");
    }

    #[tokio::test]
    async fn a_reply_as_a_draft_is_not_sent() {
        let mut context = context();
        context["asDraft"] = json!(true);
        let (_, lines) = prepared_draft("reply", context.clone(), original_message("INBOX")).await;
        assert_eq!(lines.last().unwrap(), "POST /gmail/v1/users/me/drafts");
        let draft = |_: &SentRequest| {
            (200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1", "labelIds": ["DRAFT"] } }))
        };
        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, "reply", "r1/t1", context.clone(), draft).await;
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "GET /gmail/v1/users/me/drafts/r1"));
        let data = output.unwrap().data;
        assert_eq!((&data["draftId"], &data["threadId"], &data["id"]), (&json!("r1"), &json!("t1"), &json!("m0")));
        let look = move |sent: &SentRequest| Ok(draft(sent));
        let step = testing::run_step(&ADAPTER, "reply", Some("r1/t1"), Step::Reconcile, context.clone(), look);
        assert_eq!(step.await.0.unwrap().applied_id(), Some("r1"));
        // The stored checkpoint proves that it was written.
        let absent = |_: &SentRequest| (404, Value::Null);
        let (output, _) = testing::run_with_checkpoint(&ADAPTER, "reply", "r1/t1", context.clone(), absent).await;
        let output = output.unwrap();
        assert_eq!(output.message, "The draft was written; it was sent or deleted since.");
        assert_eq!(output.data["draftId"], "r1");
        // One that a person wrote again has no key any more, and is not deleted.
        let step = testing::run_step(&ADAPTER, "reply", Some("r1/t1"), Step::Discard, context.clone(), look);
        let (discarded, calls) = step.await;
        assert!(discarded.is_ok() && calls.iter().all(|call| call.line.starts_with("GET ")), "{calls:?}");
        let refused = |_: &SentRequest| {
            Ok((403, json!({ "error": { "errors": [{ "reason": "insufficientPermissions" }], "message": "no" } })))
        };
        let (outcome, _) = testing::run_step(&ADAPTER, "reply", None, Step::Prepare, context, refused).await;
        assert_eq!(outcome.unwrap_err().kind(), Some(Kind::MissingScope));
    }

    #[tokio::test]
    async fn reply_to_own_mail_goes_to_its_recipients() {
        let (draft, _) = prepared_reply(original_message("SENT")).await;
        assert!(decoded_message(&draft).contains("To: <me@b.co>"), "{}", decoded_message(&draft));
    }

    #[tokio::test]
    async fn refuses_an_original_without_addresses() {
        let without_addresses = json!({ "id": "m1", "threadId": "t1", "payload": { "headers": [] } });
        let provider = move |_: &SentRequest| Ok((200, without_addresses.clone()));
        let (checkpoint, calls) = testing::run_step(&ADAPTER, "reply", None, Step::Prepare, context(), provider).await;
        assert_eq!((checkpoint.unwrap_err().kind(), calls.len()), (Some(Kind::Invalid), 1));
    }

    #[tokio::test]
    async fn sends_and_reconciles_by_draft() {
        assert_sends_and_reconciles("reply", context()).await;
    }

    #[test]
    fn refuses_too_many_recipients_and_too_large_files() {
        inputs::assert_refuses_too_much("reply");
    }

    #[tokio::test]
    async fn a_sent_reply_that_lost_its_key_has_our_recipients_and_subject() {
        let reconcile = async |to: &'static str, subject: &'static str| {
            let provider = move |sent: &SentRequest| {
                let headers = json!([{ "name": "To", "value": to }, { "name": "Subject", "value": subject }]);
                let reply = json!({ "id": "m2", "threadId": "t1", "labelIds": ["SENT"],
                    "internalDate": "1795428001000", "payload": { "headers": headers } });
                Ok(match sent.line.as_str() {
                    "GET /gmail/v1/users/me/drafts/r1" => (404, Value::Null),
                    "GET /gmail/v1/users/me/threads/t1" => {
                        (200, json!({ "messages": [original_message("INBOX"), reply] }))
                    }
                    _ => (200, original_message("INBOX")),
                })
            };
            let context = json!({ "messageId": "m1", "body": "Yes." });
            testing::run_step(&ADAPTER, "reply", Some("r1/t1"), Step::Reconcile, context, provider).await.0.unwrap()
        };
        assert_eq!(reconcile("list@b.co", "Re: Hello").await.applied_id(), Some("m2"));
        for (to, subject) in [("ann@b.co", "Re: Hello"), ("list@b.co", "Re: Lunch")] {
            let result = reconcile(to, subject).await;
            assert_eq!(result, StepOutput::Reconciliation(Reconciliation::Inconclusive), "{to} {subject}");
        }
    }
}
