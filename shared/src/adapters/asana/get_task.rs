//! `get_task`: reads one task.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::Envelope;
use super::task::{self, TaskDetails};
use super::{READ_TASKS_SCOPES, input};
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Read an Asana task: its description, dates, people, projects, sections, tags and custom fields.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetTask {
    /// The id (gid) of the task.
    task_id: String,
}

impl Action for GetTask {
    const NAME: &'static str = "get_task";
    const SCOPES: Scopes = READ_TASKS_SCOPES;
    const EFFECT: Effect = Effect::Read;

    fn example() -> Value {
        json!({ "taskId": "1200000000000021" })
    }

    fn check(&self) -> Result<()> {
        input::check_gid("taskId", &self.task_id)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.asana.com/reference/gettask
        let call = api.get(&["api", "1.0", "tasks", &self.task_id]).query("opt_fields", task::detail_fields());
        Ok(call.send::<Envelope<TaskDetails>>().await?.data.into_output("The task was read."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;
    use crate::error::Kind;

    #[tokio::test]
    async fn returns_the_task() {
        let (output, calls) = testing::run(&ADAPTER, "get_task", json!({ "taskId": "42" }), |_| {
            (200, json!({ "data": { "gid": "42", "name": "Ship", "notes": "Soon" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((output.external_id.as_deref(), &output.data["notes"]), (Some("42"), &json!("Soon")));
        assert_eq!(calls[0].line, "GET /api/1.0/tasks/42");
        assert_eq!(calls[0].query, [("opt_fields".to_owned(), task::detail_fields())]);
    }

    #[tokio::test]
    async fn missing_task_is_not_found() {
        let (output, _) = testing::run(&ADAPTER, "get_task", json!({ "taskId": "42" }), |_| (404, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }

    #[test]
    fn rejects_an_empty_gid() {
        assert_eq!(testing::refusal(&ADAPTER, "get_task", json!({ "taskId": "" })).0, "context.taskId");
    }
}
