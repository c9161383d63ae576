//! `/api/plugin-engine/context-mappings/lookup`: a key's external id, or an external id's keys.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::ids::AgentId;
use engine::lambda::{Input, Reply, Request};
use http::Method;
use serde::Deserialize;
use serde_json::json;

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
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LookupIn {
    agent_id: String,
    tool: String,
    context_key: Option<String>,
    external_id: Option<String>,
}

impl Input for LookupIn {
    const REQUIRED: &'static [&'static str] = &["agentId", "tool"];
}

async fn lookup(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<LookupIn>(engine).await?;
    let agent = AgentId::parse(&input.agent_id)?;
    let tool = adapters::find(&input.tool)?.tool;
    let mapper = &engine.context_mapper;
    match (input.context_key, input.external_id) {
        (Some(key), _) => {
            let external_id = mapper.external_id(&user, &agent, tool, &key).await?;
            Reply::ok(&json!({ "externalId": external_id }))
        }
        (None, Some(id)) => Reply::ok(&mapper.context_keys(&user, &agent, tool, &id).await?),
        (None, None) => Err(Error::Missing(vec!["contextKey or externalId".to_owned()])),
    }
}
