//! `/api/plugin-engine/errors/trends`: errors a day, and the most frequent codes.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::error_log::Trend;
use engine::ids::AgentId;
use engine::lambda::{Input, Reply, Request};
use engine::tool::Tool;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Days when the caller does not say.
const DEFAULT_DAYS: u16 = 30;

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(trends))]
pub struct Doc;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => trends(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TrendsIn {
    /// 1 to 90; 30 without it.
    days: Option<u16>,
    /// Only this one.
    tool: Option<String>,
    /// Only of this one.
    agent_id: Option<String>,
}

impl Input for TrendsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Errors a day, and the most frequent codes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TrendsOut {
    trends: Vec<Trend>,
    frequent_errors: BTreeMap<String, u64>,
    period: TrendsPeriod,
}

/// What was counted: days of UTC, both included.
#[derive(Debug, Serialize, ToSchema)]
struct TrendsPeriod {
    days: u16,
    /// The tool, or `all`.
    tool: &'static str,
    #[schema(value_type = String, format = Date)]
    start: Date,
    #[schema(value_type = String, format = Date)]
    end: Date,
}

/// Errors a day, and the most frequent codes.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/errors/trends",
    operation_id = "errorTrends",
    params(TrendsIn),
    responses(
        (status = 200, description = "How many", body = TrendsOut),
    ),
)]
async fn trends(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<TrendsIn>(engine).await?;
    let days = input.days.unwrap_or(DEFAULT_DAYS);
    let tool = input.tool.as_deref().map(adapters::find).transpose()?.map(|adapter| adapter.tool);
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    let period = engine.errors.period(days)?;
    let trends = engine.errors.trends(&user, agent.as_ref(), tool, days).await?;
    let tool = tool.map_or("all", Tool::as_str);
    Reply::ok(&TrendsOut {
        trends: trends.days,
        frequent_errors: trends.frequent,
        period: TrendsPeriod { days, tool, start: period.first, end: period.last },
    })
}
