//! `/api/plugin-engine/context-mappings/bulk`: creates, changes or deletes several mappings in one request.

use engine::context_mapper::{ContextMapper, MappingRequest, NewMapping, UnboundMapping};
use engine::error::{Error, Result};
use engine::ids::{MappingId, UserId};
use engine::lambda::{Input, Reply, Request, bulk};
use engine::permissions::Caller;
use engine::tables::integrations::ToolAccounts;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(upsert, delete))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(mapper: &'static ContextMapper, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => upsert(mapper, &request).await,
        Method::DELETE => delete(mapper, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "POST, DELETE" }),
    }
}

/// The mappings to create or change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MappingsUpsertIn)]
struct UpsertIn {
    /// 1 to 100 mappings.
    #[schema(value_type = Vec<MappingRequest>, min_items = 1, max_items = 100)]
    mappings: Vec<Value>,
}

impl Input for UpsertIn {
    const REQUIRED: &'static [&'static str] = &["mappings"];

    fn uses(&self) -> u32 {
        bulk::uses(self.mappings.len())
    }
}

/// Creates or changes several mappings.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/context-mappings/bulk",
    operation_id = "upsertMappings",
    request_body = UpsertIn,
    responses(
        (status = 200, description = "One result for each item", body = bulk::Summary),
    ),
)]
async fn upsert(mapper: &'static ContextMapper, request: &Request) -> Result<Reply> {
    let (caller, input) = request.body_with_caller::<UpsertIn>().await?;
    bulk::check_item_count("mappings", input.mappings.len())?;
    let parsed: Vec<_> = input
        .mappings
        .into_iter()
        .enumerate()
        .map(|(index, item)| parse_one(mapper, &caller.user, index, item))
        .collect();
    // Nothing is read for a request without a valid item.
    let accounts = if parsed.iter().any(Result::is_ok) { mapper.all_accounts(&caller.user).await? } else { vec![] };
    let mappings: Vec<Result<NewMapping>> =
        parsed.into_iter().map(|mapping| bind_one(&caller, &accounts, mapping?)).collect();
    let valid: Vec<&NewMapping> = mappings.iter().flatten().collect();
    let mut have_place = mapper.reserve(&caller.user, &valid).await?.into_iter();
    let items = mappings.into_iter().map(|mapping| mapping.map(|it| (it, have_place.next().unwrap_or_default())));
    let results = bulk::process_items(items.collect(), |item| store_one(mapper, &caller, item)).await;
    Reply::ok(&bulk::summarize("upserted", results))
}

fn parse_one(mapper: &'static ContextMapper, user: &UserId, index: usize, item: Value) -> Result<UnboundMapping> {
    mapper.parse(bulk::parse_item::<MappingRequest>("mappings", index, item, user)?)
}

fn bind_one(caller: &Caller, accounts: &[ToolAccounts], mapping: UnboundMapping) -> Result<NewMapping> {
    let tool = mapping.tool;
    let of_tool = accounts.iter().find(|accounts| accounts.tool == tool).ok_or(Error::NotConnected { tool })?;
    mapping.bind(caller, of_tool)
}

async fn store_one(
    mapper: &'static ContextMapper,
    caller: &Caller,
    item: Result<(NewMapping, bool)>,
) -> Result<bulk::BulkSuccess> {
    let (mapping, has_place) = item?;
    Ok(mapper.store(&caller.user, mapping, has_place).await?.to_string().into())
}

/// The mappings to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MappingsDeleteIn)]
struct DeleteIn {
    /// 1 to 100 ids of mappings.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 100)]
    ids: Vec<Value>,
}

impl Input for DeleteIn {
    const REQUIRED: &'static [&'static str] = &["ids"];
    const LISTS: &'static [&'static str] = &["ids"];

    fn uses(&self) -> u32 {
        bulk::uses(self.ids.len())
    }
}

/// Deletes several mappings.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/context-mappings/bulk",
    operation_id = "deleteMappings",
    request_body = DeleteIn,
    responses(
        (status = 200, description = "One result for each item", body = bulk::Summary),
    ),
)]
async fn delete(mapper: &'static ContextMapper, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_or_body_with_caller::<DeleteIn>().await?;
    bulk::check_item_count("ids", input.ids.len())?;
    let results = bulk::process_items(input.ids.into_iter().enumerate().collect(), |(index, id)| {
        delete_one(mapper, &caller, index, id)
    })
    .await;
    Reply::ok(&bulk::summarize("deleted", results))
}

async fn delete_one(
    mapper: &'static ContextMapper,
    caller: &Caller,
    index: usize,
    id: Value,
) -> Result<bulk::BulkSuccess> {
    let id = bulk::parse_id("ids", index, id)?;
    mapper.delete(caller, &MappingId::parse(&id)?).await?;
    Ok(id.into())
}
