//! `modify_labels`: puts labels on a message and takes labels off it: read, starred, archived and one's own.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::message::Message;
use super::{MODIFY_SCOPES, check_id, label};
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};
use crate::validate::check_text;

/// Gmail takes no more of each in one call.
const MAX_LABELS: usize = 100;
const MAX_LABEL_NAME_BYTES: usize = 225;

/// Mark an e-mail as read or unread, star or archive it, or put labels on it and take labels off it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ModifyLabels {
    /// The e-mail's `id`, as `fetch_emails` returns it.
    #[serde(alias = "id")]
    message_id: String,
    /// What to do, in words: one or several of `read`, `unread`, `star`, `unstar`, `archive` and `unarchive`.
    #[serde(default)]
    actions: Vec<LabelAction>,
    /// Labels to put on, by name or id: `Receipts`, `Label_12`, `IMPORTANT`. `create_label` makes one that is missing.
    #[serde(default, alias = "addLabelIds")]
    add: Vec<String>,
    /// Labels to take off, by name or id.
    #[serde(default, alias = "removeLabelIds")]
    remove: Vec<String>,
}

/// A label change people have a word for.
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
    const NAME: &'static str = "modify_labels";
    const SCOPES: Scopes = MODIFY_SCOPES;
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "messageId": "18f0000000000005", "actions": ["read", "archive"], "add": ["Receipts"] })
    }

    fn check(&self) -> Result<()> {
        check_id("messageId", &self.message_id)?;
        for (field, given) in [("add", &self.add), ("remove", &self.remove)] {
            check_labels(field, given)?;
        }
        let (add, remove) = (self.labels(true), self.labels(false));
        if add.is_empty() && remove.is_empty() {
            return Err(Error::invalid("actions", "or `add` or `remove` must say what to change"));
        }
        if add.iter().any(|label| remove.contains(label)) {
            return Err(Error::invalid("actions", "with `add` and `remove` must not put a label on and take it off"));
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        let [add, remove] = label::resolve_ids(api, [&self.labels(true), &self.labels(false)]).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/modify
        let call = api.post(&["gmail", "v1", "users", "me", "messages", &self.message_id, "modify"]);
        let changed: Message = call.json(&json!({ "addLabelIds": add, "removeLabelIds": remove })).send().await?;
        Ok(changed.into_labels_output("The e-mail's labels were changed."))
    }
}

impl ModifyLabels {
    /// The labels to put on, or to take off, as far as they are known without asking.
    fn labels(&self, on: bool) -> Vec<String> {
        let marks = self.actions.iter().map(|mark| mark.change()).filter(|(_, puts_on)| *puts_on == on);
        let given = if on { &self.add } else { &self.remove };
        let given = given.iter().map(|name| label::system_id(name).unwrap_or_else(|| name.trim().to_owned()));
        marks.map(|(label, _)| label.to_owned()).chain(given).collect()
    }
}

impl LabelAction {
    /// The label, and whether it is put on.
    fn change(self) -> (&'static str, bool) {
        match self {
            Self::Read => ("UNREAD", false),
            Self::Unread => ("UNREAD", true),
            Self::Star => ("STARRED", true),
            Self::Unstar => ("STARRED", false),
            Self::Archive => ("INBOX", false),
            Self::Unarchive => ("INBOX", true),
        }
    }
}

fn check_labels(field: &str, given: &[String]) -> Result<()> {
    if given.len() > MAX_LABELS {
        return Err(Error::invalid(field, format!("must be at most {MAX_LABELS} labels")));
    }
    for name in given {
        check_text(field, name, MAX_LABEL_NAME_BYTES)?;
        // Only sending and writing make these.
        if label::system_id(name).is_some_and(|id| ["SENT", "DRAFT"].contains(&id.as_str())) {
            return Err(Error::invalid(field, "must not be SENT or DRAFT, which are Gmail's to set"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;
    use crate::error::Kind;

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
        let (done, calls) = testing::run(&ADAPTER, "modify_labels", context, respond).await;
        let done = done.unwrap();
        assert_eq!(done.data, json!({ "id": "m1", "threadId": "t1", "labelIds": ["STARRED"], "unread": false }));
        assert_eq!(done.external_id.as_deref(), Some("m1"));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /gmail/v1/users/me/messages/m1/modify"));
        let body = json!({ "addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD", "INBOX", "IMPORTANT"] });
        assert_eq!(calls[0].body, body);
    }

    #[tokio::test]
    async fn user_labels_resolve_by_id_before_name() {
        let context = json!({ "messageId": "m1", "add": ["receipts"], "remove": ["Label_2"] });
        let (_, calls) = testing::run(&ADAPTER, "modify_labels", context, respond).await;
        assert_eq!(calls[1].body, json!({ "addLabelIds": ["Label_1"], "removeLabelIds": ["Label_2"] }));
        // An id goes before a name.
        let (_, calls) =
            testing::run(&ADAPTER, "modify_labels", json!({ "id": "m1", "add": ["Label_1"] }), respond).await;
        assert_eq!(calls[1].body["addLabelIds"], json!(["Label_1"]));
        let (done, calls) =
            testing::run(&ADAPTER, "modify_labels", json!({ "id": "m1", "add": ["New"] }), respond).await;
        assert_eq!((testing::error_kind(&done), calls.len()), (Kind::Invalid, 1));
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
        assert_eq!(refused(json!({ "add": [""] })), "context.add");
        assert_eq!(refused(json!({ "remove": vec!["a"; 101] })), "context.remove");
    }
}
