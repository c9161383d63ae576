//! `/api/plugin-engine/context-mappings/bulk`: many mappings at once, each with a result of its own.

use engine::adapters;
use engine::context_mapper::{MAX_BULK, NewMapping};
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::{AgentId, MappingId, UserId};
use engine::lambda::request::Object;
use engine::lambda::{Input, Reply, Request, bulk};
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => upsert(engine, &request).await,
        Method::DELETE => delete(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "POST, DELETE" }),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UpsertIn {
    mappings: Vec<Value>,
}

impl Input for UpsertIn {
    const REQUIRED: &'static [&'static str] = &["mappings"];
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MappingIn {
    agent_id: String,
    tool: String,
    context_key: String,
    external_id: String,
    friendly_name: Option<String>,
    metadata: Option<Object>,
    expires_at: Option<Timestamp>,
    user_id: Option<String>,
}

async fn upsert(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<UpsertIn>(engine).await?;
    bulk::check("mappings", input.mappings.len(), MAX_BULK)?;
    let results = bulk::each(input.mappings, |item| upsert_one(engine, &user, item)).await;
    Reply::ok(&bulk::summary("upserted", &results))
}

async fn upsert_one(engine: &'static Engine, user: &UserId, item: Value) -> Result<String> {
    let input: MappingIn =
        serde_json::from_value(item).map_err(|error| Error::invalid("mapping", error.to_string()))?;
    if input.user_id.is_some_and(|named| named != user.as_str()) {
        return Err(Error::UserMismatch);
    }
    let new = NewMapping {
        agent: AgentId::parse(&input.agent_id)?,
        tool: adapters::find(&input.tool)?.tool,
        context_key: input.context_key,
        external_id: input.external_id,
        friendly_name: input.friendly_name,
        metadata: input.metadata.unwrap_or_default(),
        expires_at: input.expires_at,
    };
    Ok(engine.context_mapper.upsert(user, new).await?.to_string())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteIn {
    ids: Vec<String>,
}

impl Input for DeleteIn {
    const REQUIRED: &'static [&'static str] = &["ids"];
}

async fn delete(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<DeleteIn>(engine).await?;
    bulk::check("ids", input.ids.len(), MAX_BULK)?;
    let results = bulk::each(input.ids, |id| delete_one(engine, &user, id)).await;
    Reply::ok(&bulk::summary("deleted", &results))
}

async fn delete_one(engine: &'static Engine, user: &UserId, id: String) -> Result<String> {
    engine.context_mapper.delete(user, &MappingId::parse(&id)?).await?;
    Ok(id)
}
