//! `get_task`: reads one task.

use super::prelude::*;
use super::task::{self, Task};

/// Read an Asana task: its description, dates, people, projects, sections, tags and custom fields.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetTask {
    /// The task: its id (gid) or link.
    task_id: TaskId,
}

impl Action for GetTask {
    const META: Meta = Meta::read("get_task", READ_TASKS_SCOPES).core().example(r#"{"taskId": "1200000000000021"}"#);
    type Output = Task;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Task>> {
        // https://developers.asana.com/reference/gettask
        let call = api.get(&["api", "1.0", "tasks", &self.task_id]).query("opt_fields", task::whole_fields());
        Ok(call.send::<Envelope<Task>>().await?.data.with_markdown().into_output("The task was read."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_task() {
        let (output, calls) = testing::run(&ADAPTER, "get_task", json!({ "taskId": "42" }), |_| {
            (200, json!({ "data": { "gid": "42", "name": "Ship", "notes": "Soon", "html_notes": "<body><em>Soon</em></body>" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((output.external_id.as_deref(), &output.data["notes"]), (Some("42"), &json!("Soon")));
        assert_eq!(
            (&output.data["markdown"], &output.data["htmlNotes"]),
            (&json!("*Soon*"), &json!("<body><em>Soon</em></body>"))
        );
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/42");
        assert_eq!(calls[0].query, [("opt_fields".to_owned(), task::whole_fields())]);
    }

    #[tokio::test]
    async fn missing_task_is_not_found() {
        let (output, _) = testing::run(&ADAPTER, "get_task", json!({ "taskId": "42" }), |_| (404, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
