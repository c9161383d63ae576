//! `batch_modify`: changes the labels of many messages.

use super::MODIFY_SCOPES;
use super::id::Id;
use super::label::LabelRef;
use super::label_change::{LabelActions, LabelChange, Labels};
use crate::adapters::prelude::*;
use crate::wording::counted;

/// Change the labels of up to 1,000 e-mails in one call, for example to archive them or to mark them as read. Gmail does not say whether
/// each of them exists.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BatchModify {
    /// The `id` of each e-mail, as `gmail_fetch_emails` returns it.
    #[serde(alias = "ids")]
    #[schemars(extend("x-aliases" = ["ids"]))]
    message_ids: Items<Id, 1000>,
    /// Changes of system labels by common names. `archive` removes the e-mails from the inbox.
    actions: Option<LabelActions>,
    /// Labels to add, by name or id, for example `Receipts`.
    #[serde(alias = "addLabelIds")]
    #[schemars(extend("x-aliases" = ["addLabelIds"]))]
    add: Option<Labels>,
    /// Labels to remove, by name or id.
    #[serde(alias = "removeLabelIds")]
    #[schemars(extend("x-aliases" = ["removeLabelIds"]))]
    remove: Option<Labels>,
}

/// E-mails of which the labels were changed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangedEmails {
    /// The ids that were sent to Gmail.
    message_ids: Vec<Id>,
}

impl Action for BatchModify {
    const META: Meta = Meta::idempotent("batch_modify", MODIFY_SCOPES)
        .overwrites("the labels that it removes, such as that of the inbox")
        .aliases(&["batch_modify_emails"])
        .example(
            r#"{"messageIds": ["18f0000000000005", "18f0000000000009"], "actions": ["read"], "add": ["Receipts"]}"#,
        );
    type Output = ChangedEmails;

    fn check(&self) -> Result<()> {
        self.change().check()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let change = self.change().resolve(api).await?;
        Ok(change.into_targets(self.message_ids.iter().map(|id| &**id)))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedEmails>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        let change = self.change().resolve(api).await?;
        let mut request = change.to_request();
        request["ids"] = json!(self.message_ids);
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/batchModify
        api.post(&["gmail", "v1", "users", "me", "messages", "batchModify"]).json(&request).send::<Value>().await?;
        let message_ids = self.message_ids.to_vec();
        let message = format!(
            "Gmail took the change for {}; it does not say which of them exist.",
            counted(message_ids.len(), "e-mail")
        );
        Ok(ActionOutput::new(message, ChangedEmails { message_ids }))
    }
}

impl BatchModify {
    /// Returns the labels to add and to remove, as they were named.
    fn change(&self) -> LabelChange<LabelRef> {
        LabelChange::of(self.actions.as_ref(), self.add.as_ref(), self.remove.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn many_emails_are_changed_in_one_call() {
        let ids: Vec<String> = (0..1000).map(|number| format!("m{number}")).collect();
        let context = json!({ "messageIds": ids, "actions": ["read"], "remove": ["Important"] });
        let (output, calls) = testing::run(&ADAPTER, "batch_modify", context, |_| (204, Value::Null)).await;
        let output = output.unwrap();
        assert_eq!(
            (output.message.as_str(), &output.data["messageIds"]),
            ("Gmail took the change for 1000 e-mails; it does not say which of them exist.", &json!(ids))
        );
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /gmail/v1/users/me/messages/batchModify"));
        assert_eq!(calls[0].body, json!({ "ids": ids, "addLabelIds": [], "removeLabelIds": ["UNREAD", "IMPORTANT"] }));
        let ids = [ids, vec!["one".to_owned()]].concat();
        let more = json!({ "messageIds": ids, "actions": ["read"] });
        assert_eq!(testing::refusal(&ADAPTER, "batch_modify", more).0, "context.messageIds");
    }
}
