//! Stopping an agent, or all that one caller requested: page by page, so that it ends within a function's time.

use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::{Agents, CONCURRENT_AGENTS};
use crate::error::{Error, Result};
use crate::ids::{AgentId, Creator, TaskId, UserId};
use crate::permissions::Caller;
use crate::tables::PageRequest;
use crate::tables::tasks::{LastError, LivingTask, Stop, TaskStatus, WaitingFor};

/// Tasks that are read at a time, whatever their state.
const PAGE_ROWS: i32 = 200;
/// Tasks of one agent that are stopped at the same time.
const CONCURRENT_WRITES: usize = 8;
/// Part of the function's time in which no further page is read.
const RESERVE: SignedDuration = SignedDuration::from_secs(3);

/// What a stop has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StopSummary {
    /// Tasks that were cancelled; a series is one.
    pub cancelled: usize,
    /// Tasks with an unfinished attempt. It ends by itself, and nothing follows it.
    pub running: usize,
    /// True if the time ended first: a repetition goes on.
    pub remaining: bool,
}

impl StopSummary {
    /// True if nothing was found.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn count(&mut self, stop: Stop) {
        match stop {
            Stop::Cancelled => self.cancelled += 1,
            Stop::Running => self.running += 1,
            Stop::Ended => {}
            Stop::Missed => self.remaining = true,
        }
    }

    fn add(&mut self, other: Self) {
        self.cancelled += other.cancelled;
        self.running += other.running;
        self.remaining |= other.remaining;
    }
}

impl Agents {
    /// Stops every scheduled task and series of an agent. New work of the agent is accepted as before.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an agent that never had work. After [`Error::Unavailable`] a repetition goes on.
    pub async fn stop(&self, user: &UserId, agent: &AgentId, deadline: Timestamp) -> Result<StopSummary> {
        self.items.require(user, agent).await?;
        self.stop_tasks(user, agent, None, deadline).await
    }

    /// Stops every scheduled task and series that a service requested, of all agents.
    ///
    /// # Errors
    /// After [`Error::Unavailable`] a repetition goes on.
    pub async fn stop_created_by(&self, user: &UserId, by: &Creator, deadline: Timestamp) -> Result<StopSummary> {
        let (mut summary, mut cursor) = (StopSummary::default(), None);
        loop {
            let page = self.page(user, PageRequest { limit: None, cursor }).await?;
            let stops = page
                .items
                .into_iter()
                .map(|agent| async move { self.stop_tasks(user, &agent, Some(by), deadline).await });
            let mut stops = stream::iter(stops).buffer_unordered(usize::from(CONCURRENT_AGENTS));
            while let Some(stopped) = stops.next().await {
                summary.add(stopped?);
            }
            cursor = page.cursor;
            if cursor.is_none() || summary.remaining {
                return Ok(summary);
            }
        }
    }

    /// Stops the scheduled tasks of an agent, all or those that one caller requested.
    async fn stop_tasks(
        &self,
        user: &UserId,
        agent: &AgentId,
        by: Option<&Creator>,
        deadline: Timestamp,
    ) -> Result<StopSummary> {
        let (mut summary, mut after) = (StopSummary::default(), None);
        let caller = Caller::user(user.clone());
        let reason = by.map(|_| LastError::from(&Error::DelegationEnded));
        loop {
            let page = self.tasks.living(&caller, agent, by, PAGE_ROWS, after).await?;
            // A page without such a task is one read; the next page may have some.
            let is_late = !page.tasks.is_empty() && self.clock.now() + RESERVE > deadline;
            let stops = page.tasks.into_iter().map(|task| self.stop_task(user, agent, task, reason.as_ref()));
            let mut stops = stream::iter(stops).buffer_unordered(CONCURRENT_WRITES);
            while let Some(stop) = stops.next().await {
                summary.count(stop?);
            }
            after = page.next;
            if after.is_none() {
                return Ok(summary);
            }
            if is_late {
                return Ok(StopSummary { remaining: true, ..summary });
            }
        }
    }

    async fn stop_task(
        &self,
        user: &UserId,
        agent: &AgentId,
        task: LivingTask,
        reason: Option<&LastError>,
    ) -> Result<Stop> {
        let id = TaskId { agent: agent.clone(), sort: task.sort.clone() };
        let stop = self.tasks.stop(user, &id, task.status, reason, self.clock.now()).await?;
        if stop == Stop::Cancelled && task.status == TaskStatus::AwaitingConnection {
            let account = WaitingFor { user, tool: &task.tool, account: &task.account };
            self.waiting.remove(account, &task.waiting()).await;
        }
        if stop == Stop::Cancelled {
            self.files.release(user, &id, &task.files).await;
        }
        Ok(stop)
    }
}
