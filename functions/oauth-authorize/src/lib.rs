//! `/api/plugin-engine/oauth/authorize` and `/api/plugin-engine/integrations/oauth/authorize`: start connecting a tool.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::lambda::request::tool_name;
use engine::lambda::{Input, Refusal, Reply, Request};
use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(authorize))]
pub struct Doc;

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

/// Query of the authorize routes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuthorizeIn {
    /// The tool. Required, under this name or as `toolName`.
    tool: Option<String>,
    tool_name: Option<String>,
}

impl Input for AuthorizeIn {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Where the person consents.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuthorizeOut {
    #[schema(value_type = String, format = "uri")]
    auth_url: Url,
}

/// Start connecting a tool.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/oauth/authorize",
    operation_id = "authorize",
    params(AuthorizeIn),
    responses(
        (status = 200, description = "Where the person consents", body = AuthorizeOut),
        (status = 429, description = "The user's own limit; wait for `Retry-After`", body = Refusal),
        (status = 501, description = "The tool has no OAuth client here", body = Refusal),
    ),
)]
async fn authorize(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<AuthorizeIn>(engine).await?;
    let tool = tool_name(input.tool, input.tool_name)?;
    let auth_url = engine.integrations.start_connect(&user, adapters::find(&tool)?).await?;
    Reply::ok(&AuthorizeOut { auth_url })
}
