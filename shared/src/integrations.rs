//! `IntegrationManager`: a person's connections from consent to disconnect, and the access tokens actions run with.

mod access;
mod connecting;
mod maintenance;
mod refresh;
mod status;

pub use access::Access;
pub use connecting::{Callback, CallbackError};
pub use maintenance::MaintenanceReport;
pub use status::AuthStatus;

use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use url::Url;

use crate::adapters::Adapter;
use crate::clock::{Clock, Random};
use crate::config::ConnectPage;
use crate::error::{Error, Result};
use crate::events::{Event, EventBus};
use crate::ids::{AgentId, UserId};
use crate::oauth::OAuth;
use crate::tables::integrations::{
    CallGuards, CheckSchedule, Connection, ConnectionItems, ConnectionStatus, OAuthFlowItems, StoredTokens,
};
use crate::tables::tasks::{Limit, LimitItems};
use crate::tables::{Page, PageRequest};
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
    pub(crate) frontend_url: Url,
    pub(crate) connect_page: Option<ConnectPage>,
    pub(crate) limits: LimitItems,
    pub(crate) authorize_limit: Limit,
}

/// A token somebody already has, as `POST /integrations` takes it.
#[derive(Debug)]
pub struct ReadyTokens {
    /// The tokens.
    pub tokens: Tokens,
    /// When the access token ends.
    pub expires_at: Option<Timestamp>,
    /// What it may do; empty when unknown.
    pub scopes: Vec<String>,
    /// Whatever should be kept with it.
    pub metadata: Map<String, Value>,
}

impl IntegrationManager {
    /// Keeps tokens as the user's connection of a tool, in place of any it had; until then that one goes on working.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]; [`Error::Conflict`] when the tool was disconnected meanwhile.
    pub async fn connect(&self, user: &UserId, adapter: &'static Adapter, ready: ReadyTokens) -> Result<Connection> {
        let now = self.clock.now();
        let tool = adapter.tool;
        let version = self.random.ulid(now);
        let reserved = self.vault.reserve_secret(&version);
        let mut integration = Connection {
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
        let mut left = false;
        if let Some(name) = &reserved {
            // The row names the secret before the secret exists; maintenance finds the row if we stop anywhere from here on.
            integration.tokens = StoredTokens::Secret { name: name.clone(), version: String::new() };
            let row = self.connections.register_secret(user, tool, name, &integration, now).await?;
            left = row.secrets.len() > 1;
        }
        let owner = TokenBinding { user, tool, version: &version };
        integration.tokens = self.vault.create(owner, &ready.tokens, reserved.as_deref()).await?;
        integration.status = ConnectionStatus::Active;
        integration.expires_at = ready.expires_at;
        let before = self
            .connections
            .store_connection(user, tool, &integration, maintenance::next_check_at(&integration, left))
            .await?;
        self.remove_replaced_secret(user, tool, before.as_ref(), &integration).await;
        self.events.publish(user, Event::IntegrationConnected { tool }).await;
        Ok(integration)
    }

    /// Removes the secret of a connection that was replaced. If it cannot be done now, maintenance does it.
    async fn remove_replaced_secret(&self, user: &UserId, tool: Tool, before: Option<&Connection>, by: &Connection) {
        let secret = before.and_then(Connection::current_secret).filter(|secret| Some(*secret) != by.current_secret());
        let Some(secret) = secret else { return };
        if let Err(error) = self.remove_secrets(user, tool, &BTreeSet::from([secret.clone()])).await {
            tracing::warn!(%tool, ?error, "the tokens of a replaced connection could not be removed yet");
        }
    }

    async fn remove_secrets(&self, user: &UserId, tool: Tool, secrets: &BTreeSet<String>) -> Result<()> {
        self.vault.delete_secrets(secrets).await?;
        self.connections.unregister_secrets(user, tool, secrets).await
    }

    /// The user's connections.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<Connection>> {
        self.connections.list(user, page).await
    }

    /// Everything that decides whether an agent of the user may call a tool now, in one call.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub(crate) async fn load_guards(&self, user: &UserId, agent: &AgentId, tool: Tool) -> Result<CallGuards> {
        self.connections.load_guards(user, agent, tool).await
    }

    /// The user's connection of a tool, if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get(&self, user: &UserId, adapter: &'static Adapter) -> Result<Option<Connection>> {
        self.connections.get(user, adapter.tool).await
    }

    /// Takes a connection apart: nobody uses it any more, the provider forgets the grant, the tokens go, the row goes. What
    /// stops half-way maintenance brings to its end.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the tool is not connected. A provider that cannot be reached does not keep the tokens here;
    /// that is logged.
    pub async fn disconnect(&self, user: &UserId, adapter: &'static Adapter) -> Result<()> {
        let tool = adapter.tool;
        let now = self.clock.now();
        let integration = self
            .connections
            .mark_disconnecting(user, tool, CheckSchedule { now, next_check_at: now + maintenance::DISCONNECT_TIMEOUT })
            .await?;
        match self.revoke_grant(user, adapter, &integration).await {
            Ok(()) => {}
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            Err(error) => tracing::warn!(%tool, %error, "the provider did not take the revocation"),
        }
        self.delete_connection(user, adapter, &integration).await.map(|_| ())
    }

    /// Has the provider forget the grant.
    async fn revoke_grant(&self, user: &UserId, adapter: &'static Adapter, integration: &Connection) -> Result<()> {
        let owner = TokenBinding { user, tool: adapter.tool, version: &integration.token_version };
        match self.vault.read(owner, &integration.tokens).await {
            Ok(tokens) => self.oauth.revoke(adapter, &tokens).await,
            // Nothing left to withdraw.
            Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes what is left of a connection that is half-done: its secrets, then the row that leads to them. Returns whether
    /// it is gone; while a connect is under way it stays.
    async fn delete_connection(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Connection,
    ) -> Result<bool> {
        let mut secrets = integration.orphaned_secrets(self.clock.now());
        secrets.extend(integration.current_secret().cloned());
        self.vault.delete_secrets(&secrets).await?;
        let tool = adapter.tool;
        let gone = integration.secrets.is_subset(&secrets)
            && self.connections.delete_incomplete(user, tool, integration).await?;
        if gone && integration.status == ConnectionStatus::Disconnecting {
            self.events.publish(user, Event::IntegrationDisconnected { tool }).await;
        }
        Ok(gone)
    }
}
