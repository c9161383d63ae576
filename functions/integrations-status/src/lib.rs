//! `/api/plugin-engine/integrations/status`: whether a tool is connected. It writes nothing.

use engine::adapters;
use engine::engine::Engine;
use engine::error::{Error, Result};
use engine::lambda::{Input, Reply, Request};
use engine::tables::integrations::Status;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Answers one request.
///
/// # Errors
/// As its methods, and for any other method.
pub async fn route(engine: &'static Engine, request: Request) -> Result<Reply> {
    match *request.method() {
        Method::GET => status(engine, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET" }),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StatusIn {
    tool_name: String,
}

impl Input for StatusIn {
    const REQUIRED: &'static [&'static str] = &["toolName"];
}

/// `AuthStatus` of the original description.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusOut {
    connected: bool,
    needs_reauth: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconnect_url: Option<String>,
    /// Why it does not work, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What last went wrong with its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

async fn status(engine: &'static Engine, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<StatusIn>(engine).await?;
    let adapter = adapters::find(&input.tool_name)?;
    let integration = engine.integrations.get(&user, adapter).await?;
    let status = integration.as_ref().map(|integration| integration.status);
    // An access token that has ended is renewed at the next use; without a refresh token it is over.
    let over = integration.as_ref().is_some_and(|integration| {
        !integration.refreshable && integration.expires_at.is_some_and(|end| end <= engine.clock.now())
    });
    let needs_reauth = status == Some(Status::NeedsReauth) || (status == Some(Status::Active) && over);
    let connected = status == Some(Status::Active) && !over;
    let error = match (connected, needs_reauth) {
        (true, _) => None,
        (_, true) => Some(format!("{} needs to be connected again", adapter.name)),
        _ => Some(format!("{} is not connected", adapter.name)),
    };
    Reply::ok(&StatusOut {
        connected,
        needs_reauth,
        expires_at: integration.as_ref().and_then(|integration| integration.expires_at),
        last_error: integration.as_ref().and_then(|integration| integration.last_error.clone()),
        scopes: integration.map(|integration| integration.scopes),
        reconnect_url: (!connected).then(|| format!("/api/plugin-engine/oauth/authorize?tool={}", adapter.tool)),
        error,
    })
}
