//! `/api/plugin-engine/integrations`: list connections, finish or make one, disconnect; the same for the services that may
//! act for the user.

mod delegations;

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
    /// The delegations instead of the connections.
    #[serde(default)]
    delegations: bool,
    limit: Option<u16>,
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
    const IN_PERSON: &'static [&'static str] = &["delegations"];
}

async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>(engine).await?;
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    if input.delegations {
        return delegations::list(engine, &user, &page).await;
    }
    let page = engine.integrations.list(&user, &page).await?;
    let integrations: Vec<IntegrationOut> = page.items.into_iter().map(IntegrationOut::from).collect();
    Reply::ok(&json!({ "integrations": integrations, "cursor": page.cursor }))
}

/// The `handle` a consent ended with; or a token somebody already has; or a `service` that may act for the user.
#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConnectIn {
    handle: Option<String>,
    service: Option<String>,
    tool_name: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_at: Option<Timestamp>,
    scopes: Option<Vec<String>>,
    metadata: Option<Object>,
}

impl Input for ConnectIn {
    const REQUIRED: &'static [&'static str] = &[];
    const IN_PERSON: &'static [&'static str] = &["service"];
}

async fn connect(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, mut input) = request.body::<ConnectIn>(engine).await?;
    let integration = if let Some(handle) = input.handle.take() {
        alone("handle", &input)?;
        engine.integrations.finish(&user, &handle).await?
    } else if let Some(service) = input.service.take() {
        let until = input.expires_at.take();
        alone("service", &input)?;
        return delegations::give(engine, &user, service, until).await;
    } else {
        let (tool, ready) = ready(input)?;
        engine.integrations.connect(&user, adapters::find(&tool)?, ready).await?
    };
    Reply::ok(&json!({ "success": true, "integration": IntegrationOut::from(integration) }))
}

fn alone(field: &str, others: &ConnectIn) -> Result<()> {
    if *others == ConnectIn::default() { Ok(()) } else { Err(Error::invalid(field, "stands alone")) }
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

/// The tool that is not to be used any more, or the service that may not act any more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DisconnectIn {
    tool_name: Option<String>,
    service: Option<String>,
}

impl Input for DisconnectIn {
    const REQUIRED: &'static [&'static str] = &[];
    const IN_PERSON: &'static [&'static str] = &["service"];
}

async fn disconnect(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<DisconnectIn>(engine).await?;
    let tool = input.tool_name.filter(|tool| !tool.trim().is_empty());
    match (tool, input.service) {
        (Some(tool), None) => engine.integrations.disconnect(&user, adapters::find(&tool)?).await?,
        (None, Some(service)) => return delegations::withdraw(engine, &user, &service).await,
        (Some(_), Some(_)) => return Err(Error::invalid("service", "stands alone")),
        (None, None) => return Err(Error::Missing(vec!["toolName".to_owned()])),
    }
    Reply::ok(&json!({ "success": true }))
}
