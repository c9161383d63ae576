//! `Scheduler`: tasks from acceptance to their place in the due index, and what a user may do with them.

use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, Random};
use crate::error::{Error, Result};
use crate::ids::{AgentId, TaskId, UserId};
use crate::intent::Intent;
use crate::tables::tasks::{self, Status, Task, TasksTable};
use crate::tables::{Page, PageRequest};

/// How far ahead a task may lie.
pub const MOST_AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);
/// A time that was now when the request was written may be past when it arrives.
const GRACE: SignedDuration = SignedDuration::from_secs(5);

/// Tasks of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pub(crate) table: TasksTable,
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

impl Scheduler {
    /// Accepts an intent for later.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a time that has passed or lies more than a year ahead.
    pub async fn schedule(&self, user: &UserId, intent: &Intent, at: Timestamp) -> Result<TaskId> {
        let now = self.clock.now();
        let ahead = at.duration_since(now);
        if ahead < -GRACE {
            return Err(Error::invalid("scheduledTime", "has passed"));
        }
        if ahead > MOST_AHEAD {
            return Err(Error::invalid("scheduledTime", "lies more than a year ahead"));
        }
        let ulid = self.random.ulid(now);
        let sort = tasks::scheduled_sort(at, &ulid);
        let task = Task {
            due_shard: Some(tasks::due_shard(&ulid)),
            due_at: Some(tasks::due_at(at, &ulid)),
            execute_at: Some(at),
            ..new_task(intent, sort, Status::Scheduled, now)
        };
        self.table.insert(user, &intent.agent, &task).await?;
        Ok(TaskId { agent: intent.agent.clone(), sort: task.sort })
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

    /// One task.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, user: &UserId, id: &TaskId) -> Result<Task> {
        self.table.get(user, id).await
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

/// A row of the ledger without a claim and without a place in the due index.
pub(crate) fn new_task(intent: &Intent, sort: String, status: Status, now: Timestamp) -> Task {
    Task {
        agent_id: intent.agent.as_str().to_owned(),
        sort,
        tool: intent.adapter.tool.to_string(),
        intent: intent.action.name.to_owned(),
        context: intent.context.clone(),
        status,
        attempt: 0,
        deferrals: 0,
        claimed_from: None,
        lease_id: None,
        lease_until: None,
        execute_at: None,
        created_at: now,
        updated_at: now,
        result: serde_json::Value::Null,
        external_id: None,
        last_error: None,
        due_shard: None,
        due_at: None,
        ttl: None,
    }
}
