//! `/api/plugin-engine/errors/fallbacks`: failure policies: the message for the person when an action fails, and the retry policy of
//! tasks.

use engine::error::{Checks, Error, FallbackTexts, FieldFault, Result};
use engine::error_log::{ErrorHandler, FailurePolicy};
use engine::ids::AgentId;
use engine::lambda::request::refuse_beside;
use engine::lambda::{Callers, Input, Refusal, Reply, Request, Success, object};
use engine::permissions::Caller;
use engine::retry::RetryPolicy;
use engine::tables::PageRequest;
use engine::tables::fallbacks::{Change, Fallback};
use engine::tool::Tool;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(read, set, delete))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(errors: &'static ErrorHandler, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => read(errors, &request).await,
        Method::POST => set(errors, &request).await,
        Method::DELETE => delete(errors, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

/// A stored failure policy: the fallback message and the retry policy of a tool, for all agents or for one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FallbackRow)]
struct FallbackOut {
    /// The tool.
    tool: String,
    /// The agent that the policy applies to; `null` for all agents.
    #[schema(required)]
    agent_id: Option<AgentId>,
    /// The message for the person when an action fails; `null` if none is set.
    #[schema(required)]
    message: Option<String>,
    /// The retry policy; `null` if none is set.
    #[schema(required)]
    retry: Option<RetryPolicy>,
    /// The time of the last change.
    updated_at: Timestamp,
    /// The user, or the service that acted for the user.
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

/// The query for the failure policy of a tool (`tool`), or for the list of all stored ones.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadIn {
    /// Returns the policy that applies to this tool, for example `gmail`.
    tool: Option<String>,
    /// Returns the policy that applies when this agent uses the tool. Needs `tool`.
    agent_id: Option<String>,
    /// The message to return if none is stored. Needs `tool`.
    default: Option<String>,
    /// The largest number of items in a page: 1 to 100. Not with `tool`.
    limit: Option<u16>,
    /// The `cursor` of the previous page. Not with `tool`.
    cursor: Option<String>,
}

impl Input for ReadIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of stored failure policies, or the policy that applies to the requested tool.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum FallbacksOut {
    Page {
        /// The stored policies of this page.
        fallbacks: Vec<FallbackOut>,
        /// The cursor of the next page; `null` on the last page.
        #[schema(required)]
        cursor: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    One {
        /// The requested tool.
        tool: Tool,
        /// The requested agent.
        #[schema(required)]
        agent_id: Option<AgentId>,
        /// The message for the person when an action fails, if one is stored or `default` is sent; `null` where the texts of
        /// `builtIn` apply.
        #[schema(required)]
        message: Option<String>,
        /// The built-in texts, which apply where `message` is `null`: one for each `error.action`.
        built_in: FallbackTexts,
        /// The retry policy of tasks.
        retry: RetryPolicy,
    },
}

/// Reads the failure policy of a tool, or lists all stored ones.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors/fallbacks",
    operation_id = "getFallbacks",
    params(ReadIn),
    responses(
        (status = 200, description = "The most specific policy that applies, or a page of stored ones", body = FallbacksOut),
    ),
)]
async fn read(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<ReadIn>().await?;
    let ReadIn { tool, agent_id, default, limit, cursor } = input;
    let Some(tool) = tool else {
        if agent_id.is_some() || default.is_some() {
            return Err(Error::Missing(vec!["tool".to_owned()]));
        }
        return list(errors, &caller, &PageRequest { limit, cursor }).await;
    };
    refuse_beside("tool", [("limit", limit.is_some()), ("cursor", cursor.is_some())])?;
    let tool = Tool::parse(&tool)?;
    caller.check(tool.as_str(), None, None)?;
    let agent = agent_id.as_deref().map(AgentId::parse).transpose()?;
    let FailurePolicy { message, retry } =
        errors.failure_policy(&caller.user, tool, agent.as_ref(), default.as_deref()).await?;
    Reply::ok(&FallbacksOut::One { tool, agent_id: agent, message, built_in: FallbackTexts::of(tool), retry })
}

async fn list(errors: &'static ErrorHandler, caller: &Caller, page: &PageRequest) -> Result<Reply> {
    let page = errors.fallbacks(caller, page).await?;
    let fallbacks = page.items.into_iter().map(FallbackOut::from).collect();
    Reply::ok(&FallbacksOut::Page { fallbacks, cursor: page.cursor })
}

/// The failure policy to store. An absent field keeps its value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FallbackIn)]
struct SetIn {
    /// The tool.
    tool: String,
    /// The agent that the policy applies to; all agents if absent.
    agent_id: Option<String>,
    /// The message for the person when an action fails.
    message: Option<String>,
    /// The retry policy of tasks.
    #[serde(default, deserialize_with = "object")]
    retry: Option<RetryPolicy>,
}

impl Input for SetIn {
    const REQUIRED: &'static [&'static str] = &["tool"];
    const OBJECTS: &'static [&'static str] = &["retry"];
    const CALLERS: Callers = Callers::User;

    fn further_faults(&self) -> Vec<FieldFault> {
        self.parse().err().map_or_else(Vec::new, |error| error.fields())
    }
}

impl SetIn {
    fn parse(&self) -> Result<(Tool, Option<AgentId>)> {
        let mut checks = Checks::default();
        let tool = checks.pass(Tool::parse(&self.tool).map_err(Error::from));
        let agent = checks.pass(self.agent_id.as_deref().map(AgentId::parse).transpose());
        checks.pass(self.retry.map_or(Ok(()), RetryPolicy::check));
        checks.finish(|| Some((tool?, agent?)))
    }
}

/// The stored failure policy.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FallbackSetOut)]
struct SetOut {
    /// Always true.
    success: bool,
    /// The tool.
    tool: Tool,
    /// The agent that the policy applies to; `null` for all agents.
    #[schema(required)]
    agent_id: Option<AgentId>,
    /// The message of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The retry policy of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<RetryPolicy>,
}

/// Sets the fallback message or the retry policy of a tool.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/errors/fallbacks",
    operation_id = "setFallback",
    request_body = SetIn,
    responses(
        (status = 200, description = "The policy was stored", body = SetOut),
    ),
)]
async fn set(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<SetIn>().await?;
    let (tool, agent) = input.parse()?;
    let SetIn { message, retry, .. } = input;
    let change = Change { message: message.clone(), retry };
    errors.set_fallback(&user, tool, agent.as_ref(), change).await?;
    Reply::ok(&SetOut { success: true, tool, agent_id: agent, message, retry })
}

/// The failure policy to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FallbackDelete)]
struct DeleteIn {
    /// The tool.
    tool: String,
    /// The agent that the policy applies to; all agents if absent.
    agent_id: Option<String>,
}

impl Input for DeleteIn {
    const REQUIRED: &'static [&'static str] = &["tool"];
    /// An empty agent is refused: it must not delete the policy of all agents.
    const EMPTY_CLEARS: &'static [&'static str] = &["agentId"];
    const CALLERS: Callers = Callers::User;
}

/// Deletes a failure policy, so that the next more general one applies.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/errors/fallbacks",
    operation_id = "deleteFallback",
    request_body = DeleteIn,
    responses(
        (status = 200, description = "The policy was deleted", body = Success),
        (status = 404, description = "No such policy", body = Refusal),
    ),
)]
async fn delete(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (user, input) = request.query_or_body::<DeleteIn>().await?;
    let tool = Tool::parse(&input.tool)?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    errors.remove_fallback(&user, tool, agent.as_ref()).await?;
    Reply::success()
}
