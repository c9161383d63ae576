//! `/api/plugin-engine`: list the tools, process an intent.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::intent::Intent;
use engine::lambda::request::Object;
use engine::lambda::{Input, Reply, Request};
use engine::scheduler::When;
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => tools(engine, &request).await,
        Method::POST => process(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST" }),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolsIn {}

impl Input for ToolsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

async fn tools(engine: &'static Engine, request: &Request) -> Result<Reply> {
    request.query::<ToolsIn>(engine).await?;
    Reply::ok(&json!({ "tools": engine.tools() }))
}

/// What an agent wants done.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProcessIn {
    agent_id: String,
    intent: String,
    tool: String,
    context: Option<Object>,
    /// When; now without it.
    scheduled_time: Option<Timestamp>,
}

impl Input for ProcessIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "intent", "tool"];
}

async fn process(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ProcessIn>(engine).await?;
    let intent = Intent::parse(&input.agent_id, &input.tool, &input.intent, input.context)?;
    let key = request.idempotency_key()?;
    let result = match input.scheduled_time {
        Some(at) => {
            let when = When { at: Some(at), recurrence: None };
            engine.schedule_intent(&user, &intent, when, key.as_ref()).await?
        }
        None => engine.process_intent(&user, &intent, key.as_ref(), request.until(engine)).await?,
    };
    let reply = if result.pending { Reply::accepted(&result) } else { Reply::ok(&result) };
    Ok(reply?.replayed(result.replayed))
}
