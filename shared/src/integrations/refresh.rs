//! One refresh across all processes. A provider that rotates knows each refresh token once, so it must not be spent twice, and
//! what it is spent for must not be lost:
//!
//! 1. a lease on this version of the tokens lets one process in; the others go on with the current token while it lives, and
//!    wait for the new one when it has ended;
//! 2. one call of the token endpoint, never repeated, and only with time left to store its answer;
//! 3. storing is the first act after the answer, on a task that no dropped request can cancel, repeated while there is time;
//!    if it fails the lease stays, so that nobody spends the old token meanwhile;
//! 4. a holder whose lease lapsed writes nothing.
//!
//! The row is condemned only when the provider says that the grant is gone, the row still is what it was, and the vault holds
//! nothing newer: a process may have been killed between its two writes.

use jiff::{SignedDuration, Timestamp};
use tracing::Instrument as _;

use super::access::require_active;
use super::{Access, IntegrationManager, maintenance};
use crate::adapters::Adapter;
use crate::error::{Error, Kind, Result};
use crate::ids::UserId;
use crate::metrics::{self, Metric};
use crate::oauth::Grant;
use crate::retry;
use crate::tables::integrations::{CheckSchedule, Connection, RefreshLease, RefreshedTokens};
use crate::vault::{LatestVersion, TokenBinding, Tokens};

/// Longer than the token call and the writes after it; shorter than a user's patience.
const LEASE_DURATION: SignedDuration = SignedDuration::from_secs(45);
/// No token call begins with less time than this: its own ten seconds, and five for the store.
pub(super) const MIN_REFRESH_TIME: SignedDuration = SignedDuration::from_secs(15);
/// How long one who lost the race waits for the winner's tokens.
const REFRESH_WAIT: SignedDuration = SignedDuration::from_secs(8);
const POLL_INTERVAL: SignedDuration = SignedDuration::from_millis(200);

/// A refresh that holds the lease.
struct Refresh {
    manager: IntegrationManager,
    user: UserId,
    adapter: &'static Adapter,
    /// The row as it was when the lease was taken.
    connection: Connection,
    lease: String,
    lease_expires_at: Timestamp,
    /// The function is killed at this instant.
    deadline: Timestamp,
}

/// Where new tokens come from.
enum TokenSource {
    /// The provider, just now. Nothing else has them.
    Provider(Grant),
    /// The vault: somebody stored them and did not get to say so.
    Orphan(LatestVersion),
}

impl IntegrationManager {
    /// Access when the current token is of no use: by a refresh, this process's or another's.
    pub(super) async fn refresh_or_wait(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: Connection,
        until: Timestamp,
    ) -> Result<Access> {
        let give_up = until.min(self.clock.now() + REFRESH_WAIT);
        let mut row = integration.clone();
        let mut free = true;
        loop {
            if free && let Some(access) = self.try_refresh(user, adapter, &row, until).await? {
                return Ok(access);
            }
            row = require_active(adapter.tool, self.connections.get(user, adapter.tool).await?)?;
            if row.token_version != integration.token_version {
                return self.access_from(user, adapter, Some(row)).await;
            }
            let now = self.clock.now();
            let Some(lease_until) = row.refresh_lease_until else {
                // It was given back: asking the provider at once again would be one call for each who waits.
                return Err(Error::unavailable("another process could not refresh the token"));
            };
            if now >= give_up {
                return Err(Error::unavailable("another process is refreshing the token"));
            }
            free = lease_until < now.as_millisecond();
            if !free {
                self.clock.sleep_until(now + POLL_INTERVAL).await;
            }
        }
    }

    /// One refresh across all processes. `None`: another has the lease, or the tokens are new already.
    pub(super) async fn try_refresh(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Connection,
        until: Timestamp,
    ) -> Result<Option<Access>> {
        let now = self.clock.now();
        let (lease, lease_until) = (self.random.ulid(now), now + LEASE_DURATION);
        let version = &integration.token_version;
        let requested = RefreshLease { id: &lease, until: lease_until };
        let taken = self.connections.acquire_refresh_lease(user, adapter.tool, version, requested, now).await?;
        let Some(held) = taken else { return Ok(None) };
        // Who had the lease before did not give it back: it may have got tokens the row does not know of.
        let resumed = integration.refresh_lease.is_some();
        let (manager, user) = (self.clone(), user.clone());
        let refresh =
            Refresh { manager, user, adapter, connection: held, lease, lease_expires_at: lease_until, deadline: until };
        // On a task of its own: a dropped request must not stop between the provider's answer and the store.
        let refresh = async move { refresh.execute(resumed).await };
        tokio::spawn(refresh.in_current_span()).await.map_err(|error| Error::from_join_error(&error))?.map(Some)
    }
}

impl Refresh {
    async fn execute(&self, resumed: bool) -> Result<Access> {
        let refreshed = self.obtain_and_store(resumed).await;
        let outcome = match &refreshed {
            Ok(_) => "done",
            Err(error) if error.tool_to_connect().is_some() => "revoked",
            Err(_) => "failed",
        };
        metrics::count(Metric::Refreshes, self.adapter.tool.as_str(), outcome, self.manager.clock.now());
        refreshed
    }

    async fn obtain_and_store(&self, resumed: bool) -> Result<Access> {
        match self.obtain_tokens(resumed).await {
            Ok(TokenSource::Provider(grant)) => self.store_grant(grant).await,
            Ok(TokenSource::Orphan(newer)) => self.recover_orphan(newer).await,
            Err(Error::Provider(error)) if error.kind == Kind::AuthRevoked => {
                self.recover_or_mark_needs_reauth(&error.message).await
            }
            Err(error) => {
                // There is nothing to store, so the next caller need not wait for the lease to lapse.
                if let Err(error) =
                    self.manager.connections.release_refresh_lease(&self.user, self.adapter.tool, &self.lease).await
                {
                    tracing::warn!(tool = %self.adapter.tool, ?error, "a refresh lease could not be given back");
                }
                Err(error)
            }
        }
    }

    /// Gets new tokens, with one call of the token endpoint at most.
    async fn obtain_tokens(&self, resumed: bool) -> Result<TokenSource> {
        if resumed && let Some(newer) = self.find_orphan().await? {
            return Ok(TokenSource::Orphan(newer));
        }
        let Self { manager, user, adapter, connection: held, .. } = self;
        let (tokens, ready) =
            futures::join!(manager.read_tokens(user, adapter, held), manager.oauth.load_credentials(adapter));
        ready?;
        let Some(refresh) = tokens?.refresh else {
            return manager.mark_needs_reauth(user, adapter, &held.token_version, "there is no refresh token").await;
        };
        // Reading took time, and a process that was frozen and thawed must not act on a lease that may be another's by now.
        if manager.clock.now() + MIN_REFRESH_TIME > self.deadline.min(self.lease_expires_at) {
            return Err(Error::unavailable("too little time is left for a refresh"));
        }
        let Grant { tokens, expires_in, scopes, account } =
            manager.oauth.exchange_refresh_token(adapter, &refresh).await?;
        // No refresh token in the answer: the old one goes on. RFC 6749 section 6.
        let tokens = Tokens { refresh: tokens.refresh.or(Some(refresh)), ..tokens };
        Ok(TokenSource::Provider(Grant { tokens, expires_in, scopes, account }))
    }

    /// Stores what the provider granted.
    async fn store_grant(&self, Grant { tokens, expires_in, .. }: Grant) -> Result<Access> {
        let Self { manager, user, adapter, connection: held, .. } = self;
        let now = manager.clock.now();
        let version = manager.random.ulid(now);
        let owner = TokenBinding { user, tool: adapter.tool, version: &version };
        let replace = || manager.vault.replace(owner, &tokens, &held.tokens);
        let stored = retry::write_until(&manager.clock, self.deadline, replace).await?;
        let expires_at = expires_in.and_then(|lifetime| now.checked_add(lifetime).ok());
        self.commit_pointer(tokens, RefreshedTokens { token_version: version, tokens: stored, expires_at }).await
    }

    /// Makes tokens that were found in the vault the connection's. When they end the provider will say.
    async fn recover_orphan(&self, LatestVersion { version, stored, tokens }: LatestVersion) -> Result<Access> {
        tracing::warn!(tool = %self.adapter.tool, "adopting tokens that a refresh stored and did not get to name");
        self.commit_pointer(tokens, RefreshedTokens { token_version: version, tokens: stored, expires_at: None }).await
    }

    /// Has the row name the stored tokens.
    async fn commit_pointer(&self, tokens: Tokens, refreshed: RefreshedTokens) -> Result<Access> {
        let Self { manager, user, adapter, lease, .. } = self;
        let (table, tool, now) = (&manager.connections, adapter.tool, manager.clock.now());
        let schedule = CheckSchedule { now, next_check_at: maintenance::refresh_at(refreshed.expires_at, now) };
        let store = || table.store_refreshed(user, tool, lease, &refreshed, schedule);
        match retry::write_until(&manager.clock, self.deadline, store).await? {
            Some(integration) => Ok(Access { token: tokens.access, connection: integration }),
            // Connected anew, disconnected, or refreshed by one who took the lease over: what the row says is right.
            None => manager.access_from(user, adapter, table.get(user, tool).await?).await,
        }
    }

    /// After the provider said that the grant is gone: another process may have been first, then its tokens are the ones to
    /// use.
    async fn recover_or_mark_needs_reauth(&self, reason: &str) -> Result<Access> {
        let Self { manager, user, adapter, connection: held, .. } = self;
        let row = require_active(adapter.tool, manager.connections.get(user, adapter.tool).await?)?;
        if row.token_version != held.token_version {
            return manager.access_from(user, adapter, Some(row)).await;
        }
        match self.find_orphan().await? {
            Some(newer) => self.recover_orphan(newer).await,
            None => manager.mark_needs_reauth(user, adapter, &held.token_version, reason).await,
        }
    }

    /// Tokens in the vault that are newer than the row's.
    async fn find_orphan(&self) -> Result<Option<LatestVersion>> {
        let owner = TokenBinding { user: &self.user, tool: self.adapter.tool, version: &self.connection.token_version };
        let newer = self.manager.vault.latest(owner, &self.connection.tokens).await?;
        // Versions sort by time. An older one was written late, by a holder whose lease had lapsed.
        Ok(newer.filter(|newer| newer.version > self.connection.token_version))
    }
}
