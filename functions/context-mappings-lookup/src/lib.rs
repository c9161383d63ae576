//! `/api/plugin-engine/context-mappings/lookup`: the external id of a context key, or the context keys of an external id.

use engine::account::AccountName;
use engine::context_mapper::{AgentMappings, ContextMapper, MappingKeys};
use engine::error::{Error, Result};
use engine::ids::AgentId;
use engine::lambda::request::refuse_beside;
use engine::lambda::{Input, Refusal, Reply, Request};
use engine::tables::PageRequest;
use engine::tool::Tool;
use http::Method;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(lookup))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(mapper: &'static ContextMapper, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => lookup(mapper, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

/// The query of a lookup: either `contextKey` or `externalId`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LookupIn {
    /// The agent that owns the mapping.
    agent_id: String,
    /// The tool of the mapping, for example `slack`.
    tool: String,
    /// The account: its id, label or address. Required if several accounts of the tool are connected and none is the default.
    account: Option<String>,
    /// The context key to look up.
    context_key: Option<String>,
    /// The external id to look up.
    external_id: Option<String>,
    /// The largest number of keys in a page: 1 to 100; 100 by default. Needs `externalId`.
    limit: Option<u16>,
    /// The `cursor` of the previous page of keys. Needs `externalId`.
    cursor: Option<String>,
}

impl Input for LookupIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool"];
}

/// The result of a lookup: the external id of a context key, or the context keys of an external id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum LookupOut {
    #[serde(rename_all = "camelCase")]
    ExternalId {
        /// The id of the object at the provider.
        external_id: String,
    },
    Keys(MappingKeys),
}

/// Looks up a mapping by context key or external id.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/context-mappings/lookup",
    operation_id = "lookupMapping",
    params(LookupIn),
    responses(
        (status = 200, description = "The external id, or the context keys", body = LookupOut),
        (status = 424, description = "The tool is not connected", body = Refusal),
        (status = 404, description = "No such mapping, or the mapping has expired", body = Refusal),
    ),
)]
async fn lookup(mapper: &'static ContextMapper, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<LookupIn>().await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let tool = Tool::parse(&input.tool)?;
    let account = AccountName::parse_optional(input.account.as_deref())?;
    let meant = AgentMappings { agent: &agent, tool, account: account.as_ref() };
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    page.check()?;
    if input.context_key.is_some() {
        refuse_beside(
            "contextKey",
            [
                ("externalId", input.external_id.is_some()),
                ("limit", page.limit.is_some()),
                ("cursor", page.cursor.is_some()),
            ],
        )?;
    }
    match (input.context_key, input.external_id) {
        (Some(key), _) => {
            let external_id = mapper.external_id(&caller, meant, &key).await?;
            Reply::ok(&LookupOut::ExternalId { external_id })
        }
        (None, Some(id)) => {
            let keys = mapper.context_keys(&caller, meant, &id, page).await?;
            Reply::ok(&LookupOut::Keys(keys))
        }
        (None, None) => Err(Error::Missing(vec!["contextKey or externalId".to_owned()])),
    }
}
