//! How an attempt ends, as arithmetic on its row: what the row says afterwards. Writing it is the ledger's.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::task::{LastError, StoredResult, Task, TaskStatus};
use crate::retry::MAX_ATTEMPTS;

/// How long finished tasks are kept.
pub const TASK_RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Longest result that is kept with a task, in bytes of JSON: a scheduled read can bring megabytes, a row holds 400 KB.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_RESULT_BYTES: usize = 64 * 1024;

/// How an attempt ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Transition {
    /// The action was done.
    Completed {
        /// The result to store.
        result: StoredResult,
        /// The provider's id.
        external_id: Option<String>,
    },
    /// It was not done, for good.
    Failed(LastError),
    /// A person must look.
    NeedsAttention(LastError),
    /// The answer was lost; the provider is asked again.
    Unknown {
        /// Why.
        error: LastError,
        /// When to ask.
        at: Timestamp,
        /// Whether this attempt only asked, so that it is not used up.
        reconcile_only: bool,
    },
    /// It was not done and is tried again.
    Retry {
        /// Why.
        error: LastError,
        /// When.
        at: Timestamp,
        /// Whether it was only put off, so that the attempt is not used up.
        deferred: bool,
    },
}

impl Transition {
    /// The state it leads to, a series aside.
    pub fn status(&self) -> TaskStatus {
        match self {
            Self::Completed { .. } => TaskStatus::Completed,
            Self::Failed(_) => TaskStatus::Failed,
            Self::NeedsAttention(_) => TaskStatus::NeedsAttention,
            Self::Unknown { .. } => TaskStatus::Unknown,
            Self::Retry { .. } => TaskStatus::Retrying,
        }
    }

    /// Why it was not done.
    pub fn error(&self) -> Option<&LastError> {
        match self {
            Self::Completed { .. } => None,
            Self::Failed(error) | Self::NeedsAttention(error) => Some(error),
            Self::Unknown { error, .. } | Self::Retry { error, .. } => Some(error),
        }
    }
}

impl Task {
    /// The row after an attempt has ended; `next` is when the next occurrence of its series runs, if one follows.
    #[must_use]
    pub fn apply(&self, ending: &Transition, next: Option<Timestamp>, now: Timestamp) -> Self {
        let mut task = Self {
            // A claim beyond the last attempt only asks what became of that one.
            attempt: self.attempt.min(MAX_ATTEMPTS),
            status: ending.status(),
            updated_at: now,
            // The lease's id stays: by it a writer knows its own write again.
            lease_until: None,
            claimed_from: None,
            last_error: ending.error().cloned(),
            due_shard: None,
            due_at: None,
            ttl: None,
            ..self.clone()
        };
        match ending {
            Transition::Completed { result, external_id } => {
                task.result = Some(bounded_result(result));
                task.external_id.clone_from(external_id);
            }
            // What settles a lost answer has no use when there is no doubt.
            Transition::Failed(_) => task.checkpoint = None,
            Transition::NeedsAttention(_) => {}
            Transition::Unknown { at, reconcile_only: looked, .. } => {
                task.attempt -= u32::from(*looked && task.attempt > 1);
                task.reconcile_attempts += u32::from(*looked);
                task.index_at(*at);
            }
            Transition::Retry { at, deferred, .. } => {
                task.attempt -= u32::from(*deferred && task.attempt > 0);
                task.deferrals += u32::from(*deferred);
                task.index_at(*at);
            }
        }
        let plainly_done = matches!(ending, Transition::Completed { .. }) && next.is_none();
        if !plainly_done {
            let code = ending.error().map(|error| error.code.clone());
            let made = task.external_id.clone().filter(|_| ending.error().is_none());
            task.push_history(now, ending.status(), code, made);
        }
        if ending.status().is_final() {
            match next {
                Some(at) => task.schedule_occurrence(at),
                None => task.ttl = Some((now + TASK_RETENTION).as_second()),
            }
        }
        task
    }

    /// The next occurrence: a new effect with attempts of its own.
    fn schedule_occurrence(&mut self, at: Timestamp) {
        self.status = TaskStatus::Scheduled;
        self.occurrence += 1;
        self.occurrence_at = Some(at);
        (self.attempt, self.deferrals, self.reconcile_attempts) = (0, 0, 0);
        self.checkpoint = None;
        self.index_at(at);
    }
}

/// The result without its data if it is larger than [`MAX_RESULT_BYTES`].
fn bounded_result(result: &StoredResult) -> StoredResult {
    if serde_json::to_string(result).is_ok_and(|text| text.len() <= MAX_RESULT_BYTES) {
        return result.clone();
    }
    let StoredResult { message, link, .. } = result;
    StoredResult { message: message.clone(), data: Value::Null, link: link.clone(), truncated: true }
}

#[cfg(test)]
mod tests {
    use super::super::task::TRANSITIONS;
    use super::*;
    use crate::error::Outcome;
    use crate::ids::{AgentId, UserId};
    use proptest::prelude::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    fn claimed(attempt: u32) -> Task {
        let (user, agent) = (UserId::verified("u".to_owned()), AgentId::parse("a").unwrap());
        let sort = "S#001795428000000#01J0000000000000000000000A".to_owned();
        let context = json!({});
        let task = Task::new((&user, &agent), sort, ("slack", "send_message", &context), TaskStatus::Processing, now());
        Task { attempt, lease_id: Some("l".to_owned()), lease_until: Some(now()), ..task }
    }

    fn result(data: Value) -> StoredResult {
        StoredResult { message: "m".to_owned(), data, ..StoredResult::default() }
    }

    fn error() -> LastError {
        LastError { code: "X".to_owned(), message: "x".to_owned(), outcome: Outcome::None }
    }

    fn transitions() -> impl Strategy<Value = Transition> {
        let at = now() + SignedDuration::from_secs(9);
        prop_oneof![
            Just(Transition::Completed { result: result(json!(null)), external_id: Some("e".to_owned()) }),
            Just(Transition::Failed(error())),
            Just(Transition::NeedsAttention(error())),
            any::<bool>().prop_map(move |reconcile_only| Transition::Unknown { error: error(), at, reconcile_only }),
            any::<bool>().prop_map(move |deferred| Transition::Retry { error: error(), at, deferred }),
        ]
    }

    proptest! {
        #[test]
        fn a_row_either_waits_in_the_due_index_or_has_an_end(
            ends in proptest::collection::vec((transitions(), any::<bool>()), 1..60)
        ) {
            let mut task = claimed(1);
            for (ending, follows) in ends {
                let next = follows.then(|| now() + SignedDuration::from_hours(1));
                let ended = task.apply(&ending, next, now());
                let (_, allowed) = TRANSITIONS.into_iter().find(|(from, _)| *from == TaskStatus::Processing).unwrap();
                prop_assert!(allowed.contains(&ended.status));
                prop_assert_eq!(ended.due_at.is_some(), !ended.status.is_final());
                prop_assert_eq!(ended.ttl.is_some(), ended.status.is_final());
                prop_assert!(ended.history.len() <= 20 && ended.lease_until.is_none());
                prop_assert_eq!(ended.effect_key() == task.effect_key(), ended.occurrence == task.occurrence);
                task = Task { attempt: ended.attempt + 1, ..ended };
            }
        }
    }

    #[test]
    fn deferral_does_not_consume_an_attempt_and_a_failure_does() {
        let retry = |deferred| Transition::Retry { error: error(), at: now(), deferred };
        let put_off = claimed(3).apply(&retry(true), None, now());
        assert_eq!((put_off.attempt, put_off.deferrals), (2, 1));
        assert_eq!(claimed(3).apply(&retry(false), None, now()).attempt, 3);
    }

    #[test]
    fn result_over_64_kib_is_truncated() {
        let result = result(json!("x".repeat(70_000)));
        let ended = claimed(1).apply(&Transition::Completed { result, external_id: None }, None, now());
        assert_eq!(json!(ended.result), json!({ "message": "m", "data": null, "link": null, "truncated": true }));
    }
}
