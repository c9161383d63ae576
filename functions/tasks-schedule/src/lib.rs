//! `/api/plugin-engine/tasks/schedule`: accept an intent for later.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::intent::{IntentRequest, metadata_schema};
use engine::lambda::request::Object;
use engine::lambda::{Input, Refusal, Reply, Request, object};
use engine::recurrence::Recurrence;
use engine::scheduler::Schedule;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(schedule))]
pub struct Doc;

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

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScheduleIn {
    agent_id: String,
    tool: String,
    intent: String,
    /// What the action takes: its `contextSchema` in the list of tools. `{"contextKey": "..."}` may stand for any value.
    context: Option<Object>,
    /// When; a recurrence with `cron` can do without.
    execute_at: Option<Timestamp>,
    /// And when again.
    #[serde(default, deserialize_with = "object")]
    recurrence: Option<Recurrence>,
    /// The agent's own key for what is made.
    save_as: Option<String>,
}

impl Input for ScheduleIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool", "intent"];
}

/// A task that was accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ScheduledOut {
    success: bool,
    /// For a person.
    message: String,
    #[schema(value_type = String)]
    task_id: Value,
    /// `taskId` and `executeAt`.
    #[schema(schema_with = metadata_schema)]
    metadata: Object,
}

/// Accept an intent for later, once or again and again.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/tasks/schedule",
    operation_id = "scheduleIntent",
    request_body = ScheduleIn,
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "A repetition with the same key and body gets the first answer, with `Idempotent-Replayed: true`",
    )),
    responses(
        (status = 202, description = "It lies ahead", body = ScheduledOut),
        (status = 409, description = "The first request with this key still runs", body = Refusal),
        (status = 422, description = "The key came before with another body", body = Refusal),
        (status = 429, description = "The user's own limit; wait for `Retry-After`", body = Refusal),
    ),
)]
async fn schedule(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ScheduleIn>(engine).await?;
    let ScheduleIn { agent_id, tool, intent, context, execute_at, recurrence, save_as } = input;
    let intent = engine.parse_intent(&user, IntentRequest { agent_id, tool, intent, context, save_as }).await?;
    let when = Schedule { at: execute_at, recurrence };
    let key = request.idempotency_key()?;
    let result = engine.schedule_intent(&user, &intent, when, key.as_ref()).await?;
    let reply = Reply::accepted(&ScheduledOut {
        success: true,
        message: result.message,
        task_id: result.metadata["taskId"].clone(),
        metadata: result.metadata,
    })?;
    Ok(reply.with_replayed(result.replayed))
}
