//! `send_draft`: sends an existing draft.

use super::draft_checkpoint;
use super::draft_search::MAX_CLOCK_SKEW;
use super::email::ChangedEmail;
use super::id::Id;
use super::message::Message;
use super::send_via_draft::{self, DraftState};
use super::{DRAFT_SCOPES, draft};
use crate::adapters::prelude::*;

/// Send a draft as it is. Sending deletes the draft.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendDraft {
    /// The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    draft_id: Id,
}

impl Action for SendDraft {
    const META: Meta = Meta::create("send_draft", DRAFT_SCOPES)
        .core()
        .reconciled_by("the draft, which sending deletes", DRAFT_SCOPES)
        .stores_checkpoint()
        .example(r#"{"draftId": "r-6000000000000000001"}"#);
    type Output = ChangedEmail;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(draft::require(api, &self.draft_id).await?.targets())
    }

    /// Stores the draft's thread as the checkpoint: the sent message is found there after the draft is deleted.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
        Ok(Some(draft_checkpoint::checkpoint(&draft::require(api, &self.draft_id).await?)))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedEmail>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/send
        send_via_draft::send_draft(api, &self.draft_id).await
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<ChangedEmail>> {
        let messages = match send_via_draft::look_up_draft(api).await? {
            DraftState::Decided(reconciliation) => return Ok(reconciliation),
            DraftState::Gone { messages } => messages,
        };
        // The effect key in a draft is that of the action that created it: a message sent in its thread since the attempt began is
        // taken for it.
        let earliest = api.attempted_at - MAX_CLOCK_SKEW;
        let is_sent_since = |message: &Message| {
            send_via_draft::is_newly_sent(api, message) && message.date().is_some_and(|date| date >= earliest)
        };
        let sent = messages.into_iter().find(is_sent_since);
        Ok(sent.map_or(Reconciliation::Inconclusive, |message| {
            Reconciliation::Applied(send_via_draft::sent_output(&message))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, Step, StepOutput};
    use crate::http::HttpError;

    fn context() -> Value {
        json!({ "draftId": "r1" })
    }

    fn not_found() -> (u16, Value) {
        (404, json!({ "error": { "code": 404 } }))
    }

    #[tokio::test]
    async fn checkpoints_the_thread_and_sends() {
        let response =
            |_: &testing::SentRequest| Ok((200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } })));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "send_draft", None, Step::Prepare, context(), response).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("r1/t1".to_owned())));
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/drafts/r1");

        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, "send_draft", "r1/t1", context(), |_| {
            (200, json!({ "id": "m1", "threadId": "t1", "labelIds": ["SENT"] }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((&output.data["id"], &output.data["labelIds"]), (&json!("m1"), &json!(["SENT"])));
        assert_eq!(output.external_id.as_deref(), Some("m1"));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /gmail/v1/users/me/drafts/send", &json!({ "id": "r1" }))
        );
    }

    #[tokio::test]
    async fn missing_draft_is_not_found_in_prepare_and_ambiguous_in_run() {
        let (checkpoint, _) =
            testing::run_step(&ADAPTER, "send_draft", None, Step::Prepare, context(), |_| Ok(not_found())).await;
        assert_eq!(checkpoint.unwrap_err().kind(), Some(Kind::NotFound));
        let (output, _) =
            testing::run_with_checkpoint(&ADAPTER, "send_draft", "r1/t1", context(), |_| not_found()).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
        let lost = |_: &testing::SentRequest| Err(HttpError::Lost("reset".to_owned()));
        let (output, _) = testing::run_fallible(&ADAPTER, "send_draft", context(), lost).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[tokio::test]
    async fn reconciles_by_mail_sent_in_the_thread_since() {
        let reconcile = async |draft: (u16, Value), label: &'static str, at: &'static str| {
            let provider = move |sent: &testing::SentRequest| {
                let at: jiff::Timestamp = at.parse().unwrap();
                let date = at.as_millisecond().to_string();
                let message = json!({ "id": "m1", "threadId": "t1", "labelIds": [label], "internalDate": date });
                let thread = (200, json!({ "messages": [message] }));
                Ok(if sent.line.contains("/drafts/") { draft.clone() } else { thread })
            };
            testing::run_step(&ADAPTER, "send_draft", Some("r1/t1"), Step::Reconcile, context(), provider)
                .await
                .0
                .unwrap()
        };
        let existing = (200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } }));
        assert_eq!(
            reconcile(existing, "SENT", testing::NOW).await,
            StepOutput::Reconciliation(Reconciliation::NotApplied)
        );
        let sent = reconcile(not_found(), "SENT", testing::NOW).await;
        assert_eq!(sent.applied_id(), Some("m1"));
        assert_eq!(
            reconcile(not_found(), "SENT", "2026-11-23T09:58:59Z").await,
            StepOutput::Reconciliation(Reconciliation::Inconclusive)
        );
        assert_eq!(
            reconcile(not_found(), "INBOX", testing::NOW).await,
            StepOutput::Reconciliation(Reconciliation::Inconclusive)
        );
    }
}
