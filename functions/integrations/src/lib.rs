//! `/api/plugin-engine/integrations`: list connections, finish or make one, disconnect; the same for the services that may
//! act for the user.

mod delegations;

use delegations::{DelegationCreatedOut, DelegationsOut};
use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::integrations::ReadyTokens;
use engine::lambda::request::{Object, require_fields, tool_name};
use engine::lambda::{Input, Refusal, Reply, Request, Success};
use engine::tables::PageRequest;
use engine::tables::integrations::{Connection, ConnectionStatus};
use engine::validate::{MAX_METADATA_BYTES, check_size, check_text};
use engine::vault::Tokens;
use http::Method;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Longest token, in bytes: providers' are below 4 KiB, and a secret holds two of these.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Most scopes, and the longest one in bytes.
const MAX_SCOPES: usize = 100;
const MAX_SCOPE_BYTES: usize = 256;

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(list, connect, disconnect))]
pub struct Doc;

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
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IntegrationOut {
    id: String,
    tool: String,
    status: ConnectionStatus,
    #[schema(required)]
    expires_at: Option<Timestamp>,
    scopes: Vec<String>,
    metadata: Object,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Connection> for IntegrationOut {
    fn from(integration: Connection) -> Self {
        // All of them: who adds a field says here whether the API shows it.
        let Connection {
            tool,
            status,
            scopes,
            expires_at,
            metadata,
            created_at,
            updated_at,
            refreshable: _,
            token_version: _,
            tokens: _,
            secrets: _,
            refresh_lease: _,
            refresh_lease_until: _,
            last_error: _,
        } = integration;
        let id = format!("int_{tool}");
        Self { id, tool, status, expires_at, scopes, metadata, created_at, updated_at }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// The delegations instead of the connections.
    #[serde(default)]
    delegations: bool,
    /// Most items of a page: 1 to 100.
    limit: Option<u16>,
    /// `cursor` of the page before.
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
    const USER_TOKEN_ONLY: &'static [&'static str] = &["delegations"];
}

/// A page of connections; with `delegations` of services.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum IntegrationsOut {
    Integrations {
        integrations: Vec<IntegrationOut>,
        /// For the next page; `null` after the last.
        #[schema(required)]
        cursor: Option<String>,
    },
    Delegations(DelegationsOut),
}

/// The caller's connections, or the services that may act for the caller.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/integrations",
    operation_id = "listIntegrations",
    params(ListIn),
    responses(
        (status = 200, description = "A page", body = IntegrationsOut),
    ),
)]
async fn list(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>(engine).await?;
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    if input.delegations {
        let page = delegations::list(engine, &user, &page).await?;
        return Reply::ok(&IntegrationsOut::Delegations(page));
    }
    let page = engine.integrations.list(&user, &page).await?;
    let integrations = page.items.into_iter().map(IntegrationOut::from).collect();
    Reply::ok(&IntegrationsOut::Integrations { integrations, cursor: page.cursor })
}

/// The `connectCode` of a finished consent; or a ready token of a `tool`; or a `service` that may act for the user.
#[derive(Default, Deserialize, PartialEq, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConnectIn {
    connect_code: Option<String>,
    service: Option<String>,
    tool: Option<String>,
    /// The same as `tool`.
    tool_name: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_at: Option<Timestamp>,
    scopes: Option<Vec<String>>,
    metadata: Option<Object>,
}

impl Input for ConnectIn {
    const REQUIRED: &'static [&'static str] = &[];
    const USER_TOKEN_ONLY: &'static [&'static str] = &["service"];
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum ConnectedOut {
    Integration { success: bool, integration: IntegrationOut },
    Delegation(DelegationCreatedOut),
}

/// Finish a connection by its `connectCode`, store a ready token, or let a service act.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/integrations",
    operation_id = "connect",
    request_body = ConnectIn,
    responses(
        (status = 200, description = "It was made", body = ConnectedOut),
        (status = 404, description = "No such `connectCode`, or another user's", body = Refusal),
        (status = 409, description = "The tool was disconnected meanwhile", body = Refusal),
        (status = 501, description = "The tool has no OAuth client here", body = Refusal),
        (status = 502, description = "The provider cannot be reached or failed", body = Refusal),
    ),
)]
async fn connect(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, mut input) = request.body::<ConnectIn>(engine).await?;
    let integration = if let Some(code) = input.connect_code.take() {
        refuse_other_fields("connectCode", &input)?;
        engine.integrations.complete_connect(&user, &code).await?
    } else if let Some(service) = input.service.take() {
        let until = input.expires_at.take();
        refuse_other_fields("service", &input)?;
        let given = delegations::create(engine, &user, service, until).await?;
        return Reply::ok(&ConnectedOut::Delegation(given));
    } else {
        let (tool, ready) = parse_ready_tokens(input)?;
        engine.integrations.connect(&user, adapters::find(&tool)?, ready).await?
    };
    Reply::ok(&ConnectedOut::Integration { success: true, integration: integration.into() })
}

fn refuse_other_fields(field: &str, others: &ConnectIn) -> Result<()> {
    if *others == ConnectIn::default() {
        Ok(())
    } else {
        Err(Error::invalid(field, "cannot be combined with other fields"))
    }
}

fn parse_ready_tokens(input: ConnectIn) -> Result<(String, ReadyTokens)> {
    let tool = tool_name(input.tool, input.tool_name)?;
    let [access] = require_fields([("accessToken", input.access_token)])?;
    let refresh = input.refresh_token.filter(|text| !text.trim().is_empty());
    check_token("accessToken", &access)?;
    refresh.as_deref().map_or(Ok(()), |refresh| check_token("refreshToken", refresh))?;
    let (scopes, metadata) = (input.scopes.unwrap_or_default(), input.metadata.unwrap_or_default());
    if scopes.len() > MAX_SCOPES {
        return Err(Error::invalid("scopes", format!("must have at most {MAX_SCOPES} items")));
    }
    scopes.iter().try_for_each(|scope| check_text("scopes", scope, MAX_SCOPE_BYTES))?;
    check_size("metadata", &metadata, MAX_METADATA_BYTES)?;
    let tokens = Tokens { access: access.into(), refresh: refresh.map(SecretString::from) };
    Ok((tool, ReadyTokens { tokens, expires_at: input.expires_at, scopes, metadata }))
}

fn check_token(field: &str, token: &str) -> Result<()> {
    check_text(field, token, MAX_TOKEN_BYTES)?;
    let plain = token.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { Ok(()) } else { Err(Error::invalid(field, "is not a token")) }
}

/// The tool that is not to be used any more, or the service that may not act any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DisconnectIn {
    tool: Option<String>,
    /// The same as `tool`.
    tool_name: Option<String>,
    service: Option<String>,
}

impl Input for DisconnectIn {
    const REQUIRED: &'static [&'static str] = &[];
    const USER_TOKEN_ONLY: &'static [&'static str] = &["service"];
}

/// Disconnect a tool, or withdraw a service.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/integrations",
    operation_id = "disconnect",
    request_body = DisconnectIn,
    responses(
        (status = 200, description = "It is gone", body = Success),
        (status = 404, description = "There was none", body = Refusal),
    ),
)]
async fn disconnect(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<DisconnectIn>(engine).await?;
    let DisconnectIn { tool, tool_name: original, service } = input;
    match service {
        Some(_) if tool.is_some() || original.is_some() => {
            return Err(Error::invalid("service", "cannot be combined with other fields"));
        }
        Some(service) => engine.delegations.revoke(&user, &service).await?,
        None => engine.integrations.disconnect(&user, adapters::find(&tool_name(tool, original)?)?).await?,
    }
    Reply::success()
}
