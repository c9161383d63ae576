//! `Scheduler`: tasks from acceptance to their place in the due index, and what a user may do with them.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::clock::{Clock, Random};
use crate::error::{Error, Result};
use crate::ids::{AgentId, TaskId, UserId};
use crate::intent::Intent;
use crate::tables::idempotency::{IdempotencyKey, IdempotencyTable, Taken};
use crate::tables::limits::{Limit, LimitsTable};
use crate::tables::tasks::{self, Status, Task, TasksTable};
use crate::tables::{Page, PageRequest};

/// How far ahead a task may lie.
pub const MOST_AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);
/// A time that was now when the request was written may be past when it arrives.
const GRACE: SignedDuration = SignedDuration::from_secs(5);
/// Tasks a user may schedule in a day.
const SCHEDULES: Limit = Limit { name: "schedules", most: 1000, window: Duration::from_secs(24 * 60 * 60) };

/// Tasks of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pub(crate) table: TasksTable,
    pub(crate) keys: IdempotencyTable,
    pub(crate) limits: LimitsTable,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

/// Which of an agent's tasks to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// Scheduled ones, by time of execution.
    Scheduled,
    /// Journaled immediate intents, by time of acceptance.
    Immediate,
}

/// The task a request is for.
#[derive(Debug)]
pub struct Wanted {
    /// Its id: a new one, or the one its idempotency key was taken for.
    pub id: TaskId,
    /// The task, when an earlier request with the same key made it.
    pub made: Option<Task>,
}

/// What was accepted for later.
#[derive(Debug)]
pub struct Accepted {
    /// The task.
    pub id: TaskId,
    /// When it runs.
    pub at: Timestamp,
    /// Whether an earlier request with the same idempotency key had made it.
    pub replayed: bool,
}

impl Scheduler {
    /// Accepts an intent for later.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a time that has passed or lies more than a year ahead; [`Error::LimitReached`] after 1,000 tasks
    /// in a day; [`Error::KeyReused`].
    pub async fn schedule(
        &self,
        user: &UserId,
        intent: &Intent,
        at: Timestamp,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted> {
        let now = self.clock.now();
        let sort = tasks::scheduled_sort(at, &self.random.ulid(now));
        let Wanted { id, made } = self.want(user, TaskId { agent: intent.agent.clone(), sort }, key).await?;
        if made.is_some() {
            return Ok(Accepted { id, at, replayed: true });
        }
        check(at, now)?;
        self.limits.take(user, SCHEDULES, now).await?;
        let what = (intent.adapter.tool.as_str(), intent.action.name, &intent.context);
        let mut task = Task::new((user, &intent.agent), id.sort.clone(), what, Status::Scheduled, now);
        task.due(at);
        let stood = self.table.insert(&task).await?;
        Ok(Accepted { id, at, replayed: stood.is_some() })
    }

    /// Which task a request is for: a new one; or, with a key that was taken before, the one it was taken for, which may not
    /// have been made yet if that request was lost half way.
    ///
    /// # Errors
    /// [`Error::KeyReused`].
    pub async fn want(&self, user: &UserId, new: TaskId, key: Option<&IdempotencyKey>) -> Result<Wanted> {
        let Some(key) = key else { return Ok(Wanted { id: new, made: None }) };
        match self.keys.take(user, key, &new, self.clock.now()).await? {
            Taken::First => Ok(Wanted { id: new, made: None }),
            Taken::Before(id) => match self.table.get(user, &id).await {
                Ok(task) => Ok(Wanted { id, made: Some(task) }),
                Err(Error::NotFound(_)) => Ok(Wanted { id, made: None }),
                Err(error) => Err(error),
            },
        }
    }

    /// An agent's tasks.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(
        &self,
        user: &UserId,
        agent: &AgentId,
        kind: TaskKind,
        status: Option<Status>,
        page: &PageRequest,
    ) -> Result<Page<Task>> {
        let prefix = match kind {
            TaskKind::Scheduled => "S#",
            TaskKind::Immediate => "I#",
        };
        self.table.list(user, agent, prefix, status, page).await
    }

    /// One task, with its input.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, user: &UserId, id: &TaskId) -> Result<Task> {
        let task = self.table.get(user, id).await?;
        let context = self.table.context(&task).await?;
        Ok(Task { context, ..task })
    }

    /// Takes a task back that was not called yet.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`].
    pub async fn cancel(&self, user: &UserId, id: &TaskId) -> Result<()> {
        self.table.cancel(user, id, self.clock.now()).await
    }

    /// Lets a task run again now. `force` also takes one whose outcome nobody knows.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`].
    pub async fn retry(&self, user: &UserId, id: &TaskId, force: bool) -> Result<()> {
        self.table.retry(user, id, force, self.clock.now()).await
    }
}

fn check(at: Timestamp, now: Timestamp) -> Result<()> {
    let ahead = at.duration_since(now);
    if ahead < -GRACE {
        return Err(Error::invalid("scheduledTime", "has passed"));
    }
    if ahead > MOST_AHEAD {
        return Err(Error::invalid("scheduledTime", "lies more than a year ahead"));
    }
    Ok(())
}
