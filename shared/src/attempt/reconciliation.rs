//! Reconciliation: the queries that ask a provider about an effect whose response was lost.
//!
//! A positive answer is final immediately. A negative one is trusted only after
//! [`RECONCILE_GRACE`](crate::retry::RECONCILE_GRACE), because a provider's reads may lag behind its writes.

use super::outcome::{self, AttemptOutcome};
use super::{AttemptContext, Attempts, CallPermit};
use crate::adapters::action::{Effect, Reconciliation};
use crate::circuit_breaker::BreakerPermit;
use crate::error::{Error, Kind, Result};
use crate::metrics::{self, Metric};
use crate::tables::integrations::CallGuards;
use crate::tables::tasks::Task;

impl Attempts {
    /// Runs an attempt of a task with an unresolved earlier attempt, which may have had its effect. A `create` is repeated only
    /// if the provider answers that it was not applied.
    pub(super) async fn reconcile_unresolved(
        &self,
        attempt: AttemptContext<'_>,
        mut guards: CallGuards,
        task: &mut Task,
    ) {
        if let Some(end) = task.discard_end {
            return self.discard_again(attempt, guards, task, end).await;
        }
        let tool = attempt.adapter.tool;
        let stop_reason = self.stop_reason(attempt, task, &guards);
        if attempt.action.effect != Effect::Create {
            let outcome = match stop_reason {
                // The earlier attempt may have had its effect, and a repetition would be one of its own time.
                Some(_) if attempt.action.effect == Effect::Idempotent => {
                    AttemptOutcome::Unreconcilable(outcome::lost_response(tool))
                }
                Some(reason) => AttemptOutcome::NotAttempted(reason),
                None if task.is_exhausted() => AttemptOutcome::NotAttempted(Error::AttemptsExhausted),
                // A repetition is harmless.
                None => return self.attempt_new(attempt, guards, task).await,
            };
            let no_probe = BreakerPermit::without_probe(guards.breaker);
            return self.persist(attempt, task, &outcome, None, &no_probe).await;
        }
        // An open circuit breaker does not block a reconciliation.
        let no_probe = BreakerPermit::without_probe(guards.breaker.take());
        let mut permit = match self.acquire_permit(attempt, guards).await {
            Ok(permit) => CallPermit { breaker_permit: no_probe, ..permit },
            Err(error) => {
                let outcome = AttemptOutcome::reconcile_failed(tool, error);
                return self.persist(attempt, task, &outcome, None, &no_probe).await;
            }
        };
        let outcome = if attempt.action.can_reconcile(&permit.access.connection.scopes) {
            match self.reconcile(attempt, &mut permit, task).await {
                Ok(Reconciliation::Applied(output)) => AttemptOutcome::Called(Ok(output)),
                Ok(Reconciliation::NotApplied) if task.is_immediate() => {
                    AttemptOutcome::NotAttempted(Error::AbortedNoEffect { tool })
                }
                Ok(Reconciliation::NotApplied) if task.is_exhausted() => {
                    AttemptOutcome::NotAttempted(Error::AttemptsExhausted)
                }
                Ok(Reconciliation::NotApplied) => match stop_reason.or_else(|| self.late_for_files(attempt)) {
                    Some(reason) => AttemptOutcome::NotAttempted(reason),
                    None => return drop(self.call_and_record(attempt, permit, task.clone(), true).await),
                },
                Ok(Reconciliation::Inconclusive) => AttemptOutcome::ReconcileInconclusive,
                Ok(Reconciliation::Unfinished(cursor)) => AttemptOutcome::ReconcileUnfinished { cursor },
                Err(error) => AttemptOutcome::reconcile_failed(tool, error),
            }
        } else {
            AttemptOutcome::Unreconcilable(outcome::lost_response(tool))
        };
        self.persist(attempt, task, &outcome, Some(&permit), &permit.breaker_permit).await;
    }

    /// Runs the attempt that a person requested for a task that needed attention. What was prepared is used if it is still there. If
    /// the provider cannot tell what became of it, it is prepared again: the person knows, and decided to repeat the action.
    pub(super) async fn repeat_forced(&self, attempt: AttemptContext<'_>, mut permit: CallPermit, task: &mut Task) {
        match self.reconcile(attempt, &mut permit, task).await {
            Ok(Reconciliation::Applied(output)) => {
                let outcome = AttemptOutcome::Called(Ok(output));
                return self.persist(attempt, task, &outcome, Some(&permit), &permit.breaker_permit).await;
            }
            Ok(Reconciliation::Inconclusive) => task.checkpoint = None,
            // The call itself shows why the provider cannot be asked.
            Ok(Reconciliation::NotApplied | Reconciliation::Unfinished(_)) | Err(_) => {}
        }
        drop(self.call_and_record(attempt, permit, task.clone(), true).await);
    }

    /// Asks the provider about an effect whose response was lost, with a new token if the current one is rejected.
    pub(super) async fn reconcile(
        &self,
        attempt: AttemptContext<'_>,
        permit: &mut CallPermit,
        task: &Task,
    ) -> Result<Reconciliation> {
        let answer = if attempt.action.stores_checkpoint && task.checkpoint.is_none() {
            // The checkpoint is stored before the call, so there was no call.
            Ok(Reconciliation::NotApplied)
        } else {
            match self.reconcile_once(attempt, permit, task).await {
                Err(error) if error.kind() == Some(Kind::AuthExpired) => {
                    let AttemptContext { user, adapter, action, deadline, .. } = attempt;
                    permit.access =
                        self.integrations.refresh_rejected(user, adapter, action, &permit.access, deadline).await?;
                    self.reconcile_once(attempt, permit, task).await
                }
                answer => answer,
            }
        };
        if let Ok(answer) = &answer {
            let label = match answer {
                Reconciliation::Applied(_) => "applied",
                Reconciliation::NotApplied => "not_applied",
                Reconciliation::Inconclusive => "inconclusive",
                Reconciliation::Unfinished(_) => "unfinished",
            };
            metrics::count(Metric::Reconciliations, attempt.adapter.tool.as_str(), label, self.clock.now());
        }
        answer
    }

    async fn reconcile_once(
        &self,
        attempt: AttemptContext<'_>,
        permit: &CallPermit,
        task: &Task,
    ) -> Result<Reconciliation> {
        let api = self.api(attempt, permit, task)?;
        let timed_out = || api.error(Kind::Transient, "the reconciliation took too long");
        let query = attempt.action.reconcile(&api, attempt.context);
        self.with_time_limit(attempt, query).await.unwrap_or_else(|| Err(timed_out()))
    }
}
