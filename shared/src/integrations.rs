//! `IntegrationManager`: a person's connections, from consent to disconnect, and the access tokens of their actions.

mod access;
mod connecting;
mod maintenance;
mod public_connection;
mod refresh;
mod schedule;
mod status;

pub use access::Access;
pub use connecting::{Callback, CallbackError, CallbackHandler, ConsentStarter};
pub use maintenance::MaintenanceReport;
pub use public_connection::{Connected, PublicConnection};
pub use status::{AuthStatus, ConnectionReader};

use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

use crate::adapters::Adapter;
use crate::clock::{Clock, Random};
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::events::{Event, EventBus};
use crate::ids::{AgentId, Creator, UserId};
use crate::oauth::OAuth;
use crate::tables::integrations::{
    CallGuards, CheckSchedule, Connection, ConnectionItems, ConnectionStatus, OAuthFlowItems, StoredTokens,
};
use crate::tool::Tool;
use crate::vault::{ColumnCipher, TokenBinding, TokenVault, Tokens};

/// Connections of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct IntegrationManager {
    pub(crate) connections: ConnectionItems,
    pub(crate) flows: OAuthFlowItems,
    pub(crate) oauth: OAuth,
    pub(crate) vault: TokenVault,
    pub(crate) cipher: ColumnCipher,
    pub(crate) events: EventBus,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

impl Part for IntegrationManager {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, random, .. } = deployment;
        let table = &config.tables.integrations;
        Self {
            connections: ConnectionItems::new(dynamodb.clone(), table.clone()),
            flows: OAuthFlowItems::new(dynamodb.clone(), table.clone()),
            oauth: deployment.part::<OAuth>().clone(),
            vault: deployment.part::<TokenVault>().clone(),
            cipher: deployment.part::<ColumnCipher>().clone(),
            events: deployment.part::<EventBus>().clone(),
            clock: clock.clone(),
            random: random.clone(),
        }
    }
}

/// An access token that the user already has, as `POST /integrations` accepts it.
#[derive(Debug)]
pub struct ReadyTokens {
    /// The tokens.
    pub tokens: Tokens,
    /// Expiry of the access token.
    pub expires_at: Option<Timestamp>,
    /// Granted scopes; empty if unknown.
    pub scopes: Vec<String>,
    /// Free-form data stored with the connection.
    pub metadata: Map<String, Value>,
}

impl IntegrationManager {
    /// Stores tokens as the user's connection of a tool. A previous connection is replaced; until then it remains usable.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]; [`Error::Conflict`] when the tool was disconnected meanwhile.
    pub async fn connect(&self, user: &UserId, adapter: &'static Adapter, ready: ReadyTokens) -> Result<Connection> {
        let now = self.clock.now();
        let tool = adapter.tool;
        let version = self.random.ulid(now);
        let reserved = self.vault.reserve_secret(&version);
        let mut connection = Connection {
            tool: tool.to_string(),
            status: ConnectionStatus::Connecting,
            scopes: ready.scopes,
            expires_at: None,
            refreshable: ready.tokens.refresh.is_some(),
            metadata: ready.metadata,
            token_version: version.clone(),
            tokens: StoredTokens::EncryptedColumn(String::new()),
            secrets: BTreeSet::new(),
            refresh_lease: None,
            refresh_lease_until: None,
            last_error: None,
            created_at: now,
            updated_at: now,
        };
        let mut has_orphans = false;
        if let Some(name) = &reserved {
            // The row names the secret before the secret exists: maintenance finds it if the process stops from here on.
            connection.tokens = StoredTokens::Secret { name: name.clone(), version: String::new() };
            let row = self.connections.register_secret(user, tool, name, &connection, now).await?;
            has_orphans = row.secrets.len() > 1;
        }
        let binding = TokenBinding { user, tool, version: &version };
        connection.tokens = self.vault.create(binding, &ready.tokens, reserved.as_deref()).await?;
        connection.status = ConnectionStatus::Active;
        connection.expires_at = ready.expires_at;
        let first_check_at = schedule::first_check_at(&connection, has_orphans);
        let replaced = self.connections.store_connection(user, tool, &connection, first_check_at).await?;
        self.remove_replaced_secret(user, tool, replaced.as_ref(), &connection).await;
        self.events.publish(user, Event::IntegrationConnected { tool }).await;
        Ok(connection)
    }

    /// Removes the secret of a replaced connection. After a failure, maintenance removes it.
    async fn remove_replaced_secret(
        &self,
        user: &UserId,
        tool: Tool,
        replaced: Option<&Connection>,
        current: &Connection,
    ) {
        let secret = replaced.and_then(Connection::current_secret);
        let Some(secret) = secret.filter(|secret| Some(*secret) != current.current_secret()) else { return };
        if let Err(error) = self.remove_secrets(user, tool, &BTreeSet::from([secret.clone()])).await {
            tracing::warn!(%tool, ?error, "the secret of a replaced connection could not be removed; maintenance tries again");
        }
    }

    async fn remove_secrets(&self, user: &UserId, tool: Tool, secrets: &BTreeSet<String>) -> Result<()> {
        self.vault.delete_secrets(secrets).await?;
        self.connections.unregister_secrets(user, tool, secrets).await
    }

    /// Loads the guards that decide if an agent of the user may call a tool now, in one store call.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub(crate) async fn load_guards(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        creator: Option<&Creator>,
    ) -> Result<CallGuards> {
        self.connections.load_guards(user, agent, tool, creator).await
    }

    /// Disconnects a tool: the connection becomes unusable, the grant is revoked at the provider, the tokens and the row are
    /// deleted. Maintenance completes an interrupted disconnect.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the tool is not connected. An unreachable provider does not prevent the deletion of the tokens;
    /// the failed revocation is logged.
    pub async fn disconnect(&self, user: &UserId, adapter: &'static Adapter) -> Result<()> {
        let tool = adapter.tool;
        let now = self.clock.now();
        let check = CheckSchedule { now, next_check_at: now + schedule::DISCONNECT_TIMEOUT };
        let connection = self.connections.mark_disconnecting(user, tool, check).await?;
        match self.revoke_grant(user, adapter, &connection).await {
            Ok(()) => {}
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            Err(error) => tracing::warn!(%tool, %error, "the provider did not accept the revocation of a grant"),
        }
        self.delete_connection(user, adapter, &connection).await.map(|_| ())
    }

    /// Revokes the grant at the provider.
    async fn revoke_grant(&self, user: &UserId, adapter: &'static Adapter, connection: &Connection) -> Result<()> {
        let binding = TokenBinding { user, tool: adapter.tool, version: &connection.token_version };
        match self.vault.read(binding, &connection.tokens).await {
            Ok(tokens) => self.oauth.revoke(adapter, &tokens).await,
            // Without tokens there is nothing to revoke.
            Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Deletes an incomplete connection: its secrets, then the row that names them. Returns true if the row is deleted; during a
    /// connect it is not.
    async fn delete_connection(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: &Connection,
    ) -> Result<bool> {
        let mut secrets = connection.orphaned_secrets(self.clock.now());
        secrets.extend(connection.current_secret().cloned());
        self.vault.delete_secrets(&secrets).await?;
        let tool = adapter.tool;
        let deleted = connection.secrets.is_subset(&secrets)
            && self.connections.delete_incomplete(user, tool, connection).await?;
        if deleted && connection.status == ConnectionStatus::Disconnecting {
            self.events.publish(user, Event::IntegrationDisconnected { tool }).await;
        }
        Ok(deleted)
    }
}
