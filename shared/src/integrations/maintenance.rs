//! Maintenance of connections: refreshes tokens ahead of time, completes interrupted connects and disconnects, and removes orphaned
//! secrets.
//!
//! Both jobs follow entries of the maintenance index to rows and decide by the row. A row stays in the index until a check finds
//! nothing more to do. A run that is repeated, skipped or killed therefore changes only the time at which work is done.

use futures::StreamExt as _;
use futures::future::try_join_all;
use futures::stream;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

use super::IntegrationManager;
use super::schedule::{self, MIN_REFRESH_TIME};
use crate::adapters::{self, Adapter};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::tables::IndexQuery;
use crate::tables::integrations::{Connection, ConnectionKey, ConnectionStatus, MaintenanceEntry};
use crate::tool::Tool;
use crate::vault::TokenBinding;

/// Maximum time for which the revocation of a grant is retried while the provider cannot be reached.
const REVOKE_RETRY_PERIOD: SignedDuration = SignedDuration::from_hours(24);
/// Number of index entries read from one shard at a time.
const PAGE_SIZE: i32 = 100;
/// Number of rows processed concurrently.
const CONCURRENCY: usize = 8;

/// Result of a maintenance run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaintenanceReport {
    /// Index entries that were processed.
    pub found: usize,
    /// Rows that this run changed.
    pub updated: usize,
    /// Rows whose processing failed; they are checked again.
    pub failed: usize,
}

#[derive(Clone, Copy, Debug)]
enum Job {
    Refresh,
    Sweep,
}

/// Result of processing one index entry.
enum EntryResult {
    /// The run changed the row.
    Updated,
    /// The row needed nothing, or another process changed it first.
    Unchanged,
    /// Processing failed; the row is checked again.
    Failed,
    /// Too little time was left to start.
    Skipped,
}

impl MaintenanceReport {
    fn count(&mut self, result: &EntryResult) {
        self.found += usize::from(!matches!(result, EntryResult::Skipped));
        self.updated += usize::from(matches!(result, EntryResult::Updated));
        self.failed += usize::from(matches!(result, EntryResult::Failed));
    }
}

impl IntegrationManager {
    /// Refreshes tokens that expire soon and grants that were not used for a day, oldest first, and removes the secrets of
    /// replaced connections. No row is started shortly before `deadline`, at which the function is killed.
    ///
    /// # Errors
    /// When the maintenance index cannot be read; the next run finds the remaining entries. A row that fails is logged and
    /// counted.
    pub async fn refresh_due(&self, shards: &[u8], deadline: Timestamp) -> Result<MaintenanceReport> {
        self.run_maintenance(Job::Refresh, shards, deadline).await
    }

    /// Completes interrupted connects and disconnects, oldest first. No row is started shortly before `deadline`, at which the
    /// function is killed.
    ///
    /// # Errors
    /// When the maintenance index cannot be read; the next run finds the remaining entries. A row that fails is logged and
    /// counted.
    pub async fn sweep(&self, shards: &[u8], deadline: Timestamp) -> Result<MaintenanceReport> {
        self.run_maintenance(Job::Sweep, shards, deadline).await
    }

    async fn run_maintenance(&self, job: Job, shards: &[u8], deadline: Timestamp) -> Result<MaintenanceReport> {
        let started_at = self.clock.now();
        let mut report = MaintenanceReport::default();
        let mut positions: Vec<_> = shards.iter().map(|shard| (*shard, None)).collect();
        while !positions.is_empty() && self.has_time_left(deadline) {
            let pages = positions.into_iter().map(async |(shard, after)| {
                let query = IndexQuery { shard, from: None, until: started_at, limit: PAGE_SIZE, after };
                let page = self.connections.query_maintenance(query).await?;
                Ok::<_, Error>((page.entries, page.next.map(|next| (shard, Some(next)))))
            });
            let (entries, next): (Vec<_>, Vec<_>) = try_join_all(pages).await?.into_iter().unzip();
            positions = next.into_iter().flatten().collect();
            let mut entries: Vec<MaintenanceEntry> = entries.into_iter().flatten().collect();
            entries.sort_by(|a, b| a.at.cmp(&b.at));
            let mut results = stream::iter(entries)
                .map(|entry| self.process_isolated(job, entry, deadline))
                .buffer_unordered(CONCURRENCY);
            while let Some(result) = results.next().await {
                report.count(&result);
            }
        }
        let MaintenanceReport { found, updated, failed } = report;
        tracing::info!(?job, found, updated, failed, "maintenance run finished");
        Ok(report)
    }

    fn has_time_left(&self, deadline: Timestamp) -> bool {
        deadline.duration_since(self.clock.now()) >= MIN_REFRESH_TIME
    }

    /// Processes one entry on a task of its own, so that a row that causes a panic does not stop the others.
    async fn process_isolated(&self, job: Job, entry: MaintenanceEntry, deadline: Timestamp) -> EntryResult {
        if !self.has_time_left(deadline) {
            return EntryResult::Skipped;
        }
        let (manager, tool) = (self.clone(), entry.tool.clone());
        let processed = tokio::spawn(async move { manager.process_entry(job, &entry, deadline).await }).await;
        match processed.map_err(|error| Error::from_join_error(&error)).flatten() {
            Ok(true) => EntryResult::Updated,
            Ok(false) => EntryResult::Unchanged,
            Err(error) => {
                tracing::warn!(tool, ?error, "maintenance of a connection failed");
                EntryResult::Failed
            }
        }
    }

    /// Processes one entry. Returns true if the row was changed.
    async fn process_entry(&self, job: Job, entry: &MaintenanceEntry, deadline: Timestamp) -> Result<bool> {
        let adapter = adapters::find(&entry.tool)?;
        let Some(connection) = self.connections.get_listed(entry, adapter.tool).await? else { return Ok(false) };
        let result = match (job, connection.status) {
            (Job::Refresh, ConnectionStatus::Active | ConnectionStatus::NeedsReauth) => {
                self.maintain_active(adapter, entry, &connection, deadline).await
            }
            (Job::Sweep, ConnectionStatus::Disconnecting) => {
                self.complete_disconnect(&entry.user, adapter, &connection).await
            }
            (Job::Sweep, ConnectionStatus::Connecting) => {
                self.delete_connection(&entry.user, adapter, &connection).await
            }
            (Job::Refresh | Job::Sweep, _) => Ok(false),
        };
        if result.is_err() {
            let retry_at = schedule::retry_at(&connection, self.clock.now(), &self.random);
            self.connections.reschedule(entry, adapter.tool, Some(retry_at)).await?;
        }
        result
    }

    /// Maintains a connection that is complete: removes orphaned secrets, refreshes or re-encrypts its tokens, and schedules the
    /// next check. Returns true if anything was changed.
    async fn maintain_active(
        &self,
        adapter: &'static Adapter,
        entry: &MaintenanceEntry,
        connection: &Connection,
        deadline: Timestamp,
    ) -> Result<bool> {
        let (user, tool, now) = (&entry.user, adapter.tool, self.clock.now());
        let removed = self.remove_orphaned_secrets(entry.key(tool), &connection.orphaned_secrets(now)).await;
        if schedule::due_at(connection).is_some_and(|due_at| due_at <= now) {
            return self.maintain_tokens(user, adapter, connection, deadline).await;
        }
        let reencrypted = self.reencrypt(user, tool, connection).await?;
        let has_orphans = connection.secrets.len() - removed > usize::from(connection.current_secret().is_some());
        let next_check_at = schedule::next_check_at(connection, has_orphans, now);
        self.connections.reschedule(entry, tool, next_check_at).await?;
        Ok(removed > 0 || reencrypted)
    }

    /// Encrypts tokens with the current key if they are encrypted with an earlier one. Returns true if they were.
    async fn reencrypt(&self, user: &UserId, tool: Tool, connection: &Connection) -> Result<bool> {
        let binding = TokenBinding::of(user, tool, connection);
        match self.vault.reencrypt(binding, &connection.tokens).await {
            Ok(None) => Ok(false),
            Ok(Some(reencrypted)) => {
                let key = connection.key(user, tool);
                self.connections.replace_encrypted(key, &connection.tokens, &reencrypted).await.map(|()| true)
            }
            // The tokens cannot be decrypted; their next use reports it.
            Err(Error::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes orphaned secrets and returns how many. A failure is logged only: it must not prevent the refresh of the tokens.
    async fn remove_orphaned_secrets(&self, of: ConnectionKey<'_>, secrets: &BTreeSet<String>) -> usize {
        if secrets.is_empty() {
            return 0;
        }
        match self.remove_secrets(of, secrets).await {
            Ok(()) => secrets.len(),
            Err(error) => {
                tracing::warn!(tool = %of.tool, ?error, "orphaned secrets could not be removed; maintenance tries again");
                0
            }
        }
    }

    /// Refreshes the tokens of a connection that is due. Returns true if this call stored new tokens, or found the grant revoked;
    /// in both cases the row says when it is due next.
    async fn maintain_tokens(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: &Connection,
        deadline: Timestamp,
    ) -> Result<bool> {
        match self.try_refresh(user, adapter, connection, deadline).await {
            Ok(access) => Ok(access.is_some()),
            Err(Error::ReauthRequired { .. }) => Ok(true),
            // The user reconnected or disconnected the tool in the meantime.
            Err(Error::NotConnected { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Completes an interrupted disconnect. Returns true if the row was deleted.
    async fn complete_disconnect(
        &self,
        user: &UserId,
        adapter: &'static Adapter,
        connection: &Connection,
    ) -> Result<bool> {
        let tool = adapter.tool;
        if let Err(error) = self.revoke_grant(user, adapter, connection).await {
            if self.clock.now().duration_since(connection.updated_at) < REVOKE_RETRY_PERIOD {
                return Err(error);
            }
            tracing::error!(%tool, ?error, "a grant could not be revoked for a day; its tokens are removed");
        }
        self.delete_connection(user, adapter, connection).await
    }
}
