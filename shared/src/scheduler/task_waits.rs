//! Reads of a task that wait for its end (long polling), so that a page learns of it without many requests.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Scheduler;
use crate::deployment::{Deployment, Part};
use crate::error::Result;
use crate::http::ActionSlots;
use crate::ids::{TaskId, UserId};
use crate::permissions::Caller;
use crate::tables::tasks::{Task, TaskStatus};

/// The longest wait of one request, in seconds. API Gateway ends a request after 30 s.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
pub const MAX_WAIT_SECONDS: u16 = 20;
/// The requests of one user that a process holds at a time.
const MAX_HELD_PER_USER: usize = 2;
/// The times between the reads of the row; the last one repeats.
const INTERVALS: [SignedDuration; 4] = [
    SignedDuration::from_millis(250),
    SignedDuration::from_millis(500),
    SignedDuration::from_secs(1),
    SignedDuration::from_secs(2),
];
/// The time that the answer needs before the deadline of the invocation.
const ANSWER_TIME: SignedDuration = SignedDuration::from_secs(2);
/// The earliest time for another request where this one could not wait.
const POLL_INTERVAL: SignedDuration = SignedDuration::from_secs(2);

/// The reads that wait. Cheap to clone; clones share the count of the held requests.
#[derive(Clone, Debug)]
pub struct TaskWaits {
    scheduler: Scheduler,
    longest: SignedDuration,
    held: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// A task as it is after the wait.
#[derive(Debug)]
pub struct ReadTask {
    /// The task with its payload.
    pub task: Task,
    /// The time after which another request can see a change. `None` if the task has ended or needs a person.
    pub retry_after: Option<Duration>,
}

impl Part for TaskWaits {
    fn build(deployment: &Deployment) -> Self {
        let longest = deployment.config.task_wait.min(Duration::from_secs(MAX_WAIT_SECONDS.into()));
        Self {
            scheduler: deployment.part::<Scheduler>().clone(),
            longest: SignedDuration::try_from(longest).unwrap_or_default(),
            held: Arc::default(),
        }
    }
}

impl TaskWaits {
    /// Returns a task as soon as its occurrence has ended or needs a person, or else after `wait`. A task without an attempt in that
    /// time is returned at once; so is every task while the user has two held requests in this process.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::error::Error::NotFound); [`Error::Forbidden`](crate::error::Error::Forbidden) for a task that the
    /// caller may not see.
    pub async fn read(&self, caller: &Caller, id: &TaskId, wait: Duration, deadline: Timestamp) -> Result<ReadTask> {
        let Scheduler { tasks, clock, .. } = &self.scheduler;
        let wait = SignedDuration::try_from(wait).map_or(self.longest, |wait| wait.min(self.longest));
        let until = (clock.now() + wait).min(deadline - ANSWER_TIME);
        let user = &caller.user;
        let mut task = tasks.get(user, id).await?;
        task.check_permitted(caller)?;
        let occurrence = task.occurrence;
        let ends_in_time = |task: &Task| task.occurrence == occurrence && has_attempt_before(task, until);
        let hold = if ends_in_time(&task) && clock.now() < until { self.hold(user) } else { None };
        let mut intervals = INTERVALS.into_iter().chain(std::iter::repeat(POLL_INTERVAL));
        while hold.is_some() && ends_in_time(&task) && clock.now() < until {
            let interval = intervals.next().unwrap_or(POLL_INTERVAL);
            clock.sleep_until((clock.now() + interval).min(until)).await;
            task = tasks.get(user, id).await?;
        }
        let retry_after = retry_after(&task, clock.now(), hold.is_some());
        let payload = self.scheduler.payloads.load(&task, &ActionSlots::default()).await?;
        Ok(ReadTask { task: Task { payload, ..task }, retry_after })
    }

    /// Counts a held request of the user, until the result is dropped; `None` if there are enough.
    fn hold(&self, user: &UserId) -> Option<Hold<'_>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(user.clone()).or_default();
        (*count < MAX_HELD_PER_USER).then(|| {
            *count += 1;
            Hold { held: &self.held, user: user.clone() }
        })
    }
}

/// A held request. A caller who leaves drops it with the request.
struct Hold<'a> {
    held: &'a Mutex<HashMap<UserId, usize>>,
    user: UserId,
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.user) {
            *count -= 1;
        }
        held.retain(|_, count| *count > 0);
    }
}

/// True if an attempt of the task runs, or is due before `until`.
fn has_attempt_before(task: &Task, until: Timestamp) -> bool {
    match task.status {
        TaskStatus::Processing => true,
        TaskStatus::Scheduled | TaskStatus::Retrying | TaskStatus::Unknown => {
            task.next_attempt_at().is_some_and(|at| at <= until)
        }
        TaskStatus::AwaitingConnection
        | TaskStatus::Completed
        | TaskStatus::Failed
        | TaskStatus::Cancelled
        | TaskStatus::NeedsAttention => false,
    }
}

/// Returns the time after which another request can see a change of a task that goes on by itself.
fn retry_after(task: &Task, now: Timestamp, has_waited: bool) -> Option<Duration> {
    let goes_on = !task.status.is_final() && task.status != TaskStatus::AwaitingConnection;
    let least = if has_waited { SignedDuration::ZERO } else { POLL_INTERVAL };
    let due = task.next_attempt_at().map_or(least, |at| at.duration_since(now).max(least));
    goes_on.then(|| Duration::try_from(due).unwrap_or_default())
}
