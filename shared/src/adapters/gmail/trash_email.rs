//! `trash_email`: moves a message to the trash.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::message::{Message, none_if_not_found};
use super::{MODIFY_SCOPES, check_id};
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Move an e-mail to the trash. Gmail deletes it after 30 days; until then `untrash_email` restores it. Trashing an e-mail that
/// no longer exists succeeds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TrashEmail {
    /// The e-mail's `id`, as `fetch_emails` returns it.
    #[serde(alias = "id")]
    message_id: String,
}

impl Action for TrashEmail {
    const NAME: &'static str = "trash_email";
    const ALIASES: &'static [&'static str] = &["delete_email"];
    const SCOPES: Scopes = MODIFY_SCOPES;
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "messageId": "18f0000000000009" })
    }

    fn check(&self) -> Result<()> {
        check_id("messageId", &self.message_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/trash
        let call = api.post(&["gmail", "v1", "users", "me", "messages", &self.message_id, "trash"]);
        match none_if_not_found(call.send::<Message>().await)? {
            Some(message) => Ok(message.into_labels_output("The e-mail was moved to the trash.")),
            None => Ok(ActionOutput {
                message: "The e-mail did not exist.".to_owned(),
                data: json!({ "id": self.message_id, "threadId": null, "labelIds": [], "unread": false }),
                external_id: Some(self.message_id.clone()),
                link: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn moves_a_message_to_the_trash() {
        let answer = json!({ "id": "m1", "threadId": "t1", "labelIds": ["TRASH", "UNREAD"] });
        let context = || json!({ "messageId": "m1" });
        let (done, calls) = testing::run(&ADAPTER, "trash_email", context(), move |_| (200, answer.clone())).await;
        let done = done.unwrap();
        assert_eq!(done.data, json!({ "id": "m1", "threadId": "t1", "labelIds": ["TRASH", "UNREAD"], "unread": true }));
        assert_eq!(done.external_id.as_deref(), Some("m1"));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /gmail/v1/users/me/messages/m1/trash", &Value::Null)
        );

        let gone = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (done, _) = testing::run(&ADAPTER, "delete_email", context(), gone).await;
        assert_eq!(done.unwrap().message, "The e-mail did not exist.");
        assert_eq!(testing::refusal(&ADAPTER, "trash_email", json!({ "messageId": "" })).0, "context.messageId");
    }
}
