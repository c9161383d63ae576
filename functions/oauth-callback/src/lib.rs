//! `/api/plugin-engine/oauth/callback` and `/api/plugin-engine/integrations/oauth/callback`: the provider's redirect.
//!
//! The only route without a token: a browser comes here straight from the provider. It parks the code and sends the browser
//! on to the frontend; who may finish is decided there, by `POST /integrations`.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::integrations::Callback;
use engine::lambda::{Reply, Request};
use http::Method;
use utoipa::OpenApi;

/// What the API document says of this route.
#[derive(OpenApi)]
#[openapi(paths(callback))]
pub struct Doc;

/// Answers one request.
///
/// # Errors
/// When the store cannot be reached, and for any other method than GET.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => callback(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

/// The provider's redirect: sends the browser on to the frontend, with `#connectCode=…&tool=…` or `#error=…`.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/oauth/callback",
    operation_id = "callback",
    params(
        ("code" = Option<String>, Query, description = "As the provider gave it"),
        ("state" = Option<String>, Query, description = "As the provider was given it"),
        ("error" = Option<String>, Query, description = "Why there is no code"),
        ("iss" = Option<String>, Query, description = "Who answers: RFC 9207"),
    ),
    security(()),
    responses(
        (status = 302, description = "To the frontend"),
    ),
)]
async fn callback(engine: &'static Engine, request: &Request) -> Result<Reply> {
    // A query that cannot be read, such as one that names a parameter twice, is an invalid callback like any other.
    let callback: Callback = request.unauthenticated_query().unwrap_or_default();
    Reply::redirect(&engine.integrations.accept_callback(&callback).await?)
}
