//! `delete_draft`: deletes a draft permanently.

use super::DRAFT_SCOPES;
use super::id::Id;
use crate::adapters::prelude::*;

/// Delete a draft permanently: it does not go to the trash.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteDraft {
    /// The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    draft_id: Id,
}

/// A draft that was deleted.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DeletedDraft {
    /// The id.
    id: String,
    /// Always true.
    deleted: bool,
}

impl Action for DeleteDraft {
    const META: Meta = Meta::idempotent("delete_draft", DRAFT_SCOPES)
        .overwrites("the draft")
        .example(r#"{"draftId": "r-6000000000000000001"}"#);
    type Output = DeletedDraft;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![Target::new(TargetKind::Message, &*self.draft_id)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<DeletedDraft>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/delete
        let call = api.call(Method::DELETE, &["gmail", "v1", "users", "me", "drafts", &self.draft_id]);
        match call.send::<Value>().await {
            Err(error) if !api.was_deleted_before(&error) => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let deleted = DeletedDraft { id: self.draft_id.to_string(), deleted: true };
        Ok(ActionOutput::new("The draft was deleted.", deleted).with_id(&*self.draft_id))
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
    }
}
