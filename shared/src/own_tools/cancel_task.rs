//! `engine_cancel_task`: cancels a task.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Hints, OwnCall, OwnTool, OwnToolMeta, Ran};
use crate::error::Result;
use crate::ids::TaskId;

/// Cancel a planned call or a whole series, so that nothing of it is called any more. What was done before stays. It cannot be taken
/// back: plan the call again instead.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CancelTask {
    /// The id of the task.
    task_id: String,
}

/// A cancelled task.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cancelled {
    /// The id of the task.
    task_id: String,
    /// Always true.
    cancelled: bool,
}

impl OwnTool for CancelTask {
    type Output = Cancelled;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_cancel_task",
        title: "Engine: cancel a task",
        hints: Hints { read_only: false, destructive: true, idempotent: true, open_world: false },
        example: r#"{"taskId": "task_YSNJIzAxSjAw"}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Cancelled>> {
        call.parts.engine.scheduler.cancel(call.caller, &TaskId::parse(&self.task_id)?).await?;
        let output = Cancelled { task_id: self.task_id, cancelled: true };
        Ok(Ran::done("The task is cancelled: nothing of it is called any more.", output))
    }
}
