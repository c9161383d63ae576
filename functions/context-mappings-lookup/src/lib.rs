//! `/api/plugin-engine/context-mappings/lookup`: a key's external id, or an external id's keys.

use engine::adapters;
use engine::context_mapper::MappingKeys;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::AgentId;
use engine::lambda::{Input, Refusal, Reply, Request};
use http::Method;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(lookup))]
pub struct Doc;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => lookup(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

/// With both, `contextKey` is the one looked up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LookupIn {
    agent_id: String,
    tool: String,
    context_key: Option<String>,
    external_id: Option<String>,
}

impl Input for LookupIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool"];
}

/// What was found: the id of a key, or the keys of an id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum FoundOut {
    #[serde(rename_all = "camelCase")]
    ExternalId {
        external_id: String,
    },
    Keys(MappingKeys),
}

/// A key's external id, or an external id's keys.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/context-mappings/lookup",
    operation_id = "lookupMapping",
    params(LookupIn),
    responses(
        (status = 200, description = "What was found", body = FoundOut),
        (status = 404, description = "None, or it has expired", body = Refusal),
    ),
)]
async fn lookup(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<LookupIn>(engine).await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let tool = adapters::find(&input.tool)?.tool;
    let mapper = &engine.context_mapper;
    match (input.context_key, input.external_id) {
        (Some(key), _) => {
            let external_id = mapper.external_id(&user, &agent, tool, &key).await?;
            Reply::ok(&FoundOut::ExternalId { external_id })
        }
        (None, Some(id)) => {
            let keys = mapper.context_keys(&user, &agent, tool, &id).await?;
            Reply::ok(&FoundOut::Keys(keys))
        }
        (None, None) => Err(Error::Missing(vec!["contextKey or externalId".to_owned()])),
    }
}
