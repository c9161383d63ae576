//! `/api/plugin-engine`: list the tools, process an intent; and the document of the whole API.

use engine::adapters::action::{ActionDef, Effect, Scopes};
use engine::adapters::catalogue::{Format, ToolDefinition};
use engine::adapters::{self, Adapter};
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::integrations::AuthStatus;
use engine::intent::{IntentRequest, PluginResult};
use engine::lambda::request::Object;
use engine::lambda::{Input, Refusal, Reply, Request};
use engine::scheduler::Schedule;
use engine::tables::PageRequest;
use engine::tool::Tool;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI document of the whole API. `tests/it/openapi.rs` writes it from what the routes say of themselves, so that no
/// function needs to know another.
const DOCUMENT: &str = include_str!("openapi.json");

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(tools, process, described))]
pub struct Doc;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    let document = request.path().ends_with("/openapi.json");
    match *request.method() {
        Method::GET if document => Ok(described()),
        _ if document => Err(Error::MethodNotAllowed { allowed: "GET" }),
        Method::GET => tools(engine, &request).await,
        Method::POST => process(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST" }),
    }
}

/// All routes as an OpenAPI document.
///
/// Without a token: the generators and gateways that read it have none, and it says nothing of anybody.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/openapi.json",
    operation_id = "getDocument",
    security(()),
    responses(
        (status = 200, description = "OpenAPI 3.1", body = Object),
    ),
)]
fn described() -> Reply {
    Reply::raw_json(DOCUMENT)
}

/// Which tools, and how they are written.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ToolsIn {
    /// Only this one.
    tool: Option<String>,
    /// Only those the caller has connected, or has not.
    connected: Option<bool>,
    /// As a model takes them; this API's own list without it.
    #[param(inline)]
    format: Option<Format>,
}

impl Input for ToolsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// The tools.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum ToolsOut {
    Tools {
        tools: Vec<ToolOut>,
    },
    /// With `format`: their actions.
    Definitions {
        tools: Vec<ToolDefinition>,
    },
}

/// A tool with its actions, and whether the caller has connected it: `PluginMetadata` of the original description and more.
#[derive(Debug, Serialize, ToSchema)]
struct ToolOut {
    id: Tool,
    name: &'static str,
    description: &'static str,
    version: &'static str,
    author: &'static str,
    /// What a person is asked for at the consent.
    #[schema(value_type = Vec<String>)]
    scopes: &'static [&'static str],
    actions: Vec<ActionOut>,
    connection: AuthStatus,
}

/// An action. The contexts of all actions stand here alone: they are data, one JSON Schema each.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ActionOut {
    /// The name as an intent.
    name: &'static str,
    /// Names of earlier versions.
    #[schema(value_type = Vec<String>)]
    aliases: &'static [&'static str],
    /// For a model.
    description: String,
    /// Of each group one must be granted; the least powerful stands first.
    #[schema(value_type = Vec<Vec<String>>)]
    scopes: Scopes,
    effect: Effect,
    /// The JSON Schema (draft 2020-12) of an intent's `context`, with an example.
    #[schema(value_type = Object)]
    context_schema: Value,
}

impl From<&ActionDef> for ActionOut {
    fn from(action: &ActionDef) -> Self {
        let context_schema = action.schema();
        Self {
            name: action.name,
            aliases: action.aliases,
            description: context_schema["description"].as_str().unwrap_or_default().to_owned(),
            scopes: action.scopes,
            effect: action.effect,
            context_schema,
        }
    }
}

/// The tools with their actions, and which of them the caller has connected.
#[utoipa::path(
    get,
    path = "/api/plugin-engine",
    operation_id = "listTools",
    params(ToolsIn),
    responses(
        (status = 200, description = "The tools", body = ToolsOut),
    ),
)]
async fn tools(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ToolsIn>(engine).await?;
    let mut adapters = match &input.tool {
        Some(tool) => vec![adapters::find(tool)?],
        None => adapters::ALL.to_vec(),
    };
    // What models are given does not depend on who asks, unless they ask for that.
    if let (Some(format), None) = (input.format, input.connected) {
        return Reply::ok(&tool_definitions(format, &adapters));
    }
    let integrations = engine.integrations.list(&user, &PageRequest { limit: None, cursor: None }).await?.items;
    let status = |adapter: &Adapter| {
        let integration = integrations.iter().find(|integration| integration.tool == adapter.tool.as_str());
        engine.integrations.status(adapter, integration)
    };
    adapters.retain(|adapter| input.connected.is_none_or(|wanted| status(adapter).connected == wanted));
    let tools = match input.format {
        Some(format) => tool_definitions(format, &adapters),
        None => ToolsOut::Tools { tools: adapters.iter().map(|adapter| tool_out(adapter, status(adapter))).collect() },
    };
    Reply::ok(&tools)
}

fn tool_definitions(format: Format, adapters: &[&Adapter]) -> ToolsOut {
    ToolsOut::Definitions { tools: adapters.iter().flat_map(|adapter| format.tool_definitions(adapter)).collect() }
}

fn tool_out(adapter: &Adapter, connection: AuthStatus) -> ToolOut {
    ToolOut {
        id: adapter.tool,
        name: adapter.name,
        description: adapter.description,
        version: env!("CARGO_PKG_VERSION"),
        author: "Plugin Engine",
        scopes: adapter.oauth.scopes,
        actions: adapter.actions.iter().map(ActionOut::from).collect(),
        connection,
    }
}

/// What an agent wants done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProcessIn {
    agent_id: String,
    /// One of the tool's actions.
    intent: String,
    tool: String,
    /// What the action takes: its `contextSchema` in the list of tools. `{"contextKey": "..."}` may stand for any value.
    context: Option<Object>,
    /// When; now without it.
    execute_at: Option<Timestamp>,
    /// The agent's own key for what is made.
    save_as: Option<String>,
    /// Only shows what would be sent.
    #[serde(default)]
    dry_run: bool,
}

impl Input for ProcessIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "intent", "tool"];
}

/// Process an intent, now or at `executeAt`.
#[utoipa::path(
    post,
    path = "/api/plugin-engine",
    operation_id = "processIntent",
    request_body = ProcessIn,
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "A repetition with the same key and body gets the first answer, with `Idempotent-Replayed: true`",
    )),
    responses(
        (status = 200, description = "It was processed; `success` says whether it was done", body = PluginResult),
        (status = 202, description = "It lies ahead: scheduled, or its outcome is being found out", body = PluginResult),
        (status = 409, description = "The first request with this key still runs", body = Refusal),
        (status = 422, description = "The key came before with another body", body = Refusal),
        (status = 429, description = "The user's own limit; wait for `Retry-After`", body = Refusal),
    ),
)]
async fn process(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ProcessIn>(engine).await?;
    let ProcessIn { agent_id, intent, tool, context, execute_at, save_as, dry_run } = input;
    let intent = engine.parse_intent(&user, IntentRequest { agent_id, tool, intent, context, save_as }).await?;
    if dry_run {
        if execute_at.is_some() {
            return Err(Error::invalid("dryRun", "cannot stand together with executeAt"));
        }
        return Reply::ok(&engine.dry_run_intent(&user, &intent, request.deadline(engine)).await?);
    }
    let key = request.idempotency_key()?;
    let result = match execute_at {
        Some(at) => {
            let when = Schedule { at: Some(at), recurrence: None };
            engine.schedule_intent(&user, &intent, when, key.as_ref()).await?
        }
        None => engine.process_intent(&user, &intent, key.as_ref(), request.deadline(engine)).await?,
    };
    let reply = if result.pending { Reply::accepted(&result) } else { Reply::ok(&result) };
    Ok(reply?.with_replayed(result.replayed))
}
