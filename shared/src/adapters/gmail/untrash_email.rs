//! `untrash_email`: restores a message from the trash.

use super::trash::set_in_trash;
use super::{MODIFY_SCOPES, check_id};
use crate::adapters::prelude::*;

/// Restore an e-mail from the trash.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UntrashEmail {
    /// The e-mail's `id`; `fetch_emails` finds e-mails in the trash with the query `in:trash`.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    message_id: String,
}

impl Action for UntrashEmail {
    const META: Meta = Meta::idempotent("untrash_email", MODIFY_SCOPES).example(r#"{"messageId": "18f000000000000e"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        check_id("messageId", &self.message_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/untrash
        let message = set_in_trash(api, &self.message_id, false).await?;
        Ok(message.into_labels_output("The e-mail was restored from the trash."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn restores_a_message_from_the_trash() {
        let response = json!({ "id": "m1", "threadId": "t1", "labelIds": [] });
        let context = || json!({ "messageId": "m1" });
        let (output, calls) =
            testing::run(&ADAPTER, "untrash_email", context(), move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "m1", "threadId": "t1", "labelIds": [], "unread": false }));
        assert_eq!(output.external_id.as_deref(), Some("m1"));
        assert_eq!(calls[0].line, "POST /gmail/v1/users/me/messages/m1/untrash");

        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, _) = testing::run(&ADAPTER, "untrash_email", context(), not_found).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
        assert_eq!(testing::refusal(&ADAPTER, "untrash_email", json!({})).0, "context.messageId");
    }
}
