//! Suspects: tasks that may have killed their process. They run in quarantine, that is alone, until an attempt of theirs ends.

use jiff::Timestamp;

use super::status::TaskStatus;
use super::task::Task;
use super::transition::Transition;
use crate::retry::{MAX_ATTEMPTS, MAX_CRASHES};

impl Task {
    /// True if the task can be claimed now and must run alone: its process died during the last attempt, or it is in quarantine.
    pub(super) fn is_suspect(&self, now: Timestamp) -> bool {
        match self.status {
            TaskStatus::Processing => self.lease_time_left(now).is_none(),
            status => !status.is_final() && self.crashes.is_some() && self.due_time().is_some_and(|due| due <= now),
        }
    }

    /// True if the current attempt makes one again whose process died. It has no number of its own: a crash consumes no attempt.
    pub fn is_takeover(&self) -> bool {
        self.claimed_from == Some(TaskStatus::Processing)
    }

    /// True if an earlier attempt of this occurrence may have called the provider.
    pub fn is_repeated(&self) -> bool {
        self.attempt > 1 || self.is_takeover()
    }

    /// True if the current attempt only reconciles the earlier ones.
    pub fn is_exhausted(&self) -> bool {
        self.attempt > MAX_ATTEMPTS || self.crashes > Some(MAX_CRASHES)
    }

    /// True if even that reconciliation killed its process.
    pub fn is_unreconcilable(&self) -> bool {
        self.crashes > Some(MAX_CRASHES + 1)
    }

    /// Returns the crashes after a transition of the current attempt, which was none. The quarantine ends with an occurrence whose
    /// action ran to its end. One that ended because of its crashes leaves the next occurrence a single crash.
    pub(super) fn crashes_after(&self, transition: &Transition) -> Option<u32> {
        let is_final = transition.status().is_final();
        if is_final && self.facts.has_run {
            return None;
        }
        let max = if is_final { MAX_CRASHES - 1 } else { MAX_CRASHES };
        self.crashes.map(|crashes| crashes.saturating_sub(1).min(max))
    }
}

#[cfg(test)]
mod tests {
    use super::super::last_error::LastError;
    use super::super::transition::AttemptFacts;
    use super::super::transition::tests::{claimed, now};
    use super::*;
    use crate::error::Outcome;

    /// A task that was claimed to run alone, with its crashes so far and this attempt.
    fn alone(crashes: u32, has_run: bool) -> Task {
        let facts = AttemptFacts { has_run, ..AttemptFacts::default() };
        Task { crashes: Some(crashes), claimed_from: Some(TaskStatus::Processing), facts, ..claimed(1) }
    }

    fn error() -> LastError {
        LastError { code: "X".to_owned(), message: "x".to_owned(), outcome: Outcome::None, data: None }
    }

    #[test]
    fn action_that_ran_to_its_end_ends_the_quarantine() {
        let (failed, retry) =
            (Transition::Failed(error()), Transition::Retry { error: error(), at: now(), deferred: false });
        assert_eq!(alone(2, true).crashes_after(&failed), None);
        assert_eq!(alone(2, true).crashes_after(&retry), Some(1), "the crash before it counts");
        assert_eq!(alone(2, false).crashes_after(&failed), Some(1), "it was not run");
        assert_eq!(Task { crashes: None, ..alone(0, true) }.crashes_after(&retry), None);
    }

    #[test]
    fn crashes_leave_the_next_occurrence_one_and_each_reconciliation_its_own() {
        let unknown = Transition::Unknown { error: error(), at: now(), reconciled: None };
        let exhausted = alone(MAX_CRASHES + 1, false);
        assert!(exhausted.is_exhausted() && !exhausted.is_unreconcilable());
        assert_eq!(exhausted.crashes_after(&unknown), Some(MAX_CRASHES));
        assert_eq!(exhausted.crashes_after(&Transition::Failed(error())), Some(MAX_CRASHES - 1));
        let abandoned = alone(MAX_CRASHES + 2, false);
        assert!(abandoned.is_unreconcilable());
        assert_eq!(abandoned.crashes_after(&Transition::NeedsAttention(error())), Some(MAX_CRASHES - 1));
    }

    #[test]
    fn takeover_has_no_attempt_of_its_own_to_return() {
        let deferred = Transition::Retry { error: error(), at: now(), deferred: true };
        assert_eq!(alone(1, true).apply(&deferred, None, now()).attempt, 1);
        let claimed = Task { claimed_from: Some(TaskStatus::Retrying), ..alone(1, true) };
        assert_eq!(claimed.apply(&deferred, None, now()).attempt, 0);
    }
}
