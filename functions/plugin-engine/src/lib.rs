//! `/api/plugin-engine`: lists the tools, processes an intent, and serves the OpenAPI document of the whole API.

use engine::adapters::action::{ActionDef, Effect, Scopes, TokenKind};
use engine::adapters::catalogue::{Format, ToolDefinition};
use engine::adapters::{self, Adapter};
use engine::clock;
use engine::engine::Engine;
use engine::error::{Error, FieldFault, Result};
use engine::integrations::{AuthStatus, UnavailableAction, missing_scope};
use engine::intent::{IntentRequest, PluginResult, UnboundIntent};
use engine::lambda::request::Object;
use engine::lambda::{Input, Refusal, Reply, Request};
use engine::permissions::Caller;
use engine::scheduler::Schedule;
use engine::tables::integrations::{Connection, ToolAccounts};
use engine::tool::Tool;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI document of the whole API. The package `openapi` makes it from the descriptions of all routes, so that no function
/// depends on another.
const DOCUMENT: &str = include_str!("openapi.json");

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(tools, process, document))]
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
        Method::GET => tools(engine, &request).await,
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

/// The selection and the format of the tools.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ToolsIn {
    /// Lists only this tool.
    tool: Option<String>,
    /// Lists only connected tools (true) or only unconnected ones (false).
    connected: Option<bool>,
    /// The format of a model provider; the format of this API by default.
    #[param(inline)]
    format: Option<Format>,
}

impl Input for ToolsIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// The tools, or their actions as tool definitions of a model provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum ToolsOut {
    Tools {
        /// The tools.
        tools: Vec<ToolOut>,
    },
    /// The actions, if the query has `format`.
    Definitions {
        /// The tool definitions.
        tools: Vec<ToolDefinition>,
    },
}

/// A tool with its actions and the state of the caller's connections. Extends `PluginMetadata` of the original description.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ToolOut {
    /// The name of the tool in requests.
    tool: Tool,
    /// The display name.
    name: &'static str,
    /// The description of the tool.
    description: &'static str,
    /// The version of the engine.
    version: &'static str,
    /// The author of the adapter.
    author: &'static str,
    /// The OAuth scopes that the consent requests.
    #[schema(value_type = Vec<String>)]
    scopes: &'static [&'static str],
    /// The actions of the tool.
    actions: Vec<ActionOut>,
    /// The state of the caller's connections, an account each; empty if none was ever made.
    connections: Vec<AuthStatus>,
    /// Page where a person connects an account of the tool; absent where the deployment has no such page.
    #[serde(skip_serializing_if = "Option::is_none")]
    connect_url: Option<String>,
}

/// An action. The inputs of actions are described here and not in this document: each has a JSON Schema.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ActionOut {
    /// The name, for the field `intent`.
    name: &'static str,
    /// Former names, which are still accepted.
    #[schema(value_type = Vec<String>)]
    aliases: &'static [&'static str],
    /// The description, for a model.
    description: String,
    /// Groups of alternative OAuth scopes. One scope of each group must be granted; the least powerful comes first.
    #[schema(value_type = Vec<Vec<String>>)]
    scopes: Scopes,
    /// The token of its calls: the app's, or the person's own beside it.
    token: TokenKind,
    /// The kind of the action by the effect of a repetition.
    effect: Effect,
    /// The JSON Schema (draft 2020-12) of the field `context`, with an example.
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
            token: action.token,
            effect: action.effect,
            context_schema,
        }
    }
}

/// Lists the tools with their actions and the caller's connections.
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
    let (caller, input) = request.query_with_caller::<ToolsIn>().await?;
    let mut adapters = match &input.tool {
        Some(tool) => vec![adapters::find(tool)?],
        None => adapters::ALL.iter().copied().filter(|it| caller.permits(it.tool.as_str(), None, None)).collect(),
    };
    adapters.iter().try_for_each(|adapter| caller.check(adapter.tool.as_str(), None, None))?;
    // Tool definitions depend on the caller only if the query selects by connection.
    if let (Some(format), None) = (input.format, input.connected) {
        return Reply::ok(&tool_definitions(&caller, format, &adapters));
    }
    let all = engine.connections.accounts(&caller).await?;
    let accounts = |adapter: &Adapter| all.iter().find(|accounts| accounts.tool == adapter.tool);
    let statuses = |adapter: &Adapter| -> Vec<AuthStatus> {
        let of = |accounts: &ToolAccounts| {
            let status = |connection| {
                let status = engine.connections.status_of(accounts, Some(connection));
                AuthStatus { unavailable_actions: unavailable_actions(&caller, adapter, connection), ..status }
            };
            accounts.connections.iter().map(status).collect()
        };
        accounts(adapter).map_or_else(Vec::new, of)
    };
    let is_connected = |adapter: &Adapter| statuses(adapter).iter().any(|status| status.connected);
    adapters.retain(|adapter| input.connected.is_none_or(|connected| is_connected(adapter) == connected));
    let tools = match input.format {
        Some(format) => tool_definitions(&caller, format, &adapters),
        None => ToolsOut::Tools {
            tools: adapters
                .iter()
                .map(|adapter| {
                    let connect_url = engine.connections.connect_url(adapter.tool);
                    tool_out(&caller, adapter, statuses(adapter), connect_url)
                })
                .collect(),
        },
    };
    Reply::ok(&tools)
}

/// Returns the actions of a tool that the caller may run.
fn permitted_actions(caller: &Caller, adapter: &Adapter) -> impl Iterator<Item = &'static ActionDef> {
    adapter.actions.iter().filter(|action| caller.permits(adapter.tool.as_str(), Some(action.name), None))
}

/// Returns the actions that a connection lacks a scope or a token for.
fn unavailable_actions(caller: &Caller, adapter: &Adapter, connection: &Connection) -> Vec<UnavailableAction> {
    let lacking =
        |action: &ActionDef| Some(UnavailableAction { action: action.name, needs: missing_scope(connection, action)? });
    permitted_actions(caller, adapter).filter_map(lacking).collect()
}

fn tool_definitions(caller: &Caller, format: Format, adapters: &[&Adapter]) -> ToolsOut {
    let of_adapter = |adapter: &&Adapter| {
        let definition = |action| format.tool_definition(adapter, action);
        permitted_actions(caller, adapter).map(definition).collect::<Vec<_>>()
    };
    ToolsOut::Definitions { tools: adapters.iter().flat_map(of_adapter).collect() }
}

fn tool_out(caller: &Caller, adapter: &Adapter, connections: Vec<AuthStatus>, connect_url: Option<String>) -> ToolOut {
    ToolOut {
        tool: adapter.tool,
        name: adapter.tool.name(),
        description: adapter.description,
        version: env!("CARGO_PKG_VERSION"),
        author: "Plugin Engine",
        scopes: adapter.oauth.scopes,
        actions: permitted_actions(caller, adapter).map(ActionOut::from).collect(),
        connections,
        connect_url,
    }
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
        (status = 409, description = "The first request with this idempotency key is still running; or the agent is new and the user has as many as allowed", body = Refusal),
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
