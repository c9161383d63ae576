//! `modify_labels`: adds labels to a message and removes labels from it, such as read, starred, archived and user labels.

use super::label::{self, LabelChange};
use super::message::Message;
use super::{MODIFY_SCOPES, check_id};
use crate::adapters::prelude::*;
use crate::validate::check_text;

/// Gmail's limit of each list in one call.
const MAX_LABELS: usize = 100;
const MAX_LABEL_NAME_BYTES: usize = 225;

/// Mark an e-mail as read or unread, star or archive it, or add and remove labels.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ModifyLabels {
    /// The e-mail's `id`, as `fetch_emails` returns it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    message_id: String,
    /// One or several of `read`, `unread`, `star`, `unstar`, `archive` and `unarchive`.
    #[serde(default)]
    actions: Vec<LabelAction>,
    /// Labels to add, by name or id: `Receipts`, `Label_12`, `IMPORTANT`. A missing label can be created by `create_label`.
    #[serde(default, alias = "addLabelIds")]
    #[schemars(extend("x-aliases" = ["addLabelIds"]))]
    add: Vec<String>,
    /// Labels to remove, by name or id.
    #[serde(default, alias = "removeLabelIds")]
    #[schemars(extend("x-aliases" = ["removeLabelIds"]))]
    remove: Vec<String>,
}

/// A label change with a common name.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum LabelAction {
    Read,
    Unread,
    Star,
    Unstar,
    Archive,
    Unarchive,
}

impl Action for ModifyLabels {
    const META: Meta = Meta::idempotent("modify_labels", MODIFY_SCOPES)
        .example(r#"{"messageId": "18f0000000000005", "actions": ["read", "archive"], "add": ["Receipts"]}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        check_id("messageId", &self.message_id)?;
        for (field, names) in [("add", &self.add), ("remove", &self.remove)] {
            check_labels(field, names)?;
        }
        let LabelChange { add, remove } = self.change();
        if add.is_empty() && remove.is_empty() {
            return Err(Error::invalid("actions", "must not be empty unless add or remove has a label"));
        }
        if add.iter().any(|label| remove.contains(label)) {
            return Err(Error::invalid("actions", "must not add and remove the same label; add and remove count too"));
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        let LabelChange { add, remove } = self.change().resolve(api).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/modify
        let call = api.post(&["gmail", "v1", "users", "me", "messages", &self.message_id, "modify"]);
        let changed: Message = call.json(&json!({ "addLabelIds": add, "removeLabelIds": remove })).send().await?;
        Ok(changed.into_labels_output("The e-mail's labels were changed."))
    }
}

impl ModifyLabels {
    /// Returns the labels to add and to remove; user labels are still names or ids.
    fn change(&self) -> LabelChange {
        let actions = |adds: bool| self.actions.iter().filter(move |action| action.adds() == adds);
        let label = |action: &LabelAction| action.label().to_owned();
        let id_or_name = |name: &String| label::system_id(name).unwrap_or_else(|| name.trim().to_owned());
        LabelChange {
            add: actions(true).map(label).chain(self.add.iter().map(id_or_name)).collect(),
            remove: actions(false).map(label).chain(self.remove.iter().map(id_or_name)).collect(),
        }
    }
}

impl LabelAction {
    /// Returns the id of the system label.
    fn label(self) -> &'static str {
        match self {
            Self::Read | Self::Unread => "UNREAD",
            Self::Star | Self::Unstar => "STARRED",
            Self::Archive | Self::Unarchive => "INBOX",
        }
    }

    /// True if the label is added, false if it is removed.
    fn adds(self) -> bool {
        matches!(self, Self::Unread | Self::Star | Self::Unarchive)
    }
}

fn check_labels(field: &str, names: &[String]) -> Result<()> {
    if names.len() > MAX_LABELS {
        return Err(Error::invalid(field, format!("must have at most {MAX_LABELS} labels")));
    }
    for name in names {
        check_text(field, name, MAX_LABEL_NAME_BYTES)?;
        // Only sending and drafting set these.
        if label::system_id(name).is_some_and(|id| ["SENT", "DRAFT"].contains(&id.as_str())) {
            return Err(Error::invalid(field, "must not be SENT or DRAFT, which only Gmail sets"));
        }
    }
    Ok(())
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
        assert_eq!(output.data, json!({ "id": "m1", "threadId": "t1", "labelIds": ["STARRED"], "unread": false }));
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
        assert_eq!(refused(json!({ "actions": ["delete"] })), "context.actions[0]");
        assert_eq!(refused(json!({ "add": ["sent"] })), "context.add");
        assert_eq!(refused(json!({ "add": ["", "x"] })), "context.add");
        assert_eq!(refused(json!({ "remove": vec!["a"; 101] })), "context.remove");
    }
}
