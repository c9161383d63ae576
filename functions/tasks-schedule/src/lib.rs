//! `/api/plugin-engine/tasks/schedule`: accept an intent for later.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::intent::Written;
use engine::lambda::request::Object;
use engine::lambda::{Input, Reply, Request};
use engine::recurrence::Recurrence;
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
        Method::POST => schedule(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "POST" }),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScheduleIn {
    agent_id: String,
    tool: String,
    intent: String,
    context: Option<Object>,
    /// When; a recurrence with `cron` can do without.
    scheduled_time: Option<Timestamp>,
    /// And when again.
    recurrence: Option<Recurrence>,
    /// The agent's own key for what is made.
    save_as: Option<String>,
}

impl Input for ScheduleIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool", "intent"];
}

async fn schedule(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ScheduleIn>(engine).await?;
    let ScheduleIn { agent_id, tool, intent, context, scheduled_time, recurrence, save_as } = input;
    let intent = engine.intent(&user, Written { agent_id, tool, intent, context, save_as }).await?;
    let when = When { at: scheduled_time, recurrence };
    let key = request.idempotency_key()?;
    let result = engine.schedule_intent(&user, &intent, when, key.as_ref()).await?;
    let task_id = &result.metadata["taskId"];
    let reply = Reply::accepted(&json!({
        "success": true,
        "message": result.message,
        "taskId": task_id,
        "metadata": result.metadata,
    }))?;
    Ok(reply.replayed(result.replayed))
}
