//! What an attempt leaves behind: its task's row, the outcome's event, the error log, the breaker.

use jiff::SignedDuration;
use serde_json::Map;

use super::outcome::AttemptOutcome;
use super::{AttemptContext, Attempts};
use crate::circuit_breaker::BreakerPermit;
use crate::context_mapper::NewMapping;
use crate::error::{Error, Result};
use crate::error_log::NewError;
use crate::events::{Event, TaskEnded};
use crate::ids::UserId;
use crate::integrations::Access;
use crate::metrics::{self, Metric};
use crate::retry::RetryPolicy;
use crate::tables::tasks::{Task, Transition};

/// How long a failed write of an ending waits before it is repeated.
const STORE_RETRY_DELAY: SignedDuration = SignedDuration::from_millis(500);

impl Attempts {
    /// Ends the attempt, and tells everybody who is to know.
    pub(super) async fn persist(
        &self,
        work: AttemptContext<'_>,
        task: &Task,
        came: &AttemptOutcome,
        (access, pass): (Option<&mut Access>, &BreakerPermit),
    ) {
        let tool = work.adapter.tool;
        let asks = access.as_ref().is_some_and(|access| work.action.can_reconcile(&access.connection.scopes));
        let policy = self.retry_policy(work, task, came).await;
        let ending = self.transition(tool, task, came, (asks, policy));
        self.save_mapping(work, task, &ending).await;
        let discard = async {
            // What an earlier attempt prepared and died before it was written down is known to the action alone.
            let prepared = task.checkpoint.is_some() || (work.action.stores_checkpoint && task.attempt > 1);
            if let (Transition::Failed(_), true, Some(access)) = (&ending, prepared, access) {
                log_ignored(work, self.discard(work, access, task).await);
            }
        };
        futures::join!(
            // Boxed: joining moves them, and they are large.
            Box::pin(self.finish(work.user, task, &ending, work.deadline)),
            Box::pin(self.update_health(work, came, pass, Some(task))),
            Box::pin(discard),
        );
    }

    /// How the task is tried again. It is read only where it matters: after a failure, of what runs by itself.
    async fn retry_policy(&self, work: AttemptContext<'_>, task: &Task, came: &AttemptOutcome) -> RetryPolicy {
        if task.is_immediate() || !came.uses_retry_policy() {
            return RetryPolicy::DEFAULT;
        }
        match self.errors.failure_policy(work.user, work.adapter, Some(work.agent), None).await {
            Ok(conduct) => conduct.retry,
            Err(error) => {
                log_ignored::<()>(work, Err(error));
                RetryPolicy::DEFAULT
            }
        }
    }

    /// Keeps the id of what was made under the agent's own key, before the ending is written: who finds an attempt that
    /// stopped in between and learns that it was done comes by here too.
    async fn save_mapping(&self, work: AttemptContext<'_>, task: &Task, ending: &Transition) {
        let (Some(context_key), Transition::Completed { external_id: Some(external_id), .. }) = (&task.save_as, ending)
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
                Err(Error::Unavailable(_)) if self.may_repeat(work.deadline) => self.pause().await,
                saved => return log_ignored(work, saved),
            }
        }
    }

    /// Whether there is time to repeat a write that failed.
    fn may_repeat(&self, until: jiff::Timestamp) -> bool {
        self.clock.now() + STORE_RETRY_DELAY + STORE_RETRY_DELAY < until
    }

    async fn pause(&self) {
        self.clock.sleep_until(self.clock.now() + STORE_RETRY_DELAY).await;
    }

    /// Writes how an attempt ended, until it is written or time is up, and announces it. What cannot be written is found
    /// again when the lease lapses.
    pub(super) async fn finish(&self, user: &UserId, task: &Task, ending: &Transition, until: jiff::Timestamp) {
        let ended = task.apply(ending, self.next_occurrence(task, ending), self.clock.now());
        loop {
            match self.tasks.finish(task, &ended).await {
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
        if let Transition::Retry { deferred, .. } = ending {
            metrics::count(Metric::Retries, tool, if *deferred { "put_off" } else { "failed" }, now);
        }
        if let Some(event) = event_of(task, ending) {
            self.events.publish(user, event).await;
        }
    }

    /// Tells the breaker and the error log. Neither may change the outcome, so their failures are logged.
    pub(super) async fn update_health(
        &self,
        work: AttemptContext<'_>,
        came: &AttemptOutcome,
        pass: &BreakerPermit,
        task: Option<&Task>,
    ) {
        self.log_attempt(work, came.label(), task);
        match came {
            AttemptOutcome::Called(Ok(_)) => {
                log_ignored(work, self.circuit_breaker.record_success(work.breaker_key(), pass).await)
            }
            _ => {
                let Some(error) = came.failure() else { return };
                let count = async {
                    if error.counts_for_circuit_breaker() {
                        log_ignored(
                            work,
                            self.circuit_breaker.record_failure(work.breaker_key(), pass, error.code()).await,
                        );
                    }
                };
                futures::join!(self.append_error(work, error, task), count);
            }
        }
    }

    /// The one log line of an attempt. Whoever reads it learns what was tried and what came of it, and nothing of what is in
    /// it. Whose it is says the span: the request's, or the due task's.
    pub(super) fn log_attempt(&self, work: AttemptContext<'_>, outcome: &str, task: Option<&Task>) {
        let AttemptContext { agent, adapter, action, started_at: began, .. } = work;
        let task_id = task.and_then(Task::id).map(|id| id.to_string());
        let attempt = task.map(|task| task.attempt);
        let (agent, tool, action) = (agent.as_str(), adapter.tool.as_str(), action.name);
        let ms = metrics::elapsed_ms(began, self.clock.now());
        tracing::info!(agent, tool, action, task_id, attempt, outcome, ms, "attempt ended");
    }

    /// Adds a failure to the error log.
    pub(super) async fn append_error(&self, work: AttemptContext<'_>, error: &Error, task: Option<&Task>) {
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
        log_ignored(work, self.errors.append(work.user, new).await);
    }
}

/// Logs the failure of a side effect that may not change the outcome.
pub(super) fn log_ignored<T>(work: AttemptContext<'_>, done: Result<T>) {
    if let Err(error) = done {
        tracing::error!(tool = %work.adapter.tool, ?error, "something beside the outcome could not be recorded");
    }
}

fn event_of(task: &Task, ending: &Transition) -> Option<Event> {
    let (owner, id) = (task.owner()?, task.id()?);
    let outcome = |external_id: Option<&String>| TaskEnded {
        task_id: id.to_string(),
        agent_id: owner.1.as_str().to_owned(),
        tool: task.tool.clone(),
        action: task.action.clone(),
        external_id: external_id.cloned(),
        error_code: ending.error().map(|error| error.code.clone()),
    };
    match ending {
        Transition::Completed { external_id, .. } => Some(Event::TaskCompleted(outcome(external_id.as_ref()))),
        Transition::Failed(_) => Some(Event::TaskFailed(outcome(None))),
        Transition::NeedsAttention(_) => Some(Event::TaskNeedsAttention(outcome(None))),
        Transition::Unknown { .. } | Transition::Retry { .. } => None,
    }
}
