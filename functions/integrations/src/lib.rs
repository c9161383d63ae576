//! `/api/plugin-engine/integrations`: lists connections, completes or creates one, disconnects a tool; and the same for delegations.

mod delegations;

use delegations::{DelegationCreatedOut, DelegationsOut};
use engine::adapters;
use engine::clock;
use engine::delegations::Delegations;
use engine::error::{Error, Result};
use engine::integrations::{ConnectionReader, IntegrationManager, ReadyTokens};
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

/// The largest token, in bytes. Providers' tokens are below 4 KiB; a secret stores two tokens.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The largest number of scopes.
const MAX_SCOPES: usize = 100;
/// The largest scope, in bytes.
const MAX_SCOPE_BYTES: usize = 256;

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(list, connect, disconnect))]
pub struct Doc;

/// The parts of the engine that this function uses.
pub type Parts = (IntegrationManager, ConnectionReader, Delegations);

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(parts: &'static Parts, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(parts, &request).await,
        Method::POST => connect(parts, &request).await,
        Method::DELETE => disconnect(parts, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

/// A connection of the user to a tool, without tokens and without their location.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IntegrationOut {
    /// The id of the connection.
    id: String,
    /// The connected tool.
    tool: String,
    /// The state of the connection.
    status: ConnectionStatus,
    /// The time at which the access token expires; `null` if it does not expire.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// The granted OAuth scopes.
    scopes: Vec<String>,
    /// Fields of the caller's choice, or of the provider.
    metadata: Object,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
}

impl From<Connection> for IntegrationOut {
    fn from(connection: Connection) -> Self {
        // Exhaustive, so that each new field is either published or excluded here.
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
        } = connection;
        let id = format!("int_{tool}");
        Self { id, tool, status, expires_at, scopes, metadata, created_at, updated_at }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// Lists delegations instead of connections. Needs the user's own token.
    #[serde(default)]
    delegations: bool,
    /// The largest number of items in a page: 1 to 100.
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
    const USER_TOKEN_ONLY: &'static [&'static str] = &["delegations"];
}

/// A page of connections, or of delegations if the query has `delegations=true`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum IntegrationsOut {
    Integrations {
        /// The connections of this page.
        integrations: Vec<IntegrationOut>,
        /// The cursor of the next page; `null` on the last page.
        #[schema(required)]
        cursor: Option<String>,
    },
    Delegations(DelegationsOut),
}

/// Lists the user's connections, or the services that may act for the user.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/integrations",
    operation_id = "listIntegrations",
    params(ListIn),
    responses(
        (status = 200, description = "A page of connections or delegations", body = IntegrationsOut),
    ),
)]
async fn list((_, connections, services): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>().await?;
    let page = PageRequest { limit: input.limit, cursor: input.cursor };
    if input.delegations {
        let page = delegations::list(services, &user, &page).await?;
        return Reply::ok(&IntegrationsOut::Delegations(page));
    }
    let page = connections.list(&user, &page).await?;
    let integrations = page.items.into_iter().map(IntegrationOut::from).collect();
    Reply::ok(&IntegrationsOut::Integrations { integrations, cursor: page.cursor })
}

/// One of three forms: the `connectCode` of a completed consent; `tool` and `accessToken`, with their optional fields; or a `service`
/// that may act for the user, with an optional `expiresAt`.
#[derive(Default, Deserialize, PartialEq, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConnectIn {
    /// The one-time code from the fragment of the page that a consent ends at. Excludes all other fields.
    connect_code: Option<String>,
    /// The token subject of a service that may act for the user. Needs the user's own token.
    service: Option<String>,
    /// The tool of the tokens, for example `gmail`.
    tool: Option<String>,
    /// Another name of `tool`.
    tool_name: Option<String>,
    /// An access token that the caller already has.
    access_token: Option<String>,
    /// The refresh token that belongs to the access token.
    refresh_token: Option<String>,
    /// The time at which the access token or the delegation ends.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    expires_at: Option<Timestamp>,
    /// The OAuth scopes of the access token, at most 100.
    scopes: Option<Vec<String>>,
    /// Fields of the caller's choice.
    metadata: Option<Object>,
}

impl Input for ConnectIn {
    const REQUIRED: &'static [&'static str] = &[];
    const USER_TOKEN_ONLY: &'static [&'static str] = &["service"];
}

/// The created connection or delegation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum ConnectedOut {
    Integration {
        /// Always true.
        success: bool,
        /// The connection.
        integration: IntegrationOut,
    },
    Delegation(DelegationCreatedOut),
}

/// Completes a connection with its `connectCode`, stores an existing token, or grants a delegation.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/integrations",
    operation_id = "connect",
    request_body = ConnectIn,
    responses(
        (status = 200, description = "The connection or delegation was created", body = ConnectedOut),
        (status = 404, description = "The `connectCode` does not exist or belongs to another user", body = Refusal),
        (status = 409, description = "The tool was disconnected during the request", body = Refusal),
        (status = 501, description = "This deployment has no OAuth client for the tool", body = Refusal),
        (status = 502, description = "The provider cannot be reached, or failed", body = Refusal),
    ),
)]
async fn connect((integrations, _, services): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, mut input) = request.body::<ConnectIn>().await?;
    let integration = if let Some(code) = input.connect_code.take() {
        refuse_other_fields("connectCode", &input)?;
        integrations.complete_connect(&user, &code).await?
    } else if let Some(service) = input.service.take() {
        let expires_at = input.expires_at.take();
        refuse_other_fields("service", &input)?;
        let created = delegations::create(services, &user, service, expires_at).await?;
        return Reply::ok(&ConnectedOut::Delegation(created));
    } else {
        let (tool, tokens) = parse_ready_tokens(input)?;
        integrations.connect(&user, adapters::find(&tool)?, tokens).await?
    };
    Reply::ok(&ConnectedOut::Integration { success: true, integration: integration.into() })
}

fn refuse_other_fields(field: &str, others: &ConnectIn) -> Result<()> {
    if *others == ConnectIn::default() {
        Ok(())
    } else {
        Err(Error::invalid(
            field,
            format!("cannot be combined with other fields, for example {{\"{field}\": \"...\"}}"),
        ))
    }
}

fn parse_ready_tokens(input: ConnectIn) -> Result<(String, ReadyTokens)> {
    if input == ConnectIn::default() {
        return Err(Error::Missing(vec!["connectCode, service, or tool and accessToken".to_owned()]));
    }
    let tool = tool_name(input.tool, input.tool_name)?;
    let [access] = require_fields([("accessToken", input.access_token)])?;
    let refresh = input.refresh_token.filter(|text| !text.trim().is_empty());
    check_token("accessToken", &access)?;
    refresh.as_deref().map_or(Ok(()), |refresh| check_token("refreshToken", refresh))?;
    let (scopes, metadata) = (input.scopes.unwrap_or_default(), input.metadata.unwrap_or_default());
    if scopes.len() > MAX_SCOPES {
        return Err(Error::invalid(
            "scopes",
            format!("must be a list of at most {MAX_SCOPES} scopes, for example [\"chat:write\"]"),
        ));
    }
    scopes.iter().try_for_each(|scope| check_text("scopes", scope, MAX_SCOPE_BYTES))?;
    check_size("metadata", &metadata, MAX_METADATA_BYTES)?;
    let tokens = Tokens { access: access.into(), refresh: refresh.map(SecretString::from) };
    Ok((tool, ReadyTokens { tokens, expires_at: input.expires_at, scopes, metadata }))
}

fn check_token(field: &str, token: &str) -> Result<()> {
    check_text(field, token, MAX_TOKEN_BYTES)?;
    let is_printable = token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_printable {
        Ok(())
    } else {
        Err(Error::invalid(field, "must be printable ASCII without spaces, for example ya29.a0Af"))
    }
}

/// The tool to disconnect, or the service whose delegation is revoked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DisconnectIn {
    /// The tool to disconnect, for example `gmail`.
    tool: Option<String>,
    /// Another name of `tool`.
    tool_name: Option<String>,
    /// The token subject of the service. Needs the user's own token.
    service: Option<String>,
}

impl Input for DisconnectIn {
    const REQUIRED: &'static [&'static str] = &[];
    const USER_TOKEN_ONLY: &'static [&'static str] = &["service"];
}

/// Disconnects a tool, or revokes a delegation.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/integrations",
    operation_id = "disconnect",
    request_body = DisconnectIn,
    responses(
        (status = 200, description = "The tool is disconnected, or the delegation is revoked", body = Success),
        (status = 404, description = "No such connection or delegation", body = Refusal),
    ),
)]
async fn disconnect((integrations, _, services): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<DisconnectIn>().await?;
    let DisconnectIn { tool, tool_name: alias, service } = input;
    match service {
        Some(_) if tool.is_some() || alias.is_some() => {
            return Err(Error::invalid("service", "cannot be combined with tool; send one of them"));
        }
        Some(service) => services.revoke(&user, &service).await?,
        None if tool.is_none() && alias.is_none() => return Err(Error::Missing(vec!["tool or service".to_owned()])),
        None => integrations.disconnect(&user, adapters::find(&tool_name(tool, alias)?)?).await?,
    }
    Reply::success()
}
