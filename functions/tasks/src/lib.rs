//! `/api/plugin-engine/tasks`: list an agent's tasks, cancel one, retry one.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::{AgentId, TaskId};
use engine::lambda::request::require_fields;
use engine::lambda::{Input, Refusal, Reply, Request, Success};
use engine::recurrence::Recurrence;
use engine::scheduler::TaskKind;
use engine::tables::PageRequest;
use engine::tables::tasks::{HistoryEntry, LastError, StoredResult, Task, TaskStatus};
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(list, retry, cancel))]
pub struct Doc;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(engine, &request).await,
        Method::POST => retry(engine, &request).await,
        Method::DELETE => cancel(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

/// A task as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TaskOut {
    #[schema(required)]
    id: Option<String>,
    #[schema(required)]
    agent_id: Option<String>,
    tool: String,
    action: String,
    /// `null` in a list when it is large; `?taskId=` shows it.
    #[schema(value_type = Option<Object>, required)]
    payload: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    save_as: Option<String>,
    status: TaskStatus,
    #[schema(required)]
    execute_at: Option<Timestamp>,
    #[schema(required)]
    next_attempt_at: Option<Timestamp>,
    attempts: u32,
    occurrence: u32,
    #[schema(required)]
    recurrence: Option<Recurrence>,
    #[schema(required)]
    last_error: Option<LastError>,
    #[schema(required)]
    external_id: Option<String>,
    #[schema(required)]
    result: Option<StoredResult>,
    history: Vec<HistoryEntryOut>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// One line of a task's history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TaskLine)]
struct HistoryEntryOut {
    at: Timestamp,
    status: TaskStatus,
    attempt: u32,
    occurrence: u32,
    #[schema(required)]
    code: Option<String>,
    #[schema(required)]
    external_id: Option<String>,
}

impl From<Task> for TaskOut {
    fn from(task: Task) -> Self {
        let id = task.id();
        Self {
            id: id.as_ref().map(ToString::to_string),
            agent_id: id.map(|id| id.agent.as_str().to_owned()),
            execute_at: task.execute_at(),
            next_attempt_at: task.next_attempt_at(),
            created_at: task.created_at(),
            history: task.full_history().into_iter().map(HistoryEntryOut::from).collect(),
            tool: task.tool,
            action: task.action,
            payload: task.payload,
            save_as: task.save_as,
            status: task.status,
            attempts: task.attempt,
            occurrence: task.occurrence,
            recurrence: task.recurrence,
            last_error: task.last_error,
            external_id: task.external_id,
            result: task.result,
            updated_at: task.updated_at,
        }
    }
}

impl From<HistoryEntry> for HistoryEntryOut {
    fn from(entry: HistoryEntry) -> Self {
        let HistoryEntry { at, status, attempt, occurrence, code, external_id } = entry;
        Self { at, status, attempt, occurrence, code, external_id }
    }
}

/// Either one task, or the list of an agent's.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    agent_id: Option<String>,
    task_id: Option<String>,
    /// Those of `tasks/schedule`, or those that ran at once; the former without it.
    #[param(inline)]
    kind: Option<Kind>,
    status: Option<TaskStatus>,
    /// Most items of a page: 1 to 100.
    limit: Option<u16>,
    /// `cursor` of the page before.
    cursor: Option<String>,
}

/// Which tasks.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskKind)]
enum Kind {
    #[default]
    Scheduled,
    Immediate,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of tasks, or the one that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum TasksOut {
    Page {
        tasks: Vec<TaskOut>,
        /// For the next page; `null` after the last.
        #[schema(required)]
        cursor: Option<String>,
    },
    One {
        task: Box<TaskOut>,
    },
}

/// An agent's tasks, or one of them.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/tasks",
    operation_id = "listTasks",
    params(ListIn),
    responses(
        (status = 200, description = "The tasks", body = TasksOut),
        (status = 404, description = "No such task", body = Refusal),
    ),
)]
async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>(engine).await?;
    if let Some(id) = &input.task_id {
        let task = engine.scheduler.get(&user, &TaskId::parse(id)?).await?;
        return Reply::ok(&TasksOut::One { task: Box::new(task.into()) });
    }
    let [agent] = require_fields([("agentId", input.agent_id)])?;
    let agent = AgentId::parse(&agent)?;
    let kind = match input.kind.unwrap_or_default() {
        Kind::Scheduled => TaskKind::Scheduled,
        Kind::Immediate => TaskKind::Immediate,
    };
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    let page = engine.scheduler.list(&user, &agent, kind, input.status, &page).await?;
    let tasks = page.items.into_iter().map(TaskOut::from).collect();
    Reply::ok(&TasksOut::Page { tasks, cursor: page.cursor })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CancelIn {
    task_id: String,
}

impl Input for CancelIn {
    const REQUIRED: &'static [&'static str] = &["taskId"];
}

/// Cancel a task.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/tasks",
    operation_id = "cancelTask",
    request_body = CancelIn,
    responses(
        (status = 200, description = "It does not run any more", body = Success),
        (status = 404, description = "No such task", body = Refusal),
        (status = 409, description = "Its state does not allow it", body = Refusal),
    ),
)]
async fn cancel(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<CancelIn>(engine).await?;
    engine.scheduler.cancel(&user, &TaskId::parse(&input.task_id)?).await?;
    Reply::success()
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RetryIn {
    task_id: String,
    /// Also a task whose outcome nobody knows: it may happen twice then.
    #[serde(default)]
    force: bool,
}

impl Input for RetryIn {
    const REQUIRED: &'static [&'static str] = &["taskId"];
}

/// Retry a task.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/tasks",
    operation_id = "retryTask",
    request_body = RetryIn,
    responses(
        (status = 200, description = "It runs again", body = Success),
        (status = 404, description = "No such task", body = Refusal),
        (status = 409, description = "Its state does not allow it", body = Refusal),
    ),
)]
async fn retry(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<RetryIn>(engine).await?;
    engine.scheduler.retry(&user, &TaskId::parse(&input.task_id)?, input.force).await?;
    Reply::success()
}
