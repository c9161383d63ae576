//! `/api/plugin-engine/circuit-breakers`: lists the circuit breakers of a user's agents, and closes one.

use engine::account::AccountName;
use engine::circuit_breaker::{CircuitBreaker, CircuitBreakerStatus};
use engine::error::{Error, Result};
use engine::ids::AgentId;
use engine::lambda::{Callers, Input, Refusal, Reply, Request, Success};
use engine::tool::Tool;
use http::Method;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(list, close))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(breakers: &'static CircuitBreaker, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(breakers, &request).await,
        Method::DELETE => close(breakers, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, DELETE" }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// Lists only circuit breakers of this agent.
    agent_id: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// The circuit breakers that are open or have recent failures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CircuitBreakersOut {
    /// The circuit breakers. One that is not listed is closed.
    circuit_breakers: Vec<CircuitBreakerStatus>,
}

/// Lists the circuit breakers that are not closed, or have failures within the last hour.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/circuit-breakers",
    operation_id = "listCircuitBreakers",
    params(ListIn),
    responses(
        (status = 200, description = "The circuit breakers", body = CircuitBreakersOut),
    ),
)]
async fn list(breakers: &'static CircuitBreaker, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<ListIn>().await?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    let circuit_breakers = breakers.statuses(&caller, agent.as_ref()).await?;
    Reply::ok(&CircuitBreakersOut { circuit_breakers })
}

/// The circuit breaker to close.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CircuitBreakerClose)]
struct CloseIn {
    /// The agent of the circuit breaker.
    agent_id: String,
    /// The tool of the circuit breaker.
    tool: String,
    /// The account: its id, label or address. Required if several accounts of the tool are connected and none is the default.
    account: Option<String>,
}

impl Input for CloseIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool"];
    // The circuit breaker protects the tool from the agent, so the agent's service must not close it.
    const CALLERS: Callers = Callers::User;
}

/// Closes the circuit breaker of an agent and tool, and deletes its failures.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/circuit-breakers",
    operation_id = "closeCircuitBreaker",
    request_body = CloseIn,
    responses(
        (status = 200, description = "The circuit breaker is closed and its recorded failures are deleted", body = Success),
        (status = 404, description = "No failures are recorded for this agent and tool", body = Refusal),
        (status = 424, description = "The tool is not connected, and its accounts have several circuit breakers", body = Refusal),
    ),
)]
async fn close(breakers: &'static CircuitBreaker, request: &Request) -> Result<Reply> {
    let (user, input) = request.query_or_body::<CloseIn>().await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let tool = Tool::parse(&input.tool)?;
    let account = AccountName::parse_optional(input.account.as_deref())?;
    breakers.reset(&user, &agent, tool, account.as_ref()).await?;
    Reply::success()
}
