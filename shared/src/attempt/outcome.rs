//! What an attempt came to, and how its task goes on: decisions without a call.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::time::Duration;

use super::Attempts;
use crate::adapters::action::Done;
use crate::error::{Error, Kind, Outcome, ProviderError, Result, Retry};
use crate::recurrence::{Misfire, Series};
use crate::retry::{MAX_DEFERRALS, MAX_LOOKS, Policy, SETTLE};
use crate::tables::tasks::{Ending, LastError, Task};
use crate::tool::Tool;

/// Times a provider that answers and cannot tell is asked: its reads may lag behind its writes for a moment.
const MAX_UNCLEAR_LOOKS: u32 = 4;

/// What an attempt came to.
#[derive(Debug)]
pub(super) enum Came {
    /// The provider was called, or was asked and told what the call had come to.
    Called(Result<Done>),
    /// Nothing was called, and no earlier call can have had an effect.
    Refused(Error),
    /// An earlier call may have had its effect, and the provider could not be asked now.
    NotAsked(Option<Duration>),
    /// An earlier call may have had its effect, and the provider cannot tell yet.
    Unclear,
    /// An earlier call may have had its effect, and nobody can be asked.
    CannotAsk(Error),
}

impl Came {
    /// After a failure on the way to asking.
    pub(super) fn asked_in_vain(tool: Tool, error: &Error) -> Self {
        match error.retry() {
            Retry::After(told) => Self::NotAsked(told),
            // Such as a connection that is gone.
            Retry::Never | Retry::Reconcile => Self::CannotAsk(lost(tool)),
        }
    }

    /// What a caller is told.
    pub(super) fn into_outcome(self) -> Result<Done> {
        match self {
            Self::Called(outcome) => outcome,
            Self::Refused(error) | Self::CannotAsk(error) => Err(error),
            Self::NotAsked(_) | Self::Unclear => Err(Error::internal("no call was made")),
        }
    }

    /// Whether it may be tried again, and when is for the tool's policy to say: a pause that was asked for says so itself.
    pub(super) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Called(Err(error)) | Self::Refused(error) => {
                matches!(error.retry(), Retry::After(_)) && !error.puts_off()
            }
            Self::Called(Ok(_)) | Self::NotAsked(_) | Self::Unclear | Self::CannotAsk(_) => false,
        }
    }

    /// What it is called in the log: `done`, an error's code, or why nothing is known yet.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Called(Ok(_)) => "done",
            Self::Called(Err(error)) | Self::Refused(error) | Self::CannotAsk(error) => error.code(),
            Self::NotAsked(_) => "not_asked",
            Self::Unclear => "unclear",
        }
    }

    /// What the error log is told of. A task that is put off, or still asked about, is no news.
    pub(super) fn failure(&self) -> Option<&Error> {
        match self {
            Self::Called(Err(error)) | Self::CannotAsk(error) => Some(error),
            Self::Refused(error) => Some(error).filter(|error| !error.puts_off()),
            Self::Called(Ok(_)) | Self::NotAsked(_) | Self::Unclear => None,
        }
    }
}

/// An effect of which nobody knows whether it happened.
pub(super) fn lost(tool: Tool) -> Error {
    let message = "an attempt stopped without saying whether it was done".to_owned();
    Error::Provider(ProviderError { tool, kind: Kind::Ambiguous, message, retry_after: None })
}

impl Attempts {
    /// How a task goes on after an attempt; `asks` says whether the provider can be asked about a lost answer.
    pub(super) fn ending(&self, tool: Tool, task: &Task, came: &Came, (asks, policy): (bool, Policy)) -> Ending {
        match came {
            Came::Called(Ok(done)) => {
                let result = json!({ "message": done.message, "data": done.data, "link": done.link });
                Ending::Completed { result, external_id: done.external_id.clone() }
            }
            Came::Called(Err(error)) => match error.retry() {
                Retry::Reconcile if asks => {
                    let at = self.clock.now() + SETTLE;
                    Ending::Unknown { error: LastError::from(error), at, looked: false }
                }
                Retry::After(told) => {
                    // The store or the vault, on the way to a call: there was none.
                    let unreachable = matches!(error, Error::Unavailable(_));
                    let put_off = unreachable || error.kind() == Some(Kind::RateLimited) || error.puts_off();
                    self.again(task, error, (told, put_off), policy)
                }
                Retry::Reconcile | Retry::Never => stopped(error),
            },
            Came::Refused(error) => match error.retry() {
                Retry::After(told) => self.again(task, error, (told, true), policy),
                Retry::Reconcile | Retry::Never => stopped(error),
            },
            Came::NotAsked(told) => self.look_again(tool, task, *told, MAX_LOOKS),
            Came::Unclear => self.look_again(tool, task, None, MAX_UNCLEAR_LOOKS),
            Came::CannotAsk(error) => Ending::NeedsAttention(LastError::from(error)),
        }
    }

    /// After a failure without an effect. What is only put off uses up no attempt, within reason.
    fn again(&self, task: &Task, error: &Error, (told, put_off): (Option<Duration>, bool), policy: Policy) -> Ending {
        let deferred = put_off && task.deferrals < MAX_DEFERRALS;
        // The caller of an immediate intent has the answer and decides whether to ask again.
        if task.is_immediate() || (!deferred && task.attempt >= policy.max_attempts) {
            return Ending::Failed(LastError::from(error));
        }
        Ending::Retry { error: LastError::from(error), at: self.after(policy, task.attempt, told), deferred }
    }

    fn look_again(&self, tool: Tool, task: &Task, told: Option<Duration>, most: u32) -> Ending {
        let error = LastError::from(&lost(tool));
        if task.looks >= most {
            return Ending::NeedsAttention(error);
        }
        Ending::Unknown { error, at: self.after(Policy::DEFAULT, task.looks + 1, told), looked: true }
    }

    fn after(&self, policy: Policy, tries: u32, told: Option<Duration>) -> Timestamp {
        let wait = policy.wait(tries, told, |most| self.random.jitter(most));
        self.clock.now() + SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15))
    }

    /// When the next occurrence of a task's series runs, if one follows this ending. A series whose tool must be connected
    /// again waits for a person.
    pub(super) fn next(&self, task: &Task, ending: &Ending) -> Option<Timestamp> {
        let waits = matches!(ending, Ending::NeedsAttention(error) if error.outcome == Outcome::None);
        if waits || !ending.status().is_final() {
            return None;
        }
        let next = series(task)?.next(task.occurrence, task.execute_at()?.max(self.clock.now()))?;
        Some(next.at)
    }

    /// Whether this occurrence of a series comes too late and is to be left out.
    pub(super) fn missed(&self, task: &Task) -> Option<Error> {
        task.recurrence.as_ref().filter(|recurrence| recurrence.misfire == Misfire::Skip)?;
        // Of what was tried before, or is tried by a person's wish, the due time is no longer the planned one.
        let planned = task.execute_at().filter(|planned| task.due_time() == Some(*planned))?;
        series(task)?.missed(planned, self.clock.now()).then_some(Error::Missed)
    }
}

/// The series a task belongs to. It was checked when it was accepted.
fn series(task: &Task) -> Option<Series> {
    task.recurrence.as_ref()?.starting(task.first_at()?).ok()
}

/// The end of a task that cannot be attempted at all. What became of an attempt that is open nobody will know.
pub(super) fn given_up(error: &Error, open: bool) -> Ending {
    let last = LastError::from(error);
    match open {
        true => Ending::NeedsAttention(LastError {
            code: Kind::Ambiguous.code().to_owned(),
            outcome: Outcome::Unknown,
            ..last
        }),
        false => Ending::Failed(last),
    }
}

/// After an error that trying again does not mend.
fn stopped(error: &Error) -> Ending {
    let last = LastError::from(error);
    if error.tool_to_connect().is_some() || error.outcome() == Outcome::Unknown {
        Ending::NeedsAttention(last)
    } else {
        Ending::Failed(last)
    }
}

impl From<&Error> for LastError {
    fn from(error: &Error) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string(), outcome: error.outcome() }
    }
}
