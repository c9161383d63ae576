//! Connections as the API shows them.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::tables::integrations::{Connection, ConnectionStatus};

/// A connection of the user to a tool, without tokens and without their location.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IntegrationOut)]
pub struct PublicConnection {
    /// The id of the connection.
    id: String,
    /// The connected tool.
    tool: String,
    /// The state of the connection.
    status: ConnectionStatus,
    /// The time at which the access token expires; `null` if it does not expire.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// The granted OAuth scopes.
    scopes: Vec<String>,
    /// Fields of the caller's choice, or of the provider.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
}

impl From<Connection> for PublicConnection {
    fn from(connection: Connection) -> Self {
        // Exhaustive, so that each new field is either published or excluded here.
        let Connection {
            tool,
            status,
            scopes,
            expires_at,
            metadata,
            created_at,
            updated_at,
            refreshable: _,
            token_version: _,
            tokens: _,
            secrets: _,
            refresh_lease: _,
            refresh_lease_until: _,
            last_error: _,
        } = connection;
        let id = format!("int_{tool}");
        Self { id, tool, status, expires_at, scopes, metadata, created_at, updated_at }
    }
}

/// A created connection, as the routes answer that create one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectedOut)]
pub struct Connected {
    /// Always true.
    success: bool,
    /// The connection.
    integration: PublicConnection,
}

impl From<Connection> for Connected {
    fn from(connection: Connection) -> Self {
        Self { success: true, integration: connection.into() }
    }
}
