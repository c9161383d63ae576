//! `/api/plugin-engine/context-mappings`: an agent's own names (context keys) for objects at a provider.

use engine::account::{AccountId, AccountName};
use engine::clock;
use engine::context_mapper::{ContextMapper, MappingRequest};
use engine::error::{Error, Result};
use engine::ids::{AgentId, MappingId};
use engine::lambda::request::{Object, refuse_beside, require_fields};
use engine::lambda::{Input, Refusal, Reply, Request, Success};
use engine::permissions::Caller;
use engine::tables::PageRequest;
use engine::tables::mappings::{Change, Filter, Mapping};
use engine::tool::Tool;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(read, create, update, delete))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(mapper: &'static ContextMapper, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => read(mapper, &request).await,
        Method::POST => create(mapper, &request).await,
        Method::PUT => update(mapper, &request).await,
        Method::DELETE => delete(mapper, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, PUT, DELETE" }),
    }
}

/// A mapping of a context key to an external id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MappingOut {
    /// The id of the mapping.
    id: String,
    /// The agent that owns the mapping.
    agent_id: String,
    /// The tool of the object.
    tool: String,
    /// The id of the account of the object.
    account: AccountId,
    /// The agent's name of the object.
    context_key: String,
    /// The id of the object at the provider.
    external_id: String,
    /// A display name for people.
    #[schema(required)]
    friendly_name: Option<String>,
    /// Fields of the caller's choice.
    metadata: Object,
    /// The time from which the mapping is ignored.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
}

impl MappingOut {
    fn new(agent: AgentId, tool: String, mapping: Mapping) -> Self {
        let Mapping {
            context_key,
            account,
            external_id,
            friendly_name,
            metadata,
            expires_at,
            created_at,
            updated_at,
            ttl: _,
        } = mapping;
        let agent_id = agent.as_str().to_owned();
        let id = MappingId { agent, tool: tool.clone(), account: account.clone(), context_key: context_key.clone() };
        Self {
            id: id.to_string(),
            agent_id,
            tool,
            account,
            context_key,
            external_id,
            friendly_name,
            metadata,
            expires_at,
            created_at,
            updated_at,
        }
    }
}

/// The query for one mapping (`id`), or for the list of an agent's mappings of a tool (`agentId` and `tool`).
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadIn {
    /// The id of one mapping. Excludes all other parameters.
    id: Option<String>,
    /// The agent that owns the mappings. Required without `id`.
    agent_id: Option<String>,
    /// The tool of the mappings, for example `slack`. Required without `id`.
    tool: Option<String>,
    /// Lists only mappings of this account: its id, label or address.
    account: Option<String>,
    /// Lists only context keys that start with this text.
    prefix: Option<String>,
    /// Lists only mappings to this external id.
    external_id: Option<String>,
    /// The largest number of items in a page: 1 to 100.
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

impl Input for ReadIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of mappings, or the mapping with the requested id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum MappingsOut {
    Page {
        /// The mappings of this page.
        mappings: Vec<MappingOut>,
        /// The cursor of the next page; `null` on the last page.
        #[schema(required)]
        cursor: Option<String>,
    },
    One {
        /// The mapping with the requested id.
        mapping: Box<MappingOut>,
    },
}

/// Lists an agent's mappings of a tool, or reads one.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/context-mappings",
    operation_id = "listMappings",
    params(ReadIn),
    responses(
        (status = 200, description = "The mappings", body = MappingsOut),
        (status = 404, description = "No such mapping, or an account that was never connected", body = Refusal),
    ),
)]
async fn read(mapper: &'static ContextMapper, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<ReadIn>().await?;
    match &input.id {
        Some(id) => {
            let ReadIn { id: _, agent_id, tool, account, prefix, external_id, limit, cursor } = &input;
            let others = [
                ("agentId", agent_id.is_some()),
                ("tool", tool.is_some()),
                ("account", account.is_some()),
                ("prefix", prefix.is_some()),
                ("externalId", external_id.is_some()),
                ("limit", limit.is_some()),
                ("cursor", cursor.is_some()),
            ];
            refuse_beside("id", others)?;
            read_one(mapper, &caller, &MappingId::parse(id)?).await
        }
        None => list(mapper, &caller, input).await,
    }
}

async fn read_one(mapper: &'static ContextMapper, caller: &Caller, id: &MappingId) -> Result<Reply> {
    let mapping = mapper.get(caller, id).await?;
    Reply::ok(&MappingsOut::One { mapping: Box::new(MappingOut::new(id.agent.clone(), id.tool.clone(), mapping)) })
}

async fn list(mapper: &'static ContextMapper, caller: &Caller, input: ReadIn) -> Result<Reply> {
    let [agent, tool] = require_fields([("agentId", input.agent_id), ("tool", input.tool)])?;
    let (agent, tool) = (AgentId::parse(&agent)?, Tool::parse(&tool)?);
    let account = match AccountName::parse_optional(input.account.as_deref())? {
        Some(named) => Some(mapper.known_account(caller, tool, &named).await?),
        None => None,
    };
    let filter = Filter { prefix: input.prefix, external_id: input.external_id, account };
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    let page = mapper.list(caller, &agent, tool, &filter, &page).await?;
    let mappings = page.items.into_iter().map(|mapping| MappingOut::new(agent.clone(), tool.to_string(), mapping));
    Reply::ok(&MappingsOut::Page { mappings: mappings.collect(), cursor: page.cursor })
}

/// A created mapping.
#[derive(Debug, Serialize, ToSchema)]
struct MappingCreatedOut {
    /// Always true.
    success: bool,
    /// The id of the mapping.
    id: String,
}

/// Creates a mapping.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/context-mappings",
    operation_id = "createMapping",
    request_body = MappingRequest,
    responses(
        (status = 200, description = "The mapping was created", body = MappingCreatedOut),
        (status = 409, description = "The context key is already mapped, or the agent has as many mappings of the tool as allowed", body = Refusal),
        (status = 424, description = "The tool is not connected", body = Refusal),
    ),
)]
async fn create(mapper: &'static ContextMapper, request: &Request) -> Result<Reply> {
    let (caller, input) = request.body_with_caller::<MappingRequest>().await?;
    let mapping = mapper.parse(input)?;
    let accounts = mapper.accounts(&caller, mapping.tool).await?;
    let id = mapper.create(&caller.user, mapping.bind(&caller, &accounts)?).await?;
    Reply::ok(&MappingCreatedOut { success: true, id: id.to_string() })
}

/// The changes to a mapping. An absent field keeps its value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MappingUpdateIn)]
struct UpdateIn {
    /// The id of the mapping.
    id: String,
    /// The id of the object at the provider.
    external_id: Option<String>,
    /// A display name for people.
    friendly_name: Option<String>,
    /// Fields of the caller's choice. They replace all former ones.
    metadata: Option<Object>,
    /// The time from which the mapping is ignored.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    expires_at: Option<Timestamp>,
}

impl Input for UpdateIn {
    const REQUIRED: &'static [&'static str] = &["id"];
}

/// Changes a mapping.
#[utoipa::path(
    put,
    path = "/api/plugin-engine/context-mappings",
    operation_id = "updateMapping",
    request_body = UpdateIn,
    responses(
        (status = 200, description = "The mapping was changed", body = Success),
        (status = 404, description = "No such mapping", body = Refusal),
    ),
)]
async fn update(mapper: &'static ContextMapper, request: &Request) -> Result<Reply> {
    let (caller, input) = request.body_with_caller::<UpdateIn>().await?;
    let UpdateIn { id, external_id, friendly_name, metadata, expires_at } = input;
    let change = Change { external_id, friendly_name, metadata, expires_at };
    mapper.update(&caller, &MappingId::parse(&id)?, change).await?;
    Reply::success()
}

/// The mapping to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MappingDelete)]
struct DeleteIn {
    /// The id of the mapping.
    id: String,
}

impl Input for DeleteIn {
    const REQUIRED: &'static [&'static str] = &["id"];
}

/// Deletes a mapping.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/context-mappings",
    operation_id = "deleteMapping",
    request_body = DeleteIn,
    responses(
        (status = 200, description = "The mapping was deleted", body = Success),
        (status = 404, description = "No such mapping", body = Refusal),
    ),
)]
async fn delete(mapper: &'static ContextMapper, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_or_body_with_caller::<DeleteIn>().await?;
    mapper.delete(&caller, &MappingId::parse(&input.id)?).await?;
    Reply::success()
}
