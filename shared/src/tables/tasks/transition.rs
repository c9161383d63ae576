//! The transitions of a task at the end of an attempt, as a pure function of the row. The ledger writes the result.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::StoredResult;
use super::last_error::LastError;
use super::status::TaskStatus;
use super::task::{HistoryEntry, Task};
use crate::pace::Tickets;
use crate::retry::MAX_ATTEMPTS;

/// Lifetime of a finished task.
pub const TASK_RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A transition of a task at the end of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Transition {
    /// The action succeeded.
    Completed {
        /// The result to store.
        result: StoredResult,
        /// The provider's id of the created object.
        external_id: Option<String>,
    },
    /// The action failed, and no attempt follows.
    Failed(LastError),
    /// A person must act.
    NeedsAttention(LastError),
    /// Nothing more is done: the task was stopped, or its service may no longer act.
    Cancelled(LastError),
    /// The answer was lost; reconciliation follows.
    Unknown {
        /// The error.
        error: LastError,
        /// The time of the reconciliation.
        at: Timestamp,
        /// The result of this attempt if it was only a reconciliation, which consumes no attempt.
        reconciled: Option<Reconciled>,
    },
    /// The action had no effect, and another attempt follows.
    Retry {
        /// The error.
        error: LastError,
        /// The time of the next attempt.
        at: Timestamp,
        /// True for a deferral, which consumes no attempt.
        deferred: bool,
    },
    /// The account must be connected again. Nothing was done, and no attempt is consumed.
    AwaitConnection {
        /// The error.
        error: LastError,
        /// The time at which the processor looks for the account itself.
        at: Timestamp,
    },
}

/// The result of a reconciliation that decided nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Reconciled {
    /// The provider could not be asked, or could not tell.
    InVain,
    /// A rate limit deferred it.
    Deferred,
    /// A part of the provider's list was read.
    Partly {
        /// The place from which the next reconciliation goes on.
        cursor: String,
    },
    /// The effect does not happen, and what was prepared for it could not be discarded yet.
    Undiscarded {
        /// The state that follows the discard.
        end: TaskStatus,
    },
}

impl Transition {
    /// Returns the state after it; a series may continue instead.
    pub fn status(&self) -> TaskStatus {
        match self {
            Self::Completed { .. } => TaskStatus::Completed,
            Self::Failed(_) => TaskStatus::Failed,
            Self::NeedsAttention(_) => TaskStatus::NeedsAttention,
            Self::Cancelled(_) => TaskStatus::Cancelled,
            Self::Unknown { .. } => TaskStatus::Unknown,
            Self::Retry { .. } => TaskStatus::Retrying,
            Self::AwaitConnection { .. } => TaskStatus::AwaitingConnection,
        }
    }

    /// Returns the error, if the action did not succeed.
    pub fn error(&self) -> Option<&LastError> {
        match self {
            Self::Completed { .. } => None,
            Self::Failed(error) | Self::NeedsAttention(error) | Self::Cancelled(error) => Some(error),
            Self::Unknown { error, .. } | Self::Retry { error, .. } | Self::AwaitConnection { error, .. } => {
                Some(error)
            }
        }
    }

    /// Returns the transition as it is stored: the error's messages quote nothing of the context.
    #[must_use]
    pub fn redacted(mut self, context: &Value) -> Self {
        match &mut self {
            Self::Completed { .. } => {}
            Self::Failed(error)
            | Self::NeedsAttention(error)
            | Self::Cancelled(error)
            | Self::Unknown { error, .. }
            | Self::Retry { error, .. }
            | Self::AwaitConnection { error, .. } => *error = error.redacted(context),
        }
        self
    }

    /// Returns the transition of a stopped task: no attempt follows a failed one, and it waits for no connection.
    #[must_use]
    pub fn without_retry(self) -> Self {
        match self {
            Self::Retry { error, .. } | Self::AwaitConnection { error, .. } => Self::Cancelled(error),
            other => other,
        }
    }
}

/// What an attempt has learned for the next ones, beside its transition.
#[derive(Clone, Debug, Default)]
pub struct AttemptFacts {
    /// True if the provider limits the calls.
    pub is_limited: bool,
    /// The tickets of the limits.
    pub tickets: Tickets,
    /// True if the attempt may have prepared something.
    pub needs_discard: bool,
    /// True if the action was run, and not only reconciled.
    pub has_run: bool,
}

impl Task {
    /// Returns the row after a transition; `next` is the time of the next occurrence of its series, if one follows.
    #[must_use]
    pub fn apply(&self, transition: &Transition, next: Option<Timestamp>, now: Timestamp) -> Self {
        let (is_unresolved, is_final) = (transition.status() == TaskStatus::Unknown, transition.status().is_final());
        let mut task = Self {
            attempt: self.attempts_after(transition),
            crashes: self.crashes_after(transition),
            status: transition.status(),
            updated_at: now,
            // The lease's id is not cleared: a writer recognizes its own write by it.
            lease_until: None,
            claimed_from: None,
            discard_end: self.discard_end.filter(|_| is_unresolved),
            needs_discard: self.needs_discard_after(transition),
            tickets: if self.facts.is_limited { self.facts.tickets.clone() } else { Tickets::new() },
            limited_since: self.facts.is_limited.then(|| self.limited_since.unwrap_or(now)),
            attempted_at: self.attempted_at.filter(|_| !is_final),
            reconcile_cursor: self.reconcile_cursor.clone().filter(|_| is_unresolved),
            last_error: transition.error().map(|error| error.after(self.earlier_error())),
            due_shard: None,
            due_at: None,
            ttl: None,
            ..self.clone()
        };
        match transition {
            Transition::Completed { result, external_id } => {
                task.result = Some(result.bounded());
                task.external_id.clone_from(external_id);
            }
            // A checkpoint has no use once the outcome is known.
            Transition::Failed(_) | Transition::Cancelled(_) => task.checkpoint = None,
            Transition::NeedsAttention(_) => {}
            Transition::Unknown { at, reconciled, .. } => {
                task.record_reconciled(reconciled.as_ref());
                task.index_at(*at);
            }
            Transition::Retry { at, deferred, .. } => {
                // A rate limit defers a task as often as the provider's pace needs.
                task.deferrals += u32::from(*deferred && task.limited_since.is_none());
                task.index_at(*at);
            }
            Transition::AwaitConnection { at, .. } => {
                task.index_at(*at);
            }
        }
        if self.needs_entry(transition, next.is_some()) {
            let code = transition.error().map(|error| error.code.clone());
            let created = task.external_id.clone().filter(|_| transition.error().is_none());
            task.push_history(now, transition.status(), code, created);
        }
        if is_final {
            match next {
                Some(at) => task.schedule_occurrence(at),
                None => task.ttl = Some((now + TASK_RETENTION).as_second()),
            }
        }
        task
    }

    /// The attempts that count after a transition. A claim beyond the last attempt only reconciles that attempt.
    fn attempts_after(&self, transition: &Transition) -> u32 {
        let is_returned = match transition {
            Transition::Unknown { reconciled, .. } => reconciled.is_some() && self.attempt > 1,
            Transition::Retry { deferred, .. } => *deferred,
            Transition::AwaitConnection { .. } => true,
            Transition::Completed { .. }
            | Transition::Failed(_)
            | Transition::NeedsAttention(_)
            | Transition::Cancelled(_) => false,
        };
        // A takeover has no attempt of its own to return, and the one it took over may have called the provider.
        let returned = u32::from(is_returned && !self.is_takeover());
        self.attempt.saturating_sub(returned).min(MAX_ATTEMPTS)
    }

    /// True if something prepared may be left after a transition. A person can decide to repeat a task that needs attention, with it.
    fn needs_discard_after(&self, transition: &Transition) -> bool {
        let is_left = !transition.status().is_final() || matches!(transition, Transition::NeedsAttention(_));
        is_left && (self.needs_discard || self.facts.needs_discard)
    }

    /// True if the history has no entry of this state yet, and the row does not show it by itself.
    fn needs_entry(&self, transition: &Transition, has_next: bool) -> bool {
        // A task that goes on waiting has its entry since it began to wait.
        let waits_on = transition.status() == TaskStatus::AwaitingConnection && self.was_waiting();
        let is_deferred_again = self.facts.is_limited && self.is_last_entry(transition);
        let is_last = matches!(transition, Transition::Completed { .. }) && !has_next;
        !(waits_on || is_deferred_again || is_last)
    }

    /// True if the last entry of the history is the one that the transition would add.
    fn is_last_entry(&self, transition: &Transition) -> bool {
        let code = transition.error().map(|error| &error.code);
        let is_same = |entry: &HistoryEntry| {
            (entry.status, entry.occurrence, entry.code.as_ref()) == (transition.status(), self.occurrence, code)
        };
        self.history.last().is_some_and(is_same)
    }

    /// The error of the attempt of this occurrence before this one.
    fn earlier_error(&self) -> Option<&LastError> {
        let has_earlier_attempt =
            self.is_repeated() || self.attempt + self.deferrals > 1 || self.claimed_from == Some(TaskStatus::Retrying);
        self.last_error.as_ref().filter(|_| has_earlier_attempt)
    }

    /// Records an attempt whose outcome is unknown, or the result of a reconciliation of it.
    fn record_reconciled(&mut self, reconciled: Option<&Reconciled>) {
        match reconciled {
            None => self.reconcile_cursor = None,
            Some(Reconciled::InVain) => self.reconcile_attempts += 1,
            Some(Reconciled::Deferred) => {}
            Some(Reconciled::Partly { cursor }) => self.reconcile_cursor = Some(cursor.clone()),
            Some(Reconciled::Undiscarded { end }) => {
                self.reconcile_attempts = if self.discard_end.is_some() { self.reconcile_attempts + 1 } else { 1 };
                self.discard_end = Some(*end);
            }
        }
    }

    /// Schedules the next occurrence: a new effect with attempts of its own.
    fn schedule_occurrence(&mut self, at: Timestamp) {
        self.status = TaskStatus::Scheduled;
        self.occurrence += 1;
        self.occurrence_at = Some(at);
        (self.attempt, self.deferrals, self.reconcile_attempts) = (0, 0, 0);
        (self.checkpoint, self.limited_since, self.needs_discard) = (None, None, false);
        self.tickets.clear();
        self.index_at(at);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::status::TRANSITIONS;
    use super::super::task::NewTask;
    use super::*;
    use crate::account::AccountId;
    use crate::error::Outcome;
    use crate::ids::{AgentId, UserId};
    use proptest::prelude::*;
    use serde_json::json;

    pub(in super::super) fn now() -> Timestamp {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    pub(in super::super) fn claimed(attempt: u32) -> Task {
        let (user, agent) = (UserId::verified("u".to_owned()), AgentId::parse("a").unwrap());
        let sort = "S#001795428000000#01J0000000000000000000000A".to_owned();
        let task = Task::new(NewTask {
            user: &user,
            agent: &agent,
            sort,
            tool: "slack",
            action: "send_message",
            account: &AccountId::from_stored("T1.U1"),
            payload: &json!({}),
            status: TaskStatus::Processing,
            now: now(),
        });
        Task { attempt, lease_id: Some("l".to_owned()), lease_until: Some(now()), ..task }
    }

    fn result(data: serde_json::Value) -> StoredResult {
        StoredResult { message: "m".to_owned(), data, ..StoredResult::default() }
    }

    fn error() -> LastError {
        LastError { code: "X".to_owned(), message: "x".to_owned(), outcome: Outcome::None, data: None }
    }

    fn reconciled() -> impl Strategy<Value = Option<Reconciled>> {
        let partly = Reconciled::Partly { cursor: "c".to_owned() };
        prop_oneof![Just(None), Just(Some(Reconciled::InVain)), Just(Some(partly))]
    }

    fn transitions() -> impl Strategy<Value = Transition> {
        let at = now() + SignedDuration::from_secs(9);
        prop_oneof![
            Just(Transition::Completed { result: result(json!(null)), external_id: Some("e".to_owned()) }),
            Just(Transition::Failed(error())),
            Just(Transition::NeedsAttention(error())),
            Just(Transition::Cancelled(error())),
            reconciled().prop_map(move |reconciled| Transition::Unknown { error: error(), at, reconciled }),
            any::<bool>().prop_map(move |deferred| Transition::Retry { error: error(), at, deferred }),
            Just(Transition::AwaitConnection { error: error(), at }),
        ]
    }

    proptest! {
        #[test]
        fn row_is_in_the_due_index_unless_its_state_is_final(
            transitions in proptest::collection::vec((transitions(), any::<bool>()), 1..60)
        ) {
            let mut task = claimed(1);
            for (transition, has_next) in transitions {
                let next = has_next.then(|| now() + SignedDuration::from_hours(1));
                let applied = task.apply(&transition, next, now());
                let (_, allowed) = TRANSITIONS.into_iter().find(|(from, _)| *from == TaskStatus::Processing).unwrap();
                prop_assert!(allowed.contains(&applied.status));
                prop_assert_eq!(applied.due_at.is_some(), !applied.status.is_final());
                prop_assert_eq!(applied.ttl.is_some(), applied.status.is_final());
                prop_assert!(applied.history.len() <= 20 && applied.lease_until.is_none());
                prop_assert_eq!(applied.effect_key() == task.effect_key(), applied.occurrence == task.occurrence);
                task = Task { attempt: applied.attempt + 1, ..applied };
            }
        }
    }

    #[test]
    fn deferral_does_not_consume_an_attempt_and_a_failure_does() {
        let retry = |deferred| Transition::Retry { error: error(), at: now(), deferred };
        let deferred = claimed(3).apply(&retry(true), None, now());
        assert_eq!((deferred.attempt, deferred.deferrals), (2, 1));
        assert_eq!(claimed(3).apply(&retry(false), None, now()).attempt, 3);
    }

    #[test]
    fn wait_for_a_connection_consumes_no_attempt_and_has_one_entry_in_the_history() {
        let wait = Transition::AwaitConnection { error: error(), at: now() };
        let waiting = claimed(2).apply(&wait, None, now());
        assert_eq!((waiting.attempt, waiting.deferrals, waiting.history.len()), (1, 0, 1));
        let claimed = Task { attempt: 2, claimed_from: Some(waiting.status), ..waiting };
        assert_eq!(claimed.apply(&wait, None, now()).history.len(), 1);
    }

    #[test]
    fn result_over_64_kib_is_truncated() {
        let result = result(json!("x".repeat(70_000)));
        let ended = claimed(1).apply(&Transition::Completed { result, external_id: None }, None, now());
        assert_eq!(json!(ended.result), json!({ "message": "m", "data": null, "link": null, "truncated": true }));
    }
}
