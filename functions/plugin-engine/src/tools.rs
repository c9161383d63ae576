//! `GET /api/plugin-engine`: the tools with their actions, in this API's own format or as tool definitions of a model provider.

use engine::adapters::action::{ActionDef, Effect, Scopes, Tier, TokenKind};
use engine::adapters::{self, Adapter};
use engine::catalogue::{self, Entry, Format, SchemaForm, Selection, TierFilter, ToolDefinition};
use engine::engine::Engine;
use engine::error::{Error, FieldFault, Result};
use engine::integrations::{AuthStatus, UnavailableAction, missing_scope};
use engine::lambda::{Input, Reply, Request, comma_separated};
use engine::own_tools;
use engine::permissions::Caller;
use engine::tables::integrations::{Connection, ToolAccounts};
use engine::tool::Tool;
use engine::validate::check_text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Longest query of a search.
const MAX_QUERY_BYTES: usize = 256;

/// The selection and the format of the tools. Lists are separated by commas.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ToolsIn {
    /// Lists only these tools, such as `gmail,slack`. `engine` stands for the own tools of the engine.
    #[serde(default, deserialize_with = "comma_separated")]
    #[param(value_type = Option<String>)]
    tools: Vec<String>,
    /// Lists only these actions, such as `send_email` or `gmail_send_email`.
    #[serde(default, deserialize_with = "comma_separated")]
    #[param(value_type = Option<String>)]
    actions: Vec<String>,
    /// Lists only actions of these effects, such as `read,idempotent`.
    #[serde(default, deserialize_with = "comma_separated")]
    #[param(value_type = Option<String>)]
    effect: Vec<Effect>,
    /// Lists only connected tools (true) or only unconnected ones (false).
    connected: Option<bool>,
    /// The ranks of the listed actions. By default `core` with `format`, unless `actions` or `q` is given; otherwise `all`.
    /// Definitions of `core` leave out the fields that few calls need; calls may have them.
    #[param(inline)]
    tier: Option<TierFilter>,
    /// Words to search for in names and descriptions, such as `reply to a mail`. At most 20 actions, the best match first.
    q: Option<String>,
    /// The format of a model provider; the format of this API by default.
    #[param(inline)]
    format: Option<Format>,
    /// True for inputs in the strict subset of OpenAI, where null stands for an absent field. Needs `format`.
    strict: Option<bool>,
    /// True to add the schemas of the outputs to the definitions of `mcp`.
    output_schemas: Option<bool>,
}

impl Input for ToolsIn {
    const REQUIRED: &'static [&'static str] = &[];

    fn further_faults(&self) -> Vec<FieldFault> {
        self.check().err().iter().flat_map(Error::fields).collect()
    }
}

impl ToolsIn {
    fn check(&self) -> Result<()> {
        catalogue::check_tools(&self.tools)?;
        if self.format.is_none() {
            self.check_without_format()?;
        }
        self.q.as_ref().map_or(Ok(()), |query| check_text("q", query, MAX_QUERY_BYTES))
    }

    /// Refuses what only tool definitions have.
    fn check_without_format(&self) -> Result<()> {
        let needs = |field: &str| Err(Error::invalid(field, "needs format, for example format=openai"));
        match self {
            Self { strict: Some(_), .. } => needs("strict"),
            Self { output_schemas: Some(_), .. } => needs("outputSchemas"),
            Self { tools, .. } if tools.iter().any(|tool| tool == catalogue::OWN_TOOL) => {
                Err(Error::invalid("tools", "has own tools only as definitions: add format, for example format=openai"))
            }
            _ => Ok(()),
        }
    }

    /// Returns the filters of the actions.
    fn selection(&self) -> Selection {
        let tier = if self.format.is_some() { self.tier } else { self.tier.or(Some(TierFilter::All)) };
        Selection { actions: self.actions.clone(), effects: self.effect.clone(), tier, query: self.q.clone() }
    }

    fn schema_form(&self, tier: TierFilter) -> SchemaForm {
        SchemaForm {
            tier,
            is_strict: self.strict.unwrap_or_default(),
            with_output: self.output_schemas.unwrap_or_default(),
        }
    }
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
    /// The rank: `core` actions are in the lists that models get by default.
    tier: Tier,
    /// What the action overwrites or removes; absent if it only reads or adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    overwrites: Option<&'static str>,
    /// The JSON Schema (draft 2020-12) of the field `context`, with an example.
    #[schema(value_type = Object)]
    context_schema: Value,
    /// The JSON Schema (draft 2020-12) of the result's `data`.
    #[schema(value_type = Object)]
    output_schema: Value,
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
            tier: action.tier,
            overwrites: action.overwrites,
            context_schema,
            output_schema: action.output_schema(),
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
pub(super) async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<ToolsIn>().await?;
    input.check()?;
    let (mut adapters, has_own) = permitted_tools(&caller, &input.tools)?;
    let selection = input.selection();
    let mut entries = entries(&caller, &adapters, has_own);
    selection.check(&entries)?;
    // The accounts matter only to this API's own format and to a selection by connection.
    let accounts = match (input.format, input.connected) {
        (Some(_), None) => vec![],
        _ => engine.connections.accounts(&caller).await?,
    };
    if let Some(connected) = input.connected {
        adapters.retain(|adapter| is_connected(engine, &accounts, adapter) == connected);
        let is_left = |tool: &str| adapters.iter().any(|adapter| adapter.tool.as_str() == tool);
        entries.retain(|entry| is_left(entry.tool) || (connected && entry.tool == catalogue::OWN_TOOL));
    }
    let selected = selection.apply(entries);
    match input.format {
        Some(format) => {
            let tools = catalogue::definitions(format, &selected, input.schema_form(selection.tier()));
            Reply::ok(&ToolsOut::Definitions { tools })
        }
        None => {
            let tools = adapters.into_iter().map(|adapter| {
                let actions = permitted_actions(&caller, adapter).filter(|action| has(&selected, adapter, action));
                tool_out(engine, &caller, adapter, actions, &accounts)
            });
            Reply::ok(&ToolsOut::Tools { tools: tools.collect() })
        }
    }
}

/// Returns the named tools, or all that the caller may use, and true if the own tools are among them.
fn permitted_tools(caller: &Caller, names: &[String]) -> Result<(Vec<&'static Adapter>, bool)> {
    if names.is_empty() {
        let permitted = |adapter: &&Adapter| caller.permits(adapter.tool.as_str(), None, None);
        return Ok((adapters::ALL.iter().copied().filter(permitted).collect(), true));
    }
    let named = names.iter().filter(|name| *name != catalogue::OWN_TOOL).map(|name| {
        let adapter = adapters::find(name)?;
        caller.check(adapter.tool.as_str(), None, None)?;
        Ok(adapter)
    });
    Ok((named.collect::<Result<_>>()?, names.iter().any(|name| name == catalogue::OWN_TOOL)))
}

/// Returns the actions of tools that the caller may run, and the own tools if they are among them.
fn entries(caller: &Caller, adapters: &[&Adapter], has_own: bool) -> Vec<Entry> {
    let of_adapter = |adapter: &&Adapter| {
        let entry = |action| Entry::of_action(adapter, action);
        permitted_actions(caller, adapter).map(entry).collect::<Vec<_>>()
    };
    let own = own_tools::ALL.iter().filter(|_| has_own).map(Entry::of_own_tool);
    adapters.iter().flat_map(of_adapter).chain(own).collect()
}

/// Returns the actions of a tool that the caller may run.
fn permitted_actions(caller: &Caller, adapter: &Adapter) -> impl Iterator<Item = &'static ActionDef> {
    adapter.actions.iter().filter(|action| caller.permits(adapter.tool.as_str(), Some(action.name), None))
}

fn has(entries: &[Entry], adapter: &Adapter, action: &ActionDef) -> bool {
    entries.iter().any(|entry| entry.tool == adapter.tool.as_str() && entry.action == action.name)
}

fn accounts_of<'a>(all: &'a [ToolAccounts], adapter: &Adapter) -> Option<&'a ToolAccounts> {
    all.iter().find(|accounts| accounts.tool == adapter.tool)
}

fn is_connected(engine: &Engine, all: &[ToolAccounts], adapter: &Adapter) -> bool {
    let connected = |accounts: &ToolAccounts| {
        accounts.connections.iter().any(|one| engine.connections.status_of(accounts, Some(one)).connected)
    };
    accounts_of(all, adapter).is_some_and(connected)
}

/// Returns the states of the connections of a tool, each with the actions that it lacks a scope or a token for.
fn statuses(engine: &Engine, caller: &Caller, accounts: &ToolAccounts, adapter: &Adapter) -> Vec<AuthStatus> {
    let unavailable_actions = |connection: &Connection| {
        let lacking = |action: &ActionDef| {
            Some(UnavailableAction { action: action.name, needs: missing_scope(connection, action)? })
        };
        permitted_actions(caller, adapter).filter_map(lacking).collect()
    };
    let status = |connection| {
        let status = engine.connections.status_of(accounts, Some(connection));
        AuthStatus { unavailable_actions: unavailable_actions(connection), ..status }
    };
    accounts.connections.iter().map(status).collect()
}

fn tool_out(
    engine: &Engine,
    caller: &Caller,
    adapter: &Adapter,
    actions: impl Iterator<Item = &'static ActionDef>,
    all: &[ToolAccounts],
) -> ToolOut {
    let accounts = accounts_of(all, adapter);
    ToolOut {
        tool: adapter.tool,
        name: adapter.tool.name(),
        description: adapter.description,
        version: env!("CARGO_PKG_VERSION"),
        author: "Plugin Engine",
        scopes: adapter.oauth.scopes,
        actions: actions.map(ActionOut::from).collect(),
        connections: accounts.map(|accounts| statuses(engine, caller, accounts, adapter)).unwrap_or_default(),
        connect_url: engine.connections.connect_url(adapter.tool),
    }
}
