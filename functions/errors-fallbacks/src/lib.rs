//! `/api/plugin-engine/errors/fallbacks`: what an agent may tell its user when a tool fails.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::AgentId;
use engine::lambda::{Input, Reply, Request};
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => read(engine, &request).await,
        Method::POST => set(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST" }),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReadIn {
    tool: String,
    agent_id: Option<String>,
}

impl Input for ReadIn {
    const REQUIRED: &'static [&'static str] = &["tool"];
}

async fn read(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ReadIn>(engine).await?;
    let adapter = adapters::find(&input.tool)?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    let message = engine.errors.fallback(&user, adapter, agent.as_ref(), None).await?;
    Reply::ok(&json!({ "tool": adapter.tool, "agentId": agent, "message": message }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SetIn {
    tool: String,
    message: String,
    agent_id: Option<String>,
}

impl Input for SetIn {
    const REQUIRED: &'static [&'static str] = &["tool", "message"];
}

async fn set(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<SetIn>(engine).await?;
    let adapter = adapters::find(&input.tool)?;
    let agent = input.agent_id.as_deref().map(AgentId::parse).transpose()?;
    engine.errors.set_fallback(&user, adapter, agent.as_ref(), &input.message).await?;
    Reply::ok(&json!({ "success": true, "tool": adapter.tool, "agentId": agent, "message": input.message }))
}
