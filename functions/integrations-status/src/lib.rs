//! `/api/plugin-engine/integrations/status`: the state of one connection. The route is read-only.

use engine::account::AccountName;
use engine::error::{Error, Result};
use engine::integrations::{AuthStatus, ConnectionReader};
use engine::lambda::request::tool_name;
use engine::lambda::{Input, Reply, Request};
use engine::tool::Tool;
use http::Method;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(status))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(connections: &'static ConnectionReader, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => status(connections, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatusIn {
    /// The tool, for example `gmail`. Required, as `tool` or as `toolName`.
    tool: Option<String>,
    /// Another name of `tool`.
    tool_name: Option<String>,
    /// The account: its id, label or address. Required if several accounts of the tool are connected and none is the default.
    account: Option<String>,
}

impl Input for StatusIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Reads the state of a connection.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/integrations/status",
    operation_id = "integrationStatus",
    params(StatusIn),
    responses(
        (status = 200, description = "The state of the connection", body = AuthStatus),
    ),
)]
async fn status(connections: &'static ConnectionReader, request: &Request) -> Result<Reply> {
    let (caller, input) = request.query_with_caller::<StatusIn>().await?;
    let tool = Tool::parse(&tool_name(input.tool, input.tool_name)?)?;
    let account = AccountName::parse_optional(input.account.as_deref())?;
    Reply::ok(&connections.status(&caller, tool, account.as_ref()).await?)
}
