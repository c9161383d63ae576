//! `delete_label`: deletes a label of the mailbox's own.

use super::CREATE_LABEL_SCOPES;
use super::label::{self, Label, OwnLabel};
use crate::adapters::prelude::*;

/// Delete a label permanently. The e-mails that have it stay, without it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteLabel {
    /// The label, by name or id, for example `Receipts`.
    #[serde(alias = "labelId")]
    #[schemars(extend("x-aliases" = ["labelId"]))]
    label: OwnLabel,
}

/// A label that was deleted.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DeletedLabel {
    /// The id; absent if an earlier attempt had deleted the label.
    id: Option<String>,
    /// Always true.
    deleted: bool,
}

impl Action for DeleteLabel {
    const META: Meta = Meta::idempotent("delete_label", CREATE_LABEL_SCOPES)
        .overwrites("the label, which its e-mails lose")
        .example(r#"{"label": "Receipts"}"#);
    type Output = DeletedLabel;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![label::find_one(api, &self.label).await?.into_target()])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<DeletedLabel>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/list
        let labels = label::list(api).await?;
        let Some(Label { id, .. }) = label::matching(&labels, &self.label) else {
            // What is absent after an earlier attempt is deleted: only that attempt had found it.
            if api.is_retry {
                return Ok(ActionOutput::new("The label was deleted.", DeletedLabel { id: None, deleted: true }));
            }
            return Err(label::unknown_label(api, &self.label, &labels));
        };
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/delete
        match api.call(Method::DELETE, &["gmail", "v1", "users", "me", "labels", id]).send::<Value>().await {
            Err(error) if !api.was_deleted_before(&error) => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let deleted = DeletedLabel { id: Some(id.clone()), deleted: true };
        Ok(ActionOutput::new("The label was deleted.", deleted).with_id(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    fn respond(sent: &SentRequest) -> (u16, Value) {
        match sent.line.starts_with("GET") {
            true => (200, json!({ "labels": [{ "id": "Label_1", "name": "Receipts" }] })),
            false => (204, Value::Null),
        }
    }

    #[tokio::test]
    async fn a_label_is_deleted_by_its_name() {
        let (output, calls) = testing::run(&ADAPTER, "delete_label", json!({ "label": "receipts" }), respond).await;
        assert_eq!(output.unwrap().data, json!({ "id": "Label_1", "deleted": true }));
        assert_eq!(calls[1].line, "DELETE /gmail/v1/users/me/labels/Label_1");
        let (output, calls) = testing::run(&ADAPTER, "delete_label", json!({ "label": "Other" }), respond).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1));
        assert_eq!(testing::refusal(&ADAPTER, "delete_label", json!({ "labelId": "INBOX" })).0, "context.labelId");
    }
}
