//! `/api/plugin-engine/context-mappings`: an agent's own keys for things in the outside service.

use engine::adapters;
use engine::context_mapper::MappingRequest;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::{AgentId, MappingId, UserId};
use engine::lambda::request::{Object, require_fields};
use engine::lambda::{Input, Refusal, Reply, Request, Success};
use engine::tables::PageRequest;
use engine::tables::mappings::{Change, Filter, Mapping};
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(read, create, update, delete))]
pub struct Doc;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => read(engine, &request).await,
        Method::POST => create(engine, &request).await,
        Method::PUT => update(engine, &request).await,
        Method::DELETE => delete(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, PUT, DELETE" }),
    }
}

/// A mapping as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MappingOut {
    id: String,
    agent_id: String,
    tool: String,
    context_key: String,
    external_id: String,
    #[schema(required)]
    friendly_name: Option<String>,
    metadata: Object,
    #[schema(required)]
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl MappingOut {
    fn new(id: &MappingId, mapping: Mapping) -> Self {
        let Mapping { context_key, external_id, friendly_name, metadata, expires_at, created_at, updated_at, ttl: _ } =
            mapping;
        Self {
            id: id.to_string(),
            agent_id: id.agent.as_str().to_owned(),
            tool: id.tool.clone(),
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

/// Either one mapping, or the list of an agent's for a tool.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadIn {
    /// This one.
    id: Option<String>,
    /// Without `id`: whose.
    agent_id: Option<String>,
    /// Without `id`: of which tool.
    tool: Option<String>,
    /// What the keys begin with.
    prefix: Option<String>,
    /// What the keys stand for.
    external_id: Option<String>,
    /// Most items of a page: 1 to 100.
    limit: Option<u16>,
    /// `cursor` of the page before.
    cursor: Option<String>,
}

impl Input for ReadIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of mappings, or the one that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum MappingsOut {
    Page {
        mappings: Vec<MappingOut>,
        /// For the next page; `null` after the last.
        #[schema(required)]
        cursor: Option<String>,
    },
    One {
        mapping: Box<MappingOut>,
    },
}

/// An agent's mappings for a tool, or one of them.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/context-mappings",
    operation_id = "listMappings",
    params(ReadIn),
    responses(
        (status = 200, description = "The mappings", body = MappingsOut),
        (status = 404, description = "No such mapping", body = Refusal),
    ),
)]
async fn read(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ReadIn>(engine).await?;
    match &input.id {
        Some(id) => read_one(engine, &user, &MappingId::parse(id)?).await,
        None => list(engine, &user, input).await,
    }
}

async fn read_one(engine: &'static Engine, user: &UserId, id: &MappingId) -> Result<Reply> {
    let mapping = engine.context_mapper.get(user, id).await?;
    Reply::ok(&MappingsOut::One { mapping: Box::new(MappingOut::new(id, mapping)) })
}

async fn list(engine: &'static Engine, user: &UserId, input: ReadIn) -> Result<Reply> {
    let [agent, tool] = require_fields([("agentId", input.agent_id), ("tool", input.tool)])?;
    let (agent, tool) = (AgentId::parse(&agent)?, adapters::find(&tool)?.tool);
    let filter = Filter { prefix: input.prefix, external_id: input.external_id };
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    let page = engine.context_mapper.list(user, &agent, tool, &filter, &page).await?;
    let id = |key: &str| MappingId { agent: agent.clone(), tool: tool.to_string(), context_key: key.to_owned() };
    let mappings = page.items.into_iter().map(|mapping| MappingOut::new(&id(&mapping.context_key), mapping));
    Reply::ok(&MappingsOut::Page { mappings: mappings.collect(), cursor: page.cursor })
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct CreateIn(MappingRequest);

impl Input for CreateIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool", "contextKey", "externalId"];
}

/// A mapping that was made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeOut {
    success: bool,
    id: String,
}

/// Make a mapping.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/context-mappings",
    operation_id = "createMapping",
    request_body = MappingRequest,
    responses(
        (status = 200, description = "It was made", body = MadeOut),
        (status = 409, description = "The key is taken", body = Refusal),
    ),
)]
async fn create(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, CreateIn(input)) = request.body::<CreateIn>(engine).await?;
    let id = engine.context_mapper.create(&user, input.try_into()?).await?;
    Reply::ok(&MadeOut { success: true, id: id.to_string() })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MappingUpdateIn)]
struct UpdateIn {
    id: String,
    external_id: Option<String>,
    friendly_name: Option<String>,
    metadata: Option<Object>,
    expires_at: Option<Timestamp>,
}

impl Input for UpdateIn {
    const REQUIRED: &'static [&'static str] = &["id"];
}

/// Change a mapping: what is left out stays.
#[utoipa::path(
    put,
    path = "/api/plugin-engine/context-mappings",
    operation_id = "updateMapping",
    request_body = UpdateIn,
    responses(
        (status = 200, description = "It was changed", body = Success),
        (status = 404, description = "No such mapping", body = Refusal),
    ),
)]
async fn update(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<UpdateIn>(engine).await?;
    let UpdateIn { id, external_id, friendly_name, metadata, expires_at } = input;
    let change = Change { external_id, friendly_name, metadata, expires_at };
    engine.context_mapper.update(&user, &MappingId::parse(&id)?, change).await?;
    Reply::success()
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeleteIn {
    id: String,
}

impl Input for DeleteIn {
    const REQUIRED: &'static [&'static str] = &["id"];
}

/// Delete a mapping.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/context-mappings",
    operation_id = "deleteMapping",
    params(DeleteIn),
    responses(
        (status = 200, description = "It is gone", body = Success),
        (status = 404, description = "No such mapping", body = Refusal),
    ),
)]
async fn delete(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<DeleteIn>(engine).await?;
    engine.context_mapper.delete(&user, &MappingId::parse(&input.id)?).await?;
    Reply::success()
}
