//! `modify_thread`: changes the labels of all messages of a thread.

use super::MODIFY_SCOPES;
use super::id::Id;
use super::label::LabelRef;
use super::label_change::{LabelActions, LabelChange, Labels};
use super::thread::{self, ChangedThread};
use crate::adapters::prelude::*;

/// Mark all e-mails of a thread as read or unread, star or archive them, or add and remove labels.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ModifyThread {
    /// The `threadId` of any of its e-mails.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    thread_id: Id,
    /// Changes of system labels by common names. `archive` removes the thread from the inbox.
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

impl Action for ModifyThread {
    const META: Meta = Meta::idempotent("modify_thread", MODIFY_SCOPES)
        .overwrites("the labels that it removes, such as that of the inbox")
        .example(r#"{"threadId": "18f0000000000001", "actions": ["read", "archive"], "add": ["Receipts"]}"#);
    type Output = ChangedThread;

    fn check(&self) -> Result<()> {
        self.change().check()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(self.change().resolve(api).await?.into_targets([&*self.thread_id]))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedThread>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        let change = self.change().resolve(api).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/modify
        let request = change.to_request();
        thread::change(api, &self.thread_id, "modify", Some(&request), "The thread's labels were changed.").await
    }
}

impl ModifyThread {
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
    async fn labels_of_all_messages_are_changed_in_one_call() {
        let response = json!({ "id": "t1", "messages": [{ "id": "m1", "threadId": "t1", "labelIds": ["STARRED"] }] });
        let context = json!({ "threadId": "t1", "actions": ["star", "archive"] });
        let (output, calls) = testing::run(&ADAPTER, "modify_thread", context, move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!(
            (output.external_id.as_deref(), &output.data["emails"][0]["labelIds"]),
            (Some("t1"), &json!(["STARRED"]))
        );
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /gmail/v1/users/me/threads/t1/modify"));
        assert_eq!(calls[0].body, json!({ "addLabelIds": ["STARRED"], "removeLabelIds": ["INBOX"] }));
        assert_eq!(testing::refusal(&ADAPTER, "modify_thread", json!({ "threadId": "t1" })).0, "context.actions");
    }
}
