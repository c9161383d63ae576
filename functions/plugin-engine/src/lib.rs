//! `/api/plugin-engine`: lists the tools, processes an intent, and serves the OpenAPI document of the whole API.

mod tools;

use engine::clock;
use engine::engine::Engine;
use engine::error::{Error, FieldFault, Result};
use engine::intent::{IntentRequest, PluginResult, UnboundIntent};
use engine::lambda::request::Object;
use engine::lambda::{Input, Refusal, Reply, Request};
use engine::scheduler::Schedule;
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

/// The OpenAPI document of the whole API. The package `openapi` makes it from the descriptions of all routes, so that no function
/// depends on another.
const DOCUMENT: &str = include_str!("openapi.json");

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(tools::list, process, document))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    let is_document = request.path().ends_with("/openapi.json");
    match *request.method() {
        Method::GET if is_document => Ok(document()),
        _ if is_document => Err(Error::MethodNotAllowed { allowed: "GET" }),
        Method::GET => tools::list(engine, &request).await,
        Method::POST => process(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST" }),
    }
}

/// Reads the OpenAPI document of all routes.
///
/// Needs no token: generators and gateways have none, and the document contains no personal data.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/openapi.json",
    operation_id = "getDocument",
    security(()),
    responses(
        (status = 200, description = "The document, in OpenAPI 3.1", body = Object),
    ),
)]
fn document() -> Reply {
    Reply::raw_json(DOCUMENT)
}

/// The intent to process.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProcessIn {
    /// The agent that requests the action.
    agent_id: String,
    /// The action of the tool, for example `send_email`.
    intent: String,
    /// The tool, for example `gmail`.
    tool: String,
    /// The account: its id, label or address. Required if several accounts of the tool are connected and none is the default.
    account: Option<String>,
    /// The input of the action. Its `contextSchema` is in the list of tools. `{"contextKey": "..."}` can replace any value.
    context: Option<Object>,
    /// The time of execution; the intent is processed immediately if absent.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    execute_at: Option<Timestamp>,
    /// The context key under which the id of the created object is saved.
    save_as: Option<String>,
    /// Returns the request that would be sent to the provider, without sending it.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    dry_run: bool,
}

impl Input for ProcessIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "intent", "tool"];

    fn further_faults(&self) -> Vec<FieldFault> {
        let mut faults = UnboundIntent::faults(self.clone().into_request());
        faults.extend(self.check_dry_run().err().iter().flat_map(Error::fields));
        faults
    }
}

impl ProcessIn {
    fn into_request(self) -> IntentRequest {
        let Self { agent_id, intent, tool, account, context, save_as, execute_at: _, dry_run: _ } = self;
        IntentRequest { agent_id, tool, intent, account, context, save_as }
    }

    fn check_dry_run(&self) -> Result<()> {
        match self.dry_run && self.execute_at.is_some() {
            true => Err(Error::invalid("dryRun", "cannot be combined with executeAt; omit one of them")),
            false => Ok(()),
        }
    }
}

/// Processes an intent, immediately or at `executeAt`.
#[utoipa::path(
    post,
    path = "/api/plugin-engine",
    operation_id = "processIntent",
    request_body = ProcessIn,
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "A key of the caller's choice. A repeated request with the same key and body returns \
            the first result, with the header `Idempotent-Replayed: true`",
    )),
    responses(
        (status = 200, description = "The intent was processed; `success` is true if the action succeeded", body = PluginResult),
        (status = 202, description = "The intent is scheduled, or its outcome is being reconciled", body = PluginResult),
        (status = 404, description = "A file that the context names does not exist", body = Refusal),
        (status = 409, description = "The first request with this idempotency key is still running; or the agent is new and the user has as many as allowed; or a file is not uploaded", body = Refusal),
        (status = 424, description = "The tool is not connected, and the intent is for later", body = Refusal),
        (status = 422, description = "The idempotency key was used for a request with another body", body = Refusal),
    ),
)]
async fn process(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (caller, input, key) = request.body_with_key::<ProcessIn>().await?;
    input.check_dry_run()?;
    let (execute_at, dry_run) = (input.execute_at, input.dry_run);
    let intent = input.into_request();
    if dry_run {
        return Reply::ok(&engine.dry_run_intent(&caller, intent, request.deadline()).await?);
    }
    let result = match execute_at {
        Some(at) => {
            let schedule = Schedule { at: Some(at), recurrence: None };
            engine.intake.schedule_intent(&caller, intent, schedule, key.as_ref()).await?
        }
        None => engine.process_intent(&caller, intent, key.as_ref(), request.deadline()).await?,
    };
    let reply = if result.pending { Reply::accepted(&result) } else { Reply::ok(&result) };
    Ok(reply?.with_replayed(result.replayed))
}
