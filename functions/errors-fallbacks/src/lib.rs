//! `/api/plugin-engine/errors/fallbacks`: what is to be done when a tool fails: the message an agent may show, and how a task is
//! tried again.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::error_log::FailurePolicy;
use engine::ids::{AgentId, UserId};
use engine::lambda::{Input, Refusal, Reply, Request, Success, object};
use engine::retry::RetryPolicy;
use engine::tables::PageRequest;
use engine::tables::fallbacks::{Change, Fallback};
use engine::tool::Tool;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(read, set, delete))]
pub struct Doc;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => read(engine, &request).await,
        Method::POST => set(engine, &request).await,
        Method::DELETE => delete(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

/// What a user has set, as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FallbackRow)]
struct FallbackOut {
    tool: String,
    /// The agent it is for; all of them without one.
    #[schema(required)]
    agent_id: Option<AgentId>,
    #[schema(required)]
    message: Option<String>,
    #[schema(required)]
    retry: Option<RetryPolicy>,
    updated_at: Timestamp,
    /// The user, or the service that acted for them.
    updated_by: String,
}

impl From<Fallback> for FallbackOut {
    fn from(row: Fallback) -> Self {
        Self {
            tool: row.tool().to_owned(),
            agent_id: row.agent(),
            message: row.message,
            retry: row.retry,
            updated_at: row.updated_at,
            updated_by: row.updated_by,
        }
    }
}

/// Either what applies to a tool, or the list of all that is set.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadIn {
    /// What applies to this one.
    tool: Option<String>,
    /// When this one uses it.
    agent_id: Option<String>,
    /// The message where none is set.
    default: Option<String>,
    /// Most items of a page: 1 to 100.
    limit: Option<u16>,
    /// `cursor` of the page before.
    cursor: Option<String>,
}

impl Input for ReadIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of what is set, or what applies to the tool that was named.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum FallbacksOut {
    Page {
        fallbacks: Vec<FallbackOut>,
        /// For the next page; `null` after the last.
        #[schema(required)]
        cursor: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    One {
        tool: Tool,
        /// The agent that was named.
        #[schema(required)]
        agent_id: Option<AgentId>,
        message: String,
        retry: RetryPolicy,
    },
}

/// What applies when a tool fails, or all that is set.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors/fallbacks",
    operation_id = "getFallbacks",
    params(ReadIn),
    responses(
        (status = 200, description = "The narrowest that applies, or a page", body = FallbacksOut),
    ),
)]
async fn read(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ReadIn>(engine).await?;
    let ReadIn { tool, agent_id, default, limit, cursor } = input;
    let Some(tool) = tool else {
        if agent_id.is_some() || default.is_some() {
            return Err(Error::Missing(vec!["tool".to_owned()]));
        }
        return list(engine, &user, &PageRequest { limit, cursor }).await;
    };
    let adapter = adapters::find(&tool)?;
    let agent = agent_id.as_deref().map(AgentId::parse).transpose()?;
    let FailurePolicy { message, retry } =
        engine.errors.failure_policy(&user, adapter, agent.as_ref(), default.as_deref()).await?;
    Reply::ok(&FallbacksOut::One { tool: adapter.tool, agent_id: agent, message, retry })
}

async fn list(engine: &'static Engine, user: &UserId, page: &PageRequest) -> Result<Reply> {
    let page = engine.errors.fallbacks(user, page).await?;
    let fallbacks = page.items.into_iter().map(FallbackOut::from).collect();
    Reply::ok(&FallbacksOut::Page { fallbacks, cursor: page.cursor })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FallbackIn)]
struct SetIn {
    tool: String,
    agent_id: Option<String>,
    message: Option<String>,
    #[serde(default, deserialize_with = "object")]
    retry: Option<RetryPolicy>,
}

impl Input for SetIn {
    const REQUIRED: &'static [&'static str] = &["tool"];
}

/// What was set.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FallbackSetOut)]
struct SetOut {
    success: bool,
    tool: Tool,
    /// The agent it is for; all of them without one.
    #[schema(required)]
    agent_id: Option<AgentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<RetryPolicy>,
}

/// Set the message to show when a tool fails, or how a task of it is tried again.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/errors/fallbacks",
    operation_id = "setFallback",
    request_body = SetIn,
    responses(
        (status = 200, description = "It was set", body = SetOut),
    ),
)]
async fn set(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<SetIn>(engine).await?;
    let SetIn { tool, agent_id, message, retry } = input;
    let adapter = adapters::find(&tool)?;
    let agent = agent_id.as_deref().map(AgentId::parse).transpose()?;
    let change = Change { message: message.clone(), retry };
    engine.errors.set_fallback(&user, adapter, agent.as_ref(), change).await?;
    Reply::ok(&SetOut { success: true, tool: adapter.tool, agent_id: agent, message, retry })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FallbackDelete)]
struct DeleteIn {
    tool: String,
    agent_id: Option<String>,
}

impl Input for DeleteIn {
    const REQUIRED: &'static [&'static str] = &["tool"];
}

/// Go back to what applies more widely.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/errors/fallbacks",
    operation_id = "deleteFallback",
    request_body = DeleteIn,
    responses(
        (status = 200, description = "It is gone", body = Success),
        (status = 404, description = "There was none", body = Refusal),
    ),
)]
async fn delete(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<DeleteIn>(engine).await?;
    let adapter = adapters::find(&input.tool)?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    engine.errors.remove_fallback(&user, adapter.tool, agent.as_ref()).await?;
    Reply::success()
}
