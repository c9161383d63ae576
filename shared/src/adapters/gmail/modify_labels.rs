//! `modify_labels`: adds labels to a message and removes labels from it, such as read, starred, archived and user labels.

use super::MODIFY_SCOPES;
use super::email::ChangedEmail;
use super::id::Id;
use super::label::LabelRef;
use super::label_change::{LabelActions, LabelChange, Labels};
use super::message::Message;
use crate::adapters::prelude::*;

/// Mark an e-mail as read or unread, star or archive it, or add and remove labels. `gmail_trash_email` deletes it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ModifyLabels {
    /// The e-mail's `id`, as `gmail_fetch_emails` returns it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    message_id: Id,
    /// Changes of system labels by common names. `archive` removes the e-mail from the inbox.
    actions: Option<LabelActions>,
    /// Labels to add, by name or id, for example `Receipts`. `gmail_create_label` creates a missing one.
    #[serde(alias = "addLabelIds")]
    #[schemars(extend("x-aliases" = ["addLabelIds"]))]
    add: Option<Labels>,
    /// Labels to remove, by name or id.
    #[serde(alias = "removeLabelIds")]
    #[schemars(extend("x-aliases" = ["removeLabelIds"]))]
    remove: Option<Labels>,
}

impl Action for ModifyLabels {
    const META: Meta = Meta::idempotent("modify_labels", MODIFY_SCOPES)
        .core()
        .overwrites("the labels that it removes, such as that of the inbox")
        .example(r#"{"messageId": "18f0000000000005", "actions": ["read", "archive"], "add": ["Receipts"]}"#);
    type Output = ChangedEmail;

    fn check(&self) -> Result<()> {
        self.change().check()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let change = self.change().resolve(api).await?;
        Ok(change.into_targets([&*self.message_id]))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedEmail>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        let change = self.change().resolve(api).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/modify
        let call = api.post(&["gmail", "v1", "users", "me", "messages", &self.message_id, "modify"]);
        let changed: Message = call.json(&change.to_request()).send().await?;
        Ok(changed.with_id(&self.message_id).changed().into_output("The e-mail's labels were changed."))
    }
}

impl ModifyLabels {
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

    fn respond(sent: &testing::SentRequest) -> (u16, Value) {
        match sent.line.as_str() {
            "GET /gmail/v1/users/me/labels" => (
                200,
                json!({ "labels": [{ "id": "Label_1", "name": "Receipts" }, { "id": "Label_2", "name": "Label_1" }] }),
            ),
            _ => (200, json!({ "id": "m1", "threadId": "t1", "labelIds": ["STARRED"] })),
        }
    }

    #[tokio::test]
    async fn system_labels_need_one_call() {
        let context = json!({ "messageId": "m1", "actions": ["read", "star", "archive"], "remove": ["important"] });
        let (output, calls) = testing::run(&ADAPTER, "modify_labels", context, respond).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "m1", "threadId": "t1", "link": "https://mail.google.com/mail/u/0/#all/m1",
                "labelIds": ["STARRED"], "unread": false })
        );
        assert_eq!(output.external_id.as_deref(), Some("m1"));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /gmail/v1/users/me/messages/m1/modify"));
        let body = json!({ "addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD", "INBOX", "IMPORTANT"] });
        assert_eq!(calls[0].body, body);
    }

    #[tokio::test]
    async fn user_labels_resolve_by_id_before_name() {
        let context = json!({ "messageId": "m1", "add": ["receipts"], "remove": ["Label_2"] });
        let (_, calls) = testing::run(&ADAPTER, "modify_labels", context, respond).await;
        assert_eq!(calls[1].body, json!({ "addLabelIds": ["Label_1"], "removeLabelIds": ["Label_2"] }));
        // An id takes precedence over a name.
        let (_, calls) =
            testing::run(&ADAPTER, "modify_labels", json!({ "id": "m1", "add": ["Label_1"] }), respond).await;
        assert_eq!(calls[1].body["addLabelIds"], json!(["Label_1"]));
        let (output, calls) =
            testing::run(&ADAPTER, "modify_labels", json!({ "id": "m1", "add": ["New"] }), respond).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1));
    }

    #[test]
    fn refuses_empty_and_contradictory_changes() {
        let refused = |mut context: Value| {
            context["messageId"] = json!("m1");
            testing::refusal(&ADAPTER, "modify_labels", context).0
        };
        assert_eq!(refused(json!({})), "context.actions");
        assert_eq!(refused(json!({ "actions": ["read", "unread"] })), "context.actions");
        assert_eq!(refused(json!({ "actions": ["star"], "remove": ["Starred"] })), "context.actions");
        assert_eq!(refused(json!({ "add": ["x", "sent"] })), "context.add[1]");
    }
}
