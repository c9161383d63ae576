//! `create_draft`: creates a draft in the connected account without sending it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::mail_input::MailInput;
use super::{DRAFT_SCOPES, draft};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

const CREATED_MESSAGE: &str = "The draft was created.";

/// Create a draft in the connected Gmail account, for a person to check and send.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct CreateDraft(MailInput);

impl Action for CreateDraft {
    const NAME: &'static str = "create_draft";
    const SCOPES: Scopes = DRAFT_SCOPES;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> = Some(ReconcileBy { by: "a header of the draft", scopes: DRAFT_SCOPES });

    fn example() -> Value {
        json!({ "to": "kim@example.com", "subject": "Hello", "body": "See you on Monday." })
    }

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
        Ok(draft::create(api, &self.0.outgoing()?).await?.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        Ok(draft::find_by_key(api)
            .await?
            .map_or(Reconciliation::NotApplied, |draft| Reconciliation::Applied(draft.into_output(CREATED_MESSAGE))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn creates_a_draft() {
        let context = json!({ "to": "recipient@example.com", "subject": "Draft Email", "body": "This is a draft." });
        let (output, calls) = testing::run(&ADAPTER, "create_draft", context, |_| {
            (200, json!({ "id": "r1", "message": { "id": "m1", "threadId": "t1" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "r1", "messageId": "m1", "threadId": "t1" }));
        assert_eq!(output.external_id.as_deref(), Some("r1"));
        assert_eq!(calls[0].line, "POST /gmail/v1/users/me/drafts");
        assert_eq!(calls[0].header("authorization"), "Bearer token-1");
        assert!(calls[0].body["message"]["raw"].is_string());
    }
}
