//! `/api/plugin-engine/errors/trends`: errors a day, and the most frequent codes.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::lambda::{Input, Reply, Request};
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// Days when the caller does not say.
const DEFAULT_DAYS: u16 = 30;

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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TrendsIn {
    days: Option<u16>,
    tool: Option<String>,
}

impl Input for TrendsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

async fn trends(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<TrendsIn>(engine).await?;
    let days = input.days.unwrap_or(DEFAULT_DAYS);
    let tool = input.tool.as_deref().map(adapters::find).transpose()?.map(|adapter| adapter.tool);
    let (start, end) = engine.errors.period(days)?;
    let trends = engine.errors.trends(&user, days, tool).await?;
    let named = tool.map_or("all", |tool| tool.as_str());
    Reply::ok(&json!({
        "trends": trends.days,
        "frequentErrors": trends.frequent,
        "period": { "days": days, "tool": named, "start": start, "end": end },
    }))
}
