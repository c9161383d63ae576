//! A row of the ledger: what a task is, what states it has, and what its keys say of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::json_text;
use crate::error::{ErrorDetail, Outcome};
use crate::ids::{AgentId, TaskId, UserId, composite_key};
use crate::recurrence::Recurrence;

/// Shards of the due index. Fixed: a task's shard never changes.
pub const SHARDS: u8 = 16;
/// Most lines of a task's history that are kept.
const MAX_HISTORY_ENTRIES: usize = 20;

/// What state a task is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskStatus)]
pub enum TaskStatus {
    /// Waits for its time.
    Scheduled,
    /// An attempt runs.
    Processing,
    /// An attempt had no effect, or was put off; another follows.
    Retrying,
    /// Done.
    Completed,
    /// Not done, and not tried again by itself.
    Failed,
    /// Taken back before it was called.
    Cancelled,
    /// An attempt's answer was lost; the provider is asked what became of it.
    Unknown,
    /// A person must look: the outcome cannot be found out, or the tool must be connected again.
    NeedsAttention,
}

use TaskStatus::{Cancelled, Completed, Failed, NeedsAttention, Processing, Retrying, Scheduled, Unknown};

/// Every change of state there is. The conditions of the writes are made of this table, and README shows it.
pub const TRANSITIONS: [(TaskStatus, &[TaskStatus]); 8] = [
    (Scheduled, &[Processing, Cancelled]),
    // To itself when a lapsed lease is taken over, to `scheduled` when the next occurrence of a series follows.
    (Processing, &[Processing, Completed, Retrying, Unknown, Failed, NeedsAttention, Scheduled]),
    (Retrying, &[Processing, Cancelled]),
    (Unknown, &[Processing]),
    (Completed, &[]),
    (Failed, &[Scheduled]),
    (Cancelled, &[]),
    (NeedsAttention, &[Scheduled]),
];

impl TaskStatus {
    /// The name the API and the table use.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheduled => "scheduled",
            Processing => "processing",
            Retrying => "retrying",
            Completed => "completed",
            Failed => "failed",
            Cancelled => "cancelled",
            Unknown => "unknown",
            NeedsAttention => "needs_attention",
        }
    }

    /// The states that can become this one.
    pub(super) fn sources(self) -> impl Iterator<Item = TaskStatus> {
        TRANSITIONS.into_iter().filter(move |(_, next)| next.contains(&self)).map(|(from, _)| from)
    }

    /// Whether nothing follows by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Scheduled | Processing | Retrying | Unknown)
    }
}

/// The last error of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LastError {
    /// Stable code.
    pub code: String,
    /// For a person.
    pub message: String,
    /// The outcome of the effect.
    pub outcome: Outcome,
}

impl From<&LastError> for ErrorDetail {
    fn from(error: &LastError) -> Self {
        let LastError { code, message, outcome } = error.clone();
        Self { code: code.into(), message, outcome, retry_after_ms: None, connect_url: None }
    }
}

/// The stored result of a completed task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TaskResult)]
pub struct StoredResult {
    /// One sentence for a person.
    pub message: String,
    /// The data that the action read or created; `null` if it was truncated.
    #[schema(value_type = Option<Object>, required)]
    pub data: Value,
    /// A link to the created object.
    #[schema(required)]
    pub link: Option<String>,
    /// True if the data was dropped, because the result is larger than 64 KiB.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncated: bool,
}

/// One line of a task's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// When.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
    /// What the attempt or the person made of the task; of an occurrence of a series, how it ended.
    pub status: TaskStatus,
    /// The attempt; none when a person asked for another try.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// The occurrence, where it is known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub occurrence: u32,
    /// Why, when it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The provider's id of what was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// One row of the ledger. Whose it is, when it was accepted and for when are read from its keys, so that the row stays
/// small: each of its writes costs by its size.
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
    /// Its input; `Null` while it lies in an item of its own.
    #[serde(default, skip_serializing_if = "Value::is_null", with = "json_text")]
    pub payload: Value,
    /// The agent's own key under which the id of what is made is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save_as: Option<String>,
    /// Its state.
    pub status: TaskStatus,
    /// Attempts of this occurrence that were claimed and used up.
    pub attempt: u32,
    /// Times it was put off, which is no attempt used up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub deferrals: u32,
    /// Times the provider was asked in vain what became of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reconcile_attempts: u32,
    /// How it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "json_text")]
    pub recurrence: Option<Recurrence>,
    /// Which occurrence of a series this is, from 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub occurrence: u32,
    /// When this occurrence was to run, from the second on.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub occurrence_at: Option<Timestamp>,
    /// What a provider gave to settle a lost answer by, such as a draft's id; written before the call.
    pub checkpoint: Option<String>,
    /// The state the current attempt was claimed from.
    pub claimed_from: Option<TaskStatus>,
    /// Who holds the current attempt, or held the last.
    pub lease_id: Option<String>,
    /// Until when it is held.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub lease_until: Option<Timestamp>,
    /// When it last changed.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub updated_at: Timestamp,
    /// The result of the last completed occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "json_text")]
    pub result: Option<StoredResult>,
    /// The provider's id of what was made.
    pub external_id: Option<String>,
    /// Why it was not done.
    pub last_error: Option<LastError>,
    /// What happened before the present state, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryEntry>,
    /// Its shard in the due index, while it is there.
    pub due_shard: Option<String>,
    /// Its time in the due index: `<epoch milliseconds, 15 digits>#<ulid>`.
    pub due_at: Option<String>,
    /// When DynamoDB may delete it, epoch seconds.
    pub ttl: Option<i64>,
}

impl Task {
    /// A task of a user and agent without a claim and without a place in the due index.
    pub fn new(
        (user, agent): (&UserId, &AgentId),
        sort: String,
        (tool, intent, context): (&str, &str, &Value),
        status: TaskStatus,
        now: Timestamp,
    ) -> Self {
        Self {
            partition: partition(user, agent),
            sort,
            tool: tool.to_owned(),
            action: intent.to_owned(),
            payload: context.clone(),
            save_as: None,
            status,
            attempt: 0,
            deferrals: 0,
            reconcile_attempts: 0,
            recurrence: None,
            occurrence: 1,
            occurrence_at: None,
            checkpoint: None,
            claimed_from: None,
            lease_id: None,
            lease_until: None,
            updated_at: now,
            result: None,
            external_id: None,
            last_error: None,
            history: vec![],
            due_shard: None,
            due_at: None,
            ttl: None,
        }
    }

    /// The random part of its key: it tells nothing of its owner.
    pub fn ulid(&self) -> &str {
        ulid_of(&self.sort)
    }

    /// Whose it is; `None` for a row that this service did not write.
    pub fn owner(&self) -> Option<(UserId, AgentId)> {
        Some((UserId::from_stored_key(&self.partition)?, AgentId::from_stored_key(&self.partition)?))
    }

    /// Its public id.
    pub fn id(&self) -> Option<TaskId> {
        Some(TaskId { agent: AgentId::from_stored_key(&self.partition)?, sort: self.sort.clone() })
    }

    /// Whether it journals an intent that ran at once.
    pub fn is_immediate(&self) -> bool {
        self.sort.starts_with("I#")
    }

    /// When it was accepted.
    pub fn created_at(&self) -> Timestamp {
        let ulid = ulid::Ulid::from_string(self.ulid()).unwrap_or_default();
        let milliseconds = i64::try_from(ulid.timestamp_ms()).ok();
        milliseconds.and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or(self.updated_at)
    }

    /// When its first occurrence was to run; `None` for an immediate intent.
    pub fn first_execute_at(&self) -> Option<Timestamp> {
        leading_timestamp(self.sort.strip_prefix("S#")?)
    }

    /// When the present occurrence is, or was, to run; `None` for an immediate intent.
    pub fn execute_at(&self) -> Option<Timestamp> {
        self.occurrence_at.or_else(|| self.first_execute_at())
    }

    /// When the due index has, or had, it run.
    pub fn due_time(&self) -> Option<Timestamp> {
        self.due_at.as_deref().and_then(leading_timestamp)
    }

    /// When it runs next, if it does so by itself.
    pub fn next_attempt_at(&self) -> Option<Timestamp> {
        let waits = matches!(self.status, Scheduled | Retrying | Unknown);
        self.due_time().filter(|_| waits)
    }

    /// `<ulid>.<occurrence>`: the same at every attempt of one effect. It tells nobody anything.
    pub fn effect_key(&self) -> String {
        format!("{}.{}", self.ulid(), self.occurrence)
    }

    /// Everything that happened to it, oldest first, the present state last.
    pub fn full_history(&self) -> Vec<HistoryEntry> {
        let accepted = if self.is_immediate() { Processing } else { Scheduled };
        let entry = |at, status| HistoryEntry {
            at,
            status,
            attempt: self.attempt,
            occurrence: self.occurrence,
            code: None,
            external_id: None,
        };
        let mut story = vec![HistoryEntry { attempt: 0, occurrence: 1, ..entry(self.created_at(), accepted) }];
        story.extend(self.history.iter().cloned());
        let present = HistoryEntry { external_id: self.external_id.clone(), ..entry(self.updated_at, self.status) };
        if story.last().is_none_or(|last| (last.at, last.status) != (present.at, present.status)) {
            story.push(present);
        }
        story
    }

    /// Puts it into the due index.
    pub(crate) fn index_at(&mut self, at: Timestamp) {
        self.due_shard = Some(due_shard(&self.sort));
        self.due_at = Some(due_at(at, self.ulid()));
    }

    /// Adds a line to its history; the oldest ones go.
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

/// The partition of an agent's tasks.
pub fn partition(user: &UserId, agent: &AgentId) -> String {
    composite_key(&[user.as_str(), agent.as_str()])
}

/// The sort key of a scheduled task.
pub fn scheduled_sort(at: Timestamp, ulid: &str) -> String {
    format!("S#{:015}#{ulid}", at.as_millisecond())
}

/// The sort key of an intent that runs at once.
pub fn immediate_sort(ulid: &str) -> String {
    format!("I#{ulid}")
}

/// The due index's time of a task.
pub(super) fn due_at(at: Timestamp, ulid: &str) -> String {
    format!("{:015}#{ulid}", at.as_millisecond())
}

/// The shard of the due index a task lies in, by its sort key: the last character of a ULID is random.
pub fn shard_of(sort: &str) -> u8 {
    sort.bytes().last().unwrap_or_default() % SHARDS
}

/// The due index's shard of a task as its key has it.
pub(super) fn due_shard(sort: &str) -> String {
    format!("{:02}", shard_of(sort))
}

pub(super) fn ulid_of(sort: &str) -> &str {
    sort.rsplit('#').next().unwrap_or_default()
}

/// The instant a due index's time, or a scheduled task's key, begins with.
pub(super) fn leading_timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(text.split('#').next()?.parse().ok()?).ok()
}

fn first() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to these")]
fn is_first(occurrence: &u32) -> bool {
    *occurrence == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to these")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references to these")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
