//! `get_label`: reads a label with the numbers of its messages.

use super::LIST_LABELS_SCOPES;
use super::label::{self, AnyLabel, LabelDetails};
use crate::adapters::prelude::*;

/// Read a label: its colour, its visibility, and how many e-mails and threads have it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetLabel {
    /// The label, by name or id: `inbox`, `Receipts`.
    #[serde(alias = "labelId")]
    #[schemars(extend("x-aliases" = ["labelId"]))]
    label: AnyLabel,
}

impl Action for GetLabel {
    const META: Meta = Meta::read("get_label", LIST_LABELS_SCOPES).example(r#"{"label": "receipts"}"#);
    type Output = LabelDetails;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<LabelDetails>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        let label = label::find_one(api, &self.label).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/get
        let details: LabelDetails = api.get(&["gmail", "v1", "users", "me", "labels", &label.id]).send().await?;
        Ok(details.into_output(&label.id, "The label was read."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn a_label_is_found_by_its_name_in_any_case() {
        let provider = |sent: &testing::SentRequest| match sent.line.ends_with("/labels") {
            true => (200, json!({ "labels": [{ "id": "Label_1", "name": "Category_Bugs" }] })),
            false => (
                200,
                json!({ "id": "Label_1", "name": "Category_Bugs", "threadsUnread": 2,
                "color": { "textColor": "#000000", "backgroundColor": "#ffffff" } }),
            ),
        };
        let (output, calls) = testing::run(&ADAPTER, "get_label", json!({ "label": "CATEGORY_bugs" }), provider).await;
        let output = output.unwrap();
        assert_eq!((&output.data["threadsUnread"], &output.data["color"]["textColor"]), (&json!(2), &json!("#000000")));
        assert_eq!(
            (output.external_id.as_deref(), calls[1].line.as_str()),
            (Some("Label_1"), "GET /gmail/v1/users/me/labels/Label_1")
        );
        let (_, calls) = testing::run(&ADAPTER, "get_label", json!({ "labelId": "inbox" }), provider).await;
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "GET /gmail/v1/users/me/labels/INBOX"));
    }
}
