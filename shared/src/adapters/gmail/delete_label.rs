//! `delete_label`: deletes a label of the mailbox's own.

use super::CREATE_LABEL_SCOPES;
use super::label::{self, OwnLabel};
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
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DeletedLabel {
    /// The id.
    id: String,
    /// Always true.
    deleted: bool,
}

impl Action for DeleteLabel {
    const META: Meta = Meta::idempotent("delete_label", CREATE_LABEL_SCOPES)
        .overwrites("the label, which its e-mails lose")
        .stores_checkpoint()
        .example(r#"{"label": "Receipts"}"#);
    type Output = DeletedLabel;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![label::find_one(api, &self.label).await?.into_target()])
    }

    /// Stores the label's id: after a lost response no label has the name any more.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        Ok(Some(label::find_one(api, &self.label).await?.id))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<DeletedLabel>> {
        let id = label::prepared_id(api, &self.label).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels/delete
        match api.call(Method::DELETE, &["gmail", "v1", "users", "me", "labels", &id]).send::<Value>().await {
            Err(error) if !api.was_deleted_before(&error) => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let deleted = DeletedLabel { id: id.clone(), deleted: true };
        Ok(ActionOutput::new("The label was deleted.", deleted).with_id(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, SentRequest, Step, StepOutput};

    fn respond(sent: &SentRequest) -> (u16, Value) {
        match sent.line.starts_with("GET") {
            true => (200, json!({ "labels": [{ "id": "Label_1", "name": "Receipts" }] })),
            false => (204, Value::Null),
        }
    }

    #[tokio::test]
    async fn a_label_that_an_earlier_attempt_deleted_is_deleted_and_an_unknown_one_is_not() {
        let harness = ActionHarness::new(&ADAPTER, |_| Ok((404, json!({ "error": { "code": 404 } }))));
        let action = ADAPTER.action("delete_label").unwrap();
        for is_retry in [false, true] {
            let api = Api { is_retry, ..harness.api(action, Some("Label_1")) };
            assert_eq!(action.run(&api, &json!({ "label": "Receipts" })).await.is_ok(), is_retry);
        }
        assert!(harness.calls().iter().all(|sent| sent.line == "DELETE /gmail/v1/users/me/labels/Label_1"));
        let prepare = async |label: &str| {
            let provider = |sent: &SentRequest| Ok(respond(sent));
            let context = json!({ "label": label });
            testing::run_step(&ADAPTER, "delete_label", None, Step::Prepare, context, provider).await.0
        };
        assert_eq!(prepare("receipts").await.unwrap(), StepOutput::Checkpoint(Some("Label_1".to_owned())));
        assert_eq!(prepare("Recipts").await.unwrap_err().kind(), Some(Kind::Invalid));
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
