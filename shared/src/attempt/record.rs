//! The record of an attempt: the task's row, the outcome event, the error log, the circuit breaker.

use jiff::Timestamp;
use serde_json::Map;

use super::outcome::AttemptOutcome;
use super::{AttemptContext, Attempts, CallPermit};
use crate::circuit_breaker::BreakerPermit;
use crate::context_mapper::NewMapping;
use crate::error::{Error, Result};
use crate::error_log::NewError;
use crate::events::{Event, TaskEnded};
use crate::files::needs_files;
use crate::ids::UserId;
use crate::intent::UnboundIntent;
use crate::metrics::{self, Metric};
use crate::redact;
use crate::retry::{self, RetryPolicy};
use crate::tables::integrations::{Connection, ConnectionStatus};
use crate::tables::tasks::{AttemptFacts, Finish, Task, TaskStatus, Transition};

impl Attempts {
    /// Records the outcome of an attempt: the row, the event, the logs, the breaker. Discards before that a prepared object that is
    /// no longer needed.
    pub(super) async fn persist(
        &self,
        attempt: AttemptContext<'_>,
        task: &Task,
        outcome: &AttemptOutcome,
        permit: Option<&CallPermit>,
        breaker_permit: &BreakerPermit,
    ) {
        let action = attempt.action;
        let facts = AttemptFacts {
            is_limited: outcome.is_rate_limited(),
            tickets: match (outcome.tickets(), permit) {
                (Some(tickets), _) => tickets.clone(),
                (None, Some(permit)) => permit.limits.tickets(),
                (None, None) => task.tickets.clone(),
            },
            needs_discard: action.stores_checkpoint && !matches!(outcome, AttemptOutcome::NotAttempted(_)),
            has_run: task.facts.has_run,
        };
        let task = &Task { facts, ..task.clone() };
        let can_reconcile = permit.is_some_and(|permit| action.can_reconcile(&permit.access.connection.scopes));
        let policy = self.retry_policy(attempt, task, outcome).await;
        let transition = self.transition(attempt.adapter.tool, task, outcome, can_reconcile, policy);
        // The caller's answer has the provider's words as they are; a row has none of the caller's.
        let transition = transition.redacted(attempt.context);
        self.save_mapping(attempt, task, &transition).await;
        let transition = self.discard_unneeded(attempt, task, permit, transition).await;
        futures::join!(
            // Boxed: joining moves the futures, and they are large.
            Box::pin(self.finish(attempt.user, task, &transition, attempt.deadline)),
            Box::pin(self.update_health(attempt, outcome, breaker_permit, Some(task))),
        );
        if matches!(transition, Transition::AwaitConnection { .. }) && !task.was_waiting() {
            self.resume_if_connected(attempt, task).await;
        }
    }

    /// The task's retry policy. It is read only if it decides something: after a failure of a scheduled task.
    async fn retry_policy(&self, attempt: AttemptContext<'_>, task: &Task, outcome: &AttemptOutcome) -> RetryPolicy {
        if task.is_immediate() || !outcome.uses_retry_policy() {
            return RetryPolicy::DEFAULT;
        }
        match self.errors.failure_policy(attempt.user, attempt.adapter.tool, Some(attempt.agent), None).await {
            Ok(policy) => policy.retry,
            Err(error) => {
                log_ignored::<()>(attempt, Err(error));
                RetryPolicy::DEFAULT
            }
        }
    }

    /// Saves the created object's id under the agent's own key (`saveAs`), before the row is finished: recovery after a crash
    /// runs this step as well.
    async fn save_mapping(&self, attempt: AttemptContext<'_>, task: &Task, transition: &Transition) {
        let (Some(context_key), Transition::Completed { external_id: Some(external_id), .. }) =
            (&task.save_as, transition)
        else {
            return;
        };
        let mapping = || NewMapping {
            agent: attempt.agent.clone(),
            tool: attempt.adapter.tool,
            account: task.account.clone(),
            context_key: context_key.clone(),
            external_id: external_id.clone(),
            friendly_name: None,
            metadata: Map::new(),
            expires_at: None,
        };
        let upsert = || self.context_mapper.upsert(attempt.user, mapping());
        log_ignored(attempt, retry::write_until(&self.clock, attempt.deadline, upsert).await);
    }

    /// Writes the task's row after an attempt and publishes its event. A row that cannot be written before the deadline is
    /// found again when the lease expires.
    pub(super) async fn finish(&self, user: &UserId, task: &Task, transition: &Transition, deadline: Timestamp) {
        let stopped;
        let begins_to_wait = matches!(transition, Transition::AwaitConnection { .. });
        let (mut transition, mut written) = (transition, self.write_finished(user, task, transition, deadline).await);
        if matches!(written, Ok(Finish::Stopped)) {
            stopped = self.discard_before(task, transition.clone().without_retry(), None);
            transition = &stopped;
            written = self.write_finished(user, &Task { stopped: true, ..task.clone() }, transition, deadline).await;
        }
        match written {
            Ok(Finish::Written) => {}
            Ok(Finish::Fenced | Finish::Stopped) => {
                return tracing::warn!(attempt = task.attempt, "attempt fenced: another process took the task over");
            }
            Err(error) => return tracing::error!(?error, "the task could not be updated after its attempt"),
        }
        if (task.was_waiting() || begins_to_wait) && !matches!(transition, Transition::AwaitConnection { .. }) {
            self.waiting.remove(user, task).await;
        }
        self.release_files(user, task, transition).await;
        let (tool, now) = (task.tool.as_str(), self.clock.now());
        metrics::count(Metric::Tasks, tool, transition.status().as_str(), now);
        if let Transition::Retry { deferred, .. } = transition {
            metrics::count(Metric::Retries, tool, if *deferred { "deferred" } else { "failed" }, now);
        }
        if let Some(event) = event_of(task, transition) {
            self.events.publish(user, event).await;
        }
    }

    /// Deletes the copies of files of a task that has ended. Those of a series are needed until its last occurrence has ended.
    async fn release_files(&self, user: &UserId, task: &Task, transition: &Transition) {
        let goes_on = needs_files(transition.status()) || self.next_occurrence(task, transition).is_some();
        if let Some(id) = task.id().filter(|_| !goes_on) {
            self.files.release(user, &id, &task.files).await;
        }
    }

    /// Writes the task's row after a transition. The item of a task that begins to wait comes before: a connect must find it.
    async fn write_finished(
        &self,
        user: &UserId,
        task: &Task,
        transition: &Transition,
        deadline: Timestamp,
    ) -> Result<Finish> {
        let finished = task.apply(transition, self.next_occurrence(task, transition), self.clock.now());
        let begins_to_wait = finished.status == TaskStatus::AwaitingConnection && !task.was_waiting();
        if begins_to_wait && let Err(error) = self.waiting.add(user, task).await {
            tracing::error!(
                ?error,
                "a task that waits for its connection goes on an hour after the connect at the latest"
            );
        }
        retry::write_until(&self.clock, deadline, || self.tasks.finish(task, &finished)).await
    }

    /// Continues a task whose account was connected while the attempt found it missing.
    async fn resume_if_connected(&self, attempt: AttemptContext<'_>, task: &Task) {
        let connected_since = async {
            let row = self.integrations.connections.get(attempt.connection_key()).await?;
            let is_new =
                |row: &Connection| row.status == ConnectionStatus::Active && row.updated_at >= attempt.started_at;
            if row.as_ref().is_some_and(is_new) { self.waiting.resume_task(task).await } else { Ok(()) }
        };
        log_ignored(attempt, connected_since.await);
    }

    /// Updates the circuit breaker and the error log. Their failures are only logged: they must not change the outcome.
    pub(super) async fn update_health(
        &self,
        attempt: AttemptContext<'_>,
        outcome: &AttemptOutcome,
        breaker_permit: &BreakerPermit,
        task: Option<&Task>,
    ) {
        self.log_attempt(attempt, outcome.label(), task);
        let key = attempt.breaker_key();
        match outcome {
            AttemptOutcome::Called(Ok(_)) => {
                log_ignored(attempt, self.circuit_breaker.record_success(key, breaker_permit).await);
            }
            _ => {
                // Each hour's look for the account of a waiting task is no further failure.
                let goes_on_waiting =
                    |error: &&Error| error.tool_to_connect().is_some() && task.is_some_and(Task::was_waiting);
                let Some(error) = outcome.failure().filter(|error| !goes_on_waiting(error)) else { return };
                let count = async {
                    if error.counts_for_circuit_breaker() {
                        let counted = self.circuit_breaker.record_failure(key, breaker_permit, error.code()).await;
                        log_ignored(attempt, counted);
                    }
                };
                futures::join!(self.append_error(attempt, error, task), count);
            }
        }
    }

    /// Writes the attempt's log line: action and outcome, never content. The user comes from the enclosing span.
    pub(super) fn log_attempt(&self, attempt: AttemptContext<'_>, outcome: &str, task: Option<&Task>) {
        let AttemptContext { agent, adapter, action, started_at, .. } = attempt;
        let task_id = task.and_then(Task::id).map(|id| id.to_string());
        let attempt = task.map(|task| task.attempt);
        let (agent, tool, action) = (agent.as_str(), adapter.tool.as_str(), action.name);
        let ms = metrics::elapsed_ms(started_at, self.clock.now());
        tracing::info!(agent, tool, action, task_id, attempt, outcome, ms, "attempt ended");
    }

    /// Records an immediate intent that was refused before it was bound to an account, as an attempt without a call.
    pub async fn record_unbound(&self, user: &UserId, intent: &UnboundIntent, error: &Error) {
        let (agent, tool, action) = (&intent.agent, intent.adapter.tool, intent.action.name);
        let outcome = error.code();
        tracing::info!(agent = agent.as_str(), tool = tool.as_str(), action, outcome, ms = 0, "attempt ended");
        let message = redact::stored_message(error.code(), &error.to_string(), &intent.context);
        let new = NewError {
            agent,
            tool,
            account: None,
            action,
            code: error.code(),
            message: &message,
            payload: &intent.context,
            attempt: None,
            outcome: Some(error.outcome()),
        };
        if let Err(error) = self.errors.append(user, new).await {
            tracing::error!(%tool, ?error, "an attempt without a call is missing in the error log");
        }
    }

    /// Appends a failure to the error log.
    pub(super) async fn append_error(&self, attempt: AttemptContext<'_>, error: &Error, task: Option<&Task>) {
        if let Error::Unavailable(source) | Error::Internal(source) = error {
            tracing::error!(tool = %attempt.adapter.tool, action = attempt.action.name, %source, "attempt failed");
        }
        let message = redact::stored_message(error.code(), &error.to_string(), attempt.context);
        let new = NewError {
            agent: attempt.agent,
            tool: attempt.adapter.tool,
            account: Some(attempt.account),
            action: attempt.action.name,
            code: error.code(),
            message: &message,
            payload: attempt.context,
            attempt: task.and_then(|task| Some((task.id()?.to_string(), task.attempt))),
            outcome: Some(error.outcome()),
        };
        log_ignored(attempt, self.errors.append(attempt.user, new).await);
    }
}

/// Logs the failure of a side effect that must not change the outcome.
pub(super) fn log_ignored<T>(attempt: AttemptContext<'_>, result: Result<T>) {
    if let Err(error) = result {
        tracing::error!(tool = %attempt.adapter.tool, ?error, "a side effect of an attempt failed; its outcome is kept");
    }
}

/// The event of a task that ended; `None` if further attempts follow.
fn event_of(task: &Task, transition: &Transition) -> Option<Event> {
    let (id, (_, agent)) = (task.id()?, task.owner()?);
    let ended = |external_id: Option<&String>| TaskEnded {
        task_id: id.to_string(),
        occurrence: task.occurrence,
        attempt: task.lease_id.clone().unwrap_or_default(),
        agent_id: agent.as_str().to_owned(),
        tool: task.tool.clone(),
        account_id: task.account.clone(),
        action: task.action.clone(),
        external_id: external_id.cloned(),
        error_code: transition.error().map(|error| error.code.clone()),
    };
    match transition {
        Transition::Completed { external_id, .. } => Some(Event::TaskCompleted(ended(external_id.as_ref()))),
        Transition::Failed(_) | Transition::Cancelled(_) => Some(Event::TaskFailed(ended(None))),
        Transition::NeedsAttention(_) => Some(Event::TaskNeedsAttention(ended(None))),
        // Once for each wait, and not for each look for the account.
        Transition::AwaitConnection { .. } if !task.was_waiting() => Some(Event::TaskAwaitingConnection(ended(None))),
        Transition::AwaitConnection { .. } | Transition::Unknown { .. } | Transition::Retry { .. } => None,
    }
}
