//! The tasks of an agent that go on by themselves, and the writes that stop them.
//!
//! A waiting task is cancelled, after what it prepared is discarded. One with an unfinished attempt is marked, because the outcome of that attempt must be recorded: its
//! process, or the one that takes it over, ends the task after the attempt.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::items::{TaskItems, key, rejected_row};
use super::keys::{due_at, due_shard, partition, ulid_of};
use super::last_error::LastError;
use super::ledger::unchanged;
use super::status::{TRANSITIONS, TaskStatus};
use super::task::Task;
use super::task_files::TaskFiles;
use super::transition::TASK_RETENTION;
use super::waiting::WaitingTask;
use crate::account::AccountId;
use crate::aws;
use crate::error::Result;
use crate::ids::{AgentId, Creator, TaskId, UserId};
use crate::permissions::Caller;
use crate::tables::expression::{Condition, absent, all, all_of, begins_with, eq, one_of};
use crate::tables::update::Update;
use crate::tables::{Item, attribute, from_item, milliseconds, number, permitted, text, ttl};

/// Writes that are tried on one task: its state can change between two of them.
pub(super) const MAX_STOP_WRITES: usize = 4;

/// A scheduled task that goes on by itself.
#[derive(Debug, Deserialize)]
pub struct LivingTask {
    #[serde(rename = "pk")]
    partition: String,
    /// The sort key.
    #[serde(rename = "sk")]
    pub sort: String,
    /// The state.
    pub status: TaskStatus,
    /// The tool's name.
    pub tool: String,
    /// The account.
    pub account: AccountId,
    /// The files that it sends.
    #[serde(default)]
    pub files: TaskFiles,
    recurrence: Option<IgnoredAny>,
}

impl LivingTask {
    /// True for a series.
    pub fn is_series(&self) -> bool {
        self.recurrence.is_some()
    }

    /// Returns the item that it has while it waits for its connection.
    pub fn waiting(&self) -> WaitingTask {
        WaitingTask::at(self.partition.clone(), self.sort.clone())
    }
}

/// A page of an agent's tasks that go on by themselves.
#[derive(Debug)]
pub struct LivingPage {
    /// The tasks.
    pub tasks: Vec<LivingTask>,
    /// The start of the next page; absent at the end.
    pub next: Option<Item>,
}

/// The result of stopping one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The task is cancelled.
    Cancelled,
    /// An attempt is unfinished; nothing follows it.
    Running,
    /// The task had ended.
    Ended,
    /// The task changed at each try.
    Missed,
}

/// The way in which a waiting task is cancelled.
#[derive(Clone, Debug)]
pub(super) enum Cancellation {
    /// Nothing is prepared: the task ends.
    Immediate,
    /// The next claim discards what was prepared, such as a draft, and ends the task. The row as it was read.
    AfterDiscard(Box<Task>),
}

impl Cancellation {
    pub(super) fn of(task: Task) -> Self {
        if task.needs_discard { Self::AfterDiscard(Box::new(task)) } else { Self::Immediate }
    }

    /// Returns the update that cancels a task. `condition` selects the states of a task with nothing prepared.
    pub(super) fn update(&self, sort: &str, condition: Condition, now: Timestamp) -> Update {
        let update = Update::new().set("updatedAt", milliseconds(now));
        match self {
            Self::Immediate => update
                .set("status", text(TaskStatus::Cancelled.as_str()))
                .set("ttl", number(ttl(now, TASK_RETENTION)))
                .remove(["dueShard", "dueAt"])
                .only_if(all([condition, absent("needsDiscard")])),
            Self::AfterDiscard(read) => update
                .set("status", text(TaskStatus::Unknown.as_str()))
                .set("discardEnd", text(TaskStatus::Cancelled.as_str()))
                .set("stopped", AttributeValue::Bool(true))
                .set("dueAt", text(due_at(now, ulid_of(sort))))
                .set("dueShard", text(due_shard(sort)))
                .remove(["reconcileAttempts"])
                .only_if(unchanged(read, read.status, true)),
        }
    }
}

/// The states of a task that goes on by itself.
fn living_states() -> impl Iterator<Item = TaskStatus> {
    TRANSITIONS.into_iter().map(|(state, _)| state).filter(|state| !state.is_final())
}

/// The states in which a task has no unfinished attempt and can be cancelled by a request. The end of an attempt can cancel too.
pub(super) fn cancellable_states() -> impl Iterator<Item = TaskStatus> {
    TaskStatus::Cancelled.sources().filter(|from| *from != TaskStatus::Processing)
}

pub(super) fn is_cancellable(state: TaskStatus) -> bool {
    cancellable_states().any(|cancellable| cancellable == state)
}

impl Task {
    /// True if the task is cancelled, or will be when what it prepared is discarded.
    pub(super) fn is_cancelled(&self) -> bool {
        self.status == TaskStatus::Cancelled || self.discard_end == Some(TaskStatus::Cancelled)
    }
}

impl TaskItems {
    /// Returns the scheduled tasks of an agent that go on by themselves, latest time of execution first: those among the next
    /// `rows` tasks that the caller may see. `created_by` selects the tasks that one caller requested.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn living(
        &self,
        caller: &Caller,
        agent: &AgentId,
        created_by: Option<&Creator>,
        rows: i32,
        after: Option<Item>,
    ) -> Result<LivingPage> {
        let keys = all([eq("pk", text(partition(&caller.user, agent))), begins_with("sk", text("S#"))]);
        let living = one_of("status", living_states().map(TaskStatus::as_str));
        let created_by = created_by.map(|creator| eq("createdBy", text(creator.clone())));
        let query = self
            .0
            .query(keys, all_of([Some(living), created_by, permitted::rows(caller)]))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(rows);
        let answer = query.set_exclusive_start_key(after).send().await.map_err(aws::failure)?;
        let tasks = answer.items.unwrap_or_default().into_iter().map(from_item).collect::<Result<_>>()?;
        Ok(LivingPage { tasks, next: answer.last_evaluated_key })
    }

    /// Stops a task that was read in the state `from`: cancels it, or marks it if an attempt is unfinished. `reason` becomes the
    /// last error of a cancelled task.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn stop(
        &self,
        user: &UserId,
        id: &TaskId,
        mut from: TaskStatus,
        reason: Option<&LastError>,
        now: Timestamp,
    ) -> Result<Stop> {
        let mut cancellation = Cancellation::Immediate;
        for _ in 0..MAX_STOP_WRITES {
            let (condition, cancellable) = (eq("status", text(from.as_str())), is_cancellable(from));
            let update = if cancellable {
                let update = cancellation.update(&id.sort, condition, now);
                update.set_some("lastError", reason.map(attribute).transpose()?)
            } else if from.is_final() {
                return Ok(Stop::Ended);
            } else {
                Update::new().set("stopped", AttributeValue::Bool(true)).only_if(condition)
            };
            let Err(error) = self.update(key(user, id), update).send().await else {
                return Ok(if cancellable { Stop::Cancelled } else { Stop::Running });
            };
            match rejected_row(error)? {
                // Our own write, repeated by the SDK after its answer was lost.
                Some(task) if cancellable && task.is_cancelled() && task.updated_at == now => {
                    return Ok(Stop::Cancelled);
                }
                Some(task) => {
                    from = task.status;
                    cancellation = Cancellation::of(task);
                }
                None => return Ok(Stop::Ended),
            }
        }
        Ok(Stop::Missed)
    }
}
