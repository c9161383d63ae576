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

use super::access::usable;
use super::{Access, IntegrationManager, maintenance};
use crate::adapters::Adapter;
use crate::error::{Error, Kind, Result};
use crate::ids::UserId;
use crate::metrics::{self, Metric};
use crate::oauth::Grant;
use crate::tables::integrations::{Integration, Refreshed};
use crate::vault::{Newest, Owner, Tokens};

/// Longer than the token call and the writes after it; shorter than a user's patience.
const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// No token call begins with less time than this: its own ten seconds, and five for the store.
pub(super) const LEAST_TIME: SignedDuration = SignedDuration::from_secs(15);
/// How long one who lost the race waits for the winner's tokens.
const PATIENCE: SignedDuration = SignedDuration::from_secs(8);
const POLL: SignedDuration = SignedDuration::from_millis(200);
/// How long a failed write waits before it is repeated.
const PAUSE: SignedDuration = SignedDuration::from_millis(500);

/// A refresh that holds the lease.
struct Refresh {
    manager: IntegrationManager,
    user: UserId,
    adapter: &'static Adapter,
    /// The row as it was when the lease was taken.
    held: Integration,
    lease: String,
    lease_until: Timestamp,
    /// The function is killed at this instant.
    until: Timestamp,
}

/// Where new tokens come from.
enum Obtained {
    /// The provider, just now. Nothing else has them.
    Granted(Grant),
    /// The vault: somebody stored them and did not get to say so.
    Left(Newest),
}

impl IntegrationManager {
    /// Access when the current token is of no use: by a refresh, this process's or another's.
    pub(super) async fn refreshed(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: Integration,
        until: Timestamp,
    ) -> Result<Access> {
        let give_up = until.min(self.clock.now() + PATIENCE);
        let mut row = integration.clone();
        let mut free = true;
        loop {
            if free && let Some(access) = self.refresh(user, adapter, &row, until).await? {
                return Ok(access);
            }
            row = usable(adapter.tool, self.table.get(user, adapter.tool).await?)?;
            if row.token_version != integration.token_version {
                return self.by_row(user, adapter, Some(row)).await;
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
                self.clock.sleep_until(now + POLL).await;
            }
        }
    }

    /// One refresh across all processes. `None`: another has the lease, or the tokens are new already.
    pub(super) async fn refresh(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Integration,
        until: Timestamp,
    ) -> Result<Option<Access>> {
        let now = self.clock.now();
        let (lease, lease_until) = (self.random.ulid(now), now + LEASE);
        let version = &integration.token_version;
        let taken = self.table.take_refresh_lease(user, adapter.tool, version, &lease, (now, lease_until)).await?;
        let Some(held) = taken else { return Ok(None) };
        // Who had the lease before did not give it back: it may have got tokens the row does not know of.
        let resumed = integration.refresh_lease.is_some();
        let (manager, user) = (self.clone(), user.clone());
        let refresh = Refresh { manager, user, adapter, held, lease, lease_until, until };
        // On a task of its own: a dropped request must not stop between the provider's answer and the store.
        let refresh = async move { refresh.run(resumed).await };
        tokio::spawn(refresh.in_current_span()).await.map_err(|error| Error::of_task(&error))?.map(Some)
    }
}

impl Refresh {
    async fn run(&self, resumed: bool) -> Result<Access> {
        let refreshed = self.refresh(resumed).await;
        let outcome = match &refreshed {
            Ok(_) => "done",
            Err(error) if error.tool_to_connect().is_some() => "revoked",
            Err(_) => "failed",
        };
        metrics::count(Metric::Refreshes, self.adapter.tool.as_str(), outcome, self.manager.clock.now());
        refreshed
    }

    async fn refresh(&self, resumed: bool) -> Result<Access> {
        match self.obtain(resumed).await {
            Ok(Obtained::Granted(grant)) => self.keep(grant).await,
            Ok(Obtained::Left(newer)) => self.adopt(newer).await,
            Err(Error::Provider(error)) if error.kind == Kind::AuthRevoked => {
                self.adopt_or_condemn(&error.message).await
            }
            Err(error) => {
                // There is nothing to store, so the next caller need not wait for the lease to lapse.
                if let Err(error) =
                    self.manager.table.release_refresh_lease(&self.user, self.adapter.tool, &self.lease).await
                {
                    tracing::warn!(tool = %self.adapter.tool, ?error, "a refresh lease could not be given back");
                }
                Err(error)
            }
        }
    }

    /// Gets new tokens, with one call of the token endpoint at most.
    async fn obtain(&self, resumed: bool) -> Result<Obtained> {
        if resumed && let Some(newer) = self.newer().await? {
            return Ok(Obtained::Left(newer));
        }
        let Self { manager, user, adapter, held, .. } = self;
        let (tokens, ready) = futures::join!(manager.tokens(user, adapter, held), manager.oauth.ready(adapter));
        ready?;
        let Some(refresh) = tokens?.refresh else {
            return manager.condemn(user, adapter, &held.token_version, "there is no refresh token").await;
        };
        // Reading took time, and a process that was frozen and thawed must not act on a lease that may be another's by now.
        if manager.clock.now() + LEAST_TIME > self.until.min(self.lease_until) {
            return Err(Error::unavailable("too little time is left for a refresh"));
        }
        let Grant { tokens, expires_in, scopes, account } = manager.oauth.refresh(adapter, &refresh).await?;
        // No refresh token in the answer: the old one goes on. RFC 6749 section 6.
        let tokens = Tokens { refresh: tokens.refresh.or(Some(refresh)), ..tokens };
        Ok(Obtained::Granted(Grant { tokens, expires_in, scopes, account }))
    }

    /// Stores what the provider granted.
    async fn keep(&self, Grant { tokens, expires_in, .. }: Grant) -> Result<Access> {
        let Self { manager, user, adapter, held, .. } = self;
        let now = manager.clock.now();
        let version = manager.random.ulid(now);
        let owner = Owner { user, tool: adapter.tool, version: &version };
        let stored = loop {
            match manager.vault.replace(owner, &tokens, &held.tokens).await {
                Ok(stored) => break stored,
                Err(error) => self.pause_after(error).await?,
            }
        };
        let expires_at = expires_in.and_then(|lifetime| now.checked_add(lifetime).ok());
        self.point_to(tokens, Refreshed { token_version: version, tokens: stored, expires_at }).await
    }

    /// Makes tokens that were found in the vault the connection's. When they end the provider will say.
    async fn adopt(&self, Newest { version, stored, tokens }: Newest) -> Result<Access> {
        tracing::warn!(tool = %self.adapter.tool, "adopting tokens that a refresh stored and did not get to name");
        self.point_to(tokens, Refreshed { token_version: version, tokens: stored, expires_at: None }).await
    }

    /// Has the row name the stored tokens.
    async fn point_to(&self, tokens: Tokens, refreshed: Refreshed) -> Result<Access> {
        let Self { manager, user, adapter, lease, .. } = self;
        let (table, tool, now) = (&manager.table, adapter.tool, manager.clock.now());
        let times = (now, maintenance::refresh_at(refreshed.expires_at, now));
        let row = loop {
            match table.store_refreshed(user, tool, lease, &refreshed, times).await {
                Ok(row) => break row,
                Err(error) => self.pause_after(error).await?,
            }
        };
        match row {
            Some(integration) => Ok(Access { token: tokens.access, integration }),
            // Connected anew, disconnected, or refreshed by one who took the lease over: what the row says is right.
            None => manager.by_row(user, adapter, table.get(user, tool).await?).await,
        }
    }

    /// After the provider said that the grant is gone: another process may have been first, then its tokens are the ones to
    /// use.
    async fn adopt_or_condemn(&self, reason: &str) -> Result<Access> {
        let Self { manager, user, adapter, held, .. } = self;
        let row = usable(adapter.tool, manager.table.get(user, adapter.tool).await?)?;
        if row.token_version != held.token_version {
            return manager.by_row(user, adapter, Some(row)).await;
        }
        match self.newer().await? {
            Some(newer) => self.adopt(newer).await,
            None => manager.condemn(user, adapter, &held.token_version, reason).await,
        }
    }

    /// Tokens in the vault that are newer than the row's.
    async fn newer(&self) -> Result<Option<Newest>> {
        let owner = Owner { user: &self.user, tool: self.adapter.tool, version: &self.held.token_version };
        let newer = self.manager.vault.newest(owner, &self.held.tokens).await?;
        // Versions sort by time. An older one was written late, by a holder whose lease had lapsed.
        Ok(newer.filter(|newer| newer.version > self.held.token_version))
    }

    /// Waits before a failed write is repeated; fails where that cannot help or time is up.
    async fn pause_after(&self, error: Error) -> Result<()> {
        let clock = &self.manager.clock;
        match error {
            Error::Unavailable(error) if clock.now() + PAUSE < self.until => {
                tracing::warn!(tool = %self.adapter.tool, %error, "new tokens could not be stored yet");
                clock.sleep_until(clock.now() + PAUSE).await;
                Ok(())
            }
            error => Err(error),
        }
    }
}
