//! `complete_task`: completes or reopens a task.

use super::envelope::Envelope;
use super::task::{self, Task};
use super::{WRITE_TASKS_SCOPES, input};
use crate::adapters::prelude::*;

/// Mark an Asana task as completed, or reopen it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CompleteTask {
    /// The id (gid) of the task.
    task_id: String,
    /// True to complete the task, false to reopen it; default true.
    #[serde(default = "default_true")]
    completed: bool,
}

impl Action for CompleteTask {
    const META: Meta =
        Meta::idempotent("complete_task", WRITE_TASKS_SCOPES).example(r#"{"taskId": "1200000000000021"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_gid("taskId", &self.task_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
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

    #[test]
    fn rejects_an_invalid_gid() {
        assert_eq!(testing::refusal(&ADAPTER, "complete_task", json!({ "taskId": "me" })).0, "context.taskId");
    }
}
