//! Connections as the API shows them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::CompletedConnect;
use crate::account::{Account, AccountId};
use crate::keys::{composite_key, encode_public_id};
use crate::tables::integrations::{Connection, ConnectionStatus, ToolAccounts};

/// A connection of the user to an account of a tool, without tokens and without their location.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IntegrationOut)]
pub struct PublicConnection {
    /// The id of the connection.
    id: String,
    /// The connected tool.
    tool: String,
    /// The connected account.
    account: Account,
    /// The person's own label of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// True for the account of requests that name none, by the person's choice.
    default: bool,
    /// The state of the connection.
    status: ConnectionStatus,
    /// The time at which the access token expires; `null` if it does not expire.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// The granted OAuth scopes; empty if they are unknown.
    scopes: Vec<String>,
    /// The OAuth scopes that the consent asked for; empty for a ready token.
    requested_scopes: Vec<String>,
    /// The granted OAuth scopes of the person's own token beside the app's, empty if they are unknown; absent without such a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_scopes: Option<Vec<String>>,
    /// The OAuth scopes that the consent asked for, for the person's own token; absent if it asked for none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requested_user_scopes: Vec<String>,
    /// Fields of the caller's choice, or of the provider.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// The day of the latest use or connect, UTC.
    #[schema(value_type = String, format = "date")]
    last_used_on: Date,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
}

impl PublicConnection {
    /// Shows a connection with the names that the person gave to its account.
    pub fn new(connection: Connection, accounts: &ToolAccounts) -> Self {
        // Exhaustive, so that each new field is either published or excluded here.
        let Connection {
            tool,
            account,
            status,
            scopes,
            requested_scopes,
            user_scopes,
            requested_user_scopes,
            expires_at,
            metadata,
            created_at,
            updated_at,
            last_used_on,
            refreshable: _,
            token_version: _,
            tokens: _,
            secrets: _,
            refresh_lease: _,
            refresh_lease_until: _,
            last_error: _,
        } = connection;
        Self {
            id: encode_public_id("int_", &format!("{tool}#{}", account.id)),
            label: accounts.label(&account.id).map(ToOwned::to_owned),
            default: accounts.names.default.as_ref() == Some(&account.id),
            tool,
            account,
            status,
            expires_at,
            scopes,
            requested_scopes,
            user_scopes,
            requested_user_scopes,
            metadata,
            last_used_on,
            created_at,
            updated_at,
        }
    }

    /// Returns the position in a list: by tool and account.
    pub(super) fn position(&self) -> String {
        composite_key(&[&self.tool, self.account.id.as_str()])
    }

    /// Returns the id of the account.
    pub fn account(&self) -> &AccountId {
        &self.account.id
    }
}

/// A created connection, as the routes answer that create one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConnectedOut)]
pub struct Connected {
    /// Always true.
    success: bool,
    /// The connection.
    integration: PublicConnection,
    /// The id of the account that was to be connected again, if the consent was given for another one. It stays as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged_account: Option<AccountId>,
}

impl Connected {
    /// The answer to a connect with a ready token.
    pub fn ready(connection: PublicConnection) -> Self {
        Self { success: true, integration: connection, unchanged_account: None }
    }
}

impl From<CompletedConnect> for Connected {
    fn from(CompletedConnect { connection, requested }: CompletedConnect) -> Self {
        Self { success: true, integration: connection, unchanged_account: requested }
    }
}
