//! `/api/plugin-engine/errors/bulk`: resolves several errors in one request.

use engine::error::{Error, Result};
use engine::error_log::ErrorHandler;
use engine::ids::ErrorId;
use engine::lambda::{Input, Reply, Request, bulk};
use engine::permissions::Caller;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(resolve))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(errors: &'static ErrorHandler, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => resolve(errors, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "POST" }),
    }
}

/// The errors to resolve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ErrorsBulkIn)]
struct BulkIn {
    /// The operation on the errors.
    action: Action,
    /// 1 to 100 ids of errors.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 100)]
    error_ids: Vec<Value>,
}

/// An operation on errors.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ErrorsAction)]
enum Action {
    /// Marks the errors as resolved.
    Resolve,
}

impl Input for BulkIn {
    const REQUIRED: &'static [&'static str] = &["action", "errorIds"];

    fn uses(&self) -> u32 {
        bulk::uses(self.error_ids.len())
    }
}

/// The result of a bulk operation on errors.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErrorsBulkOut)]
struct BulkOut {
    /// True if every error is resolved.
    success: bool,
    /// The operation of the request.
    action: Action,
    /// The number of errors that this request resolved.
    count: usize,
    /// The ids of the request.
    error_ids: Vec<Value>,
    /// One result for each id, in the order of the request.
    results: Vec<bulk::Item>,
}

/// Resolves several errors.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/errors/bulk",
    operation_id = "resolveErrors",
    request_body = BulkIn,
    responses(
        (status = 200, description = "One result for each id", body = BulkOut),
    ),
)]
async fn resolve(errors: &'static ErrorHandler, request: &Request) -> Result<Reply> {
    let (caller, BulkIn { action, error_ids }) = request.body_with_caller::<BulkIn>().await?;
    bulk::check_ids("errorIds", &error_ids)?;
    let results = bulk::process_items(error_ids.iter().cloned().enumerate().collect(), |(index, id)| {
        resolve_one(errors, &caller, index, id)
    })
    .await;
    let bulk::Summary { success, results, .. } = bulk::summarize("resolved", results);
    let count = results.iter().filter(|item| matches!(item, bulk::Item::Succeeded { changed: Some(true), .. })).count();
    Reply::ok(&BulkOut { success, action, count, error_ids, results })
}

async fn resolve_one(
    errors: &'static ErrorHandler,
    caller: &Caller,
    index: usize,
    id: Value,
) -> Result<bulk::BulkSuccess> {
    let id = bulk::parse_id("errorIds", index, id)?;
    let changed = errors.resolve(caller, &ErrorId::parse(&id)?).await?;
    Ok(bulk::BulkSuccess { id, changed: Some(changed) })
}
