//! `/api/plugin-engine/integrations`: lists connections, stores a ready token, names an account, disconnects one.

use engine::account::{Account, AccountName};
use engine::adapters;
use engine::clock;
use engine::error::{Error, Result};
use engine::integrations::{
    AccountNaming, Connected, ConnectionReader, IntegrationManager, NameChange, PublicConnection, ReadyTokens,
};
use engine::lambda::request::{Object, tool_name};
use engine::lambda::{Callers, Input, Refusal, Reply, Request};
use engine::tables::PageRequest;
use engine::tool::Tool;
use engine::validate::{MAX_METADATA_BYTES, check_size, check_text};
use engine::vault::Tokens;
use http::Method;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
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
#[openapi(paths(list, store_tokens, rename, disconnect))]
pub struct Doc;

/// The parts of the engine that this function uses.
pub type Parts = (IntegrationManager, ConnectionReader, AccountNaming);

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(parts: &'static Parts, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => list(parts, &request).await,
        Method::POST => store_tokens(parts, &request).await,
        Method::PATCH => rename(parts, &request).await,
        Method::DELETE => disconnect(parts, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, PATCH, DELETE" }),
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
async fn list((_, connections, _): &'static Parts, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<ListIn>().await?;
    let page = connections.list(&caller, &PageRequest { limit: input.limit, cursor: input.cursor }).await?;
    Reply::ok(&IntegrationsOut { integrations: page.items, cursor: page.cursor })
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
    #[schema(value_type = String)]
    access_token: SecretString,
    /// The refresh token that belongs to the access token.
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
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
    const CALLERS: Callers = Callers::User;
}

/// Stores an existing token as the connection of its account, in place of a former one of the same account. The provider is asked
/// whose token it is.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/integrations",
    operation_id = "storeTokens",
    request_body = ReadyTokensIn,
    responses(
        (status = 200, description = "The connection was created", body = Connected),
        (status = 409, description = "Ten accounts of the tool are connected, or this one was disconnected during the request", body = Refusal),
        (status = 502, description = "The provider cannot be reached, or failed", body = Refusal),
    ),
)]
async fn store_tokens((integrations, ..): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ReadyTokensIn>().await?;
    let (tool, tokens) = parse_ready_tokens(input)?;
    let connection = integrations.connect_ready(&user, adapters::find(&tool)?, tokens).await?;
    Reply::ok(&Connected::ready(connection))
}

fn parse_ready_tokens(input: ReadyTokensIn) -> Result<(String, ReadyTokens)> {
    let tool = tool_name(input.tool, input.tool_name)?;
    let access = input.access_token;
    let refresh = input.refresh_token.filter(|token| !token.expose_secret().trim().is_empty());
    check_token("accessToken", &access)?;
    refresh.as_ref().map_or(Ok(()), |refresh| check_token("refreshToken", refresh))?;
    let (scopes, metadata) = (input.scopes.unwrap_or_default(), input.metadata.unwrap_or_default());
    if scopes.len() > MAX_SCOPES {
        return Err(Error::invalid(
            "scopes",
            format!("must be a list of at most {MAX_SCOPES} scopes, for example [\"chat:write\"]"),
        ));
    }
    scopes.iter().try_for_each(|scope| check_text("scopes", scope, MAX_SCOPE_BYTES))?;
    check_size("metadata", &metadata, MAX_METADATA_BYTES)?;
    let tokens = Tokens::new(access, refresh);
    let expires_at = input.expires_at;
    Ok((tool, ReadyTokens { expires_at, metadata, ..ReadyTokens::new(tokens, scopes) }))
}

fn check_token(field: &str, token: &SecretString) -> Result<()> {
    let token = token.expose_secret();
    check_text(field, token, MAX_TOKEN_BYTES)?;
    let is_printable = token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_printable {
        Ok(())
    } else {
        Err(Error::invalid(field, "must be printable ASCII without spaces, for example ya29.a0Af"))
    }
}

/// The names of an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AccountNamesIn)]
struct RenameIn {
    /// The tool, for example `gmail`.
    tool: Option<String>,
    /// Another name of `tool`.
    tool_name: Option<String>,
    /// The account: its id, label or address. Required if several accounts of the tool are connected and none is the default.
    account: Option<String>,
    /// The new label, which is unique among the accounts of the tool, for example `work`; an empty text removes it.
    label: Option<String>,
    /// True makes it the account of requests that name none; false ends that.
    default: Option<bool>,
}

impl Input for RenameIn {
    const REQUIRED: &'static [&'static str] = &[];
    const EMPTY_CLEARS: &'static [&'static str] = &["label"];
    // A default decides where a service's next intent goes, so it is the person's own choice.
    const CALLERS: Callers = Callers::User;
}

/// An account with its new names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountNamedOut)]
struct RenamedOut {
    /// Always true.
    success: bool,
    /// The connection of the account.
    integration: PublicConnection,
}

/// Labels a connected account, or makes it the default of its tool. Work that was accepted before stays with its account.
#[utoipa::path(
    patch,
    path = "/api/plugin-engine/integrations",
    operation_id = "nameAccount",
    request_body = RenameIn,
    responses(
        (status = 200, description = "The account has its new names", body = RenamedOut),
        (status = 424, description = "The tool is not connected", body = Refusal),
    ),
)]
async fn rename((_, _, naming): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<RenameIn>().await?;
    let tool = Tool::parse(&tool_name(input.tool, input.tool_name)?)?;
    let account = AccountName::parse_optional(input.account.as_deref())?;
    let change = NameChange { label: input.label, default: input.default };
    let integration = naming.rename(&user, tool, account.as_ref(), &change).await?;
    Reply::ok(&RenamedOut { success: true, integration })
}

/// The account to disconnect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DisconnectIn {
    /// The tool to disconnect, for example `gmail`.
    tool: Option<String>,
    /// Another name of `tool`.
    tool_name: Option<String>,
    /// The account: its id, label or address. Required if several accounts of the tool are connected and none is the default.
    account: Option<String>,
}

impl Input for DisconnectIn {
    const REQUIRED: &'static [&'static str] = &[];
    const CALLERS: Callers = Callers::User;
}

/// A disconnected account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DisconnectedOut)]
struct DisconnectedOut {
    /// Always true.
    success: bool,
    /// The tool.
    tool: Tool,
    /// The account that was disconnected.
    account: Account,
}

/// Disconnects an account: revokes the grant at the provider, unless another connection shares it, and deletes the tokens.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/integrations",
    operation_id = "disconnect",
    request_body = DisconnectIn,
    responses(
        (status = 200, description = "The account is disconnected", body = DisconnectedOut),
        (status = 404, description = "No such connection", body = Refusal),
    ),
)]
async fn disconnect((integrations, ..): &'static Parts, request: &Request) -> Result<Reply> {
    let (user, input) = request.query_or_body::<DisconnectIn>().await?;
    let tool = tool_name(input.tool, input.tool_name)?;
    let account = AccountName::parse_optional(input.account.as_deref())?;
    let adapter = adapters::find(&tool)?;
    let account = integrations.disconnect(&user, adapter, account.as_ref()).await?;
    Reply::ok(&DisconnectedOut { success: true, tool: adapter.tool, account })
}
