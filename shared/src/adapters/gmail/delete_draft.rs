//! `delete_draft`: deletes a draft permanently.

use super::{DRAFT_SCOPES, check_id};
use crate::adapters::prelude::*;

/// Delete a draft permanently, bypassing the trash. Deleting a draft that no longer exists succeeds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteDraft {
    /// The draft's `id`, as `create_draft` and `list_drafts` return it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    draft_id: String,
}

impl Action for DeleteDraft {
    const META: Meta =
        Meta::idempotent("delete_draft", DRAFT_SCOPES).example(r#"{"draftId": "r-6000000000000000001"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        check_id("draftId", &self.draft_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/delete
        let call = api.call(Method::DELETE, &["gmail", "v1", "users", "me", "drafts", &self.draft_id]);
        match call.send::<Value>().await {
            Err(error) if !api.was_deleted_before(&error) => return Err(error),
            Ok(_) | Err(_) => {}
        }
        Ok(ActionOutput {
            message: "The draft was deleted.".to_owned(),
            data: json!({ "id": self.draft_id, "deleted": true }),
            external_id: Some(self.draft_id.clone()),
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
    async fn deletes_a_draft() {
        let context = || json!({ "draftId": "r1" });
        let (output, calls) = testing::run(&ADAPTER, "delete_draft", context(), |_| (204, Value::Null)).await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "r1", "deleted": true }));
        assert_eq!(output.external_id.as_deref(), Some("r1"));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "DELETE /gmail/v1/users/me/drafts/r1"));
        testing::assert_absent_is_done_only_on_a_retry(&ADAPTER, "delete_draft", context(), (404, Value::Null)).await;
        assert_eq!(testing::refusal(&ADAPTER, "delete_draft", json!({ "draftId": "" })).0, "context.draftId");
    }
}
