//! `/api/plugin-engine/tasks`: lists tasks, cancels a task, retries a task.

use engine::account::AccountId;
use engine::error::{Error, ErrorAction, Outcome, Result};
use engine::ids::{AgentId, Creator, TaskId};
use engine::lambda::request::refuse_beside;
use engine::lambda::{Input, Refusal, Reply, Request, Success};
use engine::permissions::Caller;
use engine::recurrence::Recurrence;
use engine::scheduler::{MAX_WAIT_SECONDS, ReadTask, Scheduler, TaskKind, TaskWaits};
use engine::tables::PageRequest;
use engine::tables::tasks::{HistoryEntry, LastError, StoredResult, Task, TaskStatus};
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(list, retry, cancel))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(parts: &'static (Scheduler, TaskWaits), request: Request) -> Result<Reply> {
    let (scheduler, _) = parts;
    match *request.method() {
        Method::GET => list(parts, &request).await,
        Method::POST => retry(scheduler, &request).await,
        Method::DELETE => cancel(scheduler, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

/// A task: a journaled action, immediate or scheduled.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TaskOut {
    /// The id of the task.
    #[schema(required)]
    task_id: Option<String>,
    /// The agent that requested the action.
    #[schema(required)]
    agent_id: Option<String>,
    /// The tool.
    tool: String,
    /// The action.
    action: String,
    /// The id of the account that the task is bound to.
    account: AccountId,
    /// The input of the action. `null` in lists if it is large; a request with `taskId` returns it.
    #[schema(value_type = Option<Object>, required)]
    payload: Value,
    /// The context key under which the id of the created object is saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    save_as: Option<String>,
    /// The caller who requested the task.
    created_by: CreatedByOut,
    /// The state of the task.
    status: TaskStatus,
    /// The time of the current occurrence.
    #[schema(required)]
    execute_at: Option<Timestamp>,
    /// The time of the next attempt; `null` if none is planned.
    #[schema(required)]
    next_attempt_at: Option<Timestamp>,
    /// The number of consumed attempts of the current occurrence.
    attempts: u32,
    /// The number of the current occurrence, from 1.
    occurrence: u32,
    /// The recurrence of a series.
    #[schema(required)]
    recurrence: Option<Recurrence>,
    /// The error of the last failed attempt.
    #[schema(required)]
    last_error: Option<LastErrorOut>,
    /// The id of the created or changed object at the provider.
    #[schema(required)]
    external_id: Option<String>,
    /// The result of a completed action.
    #[schema(required)]
    result: Option<StoredResult>,
    /// The transitions of the task, oldest first.
    history: Vec<HistoryEntryOut>,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
}

/// The last error of a task.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LastError)]
struct LastErrorOut {
    /// Stable code.
    code: String,
    /// The message, for a person. What it quotes of the payload is removed.
    message: String,
    /// The outcome of the effect.
    outcome: Outcome,
    /// The resolution of the error. A task that is tried again needs nothing.
    action: ErrorAction,
    /// The part that was done before the action failed: the `done` steps, and the `results` of each item of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

impl From<LastError> for LastErrorOut {
    fn from(error: LastError) -> Self {
        let action = error.action();
        let LastError { code, message, outcome, data } = error;
        Self { code, message, outcome, action, data }
    }
}

/// The caller who requested a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskCreator)]
struct CreatedByOut {
    /// The kind of the caller.
    kind: CreatorKind,
    /// The client id of a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// A kind of callers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CreatorKind {
    /// The user.
    User,
    /// A service that acted for the user with a delegation.
    Service,
}

impl From<Option<Creator>> for CreatedByOut {
    fn from(creator: Option<Creator>) -> Self {
        match creator {
            None => Self { kind: CreatorKind::User, id: None },
            Some(Creator::Service(id)) => Self { kind: CreatorKind::Service, id: Some(id) },
        }
    }
}

/// One transition of a task.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TaskHistoryEntry)]
struct HistoryEntryOut {
    /// The time of the transition.
    at: Timestamp,
    /// The state after the transition.
    status: TaskStatus,
    /// The number of the attempt; 0 for a manual retry.
    attempt: u32,
    /// The number of the occurrence.
    occurrence: u32,
    /// The error code of a failed attempt.
    #[schema(required)]
    code: Option<String>,
    /// The id of the object at the provider.
    #[schema(required)]
    external_id: Option<String>,
}

impl From<Task> for TaskOut {
    fn from(task: Task) -> Self {
        let id = task.id();
        Self {
            task_id: id.as_ref().map(ToString::to_string),
            agent_id: id.map(|id| id.agent.as_str().to_owned()),
            execute_at: task.execute_at(),
            next_attempt_at: task.next_attempt_at(),
            created_at: task.created_at(),
            history: task.full_history().into_iter().map(HistoryEntryOut::from).collect(),
            tool: task.tool,
            action: task.action,
            account: task.account,
            payload: task.payload,
            save_as: task.save_as,
            created_by: task.created_by.into(),
            status: task.status,
            attempts: task.attempt,
            occurrence: task.occurrence,
            recurrence: task.recurrence,
            last_error: task.last_error.map(LastErrorOut::from),
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

/// The query for one task (`taskId`), or for the list of an agent's tasks (`agentId`) or of all agents' tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// Lists only tasks of this agent. Without it, the tasks of all agents, 25 agents at a time.
    agent_id: Option<String>,
    /// The id of one task.
    task_id: Option<String>,
    /// Waits so many seconds, 1 to 20, for the end of the task: the answer comes as soon as its occurrence has ended or needs a
    /// person, at once if no attempt of it runs or is due in that time, or else after `wait`. Needs `taskId`.
    wait: Option<u16>,
    /// The kind of the listed tasks; `scheduled` by default.
    #[param(inline)]
    kind: Option<Kind>,
    /// Lists only tasks with this status.
    status: Option<TaskStatus>,
    /// The largest number of items in a page: 1 to 100.
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

/// A kind of tasks.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskKind)]
enum Kind {
    /// Tasks for a later time or a recurrence.
    #[default]
    Scheduled,
    /// Tasks of intents without `executeAt`.
    Immediate,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of tasks, or the task with the requested id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum TasksOut {
    Page {
        /// The tasks of this page.
        tasks: Vec<TaskOut>,
        /// The cursor of the next page; `null` on the last page.
        #[schema(required)]
        cursor: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    One {
        /// The task with the requested id.
        task: Box<TaskOut>,
        /// With `wait`: the milliseconds after which another request can see a change. Absent if the task has ended or needs a
        /// person.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
}

/// Lists the tasks of all agents or of one, or reads one task.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/tasks",
    operation_id = "listTasks",
    params(ListIn),
    responses(
        (status = 200, description = "The tasks, or the task", body = TasksOut),
        (status = 404, description = "No such task", body = Refusal),
    ),
)]
async fn list(parts: &'static (Scheduler, TaskWaits), request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<ListIn>().await?;
    let wait = input.wait.map(parse_wait).transpose()?;
    if let Some(id) = &input.task_id {
        let ListIn { agent_id, task_id: _, wait: _, kind, status, limit, cursor } = &input;
        let others = [
            ("agentId", agent_id.is_some()),
            ("kind", kind.is_some()),
            ("status", status.is_some()),
            ("limit", limit.is_some()),
            ("cursor", cursor.is_some()),
        ];
        refuse_beside("taskId", others)?;
        return read(parts, &caller, &TaskId::parse(id)?, wait, request.deadline()).await;
    }
    if wait.is_some() {
        return Err(Error::Missing(vec!["taskId".to_owned()]));
    }
    let (scheduler, _) = parts;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    let kind = match input.kind.unwrap_or_default() {
        Kind::Scheduled => TaskKind::Scheduled,
        Kind::Immediate => TaskKind::Immediate,
    };
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    let page = match agent {
        Some(agent) => scheduler.list(&caller, &agent, kind, input.status, &page).await?,
        None => scheduler.list_all(&caller, kind, input.status, &page).await?,
    };
    let tasks = page.items.into_iter().map(TaskOut::from).collect();
    Reply::ok(&TasksOut::Page { tasks, cursor: page.cursor })
}

fn parse_wait(seconds: u16) -> Result<Duration> {
    match seconds {
        1..=MAX_WAIT_SECONDS => Ok(Duration::from_secs(seconds.into())),
        _ => Err(Error::invalid("wait", format!("must be between 1 and {MAX_WAIT_SECONDS}, for example 20"))),
    }
}

async fn read(
    (scheduler, waits): &'static (Scheduler, TaskWaits),
    caller: &Caller,
    id: &TaskId,
    wait: Option<Duration>,
    deadline: Timestamp,
) -> Result<Reply> {
    let ReadTask { task, retry_after } = match wait {
        None => ReadTask { task: scheduler.get(caller, id).await?, retry_after: None },
        Some(wait) => waits.read(caller, id, wait, deadline).await?,
    };
    let retry_after_ms = retry_after.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
    Reply::ok(&TasksOut::One { task: Box::new(task.into()), retry_after_ms })
}

/// The task to cancel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CancelIn {
    /// The id of the task.
    task_id: String,
}

impl Input for CancelIn {
    const REQUIRED: &'static [&'static str] = &["taskId"];
}

/// Cancels a task.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/tasks",
    operation_id = "cancelTask",
    request_body = CancelIn,
    responses(
        (status = 200, description = "The task is cancelled: nothing of it is called any more. If it had prepared something, such as a draft, its status is `unknown` until that is discarded", body = Success),
        (status = 404, description = "No such task", body = Refusal),
        (status = 409, description = "The status of the task does not allow this", body = Refusal),
    ),
)]
async fn cancel(scheduler: &'static Scheduler, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_or_body_with_caller::<CancelIn>().await?;
    scheduler.cancel(&caller, &TaskId::parse(&input.task_id)?).await?;
    Reply::success()
}

/// The task to retry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RetryIn {
    /// The id of the task.
    task_id: String,
    /// Retries also a task that needs a person (`needs_attention`). The effect may then happen twice. A task that is `unknown` is refused,
    /// because the engine still asks the provider.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    force: bool,
}

impl Input for RetryIn {
    const REQUIRED: &'static [&'static str] = &["taskId"];
}

/// Retries a task.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/tasks",
    operation_id = "retryTask",
    request_body = RetryIn,
    responses(
        (status = 200, description = "The task is scheduled for a new attempt", body = Success),
        (status = 404, description = "No such task", body = Refusal),
        (status = 409, description = "The status of the task does not allow this", body = Refusal),
    ),
)]
async fn retry(scheduler: &'static Scheduler, request: &Request) -> Result<Reply> {
    let (caller, input) = request.body_with_caller::<RetryIn>().await?;
    scheduler.retry(&caller, &TaskId::parse(&input.task_id)?, input.force).await?;
    Reply::success()
}
