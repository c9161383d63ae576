//! `/api/plugin-engine/tasks/schedule`: accepts an intent for a later time or a recurrence.

use engine::clock;
use engine::engine::Intake;
use engine::error::{Error, FieldFault, Result};
use engine::intent::{IntentRequest, UnboundIntent, Warning, metadata_schema};
use engine::lambda::request::Object;
use engine::lambda::{Input, Refusal, Reply, Request, object};
use engine::recurrence::Recurrence;
use engine::scheduler::Schedule;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(schedule))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(intake: &'static Intake, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => schedule(intake, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "POST" }),
    }
}

/// The intent to schedule.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScheduleIn {
    /// The agent that requests the action.
    agent_id: String,
    /// The tool, for example `gmail`.
    tool: String,
    /// The action of the tool, for example `send_email`.
    intent: String,
    /// The account: its id, label or address. Required if several accounts of the tool are connected and none is the default.
    account: Option<String>,
    /// The input of the action. Its `contextSchema` is in the list of tools. `{"contextKey": "..."}` can replace any value.
    context: Option<Object>,
    /// The time of the first occurrence. Required, except with a recurrence that has `cron`.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    execute_at: Option<Timestamp>,
    /// The recurrence of a series.
    #[serde(default, deserialize_with = "object")]
    recurrence: Option<Recurrence>,
    /// The context key under which the id of the created object is saved.
    save_as: Option<String>,
}

impl Input for ScheduleIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool", "intent"];
    const OBJECTS: &'static [&'static str] = &["recurrence"];

    fn further_faults(&self) -> Vec<FieldFault> {
        let mut faults = UnboundIntent::faults(self.clone().into_request());
        let schedule = Schedule { at: self.execute_at, recurrence: self.recurrence.clone() };
        faults.extend(schedule.check().err().iter().flat_map(Error::fields));
        faults
    }
}

impl ScheduleIn {
    fn into_request(self) -> IntentRequest {
        let Self { agent_id, tool, intent, account, context, save_as, execute_at: _, recurrence: _ } = self;
        IntentRequest { agent_id, tool, intent, account, context, save_as }
    }
}

/// An accepted task.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ScheduledOut {
    /// Always true.
    success: bool,
    /// The confirmation for a person.
    message: String,
    /// The id of the task.
    #[schema(value_type = String)]
    task_id: Value,
    /// The `taskId`, `account` and `executeAt` of the task.
    #[schema(schema_with = metadata_schema)]
    metadata: Object,
    /// The steps for a person before the time of the task. Absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

/// Schedules an intent, once or as a series.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/tasks/schedule",
    operation_id = "scheduleIntent",
    request_body = ScheduleIn,
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "A key of the caller's choice. A repeated request with the same key and body returns \
            the first result, with the header `Idempotent-Replayed: true`",
    )),
    responses(
        (status = 202, description = "The task is scheduled", body = ScheduledOut),
        (status = 404, description = "A file that the context names does not exist", body = Refusal),
        (status = 409, description = "The first request with this idempotency key is still running; or the agent is new and the user has as many as allowed; or a file is not uploaded", body = Refusal),
        (status = 424, description = "The tool is not connected", body = Refusal),
        (status = 422, description = "The idempotency key was used for a request with another body", body = Refusal),
    ),
)]
async fn schedule(intake: &'static Intake, request: &Request) -> Result<Reply> {
    let (caller, mut input, key) = request.body_with_key::<ScheduleIn>().await?;
    let schedule = Schedule { at: input.execute_at, recurrence: input.recurrence.take() };
    let intent = input.into_request();
    let result = intake.schedule_intent(&caller, intent, schedule, key.as_ref()).await?;
    let reply = Reply::accepted(&ScheduledOut {
        success: true,
        message: result.message,
        task_id: result.metadata["taskId"].clone(),
        metadata: result.metadata,
        warnings: result.warnings,
    })?;
    Ok(reply.with_replayed(result.replayed))
}
