//! `create_draft`: writes a draft in the connected account, without sending it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::TO_DRAFT;
use super::mail::Mail;
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Write a draft in the connected Gmail account, for a person to check and send.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct CreateDraft(Mail);

#[derive(Deserialize)]
struct Draft {
    id: String,
    message: Message,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: String,
    thread_id: Option<String>,
}

impl Action for CreateDraft {
    const NAME: &'static str = "create_draft";
    const SCOPES: Scopes = TO_DRAFT;
    const EFFECT: Effect = Effect::Create;

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        let raw = self.0.raw(api.effect_key, api.now)?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
        let call = api.post(&["gmail", "v1", "users", "me", "drafts"]).json(&json!({ "message": { "raw": raw } }));
        let draft: Draft = call.send().await?;
        Ok(Done {
            message: "The draft was written.".to_owned(),
            data: json!({ "id": draft.id, "messageId": draft.message.id, "threadId": draft.message.thread_id }),
            link: Some(super::link(&draft.message.id)),
            external_id: Some(draft.id),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn writes_a_draft() {
        let context = json!({ "to": "recipient@example.com", "subject": "Draft Email", "body": "This is a draft." });
        let (done, calls) = testing::run(&ADAPTER, "create_draft", context, |_| {
            (200, json!({ "id": "r1", "message": { "id": "m1", "threadId": "t1" } }))
        })
        .await;
        let done = done.unwrap();
        assert_eq!(done.data, json!({ "id": "r1", "messageId": "m1", "threadId": "t1" }));
        assert_eq!(done.external_id.as_deref(), Some("r1"));
        assert_eq!(calls[0].line, "POST /gmail/v1/users/me/drafts");
        assert_eq!(calls[0].header("authorization"), "Bearer token-1");
        assert!(calls[0].body["message"]["raw"].is_string());
    }
}
