//! `/api/plugin-engine/oauth/callback` and `/api/plugin-engine/integrations/oauth/callback`: the provider's redirect.
//!
//! The only route without a token: a browser comes here straight from the provider. It parks the code and sends the browser
//! on to the frontend; who may finish is decided there, by `POST /integrations`.

use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::lambda::{Reply, Request};
use http::Method;
use serde::Deserialize;

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

/// RFC 6749 section 4.1.2. Providers add parameters of their own, which are passed over.
#[derive(Debug, Default, Deserialize)]
struct CallbackIn {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

async fn callback(engine: &'static Engine, request: &Request) -> Result<Reply> {
    // A query that cannot be read, such as one that names a parameter twice, is an invalid callback like any other.
    let CallbackIn { state, code, error } = request.open_query().unwrap_or_default();
    let next = engine.integrations.park(state.as_deref(), code.as_deref(), error.as_deref()).await?;
    Reply::redirect(&next)
}
