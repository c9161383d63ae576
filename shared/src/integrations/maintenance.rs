//! What connections need while nobody uses them: tokens refreshed ahead of time, what stopped half-way brought to its end,
//! secrets removed that nothing uses.
//!
//! Both jobs follow hints of the maintenance index to rows and decide by the row. A row stays in the index until a look at
//! it finds nothing more to do, so a run that is doubled, skipped or killed changes nothing but the time.

use futures::StreamExt as _;
use futures::future::try_join_all;
use futures::stream;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

use super::IntegrationManager;
use super::refresh::MIN_REFRESH_TIME;
use crate::adapters::{self, Adapter};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::tables::IndexQuery;
use crate::tables::integrations::{Connection, ConnectionStatus, MAX_CONNECT_DURATION, MaintenanceEntry, StoredTokens};
use crate::tool::Tool;
use crate::vault::TokenBinding;

/// Tokens are refreshed this long before they end: before an action does it, which costs its user the wait.
const MAINTENANCE_LEAD_TIME: SignedDuration = SignedDuration::from_mins(20);
/// No grant is left unused for longer, so that providers do not let it lapse.
const MAX_IDLE_TIME: SignedDuration = SignedDuration::from_hours(24);
/// No tokens lie under an earlier key for longer, so that it can be taken out of the keyring. A refresh seals by itself; this is
/// for those that cannot be refreshed.
const REENCRYPT_INTERVAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A disconnect that is still there after this long has stopped half-way: its function is killed earlier.
pub(super) const DISCONNECT_TIMEOUT: SignedDuration = SignedDuration::from_mins(1);
/// How long a provider that cannot be reached is asked to withdraw a grant.
const REVOKE_RETRY_PERIOD: SignedDuration = SignedDuration::from_hours(24);
/// After a failure a row is looked at again after a quarter of the time it has been due, within these bounds.
const RETRY_DELAY_BOUNDS: [SignedDuration; 2] = [SignedDuration::from_mins(5), SignedDuration::from_hours(1)];
const RETRY_JITTER: std::time::Duration = std::time::Duration::from_secs(5 * 60);
/// Hints read of one shard at a time.
const PAGE_SIZE: i32 = 100;
/// Rows that are looked at at the same time.
const CONCURRENCY: usize = 8;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaintenanceReport {
    /// Hints that were followed.
    pub found: usize,
    /// Rows that were brought a step further here.
    pub updated: usize,
    /// Rows that could not be; they are looked at again.
    pub failed: usize,
}

#[derive(Clone, Copy, Debug)]
enum Job {
    Refresh,
    Sweep,
}

/// When a token should be refreshed that was got at `since` and ends at `end`. A short-lived one lives half its time.
pub(super) fn refresh_at(end: Option<Timestamp>, since: Timestamp) -> Timestamp {
    let wait = end.map_or(MAX_IDLE_TIME, |end| {
        let life = end.duration_since(since).max(SignedDuration::ZERO);
        (life - MAINTENANCE_LEAD_TIME.min(life / 2)).min(MAX_IDLE_TIME)
    });
    since + wait
}

/// When maintenance should look at a connection in the state it is in, all being well; `None`: never.
fn due_at(integration: &Connection) -> Option<Timestamp> {
    let since = integration.updated_at;
    match integration.status {
        ConnectionStatus::Active => integration.refreshable.then(|| refresh_at(integration.expires_at, since)),
        ConnectionStatus::NeedsReauth => None,
        ConnectionStatus::Connecting => Some(since + MAX_CONNECT_DURATION),
        ConnectionStatus::Disconnecting => Some(since + DISCONNECT_TIMEOUT),
    }
}

/// When to look at a connection whose row is written now. Every new row gets one look, at the latest when a connect that
/// stopped half-way would be over: it may have left secrets. `left`: it is known to name others.
pub(super) fn next_check_at(integration: &Connection, left: bool) -> Timestamp {
    let soon = integration.updated_at + MAX_CONNECT_DURATION;
    due_at(integration).filter(|_| !left).unwrap_or(soon)
}

impl IntegrationManager {
    /// Refreshes the tokens that end soon and the grants that nobody has used for a day, oldest first, and removes the
    /// secrets of connections that were replaced. Nothing is begun shortly before `until`, when the function is killed.
    ///
    /// # Errors
    /// When the maintenance index cannot be read; the next run finds what is left. A row that fails is logged and counted.
    pub async fn refresh_due(&self, shards: &[u8], until: Timestamp) -> Result<MaintenanceReport> {
        self.run_maintenance(Job::Refresh, shards, until).await
    }

    /// Brings connects and disconnects that stopped half-way to their end, oldest first. Nothing is begun shortly before
    /// `until`, when the function is killed.
    ///
    /// # Errors
    /// When the maintenance index cannot be read; the next run finds what is left. A row that fails is logged and counted.
    pub async fn sweep(&self, shards: &[u8], until: Timestamp) -> Result<MaintenanceReport> {
        self.run_maintenance(Job::Sweep, shards, until).await
    }

    async fn run_maintenance(&self, job: Job, shards: &[u8], until: Timestamp) -> Result<MaintenanceReport> {
        let start = self.clock.now();
        let mut maintained = MaintenanceReport::default();
        let mut places: Vec<_> = shards.iter().map(|shard| (*shard, None)).collect();
        while !places.is_empty() && self.has_time_left(until) {
            let pages = places.into_iter().map(async |(shard, after)| {
                let query = IndexQuery { shard, until: start, limit: PAGE_SIZE, after };
                let page = self.connections.query_maintenance(query).await?;
                Ok::<_, Error>((page.entries, page.next.map(|next| (shard, Some(next)))))
            });
            let (hints, next): (Vec<_>, Vec<_>) = try_join_all(pages).await?.into_iter().unzip();
            places = next.into_iter().flatten().collect();
            let mut hints: Vec<MaintenanceEntry> = hints.into_iter().flatten().collect();
            hints.sort_by(|a, b| a.at.cmp(&b.at));
            let mut visits =
                stream::iter(hints).map(|hint| self.process_isolated(job, hint, until)).buffer_unordered(CONCURRENCY);
            while let Some(visited) = visits.next().await {
                maintained.found += usize::from(visited.is_some());
                maintained.updated += usize::from(visited == Some(Ok(true)));
                maintained.failed += usize::from(visited == Some(Err(())));
            }
        }
        let MaintenanceReport { found, updated: done, failed } = maintained;
        tracing::info!(?job, found, done, failed, "maintenance");
        Ok(maintained)
    }

    fn has_time_left(&self, until: Timestamp) -> bool {
        until.duration_since(self.clock.now()) >= MIN_REFRESH_TIME
    }

    /// Follows one hint, whatever becomes of the others: whether something was done, or that it failed. `None`: no time.
    async fn process_isolated(&self, job: Job, hint: MaintenanceEntry, until: Timestamp) -> Option<Result<bool, ()>> {
        if !self.has_time_left(until) {
            return None;
        }
        let (manager, tool) = (self.clone(), hint.tool.clone());
        // On a task of its own: a row that makes it panic must not take the others with it.
        let looked = tokio::spawn(async move { manager.process_entry(job, &hint, until).await }).await;
        Some(looked.map_err(|error| Error::from_join_error(&error)).flatten().map_err(|error| {
            tracing::warn!(tool, ?error, "the maintenance of a connection failed");
        }))
    }

    async fn process_entry(&self, job: Job, hint: &MaintenanceEntry, until: Timestamp) -> Result<bool> {
        let adapter = adapters::find(&hint.tool)?;
        let Some(integration) = self.connections.get_listed(hint, adapter.tool).await? else { return Ok(false) };
        let looked = match (job, integration.status) {
            (Job::Refresh, ConnectionStatus::Active | ConnectionStatus::NeedsReauth) => {
                self.maintain_active(adapter, hint, &integration, until).await
            }
            (Job::Sweep, ConnectionStatus::Disconnecting) => {
                self.complete_disconnect(&hint.user, adapter, &integration).await
            }
            (Job::Sweep, ConnectionStatus::Connecting) => {
                self.delete_connection(&hint.user, adapter, &integration).await
            }
            (Job::Refresh | Job::Sweep, _) => Ok(false),
        };
        if looked.is_err() {
            self.connections.reschedule(hint, adapter.tool, Some(self.retry_at(&integration))).await?;
        }
        looked
    }

    /// When a row that failed is looked at again: the longer it has been due, the later, and not all at once.
    fn retry_at(&self, integration: &Connection) -> Timestamp {
        let now = self.clock.now();
        let overdue = due_at(integration).map_or(SignedDuration::ZERO, |due| now.duration_since(due));
        let jitter = SignedDuration::try_from(self.random.jitter(RETRY_JITTER)).unwrap_or_default();
        now + (overdue / 4).clamp(RETRY_DELAY_BOUNDS[0], RETRY_DELAY_BOUNDS[1]) + jitter
    }

    /// What a connection needs that is not half-done: nothing left of an earlier one, and tokens that live.
    async fn maintain_active(
        &self,
        adapter: &'static Adapter,
        hint: &MaintenanceEntry,
        integration: &Connection,
        until: Timestamp,
    ) -> Result<bool> {
        let (user, tool, now) = (&hint.user, adapter.tool, self.clock.now());
        let removed = self.remove_orphaned_secrets(user, tool, &integration.orphaned_secrets(now)).await;
        let due = due_at(integration);
        if due.is_some_and(|due| due <= now) {
            return self.maintain_tokens(user, adapter, integration, until).await;
        }
        let resealed = self.reencrypt(user, tool, integration).await?;
        let left = integration.secrets.len() - removed > usize::from(integration.current_secret().is_some());
        let sealed = matches!(integration.tokens, StoredTokens::EncryptedColumn(_));
        let next =
            if left { Some(now + MAX_CONNECT_DURATION) } else { due.or(sealed.then(|| now + REENCRYPT_INTERVAL)) };
        self.connections.reschedule(hint, tool, next).await?;
        Ok(removed > 0 || resealed)
    }

    /// Seals tokens under the current key that lie under an earlier one. Whether they did.
    async fn reencrypt(&self, user: &UserId, tool: Tool, integration: &Connection) -> Result<bool> {
        let owner = TokenBinding { user, tool, version: &integration.token_version };
        match self.vault.reencrypt(owner, &integration.tokens).await {
            Ok(None) => Ok(false),
            Ok(Some(anew)) => {
                self.connections.replace_encrypted(user, tool, &integration.tokens, &anew).await.map(|()| true)
            }
            // They do not open, which whoever uses them next will say.
            Err(Error::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How many were removed. One that cannot be must not keep the tokens from being refreshed.
    async fn remove_orphaned_secrets(&self, user: &UserId, tool: Tool, left: &BTreeSet<String>) -> usize {
        if left.is_empty() {
            return 0;
        }
        match self.remove_secrets(user, tool, left).await {
            Ok(()) => left.len(),
            Err(error) => {
                tracing::warn!(%tool, ?error, "the secrets of earlier connections could not be removed yet");
                0
            }
        }
    }

    /// Refreshes a connection that is due. Whether this call got new tokens, or found that there are none to be had: then the
    /// row says when it is next.
    async fn maintain_tokens(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Connection,
        until: Timestamp,
    ) -> Result<bool> {
        match self.try_refresh(user, adapter, integration, until).await {
            Ok(refreshed) => Ok(refreshed.is_some()),
            Err(Error::ReauthRequired { .. }) => Ok(true),
            // Connected anew or disconnected meanwhile.
            Err(Error::NotConnected { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn complete_disconnect(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        integration: &Connection,
    ) -> Result<bool> {
        let tool = adapter.tool;
        if let Err(error) = self.revoke_grant(user, adapter, integration).await {
            if self.clock.now().duration_since(integration.updated_at) < REVOKE_RETRY_PERIOD {
                return Err(error);
            }
            tracing::error!(%tool, ?error, "a grant could not be withdrawn for a day; its tokens are removed");
        }
        self.delete_connection(user, adapter, integration).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_refreshed_20_minutes_before_expiry_and_at_least_daily() {
        let got: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let after = |end: Option<Timestamp>| refresh_at(end, got).duration_since(got).as_mins();
        let ends_after = |minutes: i64| after(Some(got + SignedDuration::from_mins(minutes)));
        assert_eq!([720, 60, 41, 40, 10, 0].map(ends_after), [700, 40, 21, 20, 5, 0]);
        assert_eq!([ends_after(30 * 24 * 60), after(None)], [24 * 60, 24 * 60]);
        assert_eq!([after(Some(Timestamp::MIN)), after(Some(Timestamp::MAX))], [0, 24 * 60]);
    }
}
