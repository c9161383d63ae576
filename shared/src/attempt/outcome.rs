//! The outcome of an attempt and the task's transition after it: decisions without a call.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use super::Attempts;
use crate::adapters::action::ActionOutput;
use crate::error::{Error, Kind, Outcome, ProviderError, Result, Retry};
use crate::pace::{self, Tickets};
use crate::recurrence::{Misfire, Series};
use crate::retry::{MAX_DEFERRALS, MAX_RECONCILE_ATTEMPTS, RECONCILE_GRACE, RetryPolicy};
use crate::tables::tasks::{LastError, Reconciled, StoredResult, Task, Transition};
use crate::tool::Tool;

/// Maximum number of inconclusive reconciliations: a provider's reads may lag behind its writes for a moment.
const MAX_INCONCLUSIVE_ATTEMPTS: u32 = 4;

/// Time between two looks of the processor for the account of a waiting task. A connect makes it sooner.
const WAIT_CHECK_INTERVAL: SignedDuration = SignedDuration::from_hours(1);
/// Time after its planned time for which a single task waits for its account. A series waits as long as it lives.
const MAX_WAIT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The outcome of an attempt.
#[derive(Debug)]
pub(super) enum AttemptOutcome {
    /// The provider was called, or a reconciliation returned the call's result.
    Called(Result<ActionOutput>),
    /// Nothing was called, and no earlier call can have had an effect.
    NotAttempted(Error),
    /// An earlier call may have had its effect, and no reconciliation was possible now.
    ReconcileDeferred {
        /// The reason.
        error: Error,
    },
    /// An earlier call may have had its effect, and the provider cannot tell yet.
    ReconcileInconclusive,
    /// An earlier call may have had its effect, and a part of the provider's list was read.
    ReconcileUnfinished {
        /// The place from which the next reconciliation goes on.
        cursor: String,
    },
    /// An earlier call may have had its effect, and it cannot be reconciled.
    Unreconcilable(Error),
}

impl AttemptOutcome {
    /// The outcome after a failure on the way to a reconciliation.
    pub(super) fn reconcile_failed(tool: Tool, error: Error) -> Self {
        match error.retry() {
            Retry::After(_) => Self::ReconcileDeferred { error },
            // For example because the connection no longer exists.
            Retry::Never | Retry::Reconcile => Self::Unreconcilable(lost_response(tool)),
        }
    }

    /// The result as the caller of an immediate intent receives it.
    pub(super) fn into_result(self) -> Result<ActionOutput> {
        match self {
            Self::Called(result) => result,
            Self::NotAttempted(error) | Self::Unreconcilable(error) => Err(error),
            Self::ReconcileDeferred { .. } | Self::ReconcileInconclusive | Self::ReconcileUnfinished { .. } => {
                Err(Error::internal("no call was made"))
            }
        }
    }

    /// True if the retry policy decides the next attempt. Deferrals carry their own delay.
    pub(super) fn uses_retry_policy(&self) -> bool {
        match self {
            Self::Called(Err(error)) | Self::NotAttempted(error) => {
                matches!(error.retry(), Retry::After(_)) && !error.is_deferral()
            }
            Self::Called(Ok(_))
            | Self::ReconcileDeferred { .. }
            | Self::ReconcileInconclusive
            | Self::ReconcileUnfinished { .. }
            | Self::Unreconcilable(_) => false,
        }
    }

    /// The tickets of the rate limits, if one deferred the attempt.
    pub(super) fn tickets(&self) -> Option<&Tickets> {
        self.deferral().and_then(Error::tickets)
    }

    /// True if the provider limits the calls.
    pub(super) fn is_rate_limited(&self) -> bool {
        self.deferral().is_some_and(Error::is_rate_limit)
    }

    fn deferral(&self) -> Option<&Error> {
        match self {
            Self::Called(Err(error)) | Self::NotAttempted(error) | Self::ReconcileDeferred { error } => Some(error),
            _ => None,
        }
    }

    /// The outcome's name in the log: `done`, an error's code, or the state of the reconciliation.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Called(Ok(_)) => "done",
            Self::Called(Err(error)) | Self::NotAttempted(error) | Self::Unreconcilable(error) => error.code(),
            Self::ReconcileDeferred { .. } => "reconcile_deferred",
            Self::ReconcileInconclusive => "reconcile_inconclusive",
            Self::ReconcileUnfinished { .. } => "reconcile_unfinished",
        }
    }

    /// The error for the error log, if there is one. Deferrals and pending reconciliations are not logged as errors.
    pub(super) fn failure(&self) -> Option<&Error> {
        match self {
            Self::Unreconcilable(error) => Some(error),
            Self::Called(Err(error)) | Self::NotAttempted(error) => Some(error).filter(|error| !error.is_deferral()),
            Self::Called(Ok(_))
            | Self::ReconcileDeferred { .. }
            | Self::ReconcileInconclusive
            | Self::ReconcileUnfinished { .. } => None,
        }
    }
}

/// The error of an effect whose outcome is unknown.
pub(super) fn lost_response(tool: Tool) -> Error {
    let message = "the response of an attempt was lost".to_owned();
    Error::Provider(ProviderError { tool, kind: Kind::Ambiguous, message, retry_after: None })
}

impl Attempts {
    /// The task's transition after an attempt. `can_reconcile`: a lost response can be reconciled.
    pub(super) fn transition(
        &self,
        tool: Tool,
        task: &Task,
        outcome: &AttemptOutcome,
        can_reconcile: bool,
        policy: RetryPolicy,
    ) -> Transition {
        let transition = match outcome {
            AttemptOutcome::Called(Ok(output)) => Transition::Completed {
                result: StoredResult {
                    message: output.message.clone(),
                    data: output.data.clone(),
                    link: output.link.clone(),
                    truncated: false,
                },
                external_id: output.external_id.clone(),
            },
            AttemptOutcome::Called(Err(error)) => match error.retry() {
                Retry::Reconcile if can_reconcile => {
                    let at = self.clock.now() + RECONCILE_GRACE;
                    Transition::Unknown { error: LastError::from(error), at, reconciled: None }
                }
                Retry::After(_) => {
                    // The store or the vault failed before the call: nothing was called.
                    let unreachable = matches!(error, Error::Unavailable(_));
                    let deferrable = unreachable || error.is_rate_limit() || error.is_deferral();
                    self.retry_or_fail(task, error, deferrable, policy)
                }
                Retry::Reconcile | Retry::Never => self.wait_or_fail(task, error),
            },
            AttemptOutcome::NotAttempted(error) => match error.retry() {
                Retry::After(_) => self.retry_or_fail(task, error, true, policy),
                Retry::Reconcile | Retry::Never => self.wait_or_fail(task, error),
            },
            AttemptOutcome::ReconcileDeferred { error } if error.is_rate_limit() && !self.is_limited_too_long(task) => {
                let at = self.retry_at(task, error, RetryPolicy::DEFAULT, 1);
                let error = LastError::from(&lost_response(tool));
                Transition::Unknown { error, at, reconciled: Some(Reconciled::Deferred) }
            }
            AttemptOutcome::ReconcileDeferred { error } => {
                let at = self.retry_at(task, error, RetryPolicy::DEFAULT, task.reconcile_attempts + 1);
                reconcile_again(tool, task, at, MAX_RECONCILE_ATTEMPTS)
            }
            AttemptOutcome::ReconcileInconclusive => self.reconcile_later(tool, task, MAX_INCONCLUSIVE_ATTEMPTS),
            // The provider's list does not go on.
            AttemptOutcome::ReconcileUnfinished { cursor } if task.reconcile_cursor.as_ref() == Some(cursor) => {
                self.reconcile_later(tool, task, MAX_RECONCILE_ATTEMPTS)
            }
            AttemptOutcome::ReconcileUnfinished { cursor } => Transition::Unknown {
                error: LastError::from(&lost_response(tool)),
                at: self.next_attempt_at(RetryPolicy::DEFAULT, 1, None),
                reconciled: Some(Reconciled::Partly { cursor: cursor.clone() }),
            },
            AttemptOutcome::Unreconcilable(error) => Transition::NeedsAttention(LastError::from(error)),
        };
        if task.stopped { transition.without_retry() } else { transition }
    }

    /// The transition after a failure without an effect. A deferral does not consume an attempt; a task can be deferred
    /// [`MAX_DEFERRALS`] times, and by rate limits for the time of the setting.
    fn retry_or_fail(&self, task: &Task, error: &Error, deferrable: bool, policy: RetryPolicy) -> Transition {
        let is_limited = error.is_rate_limit();
        let deferred = deferrable && (is_limited || task.deferrals < MAX_DEFERRALS);
        let is_last =
            if is_limited { self.is_limited_too_long(task) } else { !deferred && task.attempt >= policy.max_attempts };
        // The caller of an immediate intent has the response and decides on a repetition.
        if task.is_immediate() || is_last {
            return Transition::Failed(LastError::from(error));
        }
        let at = self.retry_at(task, error, policy, task.attempt);
        Transition::Retry { error: LastError::from(error), at, deferred }
    }

    /// The transition after an error that a retry cannot resolve. A scheduled task whose account needs a person waits for it; the
    /// caller of an immediate intent has the response and decides.
    fn wait_or_fail(&self, task: &Task, error: &Error) -> Transition {
        let last = LastError::from(error);
        // The service that requested it may not act any more, or not in this way.
        if matches!(error, Error::DelegationEnded | Error::Forbidden(_)) {
            return Transition::Cancelled(last);
        }
        if error.outcome() == Outcome::Unknown {
            return Transition::NeedsAttention(last);
        }
        let now = self.clock.now();
        let waited = task.execute_at().map_or(SignedDuration::ZERO, |planned| now.duration_since(planned));
        let waits = !task.is_immediate() && (task.recurrence.is_some() || waited < MAX_WAIT);
        match error.tool_to_connect() {
            Some(_) if waits => Transition::AwaitConnection { error: last, at: now + WAIT_CHECK_INTERVAL },
            Some(_) | None => Transition::Failed(last),
        }
    }

    fn reconcile_later(&self, tool: Tool, task: &Task, max_attempts: u32) -> Transition {
        let at = self.next_attempt_at(RetryPolicy::DEFAULT, task.reconcile_attempts + 1, None);
        reconcile_again(tool, task, at, max_attempts)
    }

    /// The time of the next attempt after an error. A task with a ticket has its time exactly: jitter would undo the pace.
    fn retry_at(&self, task: &Task, error: &Error, policy: RetryPolicy, attempts: u32) -> Timestamp {
        let has_ticket = error.is_rate_limit() && !task.facts.tickets.is_empty();
        match (error.retry(), has_ticket) {
            (Retry::After(Some(wait)), true) => {
                self.clock.now() + SignedDuration::try_from(pace::task_wait(wait)).unwrap_or(self.max_limited)
            }
            (Retry::After(wait), _) => self.next_attempt_at(policy, attempts, wait),
            (Retry::Never | Retry::Reconcile, _) => self.next_attempt_at(policy, attempts, None),
        }
    }

    /// True if a rate limit has deferred the task for as long as it may.
    fn is_limited_too_long(&self, task: &Task) -> bool {
        task.limited_since.is_some_and(|since| self.clock.now().duration_since(since) >= self.max_limited)
    }

    pub(super) fn next_attempt_at(
        &self,
        policy: RetryPolicy,
        attempts: u32,
        retry_after: Option<Duration>,
    ) -> Timestamp {
        let wait = policy.wait(attempts, retry_after, |max| self.random.jitter(max));
        self.clock.now() + SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15))
    }

    /// The time of the next occurrence of a task's series, if one follows this transition.
    pub(super) fn next_occurrence(&self, task: &Task, transition: &Transition) -> Option<Timestamp> {
        let stopped = task.stopped || matches!(transition, Transition::Cancelled(_));
        if stopped || !transition.status().is_final() {
            return None;
        }
        let next = series_of(task)?.next(task.occurrence, task.execute_at()?.max(self.clock.now()))?;
        Some(next.at)
    }

    /// The error of an occurrence that is too late and must be skipped by its misfire policy.
    pub(super) fn misfired(&self, task: &Task) -> Option<Error> {
        task.recurrence.as_ref().filter(|recurrence| recurrence.misfire == Misfire::Skip)?;
        // After an earlier attempt, and for a retry that a person requested, the due time is not the planned time. A task that
        // waited for its connection has missed its time like one that was late.
        let planned = task.execute_at().filter(|planned| task.due_time() == Some(*planned) || task.was_waiting())?;
        series_of(task)?.is_misfire(planned, self.clock.now()).then_some(Error::Misfired)
    }
}

/// The series of a task. It was validated when the task was accepted.
fn series_of(task: &Task) -> Option<Series> {
    task.recurrence.as_ref()?.series_from(task.first_execute_at()?).ok()
}

/// The transition after a reconciliation that decided nothing.
fn reconcile_again(tool: Tool, task: &Task, at: Timestamp, max_attempts: u32) -> Transition {
    let error = LastError::from(&lost_response(tool));
    if task.reconcile_attempts >= max_attempts {
        return Transition::NeedsAttention(error);
    }
    Transition::Unknown { error, at, reconciled: Some(Reconciled::InVain) }
}

/// The transition of a task that cannot be attempted at all. If an earlier attempt is unresolved, its outcome stays unknown.
pub(super) fn abandon(error: &Error, unresolved: bool) -> Transition {
    let last = LastError::from(error);
    match unresolved {
        true => Transition::NeedsAttention(LastError {
            code: Kind::Ambiguous.code().to_owned(),
            outcome: Outcome::Unknown,
            ..last
        }),
        false => Transition::Failed(last),
    }
}
