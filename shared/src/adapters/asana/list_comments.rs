//! `list_comments`: lists the comments on a task.

use super::comment::{self, Comment};
use super::prelude::*;

/// List the comments on an Asana task, oldest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListComments {
    /// The task: its id (gid) or link.
    task_id: TaskId,
    /// Number of entries of the task's history to read. Only the comments among them are returned, so a page with a `cursor`
    /// can have fewer, or none.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListComments {
    const META: Meta = Meta::read("list_comments", READ_STORIES_SCOPES).example(r#"{"taskId": "1200000000000021"}"#);
    type Output = List<Comment>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Comment>>> {
        // https://developers.asana.com/reference/getstoriesfortask
        let call = api.get(&["api", "1.0", "tasks", &self.task_id, "stories"]).query("opt_fields", comment::FIELDS);
        let mut page = envelope::list_where(api, call, self.limit, self.cursor.as_ref(), Comment::is_comment).await?;
        page.data.items = page.data.items.into_iter().map(Comment::with_markdown).collect();
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_only_comments() {
        let (output, calls) = testing::run(&ADAPTER, "list_comments", json!({ "taskId": "42", "cursor": "p2" }), |_| {
            let story = |gid: &str, kind: &str| {
                json!({ "gid": gid, "resource_subtype": kind, "text": "Hi", "html_text": "<body><strong>Hi</strong></body>", "created_at": "2026-11-23T09:00:00.000Z",
                    "created_by": { "gid": "5", "name": "Ann" } })
            };
            (200, json!({ "data": [story("98", "assigned"), story("99", "comment_added")], "next_page": null }))
        })
        .await;
        let author = json!({ "id": "5", "name": "Ann" });
        assert_eq!(
            output.unwrap().data,
            json!({ "comments": [
                { "id": "99", "text": "Hi", "markdown": "**Hi**", "htmlText": "<body><strong>Hi</strong></body>",
                    "createdAt": "2026-11-23T09:00:00Z", "author": author } ] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/42/stories");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("offset")), ("50", "p2"));
        assert_eq!(calls[0].parameter("opt_fields"), comment::FIELDS);
    }
}
