//! `/api/plugin-engine/integrations`: lists connections, stores a ready token, disconnects a tool.

use engine::adapters;
use engine::clock;
use engine::error::{Error, Result};
use engine::integrations::{Connected, ConnectionReader, IntegrationManager, PublicConnection, ReadyTokens};
use engine::lambda::request::{Object, tool_name};
use engine::lambda::{Input, Refusal, Reply, Request, Success};
use engine::tables::PageRequest;
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
#[openapi(paths(list, store_tokens, disconnect))]
pub struct Doc;

/// The parts of the engine that this function uses.
pub type Parts = (IntegrationManager, ConnectionReader);

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(parts: &'static Parts, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(parts, &request).await,
        Method::POST => store_tokens(parts, &request).await,
        Method::DELETE => disconnect(parts, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// The largest number of items in a page: 1 to 100.
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of connections.
#[derive(Debug, Serialize, ToSchema)]
struct IntegrationsOut {
    /// The connections of this page.
    integrations: Vec<PublicConnection>,
    /// The cursor of the next page; `null` on the last page.
    #[schema(required)]
    cursor: Option<String>,
}

/// Lists the user's connections.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/integrations",
    operation_id = "listIntegrations",
    params(ListIn),
    responses(
        (status = 200, description = "A page of connections", body = IntegrationsOut),
    ),
)]
async fn list((_, connections): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>().await?;
    let page = connections.list(&user, &PageRequest { limit: input.limit, cursor: input.cursor }).await?;
    let integrations = page.items.into_iter().map(PublicConnection::from).collect();
    Reply::ok(&IntegrationsOut { integrations, cursor: page.cursor })
}

/// Tokens that the caller already has. A person connects by a consent instead: `GET /oauth/authorize`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ReadyTokensIn)]
struct ReadyTokensIn {
    /// The tool of the tokens, for example `gmail`.
    tool: Option<String>,
    /// Another name of `tool`.
    tool_name: Option<String>,
    /// The access token.
    access_token: String,
    /// The refresh token that belongs to the access token.
    refresh_token: Option<String>,
    /// The time at which the access token expires.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    expires_at: Option<Timestamp>,
    /// The OAuth scopes of the access token, at most 100.
    scopes: Option<Vec<String>>,
    /// Fields of the caller's choice.
    metadata: Option<Object>,
}

impl Input for ReadyTokensIn {
    const REQUIRED: &'static [&'static str] = &["accessToken"];
}

/// Stores an existing token as the connection of a tool, in place of a former one.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/integrations",
    operation_id = "storeTokens",
    request_body = ReadyTokensIn,
    responses(
        (status = 200, description = "The connection was created", body = Connected),
        (status = 409, description = "The tool was disconnected during the request", body = Refusal),
    ),
)]
async fn store_tokens((integrations, _): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ReadyTokensIn>().await?;
    let (tool, tokens) = parse_ready_tokens(input)?;
    let connection = integrations.connect(&user, adapters::find(&tool)?, tokens).await?;
    Reply::ok(&Connected::from(connection))
}

fn parse_ready_tokens(input: ReadyTokensIn) -> Result<(String, ReadyTokens)> {
    let tool = tool_name(input.tool, input.tool_name)?;
    let access = input.access_token;
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

/// The tool to disconnect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DisconnectIn {
    /// The tool to disconnect, for example `gmail`.
    tool: Option<String>,
    /// Another name of `tool`.
    tool_name: Option<String>,
}

impl Input for DisconnectIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Disconnects a tool: revokes the grant at the provider and deletes the tokens.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/integrations",
    operation_id = "disconnect",
    request_body = DisconnectIn,
    responses(
        (status = 200, description = "The tool is disconnected", body = Success),
        (status = 404, description = "No such connection", body = Refusal),
    ),
)]
async fn disconnect((integrations, _): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<DisconnectIn>().await?;
    let tool = tool_name(input.tool, input.tool_name)?;
    integrations.disconnect(&user, adapters::find(&tool)?).await?;
    Reply::success()
}
