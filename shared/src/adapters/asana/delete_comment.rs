//! `delete_comment`: deletes a comment.

use super::prelude::*;

/// Delete a comment on an Asana task. Only its author can; it cannot be restored.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteComment {
    /// The id (gid) of the comment.
    comment_id: Gid,
}

/// A deleted comment.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Deleted {
    /// The id (gid) of the comment.
    id: Gid,
}

impl Action for DeleteComment {
    const META: Meta = Meta::idempotent("delete_comment", DELETE_STORIES_SCOPES)
        .overwrites("the comment")
        .example(r#"{"commentId": "1200000000000053"}"#);
    type Output = Deleted;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![Target::new(TargetKind::Message, &*self.comment_id)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Deleted>> {
        // https://developers.asana.com/reference/deletestory
        match api.call(Method::DELETE, &["api", "1.0", "stories", &self.comment_id]).send::<Acknowledged>().await {
            Err(error) if !api.was_deleted_before(&error) => return Err(error),
            _ => {}
        }
        let deleted = Deleted { id: self.comment_id.clone() };
        Ok(ActionOutput::new("The comment was deleted.", deleted).with_id(&*self.comment_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn deletes_a_comment() {
        let context = || json!({ "commentId": "99" });
        let (output, calls) =
            testing::run(&ADAPTER, "delete_comment", context(), |_| (200, json!({ "data": {} }))).await;
        let output = output.unwrap();
        assert_eq!((output.data, output.external_id.as_deref()), (json!({ "id": "99" }), Some("99")));
        assert_eq!((calls[0].line.as_str(), &calls[0].body), ("DELETE /api/1.0/stories/99", &Value::Null));
        let absent = (404, json!({ "errors": [{ "message": "story: Unknown object" }] }));
        testing::assert_absent_is_done_only_on_a_retry(&ADAPTER, "delete_comment", context(), absent).await;
    }

    #[tokio::test]
    async fn a_comment_of_another_author_is_forbidden() {
        let (output, _) =
            testing::run(&ADAPTER, "delete_comment", json!({ "commentId": "99" }), |_| (403, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Forbidden);
    }
}
