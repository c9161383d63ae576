//! Claim, checkpoint and finish: the conditional writes around a provider call, and the due index that leads to them.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::items::{TaskItems, rejected_row};
use super::keys::{leading_timestamp, ulid_of};
use super::status::TaskStatus;
use super::task::Task;
use crate::error::{Error, Result};
use crate::tables::expression::{Condition, absent, all, any, eq, lt, one_of};
use crate::tables::index::{self, IndexEntry, IndexPage, IndexQuery, SparseIndex};
use crate::tables::table::Key;
use crate::tables::update::Update;
use crate::tables::{Item, from_item, milliseconds, number, string_attribute, text};

/// The tolerance after a lease's end before another processor takes over: the clocks of two processors may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(5);

/// An entry of the due index.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DueEntry {
    /// The time at which the task is due.
    pub at: Timestamp,
    /// The partition: `user#agent`.
    pub partition: String,
    /// The sort key.
    pub sort: String,
}

impl DueEntry {
    /// Returns the user, as stored: the first component of the partition.
    pub fn user(&self) -> &str {
        self.partition.split('#').next().unwrap_or_default()
    }

    /// Returns the position in the shard.
    pub fn position(&self) -> (Timestamp, &str) {
        (self.at, ulid_of(&self.sort))
    }
}

impl IndexEntry for DueEntry {
    const INDEX: SparseIndex = SparseIndex { name: "due", shard: "dueShard", position: "dueAt" };

    fn from_item(item: &Item) -> Option<Self> {
        Some(Self {
            partition: string_attribute(item, "pk")?.to_owned(),
            sort: string_attribute(item, "sk")?.to_owned(),
            at: leading_timestamp(string_attribute(item, "dueAt")?)?,
        })
    }
}

/// The right to make one attempt.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The lease's id.
    pub id: String,
    /// The end of the lease.
    pub until: Timestamp,
}

/// The result of a claim.
#[derive(Debug)]
pub enum Claim {
    /// Claimed; no earlier attempt is unresolved.
    New(Box<Task>),
    /// Claimed; the outcome of the attempt before is unknown: its processor stopped, or its answer was lost.
    Unresolved(Box<Task>),
    /// Not claimed: the task may have killed its process. [`TaskItems::claim_suspect`] claims it to run alone. The row as it was read.
    Suspect(Box<Task>),
    /// Nothing to do: not due, finished, or claimed by another processor.
    NotClaimed,
}

/// The result of a finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Written.
    Written,
    /// Not written: the task was stopped during the attempt, and `task` does not say so.
    Stopped,
    /// Not written: another process holds the task.
    Fenced,
}

impl Task {
    /// Returns the time until another process may take over from the holder of the lease; `None` if it may now, or nobody holds one.
    pub fn lease_time_left(&self, now: Timestamp) -> Option<Duration> {
        let lease_until = self.lease_until.filter(|_| self.status == TaskStatus::Processing)?;
        // Strictly after this instant: see `claimable`.
        let rest = (lease_until + CLOCK_SKEW).duration_since(now) + SignedDuration::from_millis(1);
        Duration::try_from(rest).ok().filter(|rest| !rest.is_zero())
    }
}

impl TaskItems {
    /// Returns a page of the due index: the entries of one shard that are due, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn query_due(&self, query: IndexQuery) -> Result<IndexPage<DueEntry>> {
        index::query(&self.0, query).await
    }

    /// Claims the next attempt of a task that may run among others.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn claim(&self, due: &DueEntry, lease: &Lease, now: Timestamp) -> Result<Claim> {
        let update = start_attempt(lease, now).add("attempt", number(1)).only_if(claimable(now));
        self.write_claim(Key::new(&due.partition, &due.sort), update, lease, now).await
    }

    /// Claims the next attempt of a suspect, if the row is still as it was read. It counts as a crash until it ends, so a task that
    /// kills its process ends too. Nothing else may be in flight in the caller's process.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn claim_suspect(&self, suspect: &Task, lease: &Lease, now: Timestamp) -> Result<Claim> {
        let is_takeover = suspect.status == TaskStatus::Processing;
        let update = start_attempt(lease, now)
            .set("attempt", number(suspect.attempt + u32::from(!is_takeover)))
            .set("crashes", number(suspect.crashes.unwrap_or_default() + 1))
            .only_if(unchanged(suspect, suspect.status, true));
        self.write_claim(suspect.key(), update, lease, now).await
    }

    async fn write_claim(&self, key: Key, claim: Update, lease: &Lease, now: Timestamp) -> Result<Claim> {
        let claim = self.update(key, claim).return_values(ReturnValue::AllNew);
        let task: Task = match claim.send().await {
            Ok(answer) => from_item(answer.attributes.unwrap_or_default())?,
            Err(error) => match rejected_row(error)? {
                // Our own claim, repeated by the SDK after its answer was lost.
                Some(task) if task.lease_id.as_deref() == Some(lease.id.as_str()) => task,
                Some(task) if task.is_suspect(now) => return Ok(Claim::Suspect(Box::new(task))),
                Some(_) | None => return Ok(Claim::NotClaimed),
            },
        };
        let unresolved = matches!(task.claimed_from, Some(TaskStatus::Processing | TaskStatus::Unknown));
        let task = Box::new(task);
        Ok(if unresolved { Claim::Unresolved(task) } else { Claim::New(task) })
    }

    /// Stores the checkpoint of an attempt before its effect. Returns true if the lease still holds.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn store_checkpoint(&self, task: &Task, checkpoint: &str) -> Result<bool> {
        let update = Update::new().set("checkpoint", text(checkpoint)).only_if(held(task, true));
        match self.update(task.key(), update).send().await {
            Ok(_) => Ok(true),
            Err(error) => rejected_row(error).map(|_| false),
        }
    }

    /// Writes the row after an attempt, if the attempt's number and lease still hold. The payload of a series that goes on comes
    /// before: it must outlive the row's next time.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn finish(&self, task: &Task, finished: &Task) -> Result<Finish> {
        self.extend_payload(task, finished).await?;
        let update = difference(task, finished)?.only_if(held(task, task.stopped));
        let Err(error) = self.update(task.key(), update).send().await else { return Ok(Finish::Written) };
        Ok(match rejected_row(error)? {
            Some(found) if found.lease_id != task.lease_id => Finish::Fenced,
            // Our own write, repeated by the SDK after its answer was lost: the lease's id is still there.
            Some(found) if found.status != TaskStatus::Processing => Finish::Written,
            Some(found) if found.stopped && found.attempt == task.attempt => Finish::Stopped,
            Some(_) | None => Finish::Fenced,
        })
    }
}

/// The changes of every claim.
fn start_attempt(lease: &Lease, now: Timestamp) -> Update {
    Update::new()
        .copy("claimedFrom", "status")
        .set("status", text(TaskStatus::Processing.as_str()))
        .set("leaseId", text(&lease.id))
        .set("leaseUntil", milliseconds(lease.until))
        .set("updatedAt", milliseconds(now))
        .set_if_absent("attemptedAt", milliseconds(now))
}

/// A task that is waiting and due, and no suspect.
fn claimable(now: Timestamp) -> Condition {
    let waiting = TaskStatus::Processing.sources().filter(|from| *from != TaskStatus::Processing);
    let waiting = waiting.map(TaskStatus::as_str);
    all([one_of("status", waiting), lt("dueAt", text(index::bound(now))), absent("crashes")])
}

/// The fence: only the holder of the present attempt can write. If the task was stopped meanwhile, only a holder that may write
/// to a stopped task can.
fn held(task: &Task, may_be_stopped: bool) -> Condition {
    unchanged(task, TaskStatus::Processing, may_be_stopped)
}

/// A task in a state, since the attempt that was read.
pub(super) fn unchanged(task: &Task, status: TaskStatus, may_be_stopped: bool) -> Condition {
    let stopped = eq("stopped", AttributeValue::Bool(may_be_stopped));
    all([
        eq("status", text(status.as_str())),
        eq("attempt", number(task.attempt)),
        eq("leaseId", text(task.lease_id.clone().unwrap_or_default())),
        any([absent("stopped"), stopped]),
    ])
}

/// Returns the update that turns one row into another.
fn difference(before: &Task, after: &Task) -> Result<Update> {
    let attributes = |task: &Task| -> Result<Item> {
        let mut item: Item = serde_dynamo::to_item(task).map_err(Error::internal)?;
        item.retain(|_, value| !value.is_null());
        Ok(item)
    };
    let (mut before, after) = (attributes(before)?, attributes(after)?);
    let mut after: Vec<_> = after.into_iter().collect();
    after.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut update = Update::new();
    for (name, value) in after {
        if before.remove(&name).as_ref() != Some(&value) {
            update = update.set(&name, value);
        }
    }
    let mut removed: Vec<_> = before.into_keys().collect();
    removed.sort();
    Ok(update.remove(removed))
}
