//! `/api/plugin-engine/oauth/authorize` and `/api/plugin-engine/integrations/oauth/authorize`: starts the OAuth
//! consent for a tool.

use engine::account::AccountName;
use engine::adapters;
use engine::error::{Error, Result};
use engine::integrations::{ConnectChoice, ConsentStarter};
use engine::lambda::request::tool_name;
use engine::lambda::{Callers, Input, Refusal, Reply, Request};
use engine::validate::check_text;
use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The longest list of scopes, in bytes.
const MAX_SCOPES_BYTES: usize = 4096;
/// The longest address of a page, in bytes.
const MAX_RETURN_TO_BYTES: usize = 2048;

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(authorize))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(consents: &'static ConsentStarter, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => authorize(consents, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

/// The query of the authorize routes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuthorizeIn {
    /// The tool, for example `gmail`. Required, as `tool` or as `toolName`.
    tool: Option<String>,
    /// Another name of `tool`.
    tool_name: Option<String>,
    /// The account to connect again: its id, label or address. Absent for a new one.
    account: Option<String>,
    /// Fewer scopes than the deployment asks for, separated by spaces or commas. Those that name the account are always asked for.
    scopes: Option<String>,
    /// The page to which the browser returns after the consent, of an origin that the deployment lists. Absent for its frontend.
    return_to: Option<String>,
}

impl Input for AuthorizeIn {
    const REQUIRED: &'static [&'static str] = &[];
    const CALLERS: Callers = Callers::User;
}

/// The start of an OAuth consent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuthorizeOut {
    /// The provider's consent page, to be opened in the person's browser.
    #[schema(value_type = String, format = "uri")]
    auth_url: Url,
}

/// Starts the OAuth consent for a tool.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/oauth/authorize",
    operation_id = "authorize",
    params(AuthorizeIn),
    responses(
        (status = 200, description = "The consent page", body = AuthorizeOut),
        (status = 501, description = "This deployment has no OAuth client for the tool", body = Refusal),
    ),
)]
async fn authorize(consents: &'static ConsentStarter, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<AuthorizeIn>().await?;
    let tool = tool_name(input.tool, input.tool_name)?;
    let account = AccountName::parse_optional(input.account.as_deref())?;
    input.scopes.as_deref().map_or(Ok(()), |list| check_text("scopes", list, MAX_SCOPES_BYTES))?;
    input.return_to.as_deref().map_or(Ok(()), |page| check_text("returnTo", page, MAX_RETURN_TO_BYTES))?;
    let scopes = input.scopes.map(|list| {
        let names = list.split([' ', ',']).filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    });
    let choice = ConnectChoice { account, scopes, return_to: input.return_to };
    let auth_url = consents.start_connect(&user, adapters::find(&tool)?, choice).await?;
    Reply::ok(&AuthorizeOut { auth_url })
}
