//! `/api/plugin-engine/oauth/callback` and `/api/plugin-engine/integrations/oauth/callback`: the redirect from the provider.
//!
//! The only route without a token: the browser arrives from the provider. The route stores the authorization code under a one-time
//! `connectCode` and redirects the browser to the frontend. `POST /integrations` completes the connection with the user's token.

use engine::error::{Error, Result};
use engine::integrations::{Callback, CallbackHandler};
use engine::lambda::{Reply, Request};
use http::Method;
use utoipa::OpenApi;

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(callback))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// [`Error::Unavailable`] if the store cannot be reached; [`Error::MethodNotAllowed`] for any method other than GET.
pub async fn route(callbacks: &'static CallbackHandler, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => callback(callbacks, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

/// Accepts the provider's redirect and redirects the browser to the page that the start named, or else to the frontend, with `#connectCode=…&tool=…` or `#error=…&tool=…`, and `&account=…` for an account that was to be
/// connected again.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/oauth/callback",
    operation_id = "callback",
    params(
        ("code" = Option<String>, Query, description = "The authorization code from the provider"),
        ("state" = Option<String>, Query, description = "The state of the authorization request"),
        ("error" = Option<String>, Query, description = "The provider's error code, instead of `code`"),
        ("iss" = Option<String>, Query, description = "The issuer of the response (RFC 9207)"),
    ),
    security(()),
    responses(
        (status = 302, description = "Redirect to the page that the start named, or to the frontend"),
    ),
)]
async fn callback(callbacks: &'static CallbackHandler, request: &Request) -> Result<Reply> {
    // An unreadable query, for example one with a repeated parameter, is handled as an invalid callback.
    let callback: Callback = request.unauthenticated_query().unwrap_or_default();
    Reply::redirect(&callbacks.accept_callback(&callback).await?)
}
