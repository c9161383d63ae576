//! A task as a model sees it: short, with the names by which a model calls, and without what is absent.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::action_tool_name;
use crate::error::Outcome;
use crate::recurrence::Recurrence;
use crate::tables::tasks::{LastError, StoredResult, Task, TaskStatus};

/// A task: an action that is planned, runs, or has run.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaskView {
    /// The id of the task.
    task_id: String,
    /// The tool that the task calls, for example `gmail_send_email`.
    name: String,
    /// The agent that planned it.
    agent_id: String,
    /// The id of the account in which it acts.
    account: String,
    /// The state.
    status: TaskStatus,
    /// The time of the current occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    execute_at: Option<Timestamp>,
    /// The time of the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    next_attempt_at: Option<Timestamp>,
    /// The recurrence of a series.
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<Recurrence>,
    /// The number of the current occurrence of a series, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurrence: Option<u32>,
    /// The error of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
    /// The arguments; only of one task.
    #[serde(skip_serializing_if = "Map::is_empty")]
    arguments: Map<String, Value>,
    /// The result of a completed task; only of one task.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ResultView>,
}

/// The error of a task's last attempt.
#[derive(Debug, Serialize, JsonSchema)]
struct ErrorView {
    /// The stable code.
    code: String,
    /// The message.
    message: String,
    /// The outcome of the effect.
    outcome: Outcome,
}

/// The result of a completed task.
#[derive(Debug, Serialize, JsonSchema)]
struct ResultView {
    /// One sentence about it.
    message: String,
    /// The data that was read or created.
    #[serde(skip_serializing_if = "Map::is_empty")]
    data: Map<String, Value>,
    /// A link to the created object.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl TaskView {
    /// Shows a task in a list.
    pub(super) fn listed(task: Task) -> Self {
        let id = task.id();
        Self {
            task_id: id.as_ref().map(ToString::to_string).unwrap_or_default(),
            agent_id: id.map(|id| id.agent.as_str().to_owned()).unwrap_or_default(),
            name: action_tool_name(&task.tool, &task.action),
            execute_at: task.execute_at(),
            next_attempt_at: task.next_attempt_at(),
            account: task.account.to_string(),
            status: task.status,
            occurrence: task.recurrence.is_some().then_some(task.occurrence),
            recurrence: task.recurrence,
            error: task.last_error.map(ErrorView::from),
            arguments: Map::new(),
            result: None,
        }
    }

    /// Shows one task with its arguments and its result.
    pub(super) fn whole(mut task: Task) -> Self {
        let (arguments, result) = (object(std::mem::take(&mut task.payload)), task.result.take());
        Self { arguments, result: result.map(ResultView::from), ..Self::listed(task) }
    }
}

impl From<LastError> for ErrorView {
    fn from(LastError { code, message, outcome, data: _ }: LastError) -> Self {
        Self { code, message, outcome }
    }
}

impl From<StoredResult> for ResultView {
    fn from(StoredResult { message, data, link, truncated: _ }: StoredResult) -> Self {
        Self { message, data: object(data), link }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
