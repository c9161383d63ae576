//! `/api/plugin-engine/integrations`: list connections, finish or make one, disconnect.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::integrations::ReadyTokens;
use engine::lambda::request::Object;
use engine::lambda::{Input, Reply, Request};
use engine::tables::PageRequest;
use engine::tables::integrations::{Integration, Status};
use engine::vault::Tokens;
use http::Method;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(engine, &request).await,
        Method::POST => connect(engine, &request).await,
        Method::DELETE => disconnect(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

/// A connection as the API shows it: no token, no place of one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct IntegrationOut {
    id: String,
    tool_name: String,
    status: Status,
    expires_at: Option<Timestamp>,
    scopes: Vec<String>,
    metadata: Object,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Integration> for IntegrationOut {
    fn from(integration: Integration) -> Self {
        let Integration { tool_name, status, scopes, expires_at, metadata, created_at, updated_at, .. } = integration;
        let id = format!("int_{tool_name}");
        Self { id, tool_name, status, expires_at, scopes, metadata, created_at, updated_at }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListIn {
    limit: Option<u16>,
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
}

async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>(engine).await?;
    let page = engine.integrations.list(&user, &PageRequest { limit: input.limit, cursor: input.cursor }).await?;
    let integrations: Vec<IntegrationOut> = page.items.into_iter().map(IntegrationOut::from).collect();
    Reply::ok(&json!({ "integrations": integrations, "cursor": page.cursor }))
}

/// Either the `handle` a consent ended with, or a token somebody already has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConnectIn {
    handle: Option<String>,
    tool_name: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_at: Option<Timestamp>,
    scopes: Option<Vec<String>>,
    metadata: Option<Object>,
}

impl Input for ConnectIn {
    const REQUIRED: &'static [&'static str] = &[];
}

async fn connect(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ConnectIn>(engine).await?;
    let integration = match input {
        ConnectIn {
            handle: Some(handle),
            tool_name: None,
            access_token: None,
            refresh_token: None,
            expires_at: None,
            scopes: None,
            metadata: None,
        } => engine.integrations.finish(&user, &handle).await?,
        ConnectIn { handle: Some(_), .. } => return Err(Error::invalid("handle", "stands alone")),
        input => {
            let (tool, ready) = ready(input)?;
            engine.integrations.connect(&user, adapters::find(&tool)?, ready).await?
        }
    };
    Reply::ok(&json!({ "success": true, "integration": IntegrationOut::from(integration) }))
}

fn ready(input: ConnectIn) -> Result<(String, ReadyTokens)> {
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (tool, access) = match (given(input.tool_name), given(input.access_token)) {
        (Some(tool), Some(access)) => (tool, access),
        (tool, access) => {
            let missing = [("toolName", tool.is_none()), ("accessToken", access.is_none())];
            let missing = missing.into_iter().filter(|(_, missing)| *missing);
            return Err(Error::Missing(missing.map(|(name, _)| name.to_owned()).collect()));
        }
    };
    if !access.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid("accessToken", "is not a token"));
    }
    let refresh = given(input.refresh_token).map(SecretString::from);
    let ready = ReadyTokens {
        tokens: Tokens { access: access.into(), refresh },
        expires_at: input.expires_at,
        scopes: input.scopes.unwrap_or_default(),
        metadata: input.metadata.unwrap_or_default(),
    };
    Ok((tool, ready))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DisconnectIn {
    tool_name: String,
}

impl Input for DisconnectIn {
    const REQUIRED: &'static [&'static str] = &["toolName"];
}

async fn disconnect(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<DisconnectIn>(engine).await?;
    engine.integrations.disconnect(&user, adapters::find(&input.tool_name)?).await?;
    Reply::ok(&json!({ "success": true }))
}
