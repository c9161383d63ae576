//! `Scheduler`: tasks from acceptance to their place in the due index, and what a user may do with them.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::clock::{Clock, Random};
use crate::error::{Error, Result};
use crate::ids::{AgentId, TaskId, UserId};
use crate::intent::Intent;
use crate::recurrence::Recurrence;
use crate::tables::idempotency::{IdempotencyKey, IdempotencyTable};
use crate::tables::limits::{Limit, LimitsTable};
use crate::tables::tasks::{self, Status, Task, TasksTable};
use crate::tables::{Page, PageRequest};

/// How far ahead a task may lie.
const MOST_AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);
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

/// When a task is to run.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// At this time; a series may find its first one by itself.
    pub at: Option<Timestamp>,
    /// And again.
    pub recurrence: Option<Recurrence>,
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
    /// [`Error::Invalid`] for a time that has passed or lies more than a year ahead, or a recurrence that has none;
    /// [`Error::Missing`] without a time; [`Error::LimitReached`] after 1,000 tasks in a day; [`Error::KeyReused`].
    pub async fn schedule(
        &self,
        user: &UserId,
        intent: &Intent,
        when: When,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted> {
        let now = self.clock.now();
        let at = when.first(now)?;
        let passed = at.duration_since(now) < -GRACE;
        let new = TaskId { agent: intent.agent.clone(), sort: tasks::scheduled_sort(at, &self.random.ulid(now)) };
        // A time that has passed may be a request sent again; it does not use the key up, so that it can be corrected.
        let wanted = match key {
            Some(key) if passed => self.made_before(user, key, new).await?,
            key => self.want(user, new, key).await?,
        };
        let what = (intent.adapter.tool.as_str(), intent.action.name, &intent.context);
        let mut task = Task::new((user, &intent.agent), wanted.id.sort.clone(), what, Status::Scheduled, now);
        let at = task.first_at().unwrap_or(at);
        if wanted.made.is_some() {
            return Ok(Accepted { id: wanted.id, at, replayed: true });
        }
        if passed {
            return Err(Error::invalid("executeAt", "has passed"));
        }
        self.limits.take(user, SCHEDULES, now).await?;
        task.recurrence = when.recurrence;
        task.save_as.clone_from(&intent.save_as);
        task.due(at);
        let stood = self.table.insert(&task).await?;
        Ok(Accepted { id: wanted.id, at, replayed: stood.is_some() })
    }

    /// Which task a request is for: a new one; or, with a key that was taken before, the one it was taken for, which may not
    /// have been made yet if that request was lost half way.
    ///
    /// # Errors
    /// [`Error::KeyReused`].
    pub async fn want(&self, user: &UserId, new: TaskId, key: Option<&IdempotencyKey>) -> Result<Wanted> {
        let Some(key) = key else { return Ok(Wanted { id: new, made: None }) };
        match self.keys.take(user, key, &new, self.clock.now()).await? {
            Some(id) => self.made(user, id).await,
            None => Ok(Wanted { id: new, made: None }),
        }
    }

    async fn made_before(&self, user: &UserId, key: &IdempotencyKey, new: TaskId) -> Result<Wanted> {
        match self.keys.find(user, key, self.clock.now()).await? {
            Some(id) => self.made(user, id).await,
            None => Ok(Wanted { id: new, made: None }),
        }
    }

    async fn made(&self, user: &UserId, id: TaskId) -> Result<Wanted> {
        match self.table.get(user, &id).await {
            Ok(task) => Ok(Wanted { id, made: Some(task) }),
            Err(Error::NotFound(_)) => Ok(Wanted { id, made: None }),
            Err(error) => Err(error),
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

impl When {
    /// When the first occurrence is.
    fn first(&self, now: Timestamp) -> Result<Timestamp> {
        let at = match (self.at, &self.recurrence) {
            (Some(at), _) => at,
            (None, Some(recurrence)) => recurrence.first(now)?,
            (None, None) => return Err(Error::Missing(vec!["executeAt".to_owned()])),
        };
        if let Some(recurrence) = &self.recurrence {
            recurrence.starting(at)?;
        }
        if at.duration_since(now) > MOST_AHEAD {
            return Err(Error::invalid("executeAt", "lies more than a year ahead"));
        }
        Ok(at)
    }
}
