//! The access token an action runs with, refreshed before it ends: one process at a time refreshes, the others go on with
//! the current token while it lives.

use jiff::SignedDuration;
use secrecy::SecretString;

use super::{IntegrationManager, maintenance};
use crate::adapters::Adapter;
use crate::adapters::action::ActionDef;
use crate::error::{Error, Kind, Result};
use crate::events::Event;
use crate::ids::UserId;
use crate::oauth::Grant;
use crate::tables::integrations::{Integration, Refreshed, Status};
use crate::vault::{Owner, Tokens};

/// Tokens are refreshed this long before they end, less up to [`JITTER`].
const EARLY: SignedDuration = SignedDuration::from_mins(15);
const JITTER: std::time::Duration = std::time::Duration::from_secs(120);
/// Longer than the token call and the writes after it; shorter than a user's patience.
const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// How long one who lost the race waits for the winner's tokens.
const PATIENCE: SignedDuration = SignedDuration::from_secs(8);
const POLL: SignedDuration = SignedDuration::from_millis(200);

/// A connection that can be used now.
#[derive(Clone, Debug)]
pub struct Access {
    /// What calls carry.
    pub token: SecretString,
    /// The connection it is of.
    pub integration: Integration,
}

impl IntegrationManager {
    /// The access an action needs, from the row that was read for it.
    ///
    /// # Errors
    /// [`Error::NotConnected`], [`Error::ReauthRequired`], [`Error::MissingScope`]; [`Error::Provider`] when a token that
    /// has ended could not be refreshed now.
    pub async fn access(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        action: &ActionDef,
        integration: Option<Integration>,
    ) -> Result<Access> {
        let tool = adapter.tool;
        let integration = match integration {
            Some(integration) => match integration.status {
                Status::Active => integration,
                Status::NeedsReauth => return Err(Error::ReauthRequired { tool }),
                Status::Connecting | Status::Disconnecting => return Err(Error::NotConnected { tool }),
            },
            None => return Err(Error::NotConnected { tool }),
        };
        // No scopes means that nobody said what was granted: then the provider decides.
        if let (false, Some(needed)) = (integration.scopes.is_empty(), action.missing_scope(&integration.scopes)) {
            return Err(Error::MissingScope { tool, needed });
        }
        let now = self.clock.now();
        let left = integration.expires_at.map(|end| end.duration_since(now));
        let soon = EARLY - SignedDuration::try_from(self.random.jitter(JITTER)).unwrap_or_default();
        match left {
            Some(left) if left < soon && integration.refreshable => {
                let valid = left.is_positive();
                match self.refresh(user, adapter, &integration, !valid).await {
                    Ok(access) => Ok(access),
                    Err(error) if valid && !error.needs_consent() => {
                        tracing::warn!(%tool, %error, "a refresh ahead of time failed; the current token still lives");
                        self.open(user, adapter, integration).await
                    }
                    Err(error) => Err(error),
                }
            }
            Some(left) if !left.is_positive() => Err(Error::ReauthRequired { tool }),
            _ => self.open(user, adapter, integration).await,
        }
    }

    /// New access after the provider refused a token that should have lived.
    ///
    /// # Errors
    /// [`Error::ReauthRequired`] when there is nothing to refresh with or the grant is gone.
    pub async fn renew(&self, user: &UserId, adapter: &'static Adapter, refused: &Access) -> Result<Access> {
        if !refused.integration.refreshable {
            self.condemn(user, adapter, &refused.integration.token_version, "the provider refuses the token").await?;
            return Err(Error::ReauthRequired { tool: adapter.tool });
        }
        self.refresh(user, adapter, &refused.integration, true).await
    }

    async fn open(&self, user: &UserId, adapter: &'static Adapter, integration: Integration) -> Result<Access> {
        let tokens = self.tokens(user, adapter, &integration).await?;
        Ok(Access { token: tokens.access, integration })
    }

    async fn tokens(&self, user: &UserId, adapter: &'static Adapter, integration: &Integration) -> Result<Tokens> {
        let owner = Owner { user, tool: adapter.tool, version: &integration.token_version };
        match self.vault.open(owner, &integration.tokens).await {
            Err(Error::NotFound(_)) => {
                self.condemn(user, adapter, &integration.token_version, "the stored tokens are gone").await?;
                Err(Error::ReauthRequired { tool: adapter.tool })
            }
            opened => opened,
        }
    }

    /// Access after a refresh, by this process or another. `must`: the current token is of no use, so a loser waits for the
    /// winner's.
    async fn refresh(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Integration,
        must: bool,
    ) -> Result<Access> {
        match self.refresh_alone(user, adapter, integration).await? {
            Some(access) => Ok(access),
            None if must => self.wait_for_refresh(user, adapter, &integration.token_version).await,
            None => self.open(user, adapter, integration.clone()).await,
        }
    }

    /// One refresh across all processes. `None`: another has the lease, or the tokens are new already.
    pub(super) async fn refresh_alone(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Integration,
    ) -> Result<Option<Access>> {
        let now = self.clock.now();
        let lease = self.random.ulid(now);
        let (version, times) = (&integration.token_version, (now, now + LEASE));
        let Some(held) = self.table.take_refresh_lease(user, adapter.tool, version, &lease, times).await? else {
            return Ok(None);
        };
        // On a task of its own: a dropped request must not stop between the provider's rotation and our store.
        let (manager, user) = (self.clone(), user.clone());
        let refreshing = tokio::spawn(async move { manager.refresh_held(&user, adapter, held, &lease).await });
        refreshing.await.map_err(Error::internal)?.map(Some)
    }

    async fn refresh_held(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        held: Integration,
        lease: &str,
    ) -> Result<Access> {
        let tool = adapter.tool;
        let tokens = self.tokens(user, adapter, &held).await?;
        let Some(refresh) = tokens.refresh else {
            self.condemn(user, adapter, &held.token_version, "there is no refresh token").await?;
            return Err(Error::ReauthRequired { tool });
        };
        let grant = match self.oauth.refresh(adapter, &refresh).await {
            Ok(grant) => grant,
            Err(Error::Provider(error)) if error.kind == Kind::AuthRevoked => {
                return self.adopt_or_condemn(user, adapter, &held.token_version, &error.message).await;
            }
            Err(error) => {
                // Nothing was stored, so the next caller need not wait for the lease to lapse.
                if let Err(error) = self.table.release_refresh_lease(user, tool, lease).await {
                    tracing::warn!(%tool, ?error, "a refresh lease could not be given back");
                }
                return Err(error);
            }
        };
        let now = self.clock.now();
        let Grant { tokens, expires_in, .. } = grant;
        // No refresh token in the answer: the old one goes on. RFC 6749 section 6.
        let tokens = Tokens { refresh: tokens.refresh.or(Some(refresh)), ..tokens };
        let version = self.random.ulid(now);
        let owner = Owner { user, tool, version: &version };
        let stored = self.vault.replace(owner, &tokens, &held.tokens).await?;
        let refreshed = Refreshed {
            token_version: version.clone(),
            tokens: stored,
            expires_at: expires_in.and_then(|lifetime| now.checked_add(lifetime).ok()),
        };
        let look_at = maintenance::refresh_at(refreshed.expires_at, now);
        match self.table.store_refreshed(user, tool, lease, &refreshed, (now, look_at)).await? {
            Some(integration) => Ok(Access { token: tokens.access, integration }),
            // Connected anew or disconnected meanwhile: whoever did that is right.
            None => Err(Error::NotConnected { tool }),
        }
    }

    /// After a definite refusal: another process may have rotated first, then its tokens are the ones to use.
    async fn adopt_or_condemn(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        version: &str,
        reason: &str,
    ) -> Result<Access> {
        match self.table.get(user, adapter.tool).await? {
            Some(current) if current.status == Status::Active && current.token_version != version => {
                self.open(user, adapter, current).await
            }
            _ => {
                self.condemn(user, adapter, version, reason).await?;
                Err(Error::ReauthRequired { tool: adapter.tool })
            }
        }
    }

    async fn wait_for_refresh(&self, user: &UserId, adapter: &'static Adapter, version: &str) -> Result<Access> {
        let tool = adapter.tool;
        let give_up = self.clock.now() + PATIENCE;
        loop {
            match self.table.get(user, tool).await? {
                Some(current) if current.status == Status::Active && current.token_version != version => {
                    return self.open(user, adapter, current).await;
                }
                Some(current) if current.status == Status::Active => {}
                Some(current) if current.status == Status::NeedsReauth => return Err(Error::ReauthRequired { tool }),
                _ => return Err(Error::NotConnected { tool }),
            }
            let now = self.clock.now();
            if now >= give_up {
                return Err(Error::unavailable("another process is refreshing the token"));
            }
            self.clock.sleep_until(now + POLL).await;
        }
    }

    async fn condemn(&self, user: &UserId, adapter: &'static Adapter, version: &str, reason: &str) -> Result<()> {
        let tool = adapter.tool;
        if self.table.mark_needs_reauth(user, tool, version, reason, self.clock.now()).await? {
            self.events.publish(user, Event::IntegrationNeedsReauth { tool }).await;
        }
        Ok(())
    }
}
