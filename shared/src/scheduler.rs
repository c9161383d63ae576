//! `Scheduler`: tasks from acceptance to their place in the due index, and what a user may do with them.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::clock::{Clock, Random};
use crate::error::{Error, Result};
use crate::ids::{AgentId, TaskId, UserId};
use crate::intent::Intent;
use crate::recurrence::Recurrence;
use crate::tables::tasks::{
    self, IdempotencyItems, IdempotencyKey, Limit, LimitItems, NewTask, Task, TaskItems, TaskStatus,
};
use crate::tables::{Page, PageRequest};

/// How far ahead a task may lie.
const MAX_SCHEDULE_AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);
/// A time that was now when the request was written may be past when it arrives.
const GRACE_PERIOD: SignedDuration = SignedDuration::from_secs(5);
/// Tasks a user may schedule in a day.
const SCHEDULE_LIMIT: Limit = Limit { name: "schedules", max: 1000, window: Duration::from_secs(24 * 60 * 60) };

/// Tasks of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pub(crate) tasks: TaskItems,
    pub(crate) idempotency: IdempotencyItems,
    pub(crate) limits: LimitItems,
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
pub struct Schedule {
    /// At this time; a series may find its first one by itself.
    pub at: Option<Timestamp>,
    /// And again.
    pub recurrence: Option<Recurrence>,
}

/// The task a request is for.
#[derive(Debug)]
pub struct Reservation {
    /// Its id: a new one, or the one its idempotency key was taken for.
    pub task_id: TaskId,
    /// The task, when an earlier request with the same key made it.
    pub existing: Option<Task>,
}

/// What was accepted for later.
#[derive(Debug)]
pub struct AcceptedTask {
    /// The task.
    pub task_id: TaskId,
    /// When it runs.
    pub execute_at: Timestamp,
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
        when: Schedule,
        key: Option<&IdempotencyKey>,
    ) -> Result<AcceptedTask> {
        let now = self.clock.now();
        let at = when.first_occurrence(now)?;
        let passed = at.duration_since(now) < -GRACE_PERIOD;
        let new = TaskId { agent: intent.agent.clone(), sort: tasks::scheduled_sort(at, &self.random.ulid(now)) };
        // A time that has passed may be a request sent again; it does not use the key up, so that it can be corrected.
        let wanted = match key {
            Some(key) if passed => self.find_reservation(user, key, new).await?,
            key => self.reserve(user, new, key).await?,
        };
        let mut task = Task::new(NewTask {
            user,
            agent: &intent.agent,
            sort: wanted.task_id.sort.clone(),
            tool: intent.adapter.tool.as_str(),
            action: intent.action.name,
            payload: &intent.context,
            status: TaskStatus::Scheduled,
            now,
        });
        let at = task.first_execute_at().unwrap_or(at);
        if wanted.existing.is_some() {
            return Ok(AcceptedTask { task_id: wanted.task_id, execute_at: at, replayed: true });
        }
        if passed {
            return Err(Error::invalid("executeAt", "has passed"));
        }
        self.limits.consume(user, SCHEDULE_LIMIT, now).await?;
        task.recurrence = when.recurrence;
        task.save_as.clone_from(&intent.save_as);
        task.index_at(at);
        let stood = self.tasks.insert(&task).await?;
        Ok(AcceptedTask { task_id: wanted.task_id, execute_at: at, replayed: stood.is_some() })
    }

    /// Which task a request is for: a new one; or, with a key that was taken before, the one it was taken for, which may not
    /// have been made yet if that request was lost half way.
    ///
    /// # Errors
    /// [`Error::KeyReused`].
    pub async fn reserve(&self, user: &UserId, new: TaskId, key: Option<&IdempotencyKey>) -> Result<Reservation> {
        let Some(key) = key else { return Ok(Reservation { task_id: new, existing: None }) };
        match self.idempotency.reserve(user, key, &new, self.clock.now()).await? {
            Some(id) => self.reservation_of(user, id).await,
            None => Ok(Reservation { task_id: new, existing: None }),
        }
    }

    async fn find_reservation(&self, user: &UserId, key: &IdempotencyKey, new: TaskId) -> Result<Reservation> {
        match self.idempotency.find(user, key, self.clock.now()).await? {
            Some(id) => self.reservation_of(user, id).await,
            None => Ok(Reservation { task_id: new, existing: None }),
        }
    }

    async fn reservation_of(&self, user: &UserId, id: TaskId) -> Result<Reservation> {
        match self.tasks.get(user, &id).await {
            Ok(task) => Ok(Reservation { task_id: id, existing: Some(task) }),
            Err(Error::NotFound(_)) => Ok(Reservation { task_id: id, existing: None }),
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
        status: Option<TaskStatus>,
        page: &PageRequest,
    ) -> Result<Page<Task>> {
        let prefix = match kind {
            TaskKind::Scheduled => "S#",
            TaskKind::Immediate => "I#",
        };
        self.tasks.list(user, agent, prefix, status, page).await
    }

    /// One task, with its input.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, user: &UserId, id: &TaskId) -> Result<Task> {
        let task = self.tasks.get(user, id).await?;
        let context = self.tasks.load_payload(&task).await?;
        Ok(Task { payload: context, ..task })
    }

    /// Takes a task back that was not called yet.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`].
    pub async fn cancel(&self, user: &UserId, id: &TaskId) -> Result<()> {
        self.tasks.cancel(user, id, self.clock.now()).await
    }

    /// Lets a task run again now. `force` also takes one whose outcome nobody knows.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`].
    pub async fn retry(&self, user: &UserId, id: &TaskId, force: bool) -> Result<()> {
        self.tasks.retry(user, id, force, self.clock.now()).await
    }
}

impl Schedule {
    /// When the first occurrence is.
    fn first_occurrence(&self, now: Timestamp) -> Result<Timestamp> {
        let at = match (self.at, &self.recurrence) {
            (Some(at), _) => at,
            (None, Some(recurrence)) => recurrence.first_after(now)?,
            (None, None) => return Err(Error::Missing(vec!["executeAt".to_owned()])),
        };
        if let Some(recurrence) = &self.recurrence {
            recurrence.series_from(at)?;
        }
        if at.duration_since(now) > MAX_SCHEDULE_AHEAD {
            return Err(Error::invalid("executeAt", "lies more than a year ahead"));
        }
        Ok(at)
    }
}
