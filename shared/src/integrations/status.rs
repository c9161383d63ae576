//! [`ConnectionReader`]: connections, and their state as the API returns it, without tokens.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::config::ConnectPage;
use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::ids::UserId;
use crate::tables::integrations::{Connection, ConnectionItems, ConnectionStatus};
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;

/// Reader of all users' connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConnectionReader {
    connections: ConnectionItems,
    connect_page: Option<ConnectPage>,
    clock: Clock,
}

impl Part for ConnectionReader {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        Self {
            connections: ConnectionItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            connect_page: config.connect_page.clone(),
            clock: clock.clone(),
        }
    }
}

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
    fn of(tool: Tool, connection: Option<&Connection>, now: Timestamp) -> Self {
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
            (_, true) => Some(format!("{} needs to be connected again", tool.name())),
            _ => Some(format!("{} is not connected", tool.name())),
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

impl ConnectionReader {
    /// Lists the user's connections.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<Connection>> {
        self.connections.list(user, page).await
    }

    /// Returns the user's connection of a tool, if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn get(&self, user: &UserId, tool: Tool) -> Result<Option<Connection>> {
        self.connections.get(user, tool).await
    }

    /// Returns the state of a tool's connection.
    pub fn status(&self, tool: Tool, connection: Option<&Connection>) -> AuthStatus {
        let status = AuthStatus::of(tool, connection, self.clock.now());
        let page = self.connect_page.as_ref().filter(|_| !status.connected);
        AuthStatus { connect_url: page.map(|page| page.url(tool)), ..status }
    }
}
