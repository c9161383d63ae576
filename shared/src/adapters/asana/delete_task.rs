//! `delete_task`: moves a task to the trash.

use super::envelope::Envelope;
use super::{DELETE_TASKS_SCOPES, input};
use crate::adapters::prelude::*;

/// Delete an Asana task. It is moved to the person's trash, from which it can be restored for 30 days.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteTask {
    /// The id (gid) of the task.
    task_id: String,
}

impl Action for DeleteTask {
    const META: Meta =
        Meta::idempotent("delete_task", DELETE_TASKS_SCOPES).example(r#"{"taskId": "1200000000000022"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_gid("taskId", &self.task_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.asana.com/reference/deletetask
        let call = api.call(Method::DELETE, &["api", "1.0", "tasks", &self.task_id]);
        let message = match call.send::<Envelope<Value>>().await {
            Ok(_) => "The task was deleted.",
            Err(error) if api.was_deleted_before(&error) => "The task was deleted.",
            Err(error) => return Err(error),
        };
        Ok(ActionOutput {
            message: message.to_owned(),
            data: json!({ "id": self.task_id }),
            external_id: Some(self.task_id.clone()),
            link: None,
        })
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

    #[test]
    fn rejects_an_invalid_gid() {
        assert_eq!(testing::refusal(&ADAPTER, "delete_task", json!({ "taskId": "../1" })).0, "context.taskId");
    }
}
