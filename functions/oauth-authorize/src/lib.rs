//! `/api/plugin-engine/oauth/authorize` and `/api/plugin-engine/integrations/oauth/authorize`: start connecting a tool.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
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
        Method::GET => authorize(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

/// Both path families take the tool under either name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AuthorizeIn {
    tool: Option<String>,
    tool_name: Option<String>,
}

impl Input for AuthorizeIn {
    const REQUIRED: &'static [&'static str] = &[];
}

async fn authorize(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<AuthorizeIn>(engine).await?;
    let tool = input.tool_name.or(input.tool).filter(|tool| !tool.is_empty());
    let tool = tool.ok_or_else(|| Error::Missing(vec!["toolName".to_owned()]))?;
    let url = engine.integrations.begin(&user, adapters::find(&tool)?).await?;
    Reply::ok(&json!({ "authUrl": url }))
}
