//! `/api/plugin-engine/errors/trends`: counts errors by day and by code.

use engine::error::{Error, Result};
use engine::error_log::{ErrorHandler, Trend};
use engine::ids::AgentId;
use engine::lambda::{Input, Reply, Request};
use engine::tool::Tool;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The default of `days`.
const DEFAULT_DAYS: u16 = 30;

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(trends))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(errors: &'static ErrorHandler, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => trends(errors, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TrendsIn {
    /// The number of days, today included: 1 to 90; 30 by default.
    days: Option<u16>,
    /// Counts only errors of this tool.
    tool: Option<String>,
    /// Counts only errors of this agent.
    agent_id: Option<String>,
}

impl Input for TrendsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// The number of errors of each day, and the most frequent codes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TrendsOut {
    /// The number of errors of each day.
    trends: Vec<Trend>,
    /// The numbers of errors of the most frequent codes.
    frequent_errors: BTreeMap<String, u64>,
    /// The days that were counted.
    period: TrendsPeriod,
}

/// A range of UTC days, first and last day included.
#[derive(Debug, Serialize, ToSchema)]
struct TrendsPeriod {
    /// The number of days.
    days: u16,
    /// The tool, or `all`.
    tool: &'static str,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    start: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    end: Date,
}

/// Counts errors by day, and the most frequent codes.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors/trends",
    operation_id = "errorTrends",
    params(TrendsIn),
    responses(
        (status = 200, description = "The counts", body = TrendsOut),
    ),
)]
async fn trends(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<TrendsIn>().await?;
    let days = input.days.unwrap_or(DEFAULT_DAYS);
    let tool = input.tool.as_deref().map(Tool::parse).transpose()?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    let period = errors.period(days)?;
    let trends = errors.trends(&caller, agent.as_ref(), tool, days).await?;
    let tool = tool.map_or("all", Tool::as_str);
    Reply::ok(&TrendsOut {
        trends: trends.days,
        frequent_errors: trends.frequent,
        period: TrendsPeriod { days, tool, start: period.first, end: period.last },
    })
}
