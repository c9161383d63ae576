//! `reply_all`: answers a message, to everybody it went to, in its conversation.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::{TO_ANSWER, sending};
use crate::adapters::action::{Action, ReconcileBy, ActionOutput, Effect, Scopes, Reconciliation};
use crate::adapters::api::Api;
use crate::error::Result;

/// Answer an e-mail: to its sender, with a copy to everybody else it went to except the connected account itself, in the
/// same conversation and with its subject.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ReplyAll(Answer);

impl Action for ReplyAll {
    const NAME: &'static str = "reply_all";
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
        sending::prepare(api, self.0.outgoing(api, true)).await
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/send
        sending::run(api, self.0.outgoing(api, true)).await
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
    use crate::adapters::gmail::sending::testing::{answer, draft_of, original, text, verdicts};
    use crate::adapters::testing::{self, SentRequest, Step};
    use crate::error::Kind;

    async fn draft(original: Value) -> (Value, Vec<String>) {
        draft_of("reply_all", context(), original).await
    }

    #[tokio::test]
    async fn answers_everybody_once_and_not_oneself() {
        let (draft, lines) = draft(original("INBOX")).await;
        assert_eq!(lines[1], "GET /gmail/v1/users/me/profile");
        let text = text(&draft);
        assert!(text.contains("To: <list@b.co>\r\n"), "{text}");
        assert!(text.contains("Cc: <c@b.co>, \"Dan\" <dan@b.co>\r\n"), "{text}");
        assert!(!text.contains("ME@b.co") && !text.contains("me@b.co"), "{text}");
    }

    #[tokio::test]
    async fn ones_own_mail_goes_to_the_same_people_and_a_note_to_oneself_to_oneself() {
        let mut mine = original("SENT");
        mine["payload"]["headers"][2]["value"] = json!("eve@b.co, me@b.co");
        let (to_others, _) = draft(mine.clone()).await;
        assert!(text(&to_others).contains("To: <eve@b.co>\r\n"), "{}", text(&to_others));
        mine["payload"]["headers"][2]["value"] = json!("ME@b.co");
        let (to_oneself, _) = draft(mine).await;
        assert!(text(&to_oneself).contains("To: <ME@b.co>\r\n"), "{}", text(&to_oneself));
    }

    #[tokio::test]
    async fn a_crowd_is_refused() {
        let mut crowd = original("INBOX");
        let all: Vec<String> = (0..60).map(|n| format!("p{n}@b.co")).collect();
        crowd["payload"]["headers"][2]["value"] = json!(all.join(", "));
        let provider = move |sent: &SentRequest| Ok(answer(sent, &crowd));
        let (handle, calls) = testing::run_step(&ADAPTER, ("reply_all", None), Step::Prepare, context(), provider).await;
        assert_eq!((handle.unwrap_err().kind(), calls.len()), (Some(Kind::Invalid), 2));
    }

    #[tokio::test]
    async fn its_draft_is_sent_and_tells_what_became_of_it() {
        verdicts("reply_all", context()).await;
    }

    #[test]
    fn refuses_what_is_no_answer() {
        answers::refuses_what_is_no_answer("reply_all");
    }
}
