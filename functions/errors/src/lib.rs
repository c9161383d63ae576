//! `/api/plugin-engine/errors`: list an agent's errors, report one, resolve one.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{EffectState, Error, Result};
use engine::error_log::NewError;
use engine::ids::{AgentId, ErrorId};
use engine::lambda::request::{Object, text};
use engine::lambda::{Input, Reply, Request};
use engine::tables::PageRequest;
use engine::tables::errors::ErrorRow;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest message an agent may report, in bytes.
const MAX_MESSAGE_BYTES: usize = 2000;
/// Longest action and code.
const MAX_NAME_BYTES: usize = 128;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(engine, &request).await,
        Method::POST => report(engine, &request).await,
        Method::PATCH => resolve(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, PATCH" }),
    }
}

/// An error as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorOut {
    id: String,
    agent_id: String,
    tool: String,
    action: String,
    error_code: String,
    error_message: String,
    payload: Value,
    timestamp: Timestamp,
    resolved: bool,
    resolved_at: Option<Timestamp>,
    task_id: Option<String>,
    attempt: Option<u32>,
    effect: Option<EffectState>,
}

impl From<ErrorRow> for ErrorOut {
    fn from(row: ErrorRow) -> Self {
        Self {
            id: row.id().to_string(),
            agent_id: row.agent_id,
            tool: row.tool,
            action: row.action,
            error_code: row.error_code,
            error_message: row.error_message,
            payload: row.payload,
            timestamp: row.timestamp,
            resolved: row.resolved,
            resolved_at: row.resolved_at,
            task_id: row.task_id,
            attempt: row.attempt,
            effect: row.effect,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListIn {
    agent_id: String,
    limit: Option<u16>,
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &["agentId"];
}

async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>(engine).await?;
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    let page = engine.errors.list(&user, &AgentId::parse(&input.agent_id)?, &page).await?;
    let errors: Vec<ErrorOut> = page.items.into_iter().map(ErrorOut::from).collect();
    Reply::ok(&json!({ "errors": errors, "cursor": page.cursor }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportIn {
    agent_id: String,
    tool: String,
    action: String,
    error_code: String,
    error_message: String,
    payload: Option<Object>,
}

impl Input for ReportIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool", "action", "errorCode", "errorMessage"];
}

async fn report(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ReportIn>(engine).await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let adapter = adapters::find(&input.tool)?;
    text("action", &input.action, MAX_NAME_BYTES)?;
    text("errorCode", &input.error_code, MAX_NAME_BYTES)?;
    text("errorMessage", &input.error_message, MAX_MESSAGE_BYTES)?;
    let new = NewError {
        agent: &agent,
        tool: adapter.tool,
        action: &input.action,
        code: &input.error_code,
        message: &input.error_message,
        payload: &Value::Object(input.payload.unwrap_or_default()),
        attempt: None,
        effect: None,
    };
    let id = engine.errors.log(&user, new).await?;
    let message = engine.errors.fallback(&user, adapter, Some(&agent), None).await?;
    Reply::ok(&json!({ "success": true, "errorId": id.to_string(), "fallbackMessage": message }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResolveIn {
    error_id: String,
}

impl Input for ResolveIn {
    const REQUIRED: &'static [&'static str] = &["errorId"];
}

async fn resolve(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ResolveIn>(engine).await?;
    let changed = engine.errors.resolve(&user, &ErrorId::parse(&input.error_id)?).await?;
    Reply::ok(&json!({ "success": true, "changed": changed }))
}
