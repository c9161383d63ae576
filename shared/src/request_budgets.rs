//! [`RequestBudgets`]: how many requests a user can make in a minute, reads and writes apart.
//!
//! A process admits the first [`LEASE_PERMITS`] requests of a kind in a minute by itself, so that a user who makes few costs no call of
//! the store. For further ones it takes leases: one conditional write takes that many permits from the window that all processes
//! share. A user can therefore make as many requests as the limit, and [`LEASE_PERMITS`] more for each process that serves them.

use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

use crate::cache::BoundedCache;
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::ids::BudgetHolder;
use crate::tables::tasks::{Limit, LimitItems};

/// The permits of a lease, and those that a process grants by itself in each window.
pub const LEASE_PERMITS: u32 = 50;
/// The window of the budgets.
const WINDOW: Duration = Duration::from_secs(60);
/// The counters of a process. One that is forgotten grants at most [`LEASE_PERMITS`] again.
const MAX_COUNTERS: usize = 10_000;

/// A kind of requests with a budget of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// GET and HEAD.
    Read,
    /// All other methods.
    Write,
}

/// The budgets of all users, and of the services that act for them.
#[derive(Debug)]
pub struct RequestBudgets {
    limits: LimitItems,
    reads: Limit,
    writes: Limit,
    counters: Counters,
    clock: Clock,
}

/// A lease of permits.
#[derive(Debug)]
struct Lease {
    permits: u32,
    /// True if the store granted it. It is unset until then, and all who hold one of its permits wait for one answer.
    granted: OnceCell<bool>,
}

/// The last lease of this process in a window, and the permits that it has left.
#[derive(Clone, Debug)]
struct Counter {
    window: i64,
    lease: Arc<Lease>,
    left: u32,
}

impl Counter {
    /// The counter at the start of a window: a lease that needs no call.
    fn at_start(window: i64) -> Self {
        let lease = Lease { permits: LEASE_PERMITS, granted: OnceCell::new_with(Some(true)) };
        Self { window, left: lease.permits, lease: Arc::new(lease) }
    }

    /// Takes permits: of the last lease, or of a new one if too few are left. A refused lease remains the last of its window.
    fn take(&mut self, permits: u32, of_lease: u32) -> Arc<Lease> {
        let granted = self.lease.granted.get();
        if self.left < permits && granted != Some(&false) {
            // What is left of a lease that is not granted yet may not be granted at all.
            let left = if granted.is_some() { self.left } else { 0 };
            let lease = Lease { permits: of_lease.max(permits - left), granted: OnceCell::new() };
            self.left = left + lease.permits;
            self.lease = Arc::new(lease);
        }
        self.left = self.left.saturating_sub(permits);
        Arc::clone(&self.lease)
    }
}

/// The counters of a process. Each change is made under the lock; a call of the store is not.
#[derive(Debug)]
struct Counters(BoundedCache<(BudgetHolder, RequestKind), Counter>);

impl Counters {
    /// Takes permits in a window. Returns the lease that they belong to.
    fn take(&self, holder: &BudgetHolder, kind: RequestKind, window: i64, permits: u32, of_lease: u32) -> Arc<Lease> {
        let is_current = |counter: &Counter| counter.window == window;
        let take = |counter: &mut Counter| {
            if !is_current(counter) {
                *counter = Counter::at_start(window);
            }
            counter.take(permits, of_lease)
        };
        self.0.update((holder.clone(), kind), || Counter::at_start(window), is_current, take)
    }
}

impl Part for RequestBudgets {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        let limit = |name, max, things| Limit { name, max, things, window: WINDOW };
        Self {
            limits: LimitItems::new(dynamodb.clone(), config.tables.tasks.clone()),
            reads: limit("reads", config.reads_per_minute, "reading requests a minute"),
            writes: limit("writes", config.writes_per_minute, "writing requests a minute"),
            counters: Counters(BoundedCache::new(MAX_COUNTERS)),
            clock: clock.clone(),
        }
    }
}

impl RequestBudgets {
    /// Counts a request, or several that one stands for. Most requests make no call; one in [`LEASE_PERMITS`] takes a lease. Without
    /// the store all are admitted: a budget bounds costs, and must not stop what needs no store.
    ///
    /// # Errors
    /// [`Error::LimitReached`](crate::error::Error::LimitReached) with the remaining time of the window.
    pub async fn admit(&self, holder: BudgetHolder, kind: RequestKind, permits: u32) -> Result<()> {
        let now = self.clock.now();
        let limit = match kind {
            RequestKind::Read => self.reads,
            RequestKind::Write => self.writes,
        };
        let window = limit.window_start(now);
        let lease = self.counters.take(&holder, kind, window, permits, LEASE_PERMITS.min(limit.max));
        let granted = lease.granted.get_or_init(|| self.take_lease(&holder, limit, lease.permits, now)).await;
        if *granted { Ok(()) } else { Err(limit.refusal(now)) }
    }

    /// Takes a lease from the shared window. Returns false if it has fewer permits left.
    async fn take_lease(&self, holder: &BudgetHolder, limit: Limit, permits: u32, now: Timestamp) -> bool {
        let taken = self.limits.take(holder, limit, permits, now).await;
        taken.unwrap_or_else(|error| {
            tracing::error!(?error, "the store could not grant a lease of permits; the requests are admitted");
            true
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;

    #[test]
    fn flood_of_users_does_not_grow_the_counters() {
        let counters = Counters(BoundedCache::new(10));
        for user in 0..1000 {
            let holder = BudgetHolder::new(&UserId::verified(user.to_string()), None);
            for kind in [RequestKind::Read, RequestKind::Write] {
                assert_eq!(counters.take(&holder, kind, 0, 1, 50).granted.get(), Some(&true));
            }
            assert!(counters.0.len() <= 10);
        }
    }

    #[test]
    fn permits_left_of_a_granted_lease_are_used_with_those_of_the_next() {
        let mut counter = Counter::at_start(0);
        assert_eq!((counter.take(1, 50).permits, counter.left), (LEASE_PERMITS, 49));
        let next = counter.take(99, 50);
        assert_eq!((next.permits, counter.left), (50, 0));
        let unset = counter.take(1, 50);
        assert_eq!((unset.granted.get(), counter.left), (None, 49));
        assert_eq!((counter.take(60, 50).permits, counter.left), (60, 0), "nothing of an unset lease");
        counter.lease.granted.set(false).unwrap();
        assert_eq!(counter.take(1, 50).granted.get(), Some(&false));
    }
}
