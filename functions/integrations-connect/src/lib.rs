//! `/api/plugin-engine/integrations/connect`: completes a connection with the one-time code of a consent.

use engine::error::{Error, Result};
use engine::integrations::{Connected, IntegrationManager};
use engine::lambda::{Callers, Input, Refusal, Reply, Request};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(connect))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(integrations: &'static IntegrationManager, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => connect(integrations, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "POST" }),
    }
}

/// The code of a completed consent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConnectIn {
    /// The one-time code from the fragment of the page where the consent ended.
    #[schema(value_type = String)]
    connect_code: SecretString,
}

impl Input for ConnectIn {
    const REQUIRED: &'static [&'static str] = &["connectCode"];
    // The consent was the person's, and so is the decision to attach it to the account they are signed in with.
    const CALLERS: Callers = Callers::User;
}

/// Attaches the connection of a consent to the user who started it. The code works once, for ten minutes.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/integrations/connect",
    operation_id = "connect",
    request_body = ConnectIn,
    responses(
        (status = 200, description = "The connection was created", body = Connected),
        (status = 404, description = "The `connectCode` does not exist or belongs to another user", body = Refusal),
        (status = 409, description = "Ten accounts of the tool are connected, or this one was disconnected during the request", body = Refusal),
        (status = 501, description = "This deployment has no OAuth client for the tool", body = Refusal),
        (status = 502, description = "The provider cannot be reached, or failed", body = Refusal),
    ),
)]
async fn connect(integrations: &'static IntegrationManager, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<ConnectIn>().await?;
    Reply::ok(&Connected::from(integrations.complete_connect(&user, input.connect_code.expose_secret()).await?))
}
