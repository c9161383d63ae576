//! `trash_email`: moves a message to the trash.

use super::trash::set_in_trash;
use super::{MODIFY_SCOPES, check_id};
use crate::adapters::prelude::*;

/// Move an e-mail to the trash. Gmail deletes it after 30 days; until then `untrash_email` restores it. Trashing an e-mail that
/// no longer exists succeeds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TrashEmail {
    /// The e-mail's `id`, as `fetch_emails` returns it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    message_id: String,
}

impl Action for TrashEmail {
    const META: Meta = Meta::idempotent("trash_email", MODIFY_SCOPES)
        .aliases(&["delete_email"])
        .example(r#"{"messageId": "18f0000000000009"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        check_id("messageId", &self.message_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/trash
        let message = set_in_trash(api, &self.message_id, true).await?;
        Ok(message.into_labels_output("The e-mail was moved to the trash."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn moves_a_message_to_the_trash() {
        let response = json!({ "id": "m1", "threadId": "t1", "labelIds": ["TRASH", "UNREAD"] });
        let context = || json!({ "messageId": "m1" });
        let (output, calls) = testing::run(&ADAPTER, "trash_email", context(), move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "m1", "threadId": "t1", "labelIds": ["TRASH", "UNREAD"], "unread": true })
        );
        assert_eq!(output.external_id.as_deref(), Some("m1"));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /gmail/v1/users/me/messages/m1/trash", &Value::Null)
        );

        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, _) = testing::run(&ADAPTER, "delete_email", context(), not_found).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
        assert_eq!(testing::refusal(&ADAPTER, "trash_email", json!({ "messageId": "" })).0, "context.messageId");
    }
}
