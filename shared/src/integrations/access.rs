//! The access token an action runs with.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::IntegrationManager;
use crate::adapters::Adapter;
use crate::adapters::action::ActionDef;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::UserId;
use crate::tables::integrations::{Integration, Status};
use crate::tool::Tool;
use crate::vault::{Owner, Tokens};

/// Tokens are refreshed this long before they end, less up to [`JITTER`].
const EARLY: SignedDuration = SignedDuration::from_mins(15);
const JITTER: std::time::Duration = std::time::Duration::from_secs(120);

/// A connection that can be used now.
#[derive(Clone, Debug)]
pub struct Access {
    /// What calls carry.
    pub token: SecretString,
    /// The connection it is of.
    pub integration: Integration,
}

impl IntegrationManager {
    /// The access an action needs, from the row that was read for it. The function is killed at `until`.
    ///
    /// # Errors
    /// [`Error::NotConnected`], [`Error::ReauthRequired`], [`Error::MissingScope`]; [`Error::Provider`] or
    /// [`Error::Unavailable`] when a token that has ended could not be refreshed now.
    pub async fn access(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        action: &ActionDef,
        integration: Option<Integration>,
        until: Timestamp,
    ) -> Result<Access> {
        let tool = adapter.tool;
        let integration = usable(tool, integration)?;
        // No scopes means that nobody said what was granted: then the provider decides.
        if let (false, Some(needed)) = (integration.scopes.is_empty(), action.missing_scope(&integration.scopes)) {
            return Err(Error::MissingScope { tool, needed });
        }
        let left = integration.expires_at.map(|end| end.duration_since(self.clock.now()));
        let soon = EARLY - SignedDuration::try_from(self.random.jitter(JITTER)).unwrap_or_default();
        match left {
            Some(left) if left < soon && integration.refreshable && left.is_positive() => {
                self.refreshed_early(user, adapter, integration, until).await
            }
            Some(left) if !left.is_positive() && integration.refreshable => {
                self.refreshed(user, adapter, integration, until).await
            }
            Some(left) if !left.is_positive() => Err(Error::ReauthRequired { tool }),
            _ => self.open(user, adapter, integration).await,
        }
    }

    /// Access while the current token still lives: it serves whoever loses the race for the refresh, and whoever wins it in
    /// vain.
    async fn refreshed_early(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: Integration,
        until: Timestamp,
    ) -> Result<Access> {
        match self.refresh(user, adapter, &integration, until).await {
            Ok(Some(access)) => return Ok(access),
            Ok(None) => {}
            Err(error) if error.tool_to_connect().is_some() => return Err(error),
            Err(error) => {
                tracing::warn!(tool = %adapter.tool, %error, "a refresh ahead of time failed; the current token lives on");
            }
        }
        self.open(user, adapter, integration).await
    }

    /// New access after the provider refused a token that should have lived.
    ///
    /// # Errors
    /// [`Error::ReauthRequired`] when there is nothing to refresh with or the grant is gone.
    pub async fn renew(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        refused: &Access,
        until: Timestamp,
    ) -> Result<Access> {
        let integration = refused.integration.clone();
        if !integration.refreshable {
            return self.condemn(user, adapter, &integration.token_version, "the provider refuses the token").await;
        }
        self.refreshed(user, adapter, integration, until).await
    }

    /// Access by a row, whoever wrote it.
    pub(super) async fn by_row(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        row: Option<Integration>,
    ) -> Result<Access> {
        self.open(user, adapter, usable(adapter.tool, row)?).await
    }

    async fn open(&self, user: &UserId, adapter: &'static Adapter, integration: Integration) -> Result<Access> {
        let tokens = self.tokens(user, adapter, &integration).await?;
        Ok(Access { token: tokens.access, integration })
    }

    pub(super) async fn tokens(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Integration,
    ) -> Result<Tokens> {
        let owner = Owner { user, tool: adapter.tool, version: &integration.token_version };
        match self.vault.open(owner, &integration.tokens).await {
            Err(Error::NotFound(_)) => {
                self.condemn(user, adapter, &integration.token_version, "the stored tokens are gone").await
            }
            opened => opened,
        }
    }

    /// Marks a connection that only its user can mend, and says so; of several callers one announces it.
    pub(super) async fn condemn<T>(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        version: &str,
        reason: &str,
    ) -> Result<T> {
        let tool = adapter.tool;
        if self.table.mark_needs_reauth(user, tool, version, reason, self.clock.now()).await? {
            self.events.publish(user, Event::IntegrationNeedsReauth { tool }).await;
        }
        Err(Error::ReauthRequired { tool })
    }
}

/// The connection a row is, if it works.
pub(super) fn usable(tool: Tool, row: Option<Integration>) -> Result<Integration> {
    let row = row.ok_or(Error::NotConnected { tool })?;
    match row.status {
        Status::Active => Ok(row),
        Status::NeedsReauth => Err(Error::ReauthRequired { tool }),
        Status::Connecting | Status::Disconnecting => Err(Error::NotConnected { tool }),
    }
}
