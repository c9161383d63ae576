//! `/api/plugin-engine/errors/stats`: errors by tool.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::lambda::{Input, Reply, Request};
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// Days when the caller does not say.
const DEFAULT_DAYS: u16 = 7;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => stats(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StatsIn {
    days: Option<u16>,
}

impl Input for StatsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

async fn stats(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<StatsIn>(engine).await?;
    let days = input.days.unwrap_or(DEFAULT_DAYS);
    let (start, end) = engine.errors.period(days)?;
    let stats = engine.errors.stats(&user, days).await?;
    Reply::ok(&json!({ "stats": stats, "period": { "days": days, "start": start, "end": end } }))
}
