//! `engine_list_tasks`: lists the calling agent's tasks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::task_view::TaskView;
use super::{Hints, OwnCall, OwnTool, OwnToolMeta, Ran};
use crate::error::Result;
use crate::scheduler::TaskKind;
use crate::tables::PageRequest;
use crate::tables::tasks::TaskStatus;

/// List your tasks: the calls that are planned or repeat, with their ids, times and states.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTasks {
    /// The kind: `scheduled` (the default) for planned calls, `immediate` for those that ran at once.
    kind: Option<ListedKind>,
    /// Lists only tasks in this state.
    status: Option<TaskStatus>,
    /// Number of tasks to return; 50 by default.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

/// A kind of tasks.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ListedKind {
    /// Planned calls.
    Scheduled,
    /// Calls that ran at once.
    Immediate,
}

/// A page of tasks.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tasks {
    /// The tasks, by their times.
    tasks: Vec<TaskView>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

impl OwnTool for ListTasks {
    type Output = Tasks;

    const META: OwnToolMeta = OwnToolMeta {
        name: "engine_list_tasks",
        title: "Engine: list tasks",
        hints: Hints::READ,
        example: r#"{"status": "scheduled", "limit": 20}"#,
    };

    async fn run(self, call: OwnCall<'_>) -> Result<Ran<Tasks>> {
        let kind = match self.kind.unwrap_or(ListedKind::Scheduled) {
            ListedKind::Scheduled => TaskKind::Scheduled,
            ListedKind::Immediate => TaskKind::Immediate,
        };
        let page = PageRequest { limit: self.limit, cursor: self.cursor };
        let page = call.parts.engine.scheduler.list(call.caller, call.agent, kind, self.status, &page).await?;
        let tasks: Vec<TaskView> = page.items.into_iter().map(TaskView::listed).collect();
        let message = super::listed(tasks.len(), "task", page.cursor.as_deref());
        Ok(Ran::done(message, Tasks { tasks, cursor: page.cursor }))
    }
}
