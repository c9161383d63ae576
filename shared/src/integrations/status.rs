//! What a person is told of a connection.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::adapters::Adapter;
use crate::tables::integrations::{Integration, Status};

/// `AuthStatus` of the original description.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthStatus {
    /// Whether actions can run.
    pub connected: bool,
    /// Whether it was connected and must be again.
    pub needs_reauth: bool,
    /// When the access token ends; it is renewed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Where to connect, unless it is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconnect_url: Option<String>,
    /// Why it does not work, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What last went wrong with its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

impl AuthStatus {
    /// The state of a tool's connection, if there is one, at `now`.
    pub fn of(adapter: &Adapter, integration: Option<&Integration>, now: Timestamp) -> Self {
        let status = integration.map(|integration| integration.status);
        // An access token that has ended is renewed at the next use; without a refresh token it is over.
        let over = integration.is_some_and(|integration| {
            !integration.refreshable && integration.expires_at.is_some_and(|end| end <= now)
        });
        let needs_reauth = status == Some(Status::NeedsReauth) || (status == Some(Status::Active) && over);
        let connected = status == Some(Status::Active) && !over;
        let error = match (connected, needs_reauth) {
            (true, _) => None,
            (_, true) => Some(format!("{} needs to be connected again", adapter.name)),
            _ => Some(format!("{} is not connected", adapter.name)),
        };
        Self {
            connected,
            needs_reauth,
            expires_at: integration.and_then(|integration| integration.expires_at),
            last_error: integration.and_then(|integration| integration.last_error.clone()),
            scopes: integration.map(|integration| integration.scopes.clone()),
            reconnect_url: (!connected).then(|| format!("/api/plugin-engine/oauth/authorize?tool={}", adapter.tool)),
            error,
        }
    }
}
