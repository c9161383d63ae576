//! `/api/plugin-engine/errors/bulk`: resolve many errors at once.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::{ErrorId, UserId};
use engine::lambda::{Input, Reply, Request, bulk};
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// Most ids of one call.
const MAX_BULK: usize = 100;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => resolve(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "POST" }),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BulkIn {
    action: Action,
    error_ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Resolve,
}

impl Input for BulkIn {
    const REQUIRED: &'static [&'static str] = &["action", "errorIds"];
}

async fn resolve(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, BulkIn { action: Action::Resolve, error_ids }) = request.body::<BulkIn>(engine).await?;
    bulk::check("errorIds", error_ids.len(), MAX_BULK)?;
    let results = bulk::each(error_ids.clone(), |id| resolve_one(engine, &user, id)).await;
    let changed = results.iter().filter(|result| matches!(result, Ok((_, true)))).count();
    let results: Vec<_> = results.into_iter().map(|result| result.map(|(id, _)| id)).collect();
    let summary = bulk::summary("resolved", &results);
    Reply::ok(&json!({
        "success": summary["success"],
        "action": "resolve",
        "count": changed,
        "errorIds": error_ids,
        "results": summary["results"],
    }))
}

async fn resolve_one(engine: &'static Engine, user: &UserId, id: String) -> Result<(String, bool)> {
    let changed = engine.errors.resolve(user, &ErrorId::parse(&id)?).await?;
    Ok((id, changed))
}
