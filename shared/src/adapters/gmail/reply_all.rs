//! `reply_all`: replies to all participants of a message, in its thread.

use super::REPLY_SCOPES;
use super::outgoing_mail::OutgoingMail;
use super::reply_input::{Audience, ReplyInput};
use super::send_via_draft::{self, MailAction};
use crate::adapters::prelude::*;

/// Reply to the sender and all other recipients of an e-mail, in its thread; `gmail_reply` writes to the sender alone. It is sent at
/// once, unless `asDraft` is true.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ReplyAll(ReplyInput);

impl MailAction for ReplyAll {
    const META: Meta = send_via_draft::mail("reply_all", REPLY_SCOPES)
        .example(r#"{"messageId": "18f0000000000004", "body": "I tell them on Friday."}"#);

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    fn is_draft(&self) -> bool {
        self.0.as_draft
    }

    async fn outgoing(&self, api: &Api<'_>) -> Result<OutgoingMail> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
        self.0.outgoing(api, Audience::Everyone).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::gmail::reply_input::testing::{self as inputs, context};
    use crate::adapters::gmail::send_via_draft::testing::{
        assert_sends_and_reconciles, decoded_message, original_message, prepared_draft, respond,
    };
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    async fn prepared_reply(original: Value) -> (Value, Vec<String>) {
        prepared_draft("reply_all", context(), original).await
    }

    #[tokio::test]
    async fn replies_to_each_recipient_once_except_the_own_account() {
        let (draft, lines) = prepared_reply(original_message("INBOX")).await;
        assert_eq!(lines[1..3], ["GET /gmail/v1/users/me/settings/sendAs", "GET /gmail/v1/users/me/profile"]);
        let text = decoded_message(&draft);
        assert!(text.contains("To: <list@b.co>\r\n"), "{text}");
        assert!(text.contains("Cc: <c@b.co>, \"Dan\" <dan@b.co>\r\n"), "{text}");
        assert!(!text.contains("ME@b.co") && !text.contains("me@b.co"), "{text}");
    }

    #[tokio::test]
    async fn reply_to_own_mail_has_its_recipients() {
        let mut own_mail = original_message("SENT");
        own_mail["payload"]["headers"][2]["value"] = json!("eve@b.co, me@b.co");
        let (to_others, _) = prepared_reply(own_mail.clone()).await;
        assert!(decoded_message(&to_others).contains("To: <eve@b.co>\r\n"), "{}", decoded_message(&to_others));
        own_mail["payload"]["headers"][2]["value"] = json!("ME@b.co");
        let (to_oneself, _) = prepared_reply(own_mail).await;
        assert!(decoded_message(&to_oneself).contains("To: <ME@b.co>\r\n"), "{}", decoded_message(&to_oneself));
    }

    #[tokio::test]
    async fn every_recipient_gets_the_reply_and_one_without_an_address_is_named() {
        let mut original = original_message("INBOX");
        original["payload"]["headers"][3]["value"] =
            json!("Team: a@b.co, \"c d\"@b.co;, x@localhost (X), y..z@b.co; J <j@b\u{fc}cher.de>, Bob <bob>, me@b.co");
        let provider = move |sent: &SentRequest| Ok(respond(sent, &original));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "reply_all", None, Step::Prepare, context(), provider).await;
        let stored = r#"r1/t1/{"leftOut":["Bob <bob>"]}"#;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some(stored.to_owned())));
        let request: Value = serde_json::from_slice(&calls.last().unwrap().content).unwrap();
        let text = decoded_message(&request["message"]).replace("\r\n ", " ");
        for email in ["<a@b.co>", "<\"c d\"@b.co>", "<x@localhost>", "<\"y..z\"@b.co>", "<j@xn--bcher-kva.de>"] {
            assert!(text.contains(email), "{email} in {text}");
        }
        let sent = |_: &SentRequest| (200, json!({ "id": "m2", "threadId": "t1", "labelIds": ["SENT"] }));
        let (output, _) = testing::run_with_checkpoint(&ADAPTER, "reply_all", stored, context(), sent).await;
        assert_eq!(output.unwrap().data["leftOut"], json!(["Bob <bob>"]));
    }

    #[tokio::test]
    async fn refuses_more_than_50_recipients() {
        let mut original = original_message("INBOX");
        let all: Vec<String> = (0..60).map(|n| format!("p{n}@b.co")).collect();
        original["payload"]["headers"][2]["value"] = json!(all.join(", "));
        let provider = move |sent: &SentRequest| Ok(respond(sent, &original));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "reply_all", None, Step::Prepare, context(), provider).await;
        assert_eq!((checkpoint.unwrap_err().kind(), calls.len()), (Some(Kind::Invalid), 3));
    }

    #[tokio::test]
    async fn sends_and_reconciles_by_draft() {
        assert_sends_and_reconciles("reply_all", context()).await;
    }

    #[test]
    fn refuses_too_many_recipients_and_too_large_files() {
        inputs::assert_refuses_too_much("reply_all");
    }
}
