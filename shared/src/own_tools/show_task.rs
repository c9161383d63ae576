//! `engine_show_task`: shows one task.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::task_view::TaskView;
use super::{Hints, OwnCall, OwnTool, OwnToolMeta, Ran};
use crate::error::Result;
use crate::ids::TaskId;
use crate::scheduler::ReadTask;

/// Show one task: its state, arguments, result or error. It tells what became of a planned call, or of one with an unknown outcome.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ShowTask {
    /// The id of the task.
    task_id: String,
    /// Waits so many seconds for the end of a task that runs now or is due.
    #[schemars(range(min = 1, max = 20))]
    wait_seconds: Option<u16>,
}

/// A task.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    /// The task.
    task: TaskView,
    /// The milliseconds after which another call can see a change; absent if the task has ended or needs a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl OwnTool for ShowTask {
    type Output = Shown;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_show_task",
        title: "Engine: show a task",
        hints: Hints::READ,
        example: r#"{"taskId": "task_YSNJIzAxSjAw"}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Shown>> {
        let id = TaskId::parse(&self.task_id)?;
        let ReadTask { task, retry_after } = match self.wait_seconds {
            None => ReadTask { task: call.parts.engine.scheduler.get(call.caller, &id).await?, retry_after: None },
            Some(seconds) => {
                let wait = Duration::from_secs(seconds.into());
                call.parts.waits.read(call.caller, &id, wait, call.deadline).await?
            }
        };
        let message = format!("The task is {}.", task.status.as_str());
        let retry_after_ms = retry_after.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        Ok(Ran::done(message, Shown { task: TaskView::whole(task), retry_after_ms }))
    }
}
