//! `complete_task`: completes or reopens a task.

use super::prelude::*;
use super::task::{self, Task};

/// Mark an Asana task as completed, or reopen it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CompleteTask {
    /// The task: its id (gid) or link.
    task_id: TaskId,
    /// False to reopen the task.
    #[serde(default = "default_true")]
    completed: bool,
}

impl Action for CompleteTask {
    const META: Meta = Meta::idempotent("complete_task", WRITE_TASKS_SCOPES)
        .core()
        .overwrites("the time of completion, where the task is reopened")
        .example(r#"{"taskId": "1200000000000021"}"#);
    type Output = Task;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.task_id.target()])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Task>> {
        // https://developers.asana.com/reference/updatetask
        let call = api
            .call(Method::PUT, &["api", "1.0", "tasks", &self.task_id])
            .query("opt_fields", task::FIELDS)
            .json(&json!({ "data": { "completed": self.completed } }));
        let message = if self.completed { "The task was completed." } else { "The task was reopened." };
        Ok(call.send::<Envelope<Task>>().await?.data.into_output(message))
    }
}

fn default_true() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn completes_and_reopens_a_task() {
        for (context, completed, message) in [
            (json!({ "taskId": "42" }), true, "The task was completed."),
            (json!({ "taskId": "42", "completed": false }), false, "The task was reopened."),
        ] {
            let (output, calls) = testing::run(&ADAPTER, "complete_task", context, move |_| {
                (200, json!({ "data": { "gid": "42", "completed": completed } }))
            })
            .await;
            let output = output.unwrap();
            assert_eq!((output.message.as_str(), &output.data["completed"]), (message, &json!(completed)));
            assert_eq!(calls[0].line, "PUT /api/1.0/tasks/42");
            assert_eq!(calls[0].parameter("opt_fields"), task::FIELDS);
            assert_eq!(calls[0].body, json!({ "data": { "completed": completed } }));
        }
    }
}
