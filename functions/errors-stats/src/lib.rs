//! `/api/plugin-engine/errors/stats`: counts errors by tool, code and agent; lists circuit breakers and closes one.

use engine::circuit_breaker::{CircuitBreaker, CircuitBreakerStatus};
use engine::error::{Error, Result};
use engine::error_log::{ErrorHandler, Stats};
use engine::ids::AgentId;
use engine::lambda::{Input, Refusal, Reply, Request, Success};
use engine::tables::integrations::BreakerKey;
use engine::tool::Tool;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The default of `days`.
const DEFAULT_DAYS: u16 = 7;

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(stats, close))]
pub struct Doc;

/// The parts of the engine that this function uses.
pub type Parts = (ErrorHandler, CircuitBreaker);

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(parts: &'static Parts, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => stats(parts, &request).await,
        Method::DELETE => close(parts, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, DELETE" }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatsIn {
    /// The number of days, today included: 1 to 90; 7 by default.
    days: Option<u16>,
    /// Counts only errors and circuit breakers of this agent.
    agent_id: Option<String>,
}

impl Input for StatsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// The numbers of errors, and the circuit breakers that are open or have recent failures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StatsOut {
    /// The numbers of errors by tool.
    stats: BTreeMap<String, u64>,
    /// The numbers of errors by code.
    by_code: BTreeMap<String, u64>,
    /// The numbers of errors by agent.
    by_agent: BTreeMap<String, u64>,
    /// The circuit breakers that are not closed, or have recent failures.
    circuit_breakers: Vec<CircuitBreakerStatus>,
    /// The days that were counted.
    period: StatsPeriod,
}

/// A range of UTC days, first and last day included.
#[derive(Debug, Serialize, ToSchema)]
struct StatsPeriod {
    /// The number of days.
    days: u16,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    start: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    end: Date,
}

/// Counts errors by tool, code and agent, and lists circuit breakers.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors/stats",
    operation_id = "errorStats",
    params(StatsIn),
    responses(
        (status = 200, description = "The counts and the circuit breakers", body = StatsOut),
    ),
)]
async fn stats((errors, circuit_breaker): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<StatsIn>().await?;
    let days = input.days.unwrap_or(DEFAULT_DAYS);
    let period = errors.period(days)?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    let (stats, circuit_breakers) = futures::try_join!(
        errors.stats(&user, agent.as_ref(), days),
        circuit_breaker.statuses(&user, agent.as_ref()),
    )?;
    let Stats { by_tool: stats, by_code, by_agent } = stats;
    let period = StatsPeriod { days, start: period.first, end: period.last };
    Reply::ok(&StatsOut { stats, by_code, by_agent, circuit_breakers, period })
}

/// The circuit breaker to close.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CircuitBreakerReset)]
struct CloseIn {
    /// The agent of the circuit breaker.
    agent_id: String,
    /// The tool of the circuit breaker.
    tool: String,
}

impl Input for CloseIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool"];
    // The circuit breaker protects the tool from the agent, so the agent's service must not close it.
    const USER_TOKEN_ONLY: &'static [&'static str] = &["agentId", "tool"];
}

/// Closes the circuit breaker of an agent and tool.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/errors/stats",
    operation_id = "closeCircuitBreaker",
    request_body = CloseIn,
    responses(
        (status = 200, description = "The circuit breaker is closed and its recorded failures are deleted", body = Success),
        (status = 404, description = "No failures are recorded for this agent and tool", body = Refusal),
    ),
)]
async fn close((_, circuit_breaker): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<CloseIn>().await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let tool = Tool::parse(&input.tool)?;
    circuit_breaker.reset(BreakerKey { user: &user, agent: &agent, tool }).await?;
    Reply::success()
}
