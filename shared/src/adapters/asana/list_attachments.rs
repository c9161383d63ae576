//! `list_attachments`: lists the files that are attached to a task or a project.

use super::attachment::{self, Attachment};
use super::prelude::*;

/// List the files that are attached to an Asana task or project, those of a task's description too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListAttachments {
    /// The task: its id (gid) or link. Exactly one of `taskId` and `projectId` is required.
    task_id: Option<TaskId>,
    /// The project: its id (gid), link or name.
    project_id: Option<ProjectId>,
    /// Number of attachments to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListAttachments {
    const META: Meta =
        Meta::read("list_attachments", READ_ATTACHMENTS_SCOPES).example(r#"{"taskId": "1200000000000021"}"#);
    type Output = List<Attachment>;

    fn check(&self) -> Result<()> {
        attachment::check_parent(self.task_id.as_ref(), self.project_id.as_ref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Attachment>>> {
        let parent = attachment::parent(api, self.task_id.as_ref(), self.project_id.as_ref()).await?;
        // https://developers.asana.com/reference/getattachmentsforobject
        let call = api.get(&["api", "1.0", "attachments"]).query("parent", parent.id);
        let call = call.query("opt_fields", attachment::FIELDS);
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_attachments() {
        let context = json!({ "projectId": "7", "limit": 1 });
        let (output, calls) = testing::run(&ADAPTER, "list_attachments", context, |_| {
            let file =
                json!({ "gid": "9", "name": "a.png", "host": "dropbox", "view_url": "https://www.dropbox.com/s/1" });
            (200, json!({ "data": [file], "next_page": { "offset": "p2" } }))
        })
        .await;
        let attachments = json!([{ "id": "9", "filename": "a.png", "host": "dropbox" }]);
        assert_eq!(output.unwrap().data, json!({ "attachments": attachments, "cursor": "p2" }));
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("parent")), ("GET /api/1.0/attachments", "7"));
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("opt_fields")), ("1", attachment::FIELDS));
        assert_eq!(testing::refusal(&ADAPTER, "list_attachments", json!({})).0, "context.taskId");
    }
}
