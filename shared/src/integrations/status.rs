//! What a person is told of a connection.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::IntegrationManager;
use crate::adapters::Adapter;
use crate::tables::integrations::{Connection, ConnectionStatus};
use crate::tool::Tool;

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
    /// Page where a person connects the tool; absent while it is connected, and where the deployment has no such page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
    /// Why it does not work, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What last went wrong with its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

impl AuthStatus {
    /// The state of a tool's connection, if there is one, at `now`.
    fn of(adapter: &Adapter, integration: Option<&Connection>, now: Timestamp) -> Self {
        let status = integration.map(|integration| integration.status);
        // An access token that has ended is renewed at the next use; without a refresh token it is over.
        let over = integration.is_some_and(|integration| {
            !integration.refreshable && integration.expires_at.is_some_and(|end| end <= now)
        });
        let needs_reauth =
            status == Some(ConnectionStatus::NeedsReauth) || (status == Some(ConnectionStatus::Active) && over);
        let connected = status == Some(ConnectionStatus::Active) && !over;
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
            connect_url: None,
            error,
        }
    }
}

impl IntegrationManager {
    /// The state of a tool's connection, if there is one.
    pub fn status(&self, adapter: &Adapter, integration: Option<&Connection>) -> AuthStatus {
        let status = AuthStatus::of(adapter, integration, self.clock.now());
        let connect_url = self.connect_url((!status.connected).then_some(adapter.tool));
        AuthStatus { connect_url, ..status }
    }

    /// The page where a person connects `tool`, if the deployment has one.
    pub fn connect_url(&self, tool: Option<Tool>) -> Option<String> {
        Some(self.connect_page.as_ref()?.url(tool?))
    }
}
