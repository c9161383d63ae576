//! `engine_retry_task`: schedules a failed task for now.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Done, Hints, OwnCall, OwnTool, OwnToolMeta, Ran};
use crate::error::Result;
use crate::ids::TaskId;

/// Try a failed task once more. A task that needs attention may have been done: with `force` it may happen twice, so let the person
/// look first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RetryTask {
    /// The id of the task.
    task_id: String,
    /// Tries also a task in the state `needs_attention`. Only after the person said that it was not done.
    force: Option<bool>,
}

/// A task that is tried once more.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Retried {
    /// The id of the task.
    task_id: String,
    /// Always true.
    retried: bool,
}

impl OwnTool for RetryTask {
    type Output = Retried;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_retry_task",
        title: "Engine: retry a task",
        hints: Hints { read_only: false, destructive: false, idempotent: false, open_world: true },
        example: r#"{"taskId": "task_YSNJIzAxSjAw"}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Retried>> {
        let (id, force) = (TaskId::parse(&self.task_id)?, self.force.unwrap_or_default());
        let replayed = call.parts.engine.scheduler.retry_once(call.caller, &id, force, call.key).await?;
        let message = "The task is due now. engine_show_task says what became of it.".to_owned();
        let output = Retried { task_id: self.task_id, retried: true };
        Ok(Ran::Done(Done { message, output, task_id: None, replayed }))
    }
}
