//! `/api/plugin-engine/context-mappings/bulk`: many mappings at once, each with a result of its own.

use engine::context_mapper::{MAX_BULK, MappingIn};
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::{MappingId, UserId};
use engine::lambda::{Input, Reply, Request, bulk};
use http::Method;
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

async fn upsert(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<UpsertIn>(engine).await?;
    bulk::check("mappings", input.mappings.len(), MAX_BULK)?;
    let results = bulk::each(input.mappings, |item| upsert_one(engine, &user, item)).await;
    Reply::ok(&bulk::summary("upserted", &results))
}

async fn upsert_one(engine: &'static Engine, user: &UserId, mut item: Value) -> Result<String> {
    // As everywhere: optional, and only the caller's own.
    let named = item.as_object_mut().and_then(|fields| fields.remove("userId"));
    if named.is_some_and(|named| named != user.as_str()) {
        return Err(Error::UserMismatch);
    }
    let input: MappingIn =
        serde_json::from_value(item).map_err(|error| Error::invalid("mapping", error.to_string()))?;
    Ok(engine.context_mapper.upsert(user, input.try_into()?).await?.to_string())
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
