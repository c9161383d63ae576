//! What an attempt came to, and how its task goes on: decisions without a call.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::time::Duration;

use super::Attempts;
use crate::adapters::action::ActionOutput;
use crate::error::{Error, Kind, Outcome, ProviderError, Result, Retry};
use crate::recurrence::{Misfire, Series};
use crate::retry::{MAX_DEFERRALS, MAX_RECONCILE_ATTEMPTS, RECONCILE_GRACE, RetryPolicy};
use crate::tables::tasks::{LastError, Task, Transition};
use crate::tool::Tool;

/// Times a provider that answers and cannot tell is asked: its reads may lag behind its writes for a moment.
const MAX_INCONCLUSIVE_ATTEMPTS: u32 = 4;

/// What an attempt came to.
#[derive(Debug)]
pub(super) enum AttemptOutcome {
    /// The provider was called, or was asked and told what the call had come to.
    Called(Result<ActionOutput>),
    /// Nothing was called, and no earlier call can have had an effect.
    NotAttempted(Error),
    /// An earlier call may have had its effect, and the provider could not be asked now.
    ReconcileDeferred(Option<Duration>),
    /// An earlier call may have had its effect, and the provider cannot tell yet.
    ReconcileInconclusive,
    /// An earlier call may have had its effect, and nobody can be asked.
    Unreconcilable(Error),
}

impl AttemptOutcome {
    /// After a failure on the way to asking.
    pub(super) fn reconcile_failed(tool: Tool, error: &Error) -> Self {
        match error.retry() {
            Retry::After(told) => Self::ReconcileDeferred(told),
            // Such as a connection that is gone.
            Retry::Never | Retry::Reconcile => Self::Unreconcilable(lost_response(tool)),
        }
    }

    /// What a caller is told.
    pub(super) fn into_result(self) -> Result<ActionOutput> {
        match self {
            Self::Called(outcome) => outcome,
            Self::NotAttempted(error) | Self::Unreconcilable(error) => Err(error),
            Self::ReconcileDeferred(_) | Self::ReconcileInconclusive => Err(Error::internal("no call was made")),
        }
    }

    /// Whether it may be tried again, and when is for the tool's policy to say: a pause that was asked for says so itself.
    pub(super) fn uses_retry_policy(&self) -> bool {
        match self {
            Self::Called(Err(error)) | Self::NotAttempted(error) => {
                matches!(error.retry(), Retry::After(_)) && !error.is_deferral()
            }
            Self::Called(Ok(_))
            | Self::ReconcileDeferred(_)
            | Self::ReconcileInconclusive
            | Self::Unreconcilable(_) => false,
        }
    }

    /// What it is called in the log: `done`, an error's code, or why nothing is known yet.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Called(Ok(_)) => "done",
            Self::Called(Err(error)) | Self::NotAttempted(error) | Self::Unreconcilable(error) => error.code(),
            Self::ReconcileDeferred(_) => "not_asked",
            Self::ReconcileInconclusive => "unclear",
        }
    }

    /// What the error log is told of. A task that is put off, or still asked about, is no news.
    pub(super) fn failure(&self) -> Option<&Error> {
        match self {
            Self::Called(Err(error)) | Self::Unreconcilable(error) => Some(error),
            Self::NotAttempted(error) => Some(error).filter(|error| !error.is_deferral()),
            Self::Called(Ok(_)) | Self::ReconcileDeferred(_) | Self::ReconcileInconclusive => None,
        }
    }
}

/// An effect of which nobody knows whether it happened.
pub(super) fn lost_response(tool: Tool) -> Error {
    let message = "an attempt stopped without saying whether it was done".to_owned();
    Error::Provider(ProviderError { tool, kind: Kind::Ambiguous, message, retry_after: None })
}

impl Attempts {
    /// How a task goes on after an attempt; `asks` says whether the provider can be asked about a lost answer.
    pub(super) fn transition(
        &self,
        tool: Tool,
        task: &Task,
        came: &AttemptOutcome,
        (asks, policy): (bool, RetryPolicy),
    ) -> Transition {
        match came {
            AttemptOutcome::Called(Ok(done)) => {
                let result = json!({ "message": done.message, "data": done.data, "link": done.link });
                Transition::Completed { result, external_id: done.external_id.clone() }
            }
            AttemptOutcome::Called(Err(error)) => match error.retry() {
                Retry::Reconcile if asks => {
                    let at = self.clock.now() + RECONCILE_GRACE;
                    Transition::Unknown { error: LastError::from(error), at, reconcile_only: false }
                }
                Retry::After(told) => {
                    // The store or the vault, on the way to a call: there was none.
                    let unreachable = matches!(error, Error::Unavailable(_));
                    let put_off = unreachable || error.kind() == Some(Kind::RateLimited) || error.is_deferral();
                    self.retry_or_fail(task, error, (told, put_off), policy)
                }
                Retry::Reconcile | Retry::Never => terminal_failure(error),
            },
            AttemptOutcome::NotAttempted(error) => match error.retry() {
                Retry::After(told) => self.retry_or_fail(task, error, (told, true), policy),
                Retry::Reconcile | Retry::Never => terminal_failure(error),
            },
            AttemptOutcome::ReconcileDeferred(told) => self.reconcile_later(tool, task, *told, MAX_RECONCILE_ATTEMPTS),
            AttemptOutcome::ReconcileInconclusive => self.reconcile_later(tool, task, None, MAX_INCONCLUSIVE_ATTEMPTS),
            AttemptOutcome::Unreconcilable(error) => Transition::NeedsAttention(LastError::from(error)),
        }
    }

    /// After a failure without an effect. What is only put off uses up no attempt, within reason.
    fn retry_or_fail(
        &self,
        task: &Task,
        error: &Error,
        (told, put_off): (Option<Duration>, bool),
        policy: RetryPolicy,
    ) -> Transition {
        let deferred = put_off && task.deferrals < MAX_DEFERRALS;
        // The caller of an immediate intent has the answer and decides whether to ask again.
        if task.is_immediate() || (!deferred && task.attempt >= policy.max_attempts) {
            return Transition::Failed(LastError::from(error));
        }
        Transition::Retry {
            error: LastError::from(error),
            at: self.next_attempt_at(policy, task.attempt, told),
            deferred,
        }
    }

    fn reconcile_later(&self, tool: Tool, task: &Task, told: Option<Duration>, most: u32) -> Transition {
        let error = LastError::from(&lost_response(tool));
        if task.reconcile_attempts >= most {
            return Transition::NeedsAttention(error);
        }
        Transition::Unknown {
            error,
            at: self.next_attempt_at(RetryPolicy::DEFAULT, task.reconcile_attempts + 1, told),
            reconcile_only: true,
        }
    }

    fn next_attempt_at(&self, policy: RetryPolicy, tries: u32, told: Option<Duration>) -> Timestamp {
        let wait = policy.wait(tries, told, |most| self.random.jitter(most));
        self.clock.now() + SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15))
    }

    /// When the next occurrence of a task's series runs, if one follows this ending. A series whose tool must be connected
    /// again waits for a person.
    pub(super) fn next_occurrence(&self, task: &Task, ending: &Transition) -> Option<Timestamp> {
        let waits = matches!(ending, Transition::NeedsAttention(error) if error.outcome == Outcome::None);
        if waits || !ending.status().is_final() {
            return None;
        }
        let next = series_of(task)?.next(task.occurrence, task.execute_at()?.max(self.clock.now()))?;
        Some(next.at)
    }

    /// Whether this occurrence of a series comes too late and is to be left out.
    pub(super) fn misfired(&self, task: &Task) -> Option<Error> {
        task.recurrence.as_ref().filter(|recurrence| recurrence.misfire == Misfire::Skip)?;
        // Of what was tried before, or is tried by a person's wish, the due time is no longer the planned one.
        let planned = task.execute_at().filter(|planned| task.due_time() == Some(*planned))?;
        series_of(task)?.is_misfire(planned, self.clock.now()).then_some(Error::Misfired)
    }
}

/// The series a task belongs to. It was checked when it was accepted.
fn series_of(task: &Task) -> Option<Series> {
    task.recurrence.as_ref()?.series_from(task.first_execute_at()?).ok()
}

/// The end of a task that cannot be attempted at all. What became of an attempt that is open nobody will know.
pub(super) fn abandon(error: &Error, open: bool) -> Transition {
    let last = LastError::from(error);
    match open {
        true => Transition::NeedsAttention(LastError {
            code: Kind::Ambiguous.code().to_owned(),
            outcome: Outcome::Unknown,
            ..last
        }),
        false => Transition::Failed(last),
    }
}

/// After an error that trying again does not mend.
fn terminal_failure(error: &Error) -> Transition {
    let last = LastError::from(error);
    if error.tool_to_connect().is_some() || error.outcome() == Outcome::Unknown {
        Transition::NeedsAttention(last)
    } else {
        Transition::Failed(last)
    }
}

impl From<&Error> for LastError {
    fn from(error: &Error) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string(), outcome: error.outcome() }
    }
}
