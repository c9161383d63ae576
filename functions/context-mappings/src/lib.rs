//! `/api/plugin-engine/context-mappings`: an agent's own keys for things in the outside service.

use engine::adapters;
use engine::context_mapper::MappingIn;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::{AgentId, MappingId};
use engine::lambda::request::Object;
use engine::lambda::{Input, Reply, Request};
use engine::tables::PageRequest;
use engine::tables::mappings::{Change, Mapping};
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(engine, &request).await,
        Method::POST => create(engine, &request).await,
        Method::PUT => update(engine, &request).await,
        Method::DELETE => delete(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, PUT, DELETE" }),
    }
}

/// A mapping as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MappingOut {
    id: String,
    agent_id: String,
    tool: String,
    context_key: String,
    external_id: String,
    friendly_name: Option<String>,
    metadata: Object,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl MappingOut {
    fn new(agent: &AgentId, tool: &str, mapping: Mapping) -> Self {
        let Mapping { context_key, external_id, friendly_name, metadata, expires_at, created_at, updated_at, ttl: _ } =
            mapping;
        let id = MappingId { agent: agent.clone(), tool: tool.to_owned(), context_key: context_key.clone() };
        Self {
            id: id.to_string(),
            agent_id: agent.as_str().to_owned(),
            tool: tool.to_owned(),
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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListIn {
    agent_id: String,
    tool: String,
    limit: Option<u16>,
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool"];
}

async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>(engine).await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let tool = adapters::find(&input.tool)?.tool;
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    let page = engine.context_mapper.list(&user, &agent, tool, &page).await?;
    let mappings: Vec<MappingOut> =
        page.items.into_iter().map(|mapping| MappingOut::new(&agent, tool.as_str(), mapping)).collect();
    Reply::ok(&json!({ "mappings": mappings, "cursor": page.cursor }))
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct CreateIn(MappingIn);

impl Input for CreateIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool", "contextKey", "externalId"];
}

async fn create(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, CreateIn(input)) = request.body::<CreateIn>(engine).await?;
    let id = engine.context_mapper.create(&user, input.try_into()?).await?;
    Reply::ok(&json!({ "success": true, "id": id.to_string() }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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

async fn update(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<UpdateIn>(engine).await?;
    let UpdateIn { id, external_id, friendly_name, metadata, expires_at } = input;
    let change = Change { external_id, friendly_name, metadata, expires_at };
    engine.context_mapper.update(&user, &MappingId::parse(&id)?, change).await?;
    Reply::ok(&json!({ "success": true }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeleteIn {
    id: String,
}

impl Input for DeleteIn {
    const REQUIRED: &'static [&'static str] = &["id"];
}

async fn delete(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<DeleteIn>(engine).await?;
    engine.context_mapper.delete(&user, &MappingId::parse(&input.id)?).await?;
    Reply::ok(&json!({ "success": true }))
}
