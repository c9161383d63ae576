//! `list_comments`: reads the open comments of a page.

use super::NO_SCOPES;
use super::comment::{Comment, CommentData};
use super::list::{self, PageLimit};
use super::place::Place;
use crate::adapters::prelude::*;

/// Read the open comments of a Notion page or of a block, oldest first, each with its thread. Those on blocks of the page are left out:
/// pass the id of the block, or a link to it. Resolved comments are left out too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListComments {
    /// The page, or a block on it: its id or a link to it.
    page_id: Place,
    /// Number of comments to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListComments {
    const META: Meta = Meta::read("list_comments", NO_SCOPES)
        .example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031", "limit": 10}"#);
    type Output = List<CommentData>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<CommentData>>> {
        // https://developers.notion.com/reference/list-comments
        let call = api.get(&["v1", "comments"]).query("block_id", self.page_id.as_str());
        let comments = list::requested_get::<Comment>(api, call, self.limit, self.cursor.as_ref()).await?;
        Ok(comments.into_output(|comment| Some(comment.into_data())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    #[tokio::test]
    async fn returns_comments() {
        let context = json!({ "pageId": ID, "limit": 3, "cursor": "p1" });
        let (output, calls) = testing::run(&ADAPTER, "list_comments", context, |_| {
            (
                200,
                json!({ "object": "list", "has_more": false, "next_cursor": null, "results": [{ "object": "comment",
                    "id": "c1", "discussion_id": "t1", "parent": { "type": "page_id", "page_id": ID },
                    "created_time": "2026-11-23T10:00:00.000Z", "created_by": { "object": "user", "id": "u1" },
                    "display_name": { "type": "user", "resolved_name": "Ann" },
                    "rich_text": [{ "plain_text": "Well " }, { "plain_text": "done" }] }] }),
            )
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "comments": [{ "id": "c1", "discussionId": "t1", "text": "Well done",
                "parent": { "type": "page", "id": ID }, "createdAt": "2026-11-23T10:00:00.000Z",
                "author": { "id": "u1", "name": "Ann" } }] })
        );
        assert_eq!(calls[0].line, "GET /v1/comments");
        let query = [("block_id", ID), ("page_size", "3"), ("start_cursor", "p1")];
        assert_eq!(calls[0].query, query.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[tokio::test]
    async fn missing_comment_capability_is_forbidden() {
        let refusal = json!({ "object": "error", "status": 403, "code": "restricted_resource", "message": "No." });
        let response = move |_: &testing::SentRequest| (403, refusal.clone());
        let (output, _) = testing::run(&ADAPTER, "list_comments", json!({ "pageId": ID }), response).await;
        assert_eq!(testing::error_kind(&output), Kind::Forbidden);
    }
}
