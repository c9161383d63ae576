//! [`Agents`]: the agents of a user, from their first work on, so that a person sees and stops what acts for them.
//!
//! An agent is known by the work that it plans or journals. Reads make no agent known: they leave nothing that could be stopped, and a
//! read intent costs no call more.

mod stop;

pub use stop::StopSummary;

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use std::sync::Arc;

use crate::cache::BoundedCache;
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::files::Files;
use crate::ids::{AgentId, UserId};
use crate::permissions::Caller;
use crate::tables::tasks::{AgentItems, LivingTask, TaskItems, TaskStatus, WaitingItems};
use crate::tables::{Page, PageRequest};

/// Agents whose tasks are read at the same time.
pub const CONCURRENT_AGENTS: u16 = 25;
/// Agents that a process remembers as known.
const MAX_REMEMBERED: usize = 10_000;
/// Tasks of an agent that are read to count those that go on.
const COUNTED_TASKS: i32 = 1_000;

/// The agents of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Agents {
    pub(crate) items: AgentItems,
    pub(crate) tasks: TaskItems,
    pub(crate) waiting: WaitingItems,
    pub(crate) files: Files,
    pub(crate) clock: Clock,
    remembered: Arc<BoundedCache<(UserId, AgentId), ()>>,
    max: usize,
}

/// An agent, and how many of its scheduled tasks go on.
#[derive(Clone, Debug)]
pub struct AgentStatus {
    /// The agent.
    pub agent: AgentId,
    /// The time of its first work.
    pub created_at: Timestamp,
    /// The counts.
    pub tasks: TaskCounts,
}

/// The numbers of an agent's scheduled tasks that go on by themselves, among its latest 1,000 by time of execution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// Tasks that wait for their time.
    pub scheduled: u32,
    /// Tasks with a running attempt.
    pub processing: u32,
    /// Tasks that wait for another attempt.
    pub retrying: u32,
    /// Tasks whose last attempt is being reconciled.
    pub unknown: u32,
    /// Tasks whose account must be connected again.
    pub awaiting_connection: u32,
    /// How many of all these are series.
    pub series: u32,
    /// True if the agent has further tasks, which are not counted.
    pub more: bool,
}

impl Part for Agents {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        let table = &config.tables.tasks;
        Self {
            items: AgentItems::new(dynamodb.clone(), table.clone()),
            tasks: TaskItems::new(dynamodb.clone(), table.clone()),
            waiting: WaitingItems::new(dynamodb.clone(), table.clone()),
            files: deployment.part::<Files>().clone(),
            clock: clock.clone(),
            remembered: Arc::new(BoundedCache::new(MAX_REMEMBERED)),
            max: config.agents_per_user,
        }
    }
}

impl Agents {
    /// True if an agent has a row. A process that remembers it makes no call, another one a read. A row of this moment may not be
    /// seen yet.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn is_known(&self, user: &UserId, agent: &AgentId) -> Result<bool> {
        let key = (user.clone(), agent.clone());
        if self.remembered.get(&key).is_some() {
            return Ok(true);
        }
        let known = self.items.has_row(user, agent).await?;
        if known {
            self.remembered.insert(key, (), |()| true);
        }
        Ok(known)
    }

    /// Makes an agent known, before it is given work, by two writes. The set comes first: it decides about the limit, and a
    /// repetition completes what a crash between the two left out.
    ///
    /// # Errors
    /// [`Error::CapReached`](crate::error::Error::CapReached) for a new agent of a user who has as many as allowed.
    pub async fn register(&self, user: &UserId, agent: &AgentId) -> Result<()> {
        self.items.reserve(user, agent, self.max).await?;
        self.items.insert(user, agent, self.clock.now()).await?;
        self.remembered.insert((user.clone(), agent.clone()), (), |()| true);
        Ok(())
    }

    /// Lists the user's agents by id, with the counts of their tasks that the caller may see.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) for a bad limit or cursor.
    pub async fn list(&self, caller: &Caller, page: &PageRequest) -> Result<Page<AgentStatus>> {
        let Page { items, cursor } = self.items.list(&caller.user, page).await?;
        let agents = items.into_iter().filter_map(|row| Some((row.agent()?, row.created_at)));
        let statuses = agents.map(|(agent, created_at)| self.status(caller, agent, created_at));
        let items = stream::iter(statuses).buffered(usize::from(CONCURRENT_AGENTS)).try_collect().await?;
        Ok(Page { items, cursor })
    }

    /// Returns the next agents of the user, by id, without their tasks: 25 by default.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) for a bad limit or cursor.
    pub async fn page(&self, user: &UserId, page: PageRequest) -> Result<Page<AgentId>> {
        let page = PageRequest { limit: page.limit.or(Some(CONCURRENT_AGENTS)), ..page };
        let Page { items, cursor } = self.items.list(user, &page).await?;
        Ok(Page { items: items.into_iter().filter_map(|row| row.agent()).collect(), cursor })
    }

    async fn status(&self, caller: &Caller, agent: AgentId, created_at: Timestamp) -> Result<AgentStatus> {
        let page = self.tasks.living(caller, &agent, None, COUNTED_TASKS, None).await?;
        let mut tasks = TaskCounts { more: page.next.is_some(), ..TaskCounts::default() };
        page.tasks.iter().for_each(|task| tasks.add(task));
        Ok(AgentStatus { agent, created_at, tasks })
    }
}

impl TaskCounts {
    fn add(&mut self, task: &LivingTask) {
        match task.status {
            TaskStatus::Scheduled => self.scheduled += 1,
            TaskStatus::Processing => self.processing += 1,
            TaskStatus::Retrying => self.retrying += 1,
            TaskStatus::Unknown => self.unknown += 1,
            TaskStatus::AwaitingConnection => self.awaiting_connection += 1,
            // Nothing follows by itself: not counted.
            TaskStatus::Completed | TaskStatus::Failed | TaskStatus::Cancelled | TaskStatus::NeedsAttention => return,
        }
        self.series += u32::from(task.is_series());
    }
}
