//! `/api/plugin-engine/tasks`: list an agent's tasks, cancel one, retry one.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::{AgentId, TaskId};
use engine::lambda::{Input, Reply, Request};
use engine::scheduler::TaskKind;
use engine::tables::PageRequest;
use engine::tables::tasks::{LastError, Status, Task};
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
    id: String,
    agent_id: String,
    tool: String,
    action: String,
    payload: Value,
    status: Status,
    execute_at: Option<Timestamp>,
    next_run_at: Option<Timestamp>,
    attempts: u32,
    last_error: Option<LastError>,
    external_id: Option<String>,
    result: Value,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Task> for TaskOut {
    fn from(task: Task) -> Self {
        let agent = AgentId::stored(&task.agent_id);
        let waits = matches!(task.status, Status::Scheduled | Status::Retrying);
        let next_run_at = task.next_run_at().filter(|_| waits);
        Self {
            id: TaskId { agent, sort: task.sort }.to_string(),
            agent_id: task.agent_id,
            tool: task.tool,
            action: task.intent,
            payload: task.context,
            status: task.status,
            execute_at: task.execute_at,
            next_run_at,
            attempts: task.attempt,
            last_error: task.last_error,
            external_id: task.external_id,
            result: task.result,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
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
