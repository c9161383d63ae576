//! `/api/plugin-engine/errors`: lists errors, logs a reported one, resolves one.

use engine::account::AccountId;
use engine::clock;
use engine::error::{Error, ErrorAction, FallbackTexts, Outcome, Result};
use engine::error_log::{ErrorHandler, Report};
use engine::ids::{AgentId, ErrorId};
use engine::lambda::request::Object;
use engine::lambda::{Input, Refusal, Reply, Request};
use engine::tables::PageRequest;
use engine::tables::errors::{ErrorRow, Filter};
use engine::tool::Tool;
use engine::validate::check_code;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(list, report, resolve))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(errors: &'static ErrorHandler, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(errors, &request).await,
        Method::POST => report(errors, &request).await,
        Method::PATCH => resolve(errors, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, PATCH" }),
    }
}

/// A logged error.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LoggedError)]
struct ErrorOut {
    /// The id of the error.
    error_id: String,
    /// The agent whose action failed.
    agent_id: String,
    /// The tool.
    tool: String,
    /// The id of the account; `null` for a reported error, and where the request named none of several.
    #[schema(required)]
    account: Option<AccountId>,
    /// The action that failed.
    action: String,
    /// The stable code of the error.
    error_code: String,
    /// The message of the error.
    error_message: String,
    /// The input of the action.
    #[schema(value_type = Object)]
    payload: Value,
    /// The time of the failure.
    timestamp: Timestamp,
    /// True if the error was marked as resolved.
    resolved: bool,
    /// The time of the resolution.
    #[schema(required)]
    resolved_at: Option<Timestamp>,
    /// The task that failed; `null` for a reported error.
    #[schema(required)]
    task_id: Option<String>,
    /// The number of the failed attempt; `null` for a reported error.
    #[schema(required)]
    attempt: Option<u32>,
    /// The outcome of the action's effect; `null` for a reported error.
    #[schema(required)]
    outcome: Option<Outcome>,
    /// The resolution of the error; `null` for a reported code that this service does not have.
    #[schema(required)]
    error_action: Option<ErrorAction>,
}

impl From<ErrorRow> for ErrorOut {
    fn from(row: ErrorRow) -> Self {
        let error_id = row.id().to_string();
        let error_action = ErrorAction::of(&row.error_code, row.outcome.unwrap_or(Outcome::None));
        let ErrorRow {
            ulid: _,
            agent_id,
            tool,
            account,
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
            error_id,
            agent_id,
            tool,
            account,
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
            error_action,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// Lists only errors of this agent.
    agent_id: Option<String>,
    /// Lists only errors of this tool.
    tool: Option<String>,
    /// Lists only errors with this code.
    error_code: Option<String>,
    /// Lists only resolved errors (true) or only unresolved ones (false).
    resolved: Option<bool>,
    /// Lists only errors at or after this time.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    since: Option<Timestamp>,
    /// Lists only errors before this time.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    until: Option<Timestamp>,
    /// The largest number of items in a page: 1 to 100.
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of errors.
#[derive(Debug, Serialize, ToSchema)]
struct ErrorsOut {
    /// The errors of this page, latest first.
    errors: Vec<ErrorOut>,
    /// The cursor of the next page; `null` on the last page.
    #[schema(required)]
    cursor: Option<String>,
}

/// Lists the errors of all agents or of one, latest first.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors",
    operation_id = "listErrors",
    params(ListIn),
    responses(
        (status = 200, description = "A page of errors", body = ErrorsOut),
    ),
)]
async fn list(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<ListIn>().await?;
    let ListIn { agent_id, tool, error_code, resolved, since, until, limit, cursor } = input;
    let tool = tool.as_deref().map(Tool::parse).transpose()?;
    if let Some(code) = &error_code {
        check_code("errorCode", code)?;
    }
    let filter = Filter { tool, code: error_code, resolved, since, until };
    let page = PageRequest { limit, cursor };
    let agent = agent_id.as_deref().map(AgentId::parse).transpose()?;
    let page = errors.list(&caller, agent.as_ref(), &filter, &page).await?;
    let errors = page.items.into_iter().map(ErrorOut::from).collect();
    Reply::ok(&ErrorsOut { errors, cursor: page.cursor })
}

/// The error to log.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportIn {
    /// The agent whose action failed.
    agent_id: String,
    /// The tool.
    tool: String,
    /// The action that failed: one of the tool's.
    action: String,
    /// A code of the agent's choice: 1 to 64 of A to Z, 0 to 9 and `_`.
    #[schema(pattern = "^[A-Z0-9_]{1,64}$")]
    error_code: String,
    /// A message of the agent's choice, at most 2,000 bytes. It is stored for 90 days, without tokens and e-mail addresses.
    error_message: String,
    /// The input of the action. Fields that the action does not have are not stored.
    payload: Option<Object>,
}

impl Input for ReportIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool", "action", "errorCode", "errorMessage"];
}

/// A logged report.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportedOut {
    /// Always true.
    success: bool,
    /// The id of the error.
    error_id: String,
    /// The message for the person, from the failure policy.
    fallback_message: String,
}

/// Reports an error of the agent.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/errors",
    operation_id = "reportError",
    request_body = ReportIn,
    responses(
        (status = 200, description = "The error was logged", body = ReportedOut),
    ),
)]
async fn report(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (caller, input) = request.body_with_caller::<ReportIn>().await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let tool = Tool::parse(&input.tool)?;
    let report = Report {
        agent: &agent,
        tool,
        action: &input.action,
        code: &input.error_code,
        message: &input.error_message,
        payload: input.payload.unwrap_or_default(),
    };
    let id = errors.report(&caller, report).await?;
    let configured = errors.failure_policy(&caller.user, tool, Some(&agent), None).await?.message;
    let built_in = || {
        let action = ErrorAction::of_code(&input.error_code).unwrap_or(ErrorAction::Inspect);
        FallbackTexts::of(tool).text(action, Outcome::of_code(&input.error_code), &input.error_message)
    };
    let fallback_message = configured.unwrap_or_else(built_in);
    Reply::ok(&ReportedOut { success: true, error_id: id.to_string(), fallback_message })
}

/// The error to resolve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResolveIn {
    /// The id of the error.
    error_id: String,
}

impl Input for ResolveIn {
    const REQUIRED: &'static [&'static str] = &["errorId"];
}

/// The result of a resolution.
#[derive(Debug, Serialize, ToSchema)]
struct ResolvedOut {
    /// Always true.
    success: bool,
    /// True if this request resolved the error, false if it was already resolved.
    changed: bool,
}

/// Resolves an error.
#[utoipa::path(
    patch,
    path = "/api/plugin-engine/errors",
    operation_id = "resolveError",
    request_body = ResolveIn,
    responses(
        (status = 200, description = "The error is resolved", body = ResolvedOut),
        (status = 404, description = "No such error", body = Refusal),
    ),
)]
async fn resolve(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (caller, input) = request.body_with_caller::<ResolveIn>().await?;
    let changed = errors.resolve(&caller, &ErrorId::parse(&input.error_id)?).await?;
    Reply::ok(&ResolvedOut { success: true, changed })
}
