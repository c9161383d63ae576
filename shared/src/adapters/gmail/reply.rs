//! `reply`: answers a message, to its sender, in its conversation.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::{TO_ANSWER, sending};
use crate::adapters::action::{Action, ReconcileBy, ActionOutput, Effect, Scopes, Reconciliation};
use crate::adapters::api::Api;
use crate::error::Result;

/// Answer an e-mail: to its sender, or to whom the sender wants answers to go, in the same conversation and with its
/// subject.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Reply(Answer);

impl Action for Reply {
    const NAME: &'static str = "reply";
    const SCOPES: Scopes = TO_ANSWER;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> = sending::ASK;
    const STORES_CHECKPOINT: bool = true;

    fn example() -> Value {
        json!({ "messageId": "18f0000000000004", "body": "I tell them on Friday." })
    }

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
        sending::prepare(api, self.0.outgoing(api, false)).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/send
        sending::run(api, self.0.outgoing(api, false)).await
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        sending::reconcile(api).await
    }

    async fn discard(&self, api: &Api<'_>) -> Result<()> {
        sending::discard(api).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::gmail::answer::testing::{self as answers, context};
    use crate::adapters::gmail::sending::testing::{draft_of, original, text, verdicts};
    use crate::adapters::testing::{self, SentRequest, Step};
    use crate::error::Kind;

    async fn draft(original: Value) -> (Value, Vec<String>) {
        draft_of("reply", context(), original).await
    }

    #[tokio::test]
    async fn answers_the_sender_in_the_conversation() {
        let (draft, lines) = draft(original("INBOX")).await;
        assert_eq!(lines, ["GET /gmail/v1/users/me/messages/m1", "POST /gmail/v1/users/me/drafts"]);
        assert_eq!(draft["threadId"], "t1");
        let text = text(&draft);
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
    async fn ones_own_mail_is_followed_up() {
        let (draft, _) = draft(original("SENT")).await;
        assert!(text(&draft).contains("To: <me@b.co>"), "{}", text(&draft));
    }

    #[tokio::test]
    async fn what_names_nobody_cannot_be_answered() {
        let nobody = json!({ "id": "m1", "threadId": "t1", "payload": { "headers": [] } });
        let provider = move |_: &SentRequest| Ok((200, nobody.clone()));
        let (handle, calls) = testing::run_step(&ADAPTER, ("reply", None), Step::Prepare, context(), provider).await;
        assert_eq!((handle.unwrap_err().kind(), calls.len()), (Some(Kind::Invalid), 1));
    }

    #[tokio::test]
    async fn its_draft_is_sent_and_tells_what_became_of_it() {
        verdicts("reply", context()).await;
    }

    #[test]
    fn refuses_what_is_no_answer() {
        answers::refuses_what_is_no_answer("reply");
    }
}
