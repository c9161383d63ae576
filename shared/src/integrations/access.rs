//! The access token an action runs with.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::IntegrationManager;
use crate::adapters::Adapter;
use crate::adapters::action::ActionDef;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::UserId;
use crate::tables::integrations::{Connection, ConnectionStatus};
use crate::tool::Tool;
use crate::vault::{TokenBinding, Tokens};

/// Tokens are refreshed this long before they end, less up to [`JITTER`].
const USE_LEAD_TIME: SignedDuration = SignedDuration::from_mins(15);
const USE_LEAD_JITTER: std::time::Duration = std::time::Duration::from_secs(120);

/// A connection that can be used now.
#[derive(Clone, Debug)]
pub struct Access {
    /// What calls carry.
    pub token: SecretString,
    /// The connection it is of.
    pub connection: Connection,
}

impl IntegrationManager {
    /// The access an action needs, from the row that was read for it. The function is killed at `until`.
    ///
    /// # Errors
    /// [`Error::NotConnected`], [`Error::ReauthRequired`], [`Error::MissingScope`]; [`Error::Provider`] or
    /// [`Error::Unavailable`] when a token that has ended could not be refreshed now.
    pub async fn acquire_access(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        action: &ActionDef,
        integration: Option<Connection>,
        until: Timestamp,
    ) -> Result<Access> {
        let tool = adapter.tool;
        let integration = require_active(tool, integration)?;
        // No scopes means that nobody said what was granted: then the provider decides.
        if let (false, Some(needed)) = (integration.scopes.is_empty(), action.missing_scope(&integration.scopes)) {
            return Err(Error::MissingScope { tool, needed });
        }
        let left = integration.expires_at.map(|end| end.duration_since(self.clock.now()));
        let soon = USE_LEAD_TIME - SignedDuration::try_from(self.random.jitter(USE_LEAD_JITTER)).unwrap_or_default();
        match left {
            Some(left) if left < soon && integration.refreshable && left.is_positive() => {
                self.refresh_early(user, adapter, integration, until).await
            }
            Some(left) if !left.is_positive() && integration.refreshable => {
                self.refresh_or_wait(user, adapter, integration, until).await
            }
            Some(left) if !left.is_positive() => Err(Error::ReauthRequired { tool }),
            _ => self.load_access(user, adapter, integration).await,
        }
    }

    /// Access while the current token still lives: it serves whoever loses the race for the refresh, and whoever wins it in
    /// vain.
    async fn refresh_early(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: Connection,
        until: Timestamp,
    ) -> Result<Access> {
        match self.try_refresh(user, adapter, &integration, until).await {
            Ok(Some(access)) => return Ok(access),
            Ok(None) => {}
            Err(error) if error.tool_to_connect().is_some() => return Err(error),
            Err(error) => {
                tracing::warn!(tool = %adapter.tool, %error, "a refresh ahead of time failed; the current token lives on");
            }
        }
        self.load_access(user, adapter, integration).await
    }

    /// New access after the provider refused a token that should have lived.
    ///
    /// # Errors
    /// [`Error::ReauthRequired`] when there is nothing to refresh with or the grant is gone.
    pub async fn refresh_rejected(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        refused: &Access,
        until: Timestamp,
    ) -> Result<Access> {
        let integration = refused.connection.clone();
        if !integration.refreshable {
            return self
                .mark_needs_reauth(user, adapter, &integration.token_version, "the provider refuses the token")
                .await;
        }
        self.refresh_or_wait(user, adapter, integration, until).await
    }

    /// Access by a row, whoever wrote it.
    pub(super) async fn access_from(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        row: Option<Connection>,
    ) -> Result<Access> {
        self.load_access(user, adapter, require_active(adapter.tool, row)?).await
    }

    async fn load_access(&self, user: &UserId, adapter: &'static Adapter, integration: Connection) -> Result<Access> {
        let tokens = self.read_tokens(user, adapter, &integration).await?;
        Ok(Access { token: tokens.access, connection: integration })
    }

    pub(super) async fn read_tokens(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Connection,
    ) -> Result<Tokens> {
        let owner = TokenBinding { user, tool: adapter.tool, version: &integration.token_version };
        match self.vault.read(owner, &integration.tokens).await {
            Err(Error::NotFound(_)) => {
                self.mark_needs_reauth(user, adapter, &integration.token_version, "the stored tokens are gone").await
            }
            opened => opened,
        }
    }

    /// Marks a connection that only its user can mend, and says so; of several callers one announces it.
    pub(super) async fn mark_needs_reauth<T>(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        version: &str,
        reason: &str,
    ) -> Result<T> {
        let tool = adapter.tool;
        if self.connections.mark_needs_reauth(user, tool, version, reason, self.clock.now()).await? {
            self.events.publish(user, Event::IntegrationNeedsReauth { tool }).await;
        }
        Err(Error::ReauthRequired { tool })
    }
}

/// The connection a row is, if it works.
pub(super) fn require_active(tool: Tool, row: Option<Connection>) -> Result<Connection> {
    let row = row.ok_or(Error::NotConnected { tool })?;
    match row.status {
        ConnectionStatus::Active => Ok(row),
        ConnectionStatus::NeedsReauth => Err(Error::ReauthRequired { tool }),
        ConnectionStatus::Connecting | ConnectionStatus::Disconnecting => Err(Error::NotConnected { tool }),
    }
}
