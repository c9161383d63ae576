//! `trash_email`: moves a message to the trash.

use super::MODIFY_SCOPES;
use super::email::ChangedEmail;
use super::id::Id;
use super::trash::set_in_trash;
use crate::adapters::prelude::*;

/// Move an e-mail to the trash. Gmail deletes it after 30 days; until then `gmail_untrash_email` restores it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TrashEmail {
    /// The e-mail's `id`, as `gmail_fetch_emails` returns it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    message_id: Id,
}

impl Action for TrashEmail {
    const META: Meta = Meta::idempotent("trash_email", MODIFY_SCOPES)
        .overwrites("the e-mail, which Gmail deletes after 30 days")
        .aliases(&["delete_email"])
        .example(r#"{"messageId": "18f0000000000009"}"#);
    type Output = ChangedEmail;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![Target::new(TargetKind::Message, &*self.message_id)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedEmail>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/trash
        set_in_trash(api, &self.message_id, true, "The e-mail was moved to the trash.").await
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
            json!({ "id": "m1", "threadId": "t1", "link": "https://mail.google.com/mail/u/0/#all/m1",
                "labelIds": ["TRASH", "UNREAD"], "unread": true })
        );
        assert_eq!(output.external_id.as_deref(), Some("m1"));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /gmail/v1/users/me/messages/m1/trash", &Value::Null)
        );

        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, _) = testing::run(&ADAPTER, "delete_email", context(), not_found).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
