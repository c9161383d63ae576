//! `/api/plugin-engine/errors/stats`: counts errors by tool, code and agent.

use engine::error::{Error, Result};
use engine::error_log::{ErrorHandler, Stats};
use engine::ids::AgentId;
use engine::lambda::{Input, Reply, Request};
use engine::tables::PageRequest;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The default of `days`.
const DEFAULT_DAYS: u16 = 7;

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(stats))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(errors: &'static ErrorHandler, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => stats(errors, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatsIn {
    /// The number of days, today included: 1 to 90; 7 by default.
    days: Option<u16>,
    /// Counts only errors of this agent.
    agent_id: Option<String>,
    /// The largest number of agents in a page: 1 to 100; 25 by default.
    limit: Option<u16>,
    /// The `cursor` of the previous page of agents.
    cursor: Option<String>,
}

impl Input for StatsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// The numbers of errors.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StatsOut {
    /// The numbers of errors by tool.
    by_tool: BTreeMap<String, u64>,
    /// The numbers of errors by code.
    by_code: BTreeMap<String, u64>,
    /// The numbers of errors by agent, of the agents of this page.
    by_agent: BTreeMap<String, u64>,
    /// The days that were counted.
    period: StatsPeriod,
    /// The start of the next page of agents; absent at the end. The other numbers are of all agents on each page.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
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

/// Counts errors by tool, code and agent.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors/stats",
    operation_id = "errorStats",
    params(StatsIn),
    responses(
        (status = 200, description = "The counts", body = StatsOut),
    ),
)]
async fn stats(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<StatsIn>().await?;
    let days = input.days.unwrap_or(DEFAULT_DAYS);
    let period = errors.period(days)?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    let stats = errors.stats(&caller, agent.as_ref(), days, page).await?;
    let Stats { by_tool, by_code, by_agent, cursor } = stats;
    let period = StatsPeriod { days, start: period.first, end: period.last };
    Reply::ok(&StatsOut { by_tool, by_code, by_agent, period, cursor })
}
