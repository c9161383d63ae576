//! `/api/plugin-engine/errors/stats`: errors by tool, code and agent; which tools rest and why; a person's word that one is to be
//! called again.

use engine::adapters;
use engine::circuit_breaker::CircuitBreakerStatus;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::error_log::Stats;
use engine::ids::AgentId;
use engine::lambda::{Input, Refusal, Reply, Request, Success};
use engine::tables::integrations::BreakerKey;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Days when the caller does not say.
const DEFAULT_DAYS: u16 = 7;

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(stats, reset))]
pub struct Doc;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => stats(engine, &request).await,
        Method::DELETE => reset(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, DELETE" }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatsIn {
    /// 1 to 90; 7 without it.
    days: Option<u16>,
    /// Only of this one.
    agent_id: Option<String>,
}

impl Input for StatsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// How many errors there were, and how the tools stand.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StatsOut {
    /// Errors by tool.
    stats: BTreeMap<String, u64>,
    /// Errors by code.
    by_code: BTreeMap<String, u64>,
    /// Errors by agent.
    by_agent: BTreeMap<String, u64>,
    /// The circuit breakers that are not closed, or have recent failures.
    circuit_breakers: Vec<CircuitBreakerStatus>,
    period: StatsPeriod,
}

/// What was counted: days of UTC, both included.
#[derive(Debug, Serialize, ToSchema)]
struct StatsPeriod {
    days: u16,
    #[schema(value_type = String, format = Date)]
    start: Date,
    #[schema(value_type = String, format = Date)]
    end: Date,
}

/// Errors by tool, code and agent, and the tools that fail.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors/stats",
    operation_id = "errorStats",
    params(StatsIn),
    responses(
        (status = 200, description = "How many", body = StatsOut),
    ),
)]
async fn stats(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<StatsIn>(engine).await?;
    let days = input.days.unwrap_or(DEFAULT_DAYS);
    let period = engine.errors.period(days)?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    let (stats, circuit_breakers) = futures::try_join!(
        engine.errors.stats(&user, agent.as_ref(), days),
        engine.circuit_breaker.statuses(&user, agent.as_ref()),
    )?;
    let Stats { by_tool: stats, by_code, by_agent } = stats;
    let period = StatsPeriod { days, start: period.first, end: period.last };
    Reply::ok(&StatsOut { stats, by_code, by_agent, circuit_breakers, period })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CircuitBreakerReset)]
struct ResetIn {
    agent_id: String,
    tool: String,
}

impl Input for ResetIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool"];
    // What protects a tool from an agent is not for the agent's service to undo.
    const USER_TOKEN_ONLY: &'static [&'static str] = &["agentId", "tool"];
}

/// Let an agent use a tool again that rests.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/errors/stats",
    operation_id = "closeCircuitBreaker",
    request_body = ResetIn,
    responses(
        (status = 200, description = "Its failures are forgotten", body = Success),
        (status = 404, description = "There were none", body = Refusal),
    ),
)]
async fn reset(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ResetIn>(engine).await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let tool = adapters::find(&input.tool)?.tool;
    engine.circuit_breaker.reset(BreakerKey { user: &user, agent: &agent, tool }).await?;
    Reply::success()
}
