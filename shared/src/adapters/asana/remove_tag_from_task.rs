//! `remove_tag_from_task`: removes a tag from a task.

use super::prelude::*;
use super::relation;
use super::tagging::Tagged;

/// Remove a tag from an Asana task. The tag itself stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RemoveTagFromTask {
    /// The task: its id (gid) or a link to it.
    task_id: TaskId,
    /// The tag, by id (gid), link or name.
    tag_id: TagId,
}

impl Action for RemoveTagFromTask {
    const META: Meta = Meta::idempotent("remove_tag_from_task", WRITE_TASKS_SCOPES)
        .overwrites("the tag's place on the task")
        .example(r#"{"taskId": "1200000000000022", "tagId": "1200000000000031"}"#);
    type Output = Tagged;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let tag = self.tag_id.resolve(api, "tagId", None).await?;
        Ok(vec![self.task_id.target(), TagId::target_of(tag)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Tagged>> {
        let tag = self.tag_id.resolve(api, "tagId", None).await?;
        // https://developers.asana.com/reference/removetagfortask
        let call =
            api.post(&["api", "1.0", "tasks", &self.task_id, "removeTag"]).json(&json!({ "data": { "tag": tag.gid } }));
        let removed = call.send::<Acknowledged>().await;
        // https://developers.asana.com/reference/gettag
        let places = (&*self.task_id, &[["api", "1.0", "tags", &tag.gid]][..]);
        relation::confirm_removed(api, removed, places, |task| !task.has_tag(&tag.gid)).await?;
        Ok(Tagged::output("The task does not have the tag any more.", &self.task_id, tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn removes_a_tag() {
        let context = json!({ "taskId": "42", "tagId": "6" });
        let (output, calls) =
            testing::run(&ADAPTER, "remove_tag_from_task", context, |_| (200, json!({ "data": {} }))).await;
        assert_eq!(output.unwrap().data, json!({ "id": "42", "tag": { "id": "6" } }));
        assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/removeTag");
        assert_eq!(calls[0].body, json!({ "data": { "tag": "6" } }));
    }

    #[tokio::test]
    async fn a_refusal_of_a_tag_that_does_not_exist_is_one() {
        for (is_tag, is_done) in [(true, true), (false, false)] {
            let context = json!({ "taskId": "42", "tagId": "6" });
            let (output, _) =
                testing::run(&ADAPTER, "remove_tag_from_task", context, move |sent| match sent.line.as_str() {
                    "GET /api/1.0/tags/6" if is_tag => (200, json!({ "data": { "gid": "6" } })),
                    "GET /api/1.0/tasks/42" => (200, json!({ "data": { "tags": [] } })),
                    _ => (404, json!({ "errors": [{ "message": "tag: Unknown object: 6" }] })),
                })
                .await;
            assert_eq!(output.is_ok(), is_done);
        }
    }
}
