//! `delete_task`: moves a task to the trash.

use super::prelude::*;

/// Delete an Asana task. It is moved to the person's trash, from which it can be restored for 30 days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteTask {
    /// The task: its id (gid) or link.
    task_id: TaskId,
}

/// A deleted task.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Deleted {
    /// The id (gid) of the task.
    id: TaskId,
}

impl Action for DeleteTask {
    const META: Meta = Meta::idempotent("delete_task", DELETE_TASKS_SCOPES)
        .overwrites("the task, which stays in the trash for 30 days")
        .example(r#"{"taskId": "1200000000000022"}"#);
    type Output = Deleted;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.task_id.target()])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Deleted>> {
        // https://developers.asana.com/reference/deletetask
        let call = api.call(Method::DELETE, &["api", "1.0", "tasks", &self.task_id]);
        match call.send::<Acknowledged>().await {
            Err(error) if !api.was_deleted_before(&error) => return Err(error),
            _ => {}
        }
        let deleted = Deleted { id: self.task_id.clone() };
        Ok(ActionOutput::new("The task was deleted.", deleted).with_id(&*self.task_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn deletes_a_task() {
        let context = || json!({ "taskId": "42" });
        let (output, calls) = testing::run(&ADAPTER, "delete_task", context(), |_| (200, json!({ "data": {} }))).await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "42" }));
        assert_eq!(output.external_id.as_deref(), Some("42"));
        assert_eq!((calls[0].line.as_str(), &calls[0].body), ("DELETE /api/1.0/tasks/42", &Value::Null));
        let absent = (404, json!({ "errors": [{ "message": "task: Not a recognized ID: 42" }] }));
        testing::assert_absent_is_done_only_on_a_retry(&ADAPTER, "delete_task", context(), absent).await;
    }

    #[tokio::test]
    async fn deletion_without_access_is_forbidden() {
        let (output, _) =
            testing::run(&ADAPTER, "delete_task", json!({ "taskId": "42" }), |_| (403, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Forbidden);
    }
}
