//! `add_tag_to_task`: adds a tag to a task.

use super::prelude::*;
use super::relation;
use super::tagging::Tagged;

/// Add a tag to an Asana task. Its other tags stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddTagToTask {
    /// The task: its id (gid) or a link to it.
    task_id: TaskId,
    /// The tag, by id (gid), link or name.
    tag_id: TagId,
}

impl Action for AddTagToTask {
    const META: Meta = Meta::idempotent("add_tag_to_task", WRITE_TASKS_SCOPES)
        .example(r#"{"taskId": "1200000000000021", "tagId": "1200000000000031"}"#);
    type Output = Tagged;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let tag = self.tag_id.resolve(api, "tagId", None).await?;
        Ok(vec![self.task_id.target(), TagId::target_of(tag)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Tagged>> {
        let tag = self.tag_id.resolve(api, "tagId", None).await?;
        // https://developers.asana.com/reference/addtagfortask
        let call =
            api.post(&["api", "1.0", "tasks", &self.task_id, "addTag"]).json(&json!({ "data": { "tag": tag.gid } }));
        let added = call.send::<Acknowledged>().await;
        relation::confirm(api, added, &self.task_id, |task| task.has_tag(&tag.gid)).await?;
        Ok(Tagged::output("The tag was added.", &self.task_id, tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    #[tokio::test]
    async fn adds_a_tag() {
        let context = json!({ "taskId": "42", "tagId": "6" });
        let (output, calls) =
            testing::run(&ADAPTER, "add_tag_to_task", context, |_| (200, json!({ "data": {} }))).await;
        let output = output.unwrap();
        assert_eq!(
            (output.data, output.external_id.as_deref()),
            (json!({ "id": "42", "tag": { "id": "6" } }), Some("42"))
        );
        assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/addTag");
        assert_eq!(calls[0].body, json!({ "data": { "tag": "6" } }));
    }

    #[tokio::test]
    async fn a_refusal_of_a_tag_that_the_task_has_is_done() {
        for (tags, is_done) in [(json!([{ "gid": "6" }]), true), (json!([]), false)] {
            let context = json!({ "taskId": "42", "tagId": "6" });
            let (output, calls) = testing::run(&ADAPTER, "add_tag_to_task", context, move |sent: &SentRequest| {
                match sent.line.starts_with("GET") {
                    true => (200, json!({ "data": { "tags": tags } })),
                    false => (400, json!({ "errors": [{ "message": "tag: Already on the task" }] })),
                }
            })
            .await;
            assert_eq!(output.is_ok(), is_done);
            assert_eq!(calls[1].line, "GET /api/1.0/tasks/42");
        }
    }
}
