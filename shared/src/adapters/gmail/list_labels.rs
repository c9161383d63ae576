//! `list_labels`: lists the labels of the mailbox.

use super::LIST_LABELS_SCOPES;
use super::label::{self, Label};
use crate::adapters::paging;
use crate::adapters::prelude::*;

/// List the labels of the connected Gmail account, system labels and user labels, each with the `id` and the `name` that other
/// actions accept.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("properties" = {}))]
pub(super) struct ListLabels {}

impl Action for ListLabels {
    const META: Meta = Meta::read("list_labels", LIST_LABELS_SCOPES);
    type Output = Value;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        let labels: Vec<Value> = label::list(api).await?.iter().map(Label::to_json).collect();
        Ok(ActionOutput {
            message: paging::count_message(labels.len(), "label"),
            data: json!({ "labels": labels }),
            external_id: None,
            link: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn lists_system_and_user_labels() {
        let labels = json!([{ "id": "INBOX", "name": "INBOX", "type": "system", "messageListVisibility": "hide" },
            { "id": "Label_1", "name": "Receipts" }]);
        let (output, calls) =
            testing::run(&ADAPTER, "list_labels", json!({}), move |_| (200, json!({ "labels": labels }))).await;
        let (inbox, own) = (
            json!({ "id": "INBOX", "name": "INBOX", "type": "system" }),
            json!({ "id": "Label_1", "name": "Receipts", "type": "user" }),
        );
        assert_eq!(output.unwrap().data, json!({ "labels": [inbox, own] }));
        assert_eq!((calls[0].line.as_str(), calls[0].query.len()), ("GET /gmail/v1/users/me/labels", 0));
        assert!(testing::refusal(&ADAPTER, "list_labels", json!({ "limit": 1 })).1.contains("unknown field"));
    }
}
