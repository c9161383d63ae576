//! `IntegrationManager`: a person's connections from consent to disconnect, and the access tokens actions run with.

mod access;
mod connecting;
mod maintenance;
mod refresh;
mod status;

pub use access::Access;
pub use connecting::{Callback, CallbackError};
pub use maintenance::Maintained;
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
use crate::tables::integrations::{Integration, IntegrationsTable, Standing, Status, StoredTokens};
use crate::tables::limits::{Limit, LimitsTable};
use crate::tables::oauth_flows::OAuthFlowsTable;
use crate::tables::{Page, PageRequest};
use crate::tool::Tool;
use crate::vault::{Owner, Sealer, TokenVault, Tokens};

/// Connections of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct IntegrationManager {
    pub(crate) table: IntegrationsTable,
    pub(crate) flows: OAuthFlowsTable,
    pub(crate) oauth: OAuth,
    pub(crate) vault: TokenVault,
    pub(crate) sealer: Sealer,
    pub(crate) events: EventBus,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) frontend_url: Url,
    pub(crate) connect_page: Option<ConnectPage>,
    pub(crate) limits: LimitsTable,
    pub(crate) authorizes: Limit,
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
    pub async fn connect(&self, user: &UserId, adapter: &'static Adapter, ready: ReadyTokens) -> Result<Integration> {
        let now = self.clock.now();
        let tool = adapter.tool;
        let version = self.random.ulid(now);
        let reserved = self.vault.reserve(&version);
        let mut integration = Integration {
            tool: tool.to_string(),
            status: Status::Connecting,
            scopes: ready.scopes,
            expires_at: None,
            refreshable: ready.tokens.refresh.is_some(),
            metadata: ready.metadata,
            token_version: version.clone(),
            tokens: StoredTokens::Sealed(String::new()),
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
            let row = self.table.name_secret(user, tool, name, &integration, now).await?;
            left = row.secrets.len() > 1;
        }
        let owner = Owner { user, tool, version: &version };
        integration.tokens = self.vault.create(owner, &ready.tokens, reserved.as_deref()).await?;
        integration.status = Status::Active;
        integration.expires_at = ready.expires_at;
        let before = self.table.connect(user, tool, &integration, maintenance::look_at(&integration, left)).await?;
        self.replace(user, tool, before.as_ref(), &integration).await;
        self.events.publish(user, Event::IntegrationConnected { tool }).await;
        Ok(integration)
    }

    /// Removes the secret of a connection that was replaced. If it cannot be done now, maintenance does it.
    async fn replace(&self, user: &UserId, tool: Tool, before: Option<&Integration>, by: &Integration) {
        let secret = before.and_then(Integration::own_secret).filter(|secret| Some(*secret) != by.own_secret());
        let Some(secret) = secret else { return };
        if let Err(error) = self.remove_secrets(user, tool, &BTreeSet::from([secret.clone()])).await {
            tracing::warn!(%tool, ?error, "the tokens of a replaced connection could not be removed yet");
        }
    }

    async fn remove_secrets(&self, user: &UserId, tool: Tool, secrets: &BTreeSet<String>) -> Result<()> {
        self.vault.remove(secrets).await?;
        self.table.forget_secrets(user, tool, secrets).await
    }

    /// The user's connections.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<Integration>> {
        self.table.list(user, page).await
    }

    /// Everything that decides whether an agent of the user may call a tool now, in one call.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub(crate) async fn standing(&self, user: &UserId, agent: &AgentId, tool: Tool) -> Result<Standing> {
        self.table.standing(user, agent, tool).await
    }

    /// The user's connection of a tool, if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get(&self, user: &UserId, adapter: &'static Adapter) -> Result<Option<Integration>> {
        self.table.get(user, adapter.tool).await
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
        let integration = self.table.mark_disconnecting(user, tool, (now, now + maintenance::DISCONNECT)).await?;
        match self.withdraw(user, adapter, &integration).await {
            Ok(()) => {}
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            Err(error) => tracing::warn!(%tool, %error, "the provider did not take the revocation"),
        }
        self.clear_away(user, adapter, &integration).await.map(|_| ())
    }

    /// Has the provider forget the grant.
    async fn withdraw(&self, user: &UserId, adapter: &'static Adapter, integration: &Integration) -> Result<()> {
        let owner = Owner { user, tool: adapter.tool, version: &integration.token_version };
        match self.vault.open(owner, &integration.tokens).await {
            Ok(tokens) => self.oauth.revoke(adapter, &tokens).await,
            // Nothing left to withdraw.
            Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes what is left of a connection that is half-done: its secrets, then the row that leads to them. Returns whether
    /// it is gone; while a connect is under way it stays.
    async fn clear_away(&self, user: &UserId, adapter: &'static Adapter, integration: &Integration) -> Result<bool> {
        let mut secrets = integration.left_secrets(self.clock.now());
        secrets.extend(integration.own_secret().cloned());
        self.vault.remove(&secrets).await?;
        let tool = adapter.tool;
        let gone =
            integration.secrets.is_subset(&secrets) && self.table.delete_half_done(user, tool, integration).await?;
        if gone && integration.status == Status::Disconnecting {
            self.events.publish(user, Event::IntegrationDisconnected { tool }).await;
        }
        Ok(gone)
    }
}
