//! `Scheduler`: tasks from acceptance to their entry in the due index, and the operations of their owner.

mod all_agents;
mod due_queue;
mod file_deletions;
mod schedule;
mod task_waits;
mod waiting;

pub use due_queue::{DueQueue, DueRange};
pub use file_deletions::FileDeletions;
pub use schedule::{Schedule, StartingSchedule};
pub use task_waits::{MAX_WAIT_SECONDS, ReadTask, TaskWaits};
pub use waiting::{ConnectedAccount, WaitingTasks};

use jiff::Timestamp;
use std::time::Duration;

use crate::account::AccountId;
use crate::agents::Agents;
use crate::clock::{Clock, Random};
use crate::deployment::{Deployment, Part};
use crate::error::{Error, FileFault, Result};
use crate::files::{self, Files};
use crate::http::ActionSlots;
use crate::ids::{AgentId, TaskId, UserId};
use crate::intent::Intent;
use crate::payloads::Payloads;
use crate::permissions::Caller;
use crate::tables::tasks::{
    self, IdempotencyItems, IdempotencyKey, Limit, LimitItems, NewTask, SeriesItems, Task, TaskItems, TaskStatus,
};
use crate::tables::{Page, PageRequest};

/// Tasks that a user may schedule in a day, and retry by hand: each has up to five attempts.
pub const SCHEDULE_LIMIT: Limit = Limit {
    name: "schedules",
    max: 1000,
    things: "scheduled tasks and retries a day",
    window: Duration::from_secs(24 * 60 * 60),
};

/// The scheduler of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pub(crate) tasks: TaskItems,
    pub(crate) idempotency: IdempotencyItems,
    pub(crate) series: SeriesItems,
    pub(crate) limits: LimitItems,
    pub(crate) max_series: usize,
    pub(crate) waiting: WaitingTasks,
    pub(crate) files: Files,
    pub(crate) payloads: Payloads,
    pub(crate) agents: Agents,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

/// The kinds of an agent's tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// Scheduled tasks, by time of execution.
    Scheduled,
    /// Journaled immediate intents, by time of acceptance.
    Immediate,
}

impl TaskKind {
    /// The start of the sort keys of tasks of this kind.
    fn sort_prefix(self) -> &'static str {
        match self {
            Self::Scheduled => "S#",
            Self::Immediate => "I#",
        }
    }
}

/// A task id that is reserved under an idempotency key.
#[derive(Debug)]
pub struct Reservation {
    /// The id: a new one, or the one that an earlier request reserved with the same key.
    pub task_id: TaskId,
    /// The task, if an earlier request with the same key created it.
    pub existing: Option<Task>,
}

/// A task that was accepted for later.
#[derive(Debug)]
pub struct AcceptedTask {
    /// The task's id.
    pub task_id: TaskId,
    /// The account that the task is bound to.
    pub account: AccountId,
    /// The time of its first occurrence.
    pub execute_at: Timestamp,
    /// True if an earlier request with the same idempotency key created the task.
    pub replayed: bool,
}

impl Part for Scheduler {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, random, .. } = deployment;
        let table = &config.tables.tasks;
        Self {
            tasks: TaskItems::new(dynamodb.clone(), table.clone()),
            idempotency: IdempotencyItems::new(dynamodb.clone(), table.clone()),
            series: SeriesItems::new(dynamodb.clone(), table.clone()),
            limits: LimitItems::new(dynamodb.clone(), table.clone()),
            max_series: config.series_per_user,
            waiting: deployment.part::<WaitingTasks>().clone(),
            files: deployment.part::<Files>().clone(),
            payloads: deployment.part::<Payloads>().clone(),
            agents: deployment.part::<Agents>().clone(),
            clock: clock.clone(),
            random: random.clone(),
        }
    }
}

impl Scheduler {
    /// Accepts an intent for later. The caller has counted it.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`]; [`Error::CapReached`] for a series of a user with as many as allowed.
    pub async fn schedule(
        &self,
        user: &UserId,
        intent: &Intent,
        schedule: StartingSchedule,
        key: Option<&IdempotencyKey>,
    ) -> Result<AcceptedTask> {
        let StartingSchedule { at, recurrence } = schedule;
        let now = self.clock.now();
        let Reservation { task_id, existing } = self.reserve(user, self.new_id(&intent.agent, at), key).await?;
        if let Some(task) = existing {
            return Ok(AcceptedTask::replayed(task_id, &task));
        }
        if recurrence.is_some() {
            self.series.reserve(user, &task_id, self.max_series, now).await?;
        }
        self.insert(user, intent, task_id, StartingSchedule { at, recurrence }).await
    }

    /// Returns a new id for a task that is due at a time.
    pub fn new_id(&self, agent: &AgentId, at: Timestamp) -> TaskId {
        let ulid = self.random.ulid(self.clock.now());
        TaskId { agent: agent.clone(), sort: tasks::scheduled_sort(at, &ulid) }
    }

    /// Stores an intent as the task of a reserved id, after the copies of its files.
    ///
    /// # Errors
    /// Those of [`Files::hold`].
    pub async fn insert(
        &self,
        user: &UserId,
        intent: &Intent,
        task_id: TaskId,
        schedule: StartingSchedule,
    ) -> Result<AcceptedTask> {
        let StartingSchedule { at, recurrence } = schedule;
        self.files.hold(user, &task_id, &intent.files).await?;
        let mut task = Task::new(NewTask {
            user,
            agent: &intent.agent,
            sort: task_id.sort.clone(),
            tool: intent.adapter.tool.as_str(),
            action: intent.action.name,
            account: &intent.account,
            payload: &intent.context,
            status: TaskStatus::Scheduled,
            now: self.clock.now(),
        });
        // An interrupted request with the same key may have chosen another first occurrence.
        let execute_at = task.first_execute_at().unwrap_or(at);
        task.recurrence = recurrence;
        task.files = files::files_of(&intent.files);
        task.save_as.clone_from(&intent.save_as);
        task.created_by.clone_from(&intent.created_by);
        task.index_at(execute_at);
        match self.payloads.insert(&task).await? {
            Some(existing) => Ok(AcceptedTask::replayed(task_id, &existing)),
            None => Ok(AcceptedTask { task_id, account: task.account, execute_at, replayed: false }),
        }
    }

    /// Returns the task that an earlier request with this key created, without reserving a key that is not reserved yet.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`].
    pub async fn find_accepted(
        &self,
        user: &UserId,
        agent: &AgentId,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<AcceptedTask>> {
        let Some(task) = self.find_existing(user, key).await? else { return Ok(None) };
        let task_id = TaskId { agent: agent.clone(), sort: task.sort.clone() };
        Ok(Some(AcceptedTask::replayed(task_id, &task)))
    }

    /// As [`Scheduler::find_accepted`], with the whole task.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`].
    pub async fn find_existing(&self, user: &UserId, key: Option<&IdempotencyKey>) -> Result<Option<Task>> {
        Ok(self.find_reserved(user, key).await?.and_then(|reservation| reservation.existing))
    }

    /// Returns the reservation of an earlier request with this key, without reserving a key that is not reserved yet.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`].
    pub async fn find_reserved(&self, user: &UserId, key: Option<&IdempotencyKey>) -> Result<Option<Reservation>> {
        let Some(key) = key else { return Ok(None) };
        match self.idempotency.find(user, key, self.clock.now()).await? {
            Some(id) => self.reservation_of(user, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Reserves a task id for a request: the new id, or the id that an earlier request reserved with the same key. The earlier
    /// request may have been interrupted before it created its task.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`].
    pub async fn reserve(&self, user: &UserId, new: TaskId, key: Option<&IdempotencyKey>) -> Result<Reservation> {
        let Some(key) = key else { return Ok(Reservation { task_id: new, existing: None }) };
        match self.idempotency.reserve(user, key, &new, self.clock.now()).await? {
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

    /// Lists an agent's tasks.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(
        &self,
        caller: &Caller,
        agent: &AgentId,
        kind: TaskKind,
        status: Option<TaskStatus>,
        page: &PageRequest,
    ) -> Result<Page<Task>> {
        self.tasks.list(caller, agent, kind.sort_prefix(), status, page).await
    }

    /// Returns one task with its payload.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] for a task that the caller may not see.
    pub async fn get(&self, caller: &Caller, id: &TaskId) -> Result<Task> {
        let task = self.tasks.get(&caller.user, id).await?;
        task.check_permitted(caller)?;
        let payload = self.payloads.load(&task, &ActionSlots::default()).await?;
        Ok(Task { payload, ..task })
    }

    /// Cancels a task that has not been called.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`].
    pub async fn cancel(&self, caller: &Caller, id: &TaskId) -> Result<()> {
        let before = self.tasks.cancel(caller, id, self.clock.now()).await?;
        if before.status == TaskStatus::AwaitingConnection {
            self.waiting.remove(&caller.user, &before).await;
        }
        self.files.release(&caller.user, id, &before.files).await;
        Ok(())
    }

    /// Schedules a failed task for now, as one of the caller's tasks of the day. `force` also accepts a task that needs attention.
    ///
    /// # Errors
    /// [`Error::LimitReached`]; [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`]; [`FileFault::Expired`].
    pub async fn retry(&self, caller: &Caller, id: &TaskId, force: bool) -> Result<()> {
        let now = self.clock.now();
        // Before the write, which cannot be taken back.
        self.limits.consume(&caller.budget_holder(), SCHEDULE_LIMIT, now).await?;
        let Some(with_files) = self.tasks.retry(caller, id, force, false, now).await? else { return Ok(()) };
        if !self.files.are_held(&caller.user, id, &with_files.files).await? {
            return Err(FileFault::Expired.into());
        }
        self.tasks.retry(caller, id, force, true, now).await.map(drop)
    }

    /// As [`Scheduler::retry`], once for each key. Returns true if an earlier request with this key did it. A process that dies between
    /// the two writes leaves no key; until the task has failed again, a second retry changes nothing.
    ///
    /// # Errors
    /// Those of [`Scheduler::retry`]; [`Error::IdempotencyKeyReused`].
    pub async fn retry_once(
        &self,
        caller: &Caller,
        id: &TaskId,
        force: bool,
        key: Option<&IdempotencyKey>,
    ) -> Result<bool> {
        if let Some(earlier) = self.find_reserved(&caller.user, key).await? {
            earlier.existing.map_or(Ok(()), |task| task.check_permitted(caller))?;
            return Ok(true);
        }
        self.retry(caller, id, force).await?;
        self.reserve(&caller.user, id.clone(), key).await?;
        Ok(false)
    }
}

impl AcceptedTask {
    /// Returns the answer to a repeated request.
    pub(crate) fn replayed(task_id: TaskId, task: &Task) -> Self {
        let execute_at = task.first_execute_at().unwrap_or_else(|| task.created_at());
        Self { task_id, account: task.account.clone(), execute_at, replayed: true }
    }
}
