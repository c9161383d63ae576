//! What an attempt leaves behind: its task's row, the outcome's event, the error log, the breaker.

use jiff::SignedDuration;
use serde_json::Map;

use super::outcome::Came;
use super::{Attempts, Work};
use crate::breaker::Pass;
use crate::context_mapper::NewMapping;
use crate::error::{Error, Result};
use crate::error_log::NewError;
use crate::events::{Event, TaskOutcome};
use crate::ids::UserId;
use crate::integrations::Access;
use crate::metrics::{self, Metric};
use crate::retry::Policy;
use crate::tables::tasks::{Ending, Task};

/// How long a failed write of an ending waits before it is repeated.
const PAUSE: SignedDuration = SignedDuration::from_millis(500);

impl Attempts {
    /// Ends the attempt, and tells everybody who is to know.
    pub(super) async fn record(
        &self,
        work: Work<'_>,
        task: &Task,
        came: &Came,
        (access, pass): (Option<&mut Access>, &Pass),
    ) {
        let tool = work.adapter.tool;
        let asks = access.as_ref().is_some_and(|access| work.action.can_ask(&access.integration.scopes));
        let policy = self.policy(work, task, came).await;
        let ending = self.ending(tool, task, came, (asks, policy));
        self.save(work, task, &ending).await;
        let discard = async {
            // What an earlier attempt prepared and died before it was written down is known to the action alone.
            let prepared = task.handle.is_some() || (work.action.prepares && task.attempt > 1);
            if let (Ending::Failed(_), true, Some(access)) = (&ending, prepared, access) {
                noted(work, self.discard(work, access, task).await);
            }
        };
        futures::join!(
            // Boxed: joining moves them, and they are large.
            Box::pin(self.finish(work.user, task, &ending, work.until)),
            Box::pin(self.judge(work, came, pass, Some(task))),
            Box::pin(discard),
        );
    }

    /// How the task is tried again. It is read only where it matters: after a failure, of what runs by itself.
    async fn policy(&self, work: Work<'_>, task: &Task, came: &Came) -> Policy {
        if task.is_immediate() || !came.may_be_repeated() {
            return Policy::DEFAULT;
        }
        match self.errors.conduct(work.user, work.adapter, Some(work.agent), None).await {
            Ok(conduct) => conduct.retry,
            Err(error) => {
                noted::<()>(work, Err(error));
                Policy::DEFAULT
            }
        }
    }

    /// Keeps the id of what was made under the agent's own key, before the ending is written: who finds an attempt that
    /// stopped in between and learns that it was done comes by here too.
    async fn save(&self, work: Work<'_>, task: &Task, ending: &Ending) {
        let (Some(context_key), Ending::Completed { external_id: Some(external_id), .. }) = (&task.save_as, ending)
        else {
            return;
        };
        let mapping = || NewMapping {
            agent: work.agent.clone(),
            tool: work.adapter.tool,
            context_key: context_key.clone(),
            external_id: external_id.clone(),
            friendly_name: None,
            metadata: Map::new(),
            expires_at: None,
        };
        loop {
            match self.context_mapper.upsert(work.user, mapping()).await {
                Err(Error::Unavailable(_)) if self.may_repeat(work.until) => self.pause().await,
                saved => return noted(work, saved),
            }
        }
    }

    /// Whether there is time to repeat a write that failed.
    fn may_repeat(&self, until: jiff::Timestamp) -> bool {
        self.clock.now() + PAUSE + PAUSE < until
    }

    async fn pause(&self) {
        self.clock.sleep_until(self.clock.now() + PAUSE).await;
    }

    /// Writes how an attempt ended, until it is written or time is up, and announces it. What cannot be written is found
    /// again when the lease lapses.
    pub(super) async fn finish(&self, user: &UserId, task: &Task, ending: &Ending, until: jiff::Timestamp) {
        let ended = task.ended(ending, self.next(task, ending), self.clock.now());
        loop {
            match self.table.finish(task, &ended).await {
                Ok(true) => break,
                Ok(false) => {
                    return tracing::warn!(attempt = task.attempt, "fenced: another attempt has taken this task over");
                }
                Err(Error::Unavailable(_)) if self.may_repeat(until) => self.pause().await,
                Err(error) => return tracing::error!(?error, "an attempt's end could not be written"),
            }
        }
        let (tool, now) = (task.tool.as_str(), self.clock.now());
        metrics::count(Metric::Tasks, tool, ending.status().as_str(), now);
        if let Ending::Retry { deferred, .. } = ending {
            metrics::count(Metric::Retries, tool, if *deferred { "put_off" } else { "failed" }, now);
        }
        if let Some(event) = announcement(task, ending) {
            self.events.publish(user, event).await;
        }
    }

    /// Tells the breaker and the error log. Neither may change the outcome, so their failures are logged.
    pub(super) async fn judge(&self, work: Work<'_>, came: &Came, pass: &Pass, task: Option<&Task>) {
        self.tell(work, came.name(), task);
        match came {
            Came::Called(Ok(_)) => noted(work, self.breaker.worked(work.caller(), pass).await),
            _ => {
                let Some(error) = came.failure() else { return };
                let count = async {
                    if error.counts_against_tool() {
                        noted(work, self.breaker.failed(work.caller(), pass, error.code()).await);
                    }
                };
                futures::join!(self.log(work, error, task), count);
            }
        }
    }

    /// The one log line of an attempt. Whoever reads it learns what was tried and what came of it, and nothing of what is in
    /// it. Whose it is says the span: the request's, or the due task's.
    pub(super) fn tell(&self, work: Work<'_>, outcome: &str, task: Option<&Task>) {
        let Work { agent, adapter, action, began, .. } = work;
        let task_id = task.and_then(Task::id).map(|id| id.to_string());
        let attempt = task.map(|task| task.attempt);
        let (agent, tool, action) = (agent.as_str(), adapter.tool.as_str(), action.name);
        let ms = metrics::milliseconds(began, self.clock.now());
        tracing::info!(agent, tool, action, task_id, attempt, outcome, ms, "attempt ended");
    }

    /// Adds a failure to the error log.
    pub(super) async fn log(&self, work: Work<'_>, error: &Error, task: Option<&Task>) {
        if let Error::Unavailable(source) | Error::Internal(source) = error {
            tracing::error!(tool = %work.adapter.tool, action = work.action.name, %source, "an attempt failed");
        }
        let message = error.to_string();
        let new = NewError {
            agent: work.agent,
            tool: work.adapter.tool,
            action: work.action.name,
            code: error.code(),
            message: &message,
            payload: work.context,
            attempt: task.and_then(|task| Some((task.id()?.to_string(), task.attempt))),
            outcome: Some(error.outcome()),
        };
        noted(work, self.errors.log(work.user, new).await);
    }
}

/// Logs the failure of a side effect that may not change the outcome.
pub(super) fn noted<T>(work: Work<'_>, done: Result<T>) {
    if let Err(error) = done {
        tracing::error!(tool = %work.adapter.tool, ?error, "something beside the outcome could not be recorded");
    }
}

fn announcement(task: &Task, ending: &Ending) -> Option<Event> {
    let (owner, id) = (task.owner()?, task.id()?);
    let outcome = |external_id: Option<&String>| TaskOutcome {
        task_id: id.to_string(),
        agent_id: owner.1.as_str().to_owned(),
        tool: task.tool.clone(),
        intent: task.intent.clone(),
        external_id: external_id.cloned(),
        error_code: ending.error().map(|error| error.code.clone()),
    };
    match ending {
        Ending::Completed { external_id, .. } => Some(Event::TaskCompleted(outcome(external_id.as_ref()))),
        Ending::Failed(_) => Some(Event::TaskFailed(outcome(None))),
        Ending::NeedsAttention(_) => Some(Event::TaskNeedsAttention(outcome(None))),
        Ending::Unknown { .. } | Ending::Retry { .. } => None,
    }
}
