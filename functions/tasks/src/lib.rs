//! `/api/plugin-engine/tasks`: list an agent's tasks, cancel one, retry one.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::{AgentId, TaskId};
use engine::lambda::{Input, Reply, Request};
use engine::recurrence::Recurrence;
use engine::scheduler::TaskKind;
use engine::tables::PageRequest;
use engine::tables::tasks::{Entry, LastError, Status, Task};
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TaskOut {
    id: Option<String>,
    agent_id: Option<String>,
    tool: String,
    action: String,
    /// `null` in a list when it is large; `?taskId=` shows it.
    payload: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    save_as: Option<String>,
    status: Status,
    execute_at: Option<Timestamp>,
    next_run_at: Option<Timestamp>,
    attempts: u32,
    occurrence: u32,
    recurrence: Option<Recurrence>,
    last_error: Option<LastError>,
    external_id: Option<String>,
    result: Value,
    history: Vec<LineOut>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// One line of a task's history.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineOut {
    at: Timestamp,
    status: Status,
    attempt: u32,
    occurrence: u32,
    code: Option<String>,
    external_id: Option<String>,
}

impl From<Task> for TaskOut {
    fn from(task: Task) -> Self {
        let id = task.id();
        Self {
            id: id.as_ref().map(ToString::to_string),
            agent_id: id.map(|id| id.agent.as_str().to_owned()),
            execute_at: task.execute_at(),
            next_run_at: task.next_run_at(),
            created_at: task.created_at(),
            history: task.story().into_iter().map(LineOut::from).collect(),
            tool: task.tool,
            action: task.intent,
            payload: task.context,
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

impl From<Entry> for LineOut {
    fn from(entry: Entry) -> Self {
        let Entry { at, status, attempt, occurrence, code, external_id } = entry;
        Self { at, status, attempt, occurrence, code, external_id }
    }
}

/// Either one task, or the list of an agent's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListIn {
    agent_id: Option<String>,
    task_id: Option<String>,
    kind: Option<Kind>,
    status: Option<Status>,
    limit: Option<u16>,
    cursor: Option<String>,
}

/// Which tasks.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Scheduled,
    Immediate,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
}

async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>(engine).await?;
    if let Some(id) = &input.task_id {
        let task = engine.scheduler.get(&user, &TaskId::parse(id)?).await?;
        return Reply::ok(&json!({ "task": TaskOut::from(task) }));
    }
    let agent = input.agent_id.filter(|agent| !agent.is_empty());
    let agent = AgentId::parse(&agent.ok_or_else(|| Error::Missing(vec!["agentId".to_owned()]))?)?;
    let kind = match input.kind.unwrap_or_default() {
        Kind::Scheduled => TaskKind::Scheduled,
        Kind::Immediate => TaskKind::Immediate,
    };
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    let page = engine.scheduler.list(&user, &agent, kind, input.status, &page).await?;
    let tasks: Vec<TaskOut> = page.items.into_iter().map(TaskOut::from).collect();
    Reply::ok(&json!({ "tasks": tasks, "cursor": page.cursor }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CancelIn {
    task_id: String,
}

impl Input for CancelIn {
    const REQUIRED: &'static [&'static str] = &["taskId"];
}

async fn cancel(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<CancelIn>(engine).await?;
    engine.scheduler.cancel(&user, &TaskId::parse(&input.task_id)?).await?;
    Reply::ok(&json!({ "success": true }))
}

#[derive(Debug, Deserialize)]
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

async fn retry(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<RetryIn>(engine).await?;
    engine.scheduler.retry(&user, &TaskId::parse(&input.task_id)?, input.force).await?;
    Reply::ok(&json!({ "success": true }))
}
