//! A row of the ledger: the task, and the facts that its keys hold.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::StoredResult;
use super::keys::{accepted_at, due_at, due_shard, leading_timestamp, partition, ulid_of};
use super::last_error::LastError;
use super::status::TaskStatus;
use super::task_files::TaskFiles;
use super::transition::AttemptFacts;
use crate::account::AccountId;
use crate::error::Result;
use crate::ids::{AgentId, Creator, TaskId, UserId};
use crate::pace::Tickets;
use crate::permissions::Caller;
use crate::recurrence::Recurrence;
use crate::tables::json_text;
use crate::tables::table::Key;

/// The largest number of entries in a task's history.
const MAX_HISTORY_ENTRIES: usize = 20;

/// One entry of a task's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// The time.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
    /// The state after the attempt or the person's request; for an occurrence of a series, its final state.
    pub status: TaskStatus,
    /// The number of the attempt; 0 when a person requested another attempt.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// The number of the occurrence, where it is known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub occurrence: u32,
    /// The error code of an attempt without a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's id of the created object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// One row of the ledger. The owner, the time of acceptance and the first time of execution are read from its keys, so that the
/// row is small: each of its writes costs by its size.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The partition: `user#agent`.
    #[serde(rename = "pk")]
    pub partition: String,
    /// The sort key: `S#<first executeAt>#<ulid>` or `I#<ulid>`.
    #[serde(rename = "sk")]
    pub sort: String,
    /// The tool.
    pub tool: String,
    /// The action.
    pub action: String,
    /// The account that the task is bound to since its acceptance.
    pub account: AccountId,
    /// The payload; `Null` while a side item or an object holds it.
    #[serde(default, skip_serializing_if = "Value::is_null", with = "json_text")]
    pub payload: Value,
    /// True if an object of the bucket holds the payload.
    #[serde(default, skip_serializing_if = "is_false")]
    pub payload_in_bucket: bool,
    /// The agent's own key under which the id of the created object is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save_as: Option<String>,
    /// The files that it sends.
    #[serde(default, skip_serializing_if = "TaskFiles::is_empty")]
    pub files: TaskFiles,
    /// The caller who requested it; absent for the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Creator>,
    /// The state.
    pub status: TaskStatus,
    /// Attempts of this occurrence that were claimed and consumed.
    pub attempt: u32,
    /// Crashes of its process while it ran alone, the current attempt included until it ends; absent for a task that is no suspect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crashes: Option<u32>,
    /// Deferrals of this occurrence; a deferral consumes no attempt.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub deferrals: u32,
    /// The tickets of the rate limits that deferred it.
    #[serde(default, skip_serializing_if = "Tickets::is_empty")]
    pub tickets: Tickets,
    /// The time since which a rate limit defers it.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub limited_since: Option<Timestamp>,
    /// Reconciliation attempts without a conclusive answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reconcile_attempts: u32,
    /// The recurrence.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "json_text")]
    pub recurrence: Option<Recurrence>,
    /// The number of this occurrence of a series, from 1.
    #[serde(default = "first_occurrence", skip_serializing_if = "is_first")]
    pub occurrence: u32,
    /// The planned time of this occurrence, from the second on.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub occurrence_at: Option<Timestamp>,
    /// The checkpoint: what the action stored before its effect, such as a draft's id, so that a lost answer can be reconciled.
    pub checkpoint: Option<String>,
    /// True if an attempt may have prepared something that is discarded before the task ends without its effect. Its checkpoint can
    /// be lost.
    #[serde(default, skip_serializing_if = "is_false")]
    pub needs_discard: bool,
    /// The start of the first attempt of this occurrence, until its end: what any attempt prepared and lost is found from there on.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub attempted_at: Option<Timestamp>,
    /// The place from which the next reconciliation reads on in the provider's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconcile_cursor: Option<String>,
    /// The state that follows when what was prepared is discarded; absent while the effect can still happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discard_end: Option<TaskStatus>,
    /// The state the current attempt was claimed from.
    pub claimed_from: Option<TaskStatus>,
    /// The id of the lease of the current attempt, or of the latest.
    pub lease_id: Option<String>,
    /// The end of the lease.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub lease_until: Option<Timestamp>,
    /// True if it was stopped during an attempt: neither another attempt nor another occurrence follows.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stopped: bool,
    /// The time of the latest change.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub updated_at: Timestamp,
    /// The result of the last completed occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "json_text")]
    pub result: Option<StoredResult>,
    /// The provider's id of the created object.
    pub external_id: Option<String>,
    /// The error of the latest attempt, if it did not succeed.
    pub last_error: Option<LastError>,
    /// The entries before the present state, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryEntry>,
    /// The shard in the due index, while the task is in the index.
    pub due_shard: Option<String>,
    /// The position in the due index: `<epoch milliseconds, 15 digits>#<ulid>`.
    pub due_at: Option<String>,
    /// The time from which DynamoDB may delete the row, epoch seconds.
    pub ttl: Option<i64>,
    /// What the current attempt has learned. It is stored with its transition.
    #[serde(skip)]
    pub facts: AttemptFacts,
}

/// The members of a new task.
#[derive(Clone, Debug)]
pub struct NewTask<'a> {
    /// The owner.
    pub user: &'a UserId,
    /// The agent.
    pub agent: &'a AgentId,
    /// The sort key.
    pub sort: String,
    /// The tool.
    pub tool: &'a str,
    /// The action.
    pub action: &'a str,
    /// The account.
    pub account: &'a AccountId,
    /// The payload.
    pub payload: &'a Value,
    /// The state.
    pub status: TaskStatus,
    /// The present time.
    pub now: Timestamp,
}

impl Task {
    /// Returns a task without a claim and without an entry in the due index.
    pub fn new(new: NewTask<'_>) -> Self {
        let NewTask { user, agent, sort, tool, action, account, payload, status, now } = new;
        Self {
            partition: partition(user, agent),
            sort,
            tool: tool.to_owned(),
            action: action.to_owned(),
            account: account.clone(),
            payload: payload.clone(),
            payload_in_bucket: false,
            save_as: None,
            files: TaskFiles::default(),
            created_by: None,
            status,
            attempt: 0,
            crashes: None,
            deferrals: 0,
            tickets: Tickets::new(),
            limited_since: None,
            reconcile_attempts: 0,
            recurrence: None,
            occurrence: 1,
            occurrence_at: None,
            checkpoint: None,
            needs_discard: false,
            attempted_at: None,
            reconcile_cursor: None,
            discard_end: None,
            claimed_from: None,
            lease_id: None,
            lease_until: None,
            stopped: false,
            updated_at: now,
            result: None,
            external_id: None,
            last_error: None,
            history: vec![],
            due_shard: None,
            due_at: None,
            ttl: None,
            facts: AttemptFacts::default(),
        }
    }

    /// Checks that a caller may see the task.
    ///
    /// # Errors
    /// [`Error::Forbidden`](crate::error::Error::Forbidden).
    pub fn check_permitted(&self, caller: &Caller) -> Result<()> {
        caller.check(&self.tool, Some(&self.action), Some(&self.account))
    }

    /// Returns the random part of the key. It holds no data of the owner.
    pub fn ulid(&self) -> &str {
        ulid_of(&self.sort)
    }

    /// Returns the owner and the agent; `None` for a row that this service did not write.
    pub fn owner(&self) -> Option<(UserId, AgentId)> {
        Some((UserId::from_stored_key(&self.partition)?, AgentId::from_stored_key(&self.partition)?))
    }

    /// Returns the public id.
    pub fn id(&self) -> Option<TaskId> {
        Some(TaskId { agent: AgentId::from_stored_key(&self.partition)?, sort: self.sort.clone() })
    }

    /// Returns the key of the row.
    pub(super) fn key(&self) -> Key {
        Key::new(&self.partition, &self.sort)
    }

    /// True for an immediate intent.
    pub fn is_immediate(&self) -> bool {
        self.sort.starts_with("I#")
    }

    /// True if the current attempt was claimed while the task waited for its connection.
    pub fn was_waiting(&self) -> bool {
        self.claimed_from == Some(TaskStatus::AwaitingConnection)
    }

    /// Returns the time of acceptance.
    pub fn created_at(&self) -> Timestamp {
        accepted_at(&self.sort).unwrap_or(self.updated_at)
    }

    /// Returns the planned time of the first occurrence; `None` for an immediate intent.
    pub fn first_execute_at(&self) -> Option<Timestamp> {
        leading_timestamp(self.sort.strip_prefix("S#")?)
    }

    /// Returns the planned time of the present occurrence; `None` for an immediate intent.
    pub fn execute_at(&self) -> Option<Timestamp> {
        self.occurrence_at.or_else(|| self.first_execute_at())
    }

    /// Returns the time of the task in the due index.
    pub fn due_time(&self) -> Option<Timestamp> {
        self.due_at.as_deref().and_then(leading_timestamp)
    }

    /// Returns the time of the next attempt, if one follows by itself.
    pub fn next_attempt_at(&self) -> Option<Timestamp> {
        let waits = matches!(
            self.status,
            TaskStatus::Scheduled | TaskStatus::Retrying | TaskStatus::Unknown | TaskStatus::AwaitingConnection
        );
        self.due_time().filter(|_| waits)
    }

    /// Returns `<ulid>.<occurrence>`: the same for every attempt of one effect. It holds no data of the owner.
    pub fn effect_key(&self) -> String {
        format!("{}.{}", self.ulid(), self.occurrence)
    }

    /// Returns the complete history, oldest entry first, the present state last.
    pub fn full_history(&self) -> Vec<HistoryEntry> {
        let accepted = if self.is_immediate() { TaskStatus::Processing } else { TaskStatus::Scheduled };
        let entry = |at, status| HistoryEntry {
            at,
            status,
            attempt: self.attempt,
            occurrence: self.occurrence,
            code: None,
            external_id: None,
        };
        let mut history = vec![HistoryEntry { attempt: 0, occurrence: 1, ..entry(self.created_at(), accepted) }];
        history.extend(self.history.iter().cloned());
        let present = HistoryEntry { external_id: self.external_id.clone(), ..entry(self.updated_at, self.status) };
        // A task that goes on waiting changes its row each hour, and its history once.
        let is_last = |last: &HistoryEntry| {
            last.status == present.status && (last.at == present.at || present.status == TaskStatus::AwaitingConnection)
        };
        if !history.last().is_some_and(is_last) {
            history.push(present);
        }
        history
    }

    /// Puts the task into the due index.
    pub(crate) fn index_at(&mut self, at: Timestamp) {
        self.due_shard = Some(due_shard(&self.sort));
        self.due_at = Some(due_at(at, self.ulid()));
    }

    /// Adds an entry to the history; the oldest ones are removed.
    pub(super) fn push_history(
        &mut self,
        at: Timestamp,
        status: TaskStatus,
        code: Option<String>,
        external_id: Option<String>,
    ) {
        let (attempt, occurrence) = (self.attempt, self.occurrence);
        self.history.push(HistoryEntry { at, status, attempt, occurrence, code, external_id });
        let excess = self.history.len().saturating_sub(MAX_HISTORY_ENTRIES);
        self.history.drain(..excess);
    }
}

fn first_occurrence() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to these")]
fn is_first(occurrence: &u32) -> bool {
    *occurrence == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to these")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to these")]
fn is_false(flag: &bool) -> bool {
    !flag
}
