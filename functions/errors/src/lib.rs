//! `/api/plugin-engine/errors`: list an agent's errors, report one, resolve one.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Outcome, Result};
use engine::error_log::NewError;
use engine::ids::{AgentId, ErrorId};
use engine::lambda::request::Object;
use engine::lambda::{Input, Refusal, Reply, Request};
use engine::tables::PageRequest;
use engine::tables::errors::{ErrorRow, Filter};
use engine::validate::check_text;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Longest message an agent may report, in bytes.
const MAX_MESSAGE_BYTES: usize = 2000;
/// Longest action and code.
const MAX_NAME_BYTES: usize = 128;

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(list, report, resolve))]
pub struct Doc;

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
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LoggedError)]
struct ErrorOut {
    id: String,
    agent_id: String,
    tool: String,
    action: String,
    error_code: String,
    error_message: String,
    #[schema(value_type = Object)]
    payload: Value,
    timestamp: Timestamp,
    resolved: bool,
    #[schema(required)]
    resolved_at: Option<Timestamp>,
    #[schema(required)]
    task_id: Option<String>,
    #[schema(required)]
    attempt: Option<u32>,
    #[schema(required)]
    outcome: Option<Outcome>,
}

impl From<ErrorRow> for ErrorOut {
    fn from(row: ErrorRow) -> Self {
        let id = row.id().to_string();
        let ErrorRow {
            ulid: _,
            agent_id,
            tool,
            action,
            error_code,
            error_message,
            payload,
            timestamp,
            resolved,
            resolved_at,
            task_id,
            attempt,
            outcome,
        } = row;
        Self {
            id,
            agent_id,
            tool,
            action,
            error_code,
            error_message,
            payload,
            timestamp,
            resolved,
            resolved_at,
            task_id,
            attempt,
            outcome,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    agent_id: String,
    /// Only of this one.
    tool: Option<String>,
    /// Only with this one.
    error_code: Option<String>,
    /// Only those that are, or are not.
    resolved: Option<bool>,
    /// From then on.
    since: Option<Timestamp>,
    /// Before then.
    until: Option<Timestamp>,
    /// Most items of a page: 1 to 100.
    limit: Option<u16>,
    /// `cursor` of the page before.
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &["agentId"];
}

/// A page of errors.
#[derive(Debug, Serialize, ToSchema)]
struct ErrorsOut {
    errors: Vec<ErrorOut>,
    /// For the next page; `null` after the last.
    #[schema(required)]
    cursor: Option<String>,
}

/// An agent's errors, the latest first.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors",
    operation_id = "listErrors",
    params(ListIn),
    responses(
        (status = 200, description = "A page", body = ErrorsOut),
    ),
)]
async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>(engine).await?;
    let ListIn { agent_id, tool, error_code, resolved, since, until, limit, cursor } = input;
    let tool = tool.as_deref().map(adapters::find).transpose()?.map(|adapter| adapter.tool);
    if let Some(code) = &error_code {
        check_text("errorCode", code, MAX_NAME_BYTES)?;
    }
    let filter = Filter { tool, code: error_code, resolved, since, until };
    let page = PageRequest { limit, cursor };
    let page = engine.errors.list(&user, &AgentId::parse(&agent_id)?, &filter, &page).await?;
    let errors = page.items.into_iter().map(ErrorOut::from).collect();
    Reply::ok(&ErrorsOut { errors, cursor: page.cursor })
}

#[derive(Debug, Deserialize, ToSchema)]
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

/// An error that was noted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportedOut {
    success: bool,
    error_id: String,
    /// What the agent may tell its user.
    fallback_message: String,
}

/// Report an error.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/errors",
    operation_id = "reportError",
    request_body = ReportIn,
    responses(
        (status = 200, description = "It was noted", body = ReportedOut),
    ),
)]
async fn report(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ReportIn>(engine).await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let adapter = adapters::find(&input.tool)?;
    check_text("action", &input.action, MAX_NAME_BYTES)?;
    check_text("errorCode", &input.error_code, MAX_NAME_BYTES)?;
    check_text("errorMessage", &input.error_message, MAX_MESSAGE_BYTES)?;
    let new = NewError {
        agent: &agent,
        tool: adapter.tool,
        action: &input.action,
        code: &input.error_code,
        message: &input.error_message,
        payload: &Value::Object(input.payload.unwrap_or_default()),
        attempt: None,
        outcome: None,
    };
    let id = engine.errors.append(&user, new).await?;
    let fallback_message = engine.errors.failure_policy(&user, adapter, Some(&agent), None).await?.message;
    Reply::ok(&ReportedOut { success: true, error_id: id.to_string(), fallback_message })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResolveIn {
    error_id: String,
}

impl Input for ResolveIn {
    const REQUIRED: &'static [&'static str] = &["errorId"];
}

/// What became of a resolution.
#[derive(Debug, Serialize, ToSchema)]
struct ResolvedOut {
    success: bool,
    /// Whether it was open until now.
    changed: bool,
}

/// Resolve an error.
#[utoipa::path(
    patch,
    path = "/api/plugin-engine/errors",
    operation_id = "resolveError",
    request_body = ResolveIn,
    responses(
        (status = 200, description = "It is resolved", body = ResolvedOut),
        (status = 404, description = "No such error", body = Refusal),
    ),
)]
async fn resolve(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ResolveIn>(engine).await?;
    let changed = engine.errors.resolve(&user, &ErrorId::parse(&input.error_id)?).await?;
    Reply::ok(&ResolvedOut { success: true, changed })
}
