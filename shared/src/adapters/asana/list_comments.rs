//! `list_comments`: lists the comments on a task.

use super::comment::{self, Comment};
use super::envelope::{self, Page};
use super::{READ_STORIES_SCOPES, input};
use crate::adapters::prelude::*;

/// List the comments on an Asana task, oldest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListComments {
    /// The id (gid) of the task.
    task_id: String,
    /// Number of entries of the task's history to read, 1 to 100; default 50. Only the comments among them are returned, so a
    /// page with a `cursor` may have fewer, or none.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for ListComments {
    const META: Meta = Meta::read("list_comments", READ_STORIES_SCOPES).example(r#"{"taskId": "1200000000000021"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_gid("taskId", &self.task_id)?;
        envelope::check_page(self.limit, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.asana.com/reference/getstoriesfortask
        let call = api.get(&["api", "1.0", "tasks", &self.task_id, "stories"]).query("opt_fields", comment::FIELDS);
        let mut page: Page<Comment> = envelope::requested_page(api, call, self.limit, self.cursor.as_deref()).await?;
        page.data.retain(Comment::is_comment);
        Ok(page.into_output("comment"))
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
                json!({ "gid": gid, "resource_subtype": kind, "text": "Hi", "created_at": "2026-11-23T09:00:00.000Z",
                    "created_by": { "gid": "5", "name": "Ann" } })
            };
            (200, json!({ "data": [story("98", "assigned"), story("99", "comment_added")], "next_page": null }))
        })
        .await;
        let author = json!({ "id": "5", "name": "Ann" });
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": null, "comments": [
                { "id": "99", "text": "Hi", "createdAt": "2026-11-23T09:00:00.000Z", "author": author } ] })
        );
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/42/stories");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("offset")), ("50", "p2"));
        assert_eq!(calls[0].parameter("opt_fields"), comment::FIELDS);
    }

    #[test]
    fn rejects_invalid_task_and_limit() {
        assert_eq!(testing::refusal(&ADAPTER, "list_comments", json!({ "taskId": "x" })).0, "context.taskId");
        assert_eq!(
            testing::refusal(&ADAPTER, "list_comments", json!({ "taskId": "1", "limit": 0 })).0,
            "context.limit"
        );
    }
}
