//! The discard of a preparation whose effect will not happen: a draft that stays could be sent by a person, late or twice.
//!
//! It is decided before that the effect does not happen. A discard that fails is repeated by later claims of the task, which neither
//! ask the provider about the effect nor repeat it: a draft that a lost discard deleted would look like one that was sent.

use super::record::log_ignored;
use super::{AttemptContext, Attempts, CallPermit};
use crate::error::{Error, Kind, Result, Retry};
use crate::retry::{MAX_RECONCILE_ATTEMPTS, RECONCILE_GRACE, RetryPolicy};
use crate::tables::integrations::CallGuards;
use crate::tables::tasks::{LastError, Reconciled, Task, TaskStatus, Transition};

/// Maximum number of attempts to discard what was prepared. Afterwards it stays.
const MAX_DISCARD_ATTEMPTS: u32 = MAX_RECONCILE_ATTEMPTS;

impl Attempts {
    /// Discards what was prepared, if the transition ends the task without its effect. If that fails, the task stays `unknown` and its
    /// next claims discard it.
    pub(super) async fn discard_unneeded(
        &self,
        attempt: AttemptContext<'_>,
        task: &Task,
        permit: Option<&CallPermit>,
        transition: Transition,
    ) -> Transition {
        if !matches!(transition, Transition::Failed(_) | Transition::Cancelled(_)) {
            return transition;
        }
        let Some(permit) = permit else { return self.discard_before(task, transition, None) };
        // An earlier attempt may have crashed before it stored its checkpoint; only the action can find that object.
        let is_prepared =
            task.checkpoint.is_some() || task.needs_discard || (attempt.action.stores_checkpoint && task.is_repeated());
        if !is_prepared {
            return transition;
        }
        match self.discard(attempt, permit, task).await {
            Ok(()) => transition,
            Err(failure) => self.discard_after_failure(attempt, task, transition, failure),
        }
    }

    /// Continues to discard what was prepared, and ends the task as it was decided before.
    pub(super) async fn discard_again(
        &self,
        attempt: AttemptContext<'_>,
        mut guards: CallGuards,
        task: &Task,
        end: TaskStatus,
    ) {
        let aborted = || LastError::from(&Error::AbortedNoEffect { tool: attempt.adapter.tool });
        let error = task.last_error.clone().unwrap_or_else(aborted);
        let transition = match end {
            TaskStatus::Cancelled => Transition::Cancelled(error),
            _ => Transition::Failed(error),
        };
        // An open circuit breaker does not block a discard.
        guards.breaker = None;
        let transition = match self.acquire_permit(attempt, guards).await {
            Ok(permit) => self.discard_unneeded(attempt, task, Some(&permit), transition).await,
            Err(failure) => self.discard_after_failure(attempt, task, transition, failure),
        };
        self.log_attempt(attempt, "discard", Some(task));
        self.finish(attempt.user, task, &transition, attempt.deadline).await;
    }

    /// Returns the transition to a later discard of a stored checkpoint, before the task ends with `transition`.
    pub(super) fn discard_before(&self, task: &Task, transition: Transition, failure: Option<&Error>) -> Transition {
        let (Transition::Failed(error) | Transition::Cancelled(error)) = &transition else { return transition };
        if task.checkpoint.is_none() && failure.is_none() {
            return transition;
        }
        let retry_after = match failure.map(Error::retry) {
            Some(Retry::After(wait)) => wait,
            Some(Retry::Never | Retry::Reconcile) | None => None,
        };
        let at = self.next_attempt_at(RetryPolicy::DEFAULT, 1, retry_after).max(self.clock.now() + RECONCILE_GRACE);
        let reconciled = Some(Reconciled::Undiscarded { end: transition.status() });
        Transition::Unknown { error: error.clone(), at, reconciled }
    }

    fn discard_after_failure(
        &self,
        attempt: AttemptContext<'_>,
        task: &Task,
        transition: Transition,
        failure: Error,
    ) -> Transition {
        let may_repeat = task.discard_end.is_none() || task.reconcile_attempts < MAX_DISCARD_ATTEMPTS;
        if failure.retry() == Retry::Never || !may_repeat {
            log_ignored::<()>(attempt, Err(failure));
            return transition;
        }
        tracing::warn!(code = failure.code(), "what was prepared is discarded later");
        self.discard_before(task, transition, Some(&failure))
    }

    /// Discards the prepared object (a draft), with a new token if the current one is rejected.
    async fn discard(&self, attempt: AttemptContext<'_>, permit: &CallPermit, task: &Task) -> Result<()> {
        match self.discard_once(attempt, permit, task).await {
            Err(error) if error.kind() == Some(Kind::AuthExpired) => {
                let AttemptContext { user, adapter, action, deadline, .. } = attempt;
                let access =
                    self.integrations.refresh_rejected(user, adapter, action, &permit.access, deadline).await?;
                let CallPermit { limits, breaker_permit, author, .. } = permit.clone();
                self.discard_once(attempt, &CallPermit { access, limits, breaker_permit, author }, task).await
            }
            discarded => discarded,
        }
    }

    async fn discard_once(&self, attempt: AttemptContext<'_>, permit: &CallPermit, task: &Task) -> Result<()> {
        let api = self.api(attempt, permit, task)?;
        self.with_time_limit(attempt, attempt.action.discard(&api, attempt.context))
            .await
            .unwrap_or_else(|| Err(api.error(Kind::Transient, "the discard took too long")))
    }
}
