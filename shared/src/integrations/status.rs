//! The state of a connection as the API returns it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::IntegrationManager;
use crate::adapters::Adapter;
use crate::tables::integrations::{Connection, ConnectionStatus};
use crate::tool::Tool;

/// State of a tool's connection; `AuthStatus` of the original description.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthStatus {
    /// True if actions can run.
    pub connected: bool,
    /// True if the tool was connected and must be connected again.
    pub needs_reauth: bool,
    /// Expiry of the access token; it is refreshed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Granted scopes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Page where a person connects the tool; absent while it is connected, and where the deployment has no such page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
    /// Reason why the connection is unusable, as text for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Last failure of its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

impl AuthStatus {
    /// Derives the state of a tool's connection at `now`.
    fn of(adapter: &Adapter, connection: Option<&Connection>, now: Timestamp) -> Self {
        let status = connection.map(|connection| connection.status);
        // An expired access token is refreshed at its next use; without a refresh token the connection has ended.
        let has_ended = connection.is_some_and(|connection| {
            !connection.refreshable && connection.expires_at.is_some_and(|expires_at| expires_at <= now)
        });
        let needs_reauth =
            status == Some(ConnectionStatus::NeedsReauth) || (status == Some(ConnectionStatus::Active) && has_ended);
        let connected = status == Some(ConnectionStatus::Active) && !has_ended;
        let error = match (connected, needs_reauth) {
            (true, _) => None,
            (_, true) => Some(format!("{} needs to be connected again", adapter.name)),
            _ => Some(format!("{} is not connected", adapter.name)),
        };
        Self {
            connected,
            needs_reauth,
            expires_at: connection.and_then(|connection| connection.expires_at),
            last_error: connection.and_then(|connection| connection.last_error.clone()),
            scopes: connection.map(|connection| connection.scopes.clone()),
            connect_url: None,
            error,
        }
    }
}

impl IntegrationManager {
    /// Returns the state of a tool's connection.
    pub fn status(&self, adapter: &Adapter, connection: Option<&Connection>) -> AuthStatus {
        let status = AuthStatus::of(adapter, connection, self.clock.now());
        let connect_url = self.connect_url((!status.connected).then_some(adapter.tool));
        AuthStatus { connect_url, ..status }
    }

    /// Returns the address of the page where a person connects `tool`, if the deployment has one.
    pub fn connect_url(&self, tool: Option<Tool>) -> Option<String> {
        Some(self.connect_page.as_ref()?.url(tool?))
    }
}
