//! How an attempt ends, as arithmetic on its row: what the row says afterwards. Writing it is the ledger's.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::task::{LastError, Status, Task};
use crate::retry::MAX_ATTEMPTS;

/// How long finished tasks are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Longest result that is kept with a task, in bytes of JSON: a scheduled read can bring megabytes, a row holds 400 KB.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_RESULT_BYTES: usize = 64 * 1024;

/// How an attempt ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// The action was done.
    Completed {
        /// What the result says.
        result: Value,
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
        looked: bool,
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

impl Ending {
    /// The state it leads to, a series aside.
    pub fn status(&self) -> Status {
        match self {
            Self::Completed { .. } => Status::Completed,
            Self::Failed(_) => Status::Failed,
            Self::NeedsAttention(_) => Status::NeedsAttention,
            Self::Unknown { .. } => Status::Unknown,
            Self::Retry { .. } => Status::Retrying,
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
    pub fn ended(&self, ending: &Ending, next: Option<Timestamp>, now: Timestamp) -> Self {
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
            Ending::Completed { result, external_id } => {
                task.result = kept(result);
                task.external_id.clone_from(external_id);
            }
            // What settles a lost answer has no use when there is no doubt.
            Ending::Failed(_) => task.handle = None,
            Ending::NeedsAttention(_) => {}
            Ending::Unknown { at, looked, .. } => {
                task.attempt -= u32::from(*looked && task.attempt > 1);
                task.looks += u32::from(*looked);
                task.due(*at);
            }
            Ending::Retry { at, deferred, .. } => {
                task.attempt -= u32::from(*deferred && task.attempt > 0);
                task.deferrals += u32::from(*deferred);
                task.due(*at);
            }
        }
        let plainly_done = matches!(ending, Ending::Completed { .. }) && next.is_none();
        if !plainly_done {
            let code = ending.error().map(|error| error.code.clone());
            let made = task.external_id.clone().filter(|_| ending.error().is_none());
            task.note(now, ending.status(), code, made);
        }
        if ending.status().is_final() {
            match next {
                Some(at) => task.follow(at),
                None => task.ttl = Some((now + KEPT).as_second()),
            }
        }
        task
    }

    /// The next occurrence: a new effect with attempts of its own.
    fn follow(&mut self, at: Timestamp) {
        self.status = Status::Scheduled;
        self.occurrence += 1;
        self.occurrence_at = Some(at);
        (self.attempt, self.deferrals, self.looks) = (0, 0, 0);
        self.handle = None;
        self.due(at);
    }
}

fn kept(result: &Value) -> Value {
    if result.to_string().len() <= MAX_RESULT_BYTES {
        return result.clone();
    }
    serde_json::json!({ "message": result["message"], "data": null, "link": result["link"], "truncated": true })
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
        let task = Task::new((&user, &agent), sort, ("slack", "send_message", &context), Status::Processing, now());
        Task { attempt, lease_id: Some("l".to_owned()), lease_until: Some(now()), ..task }
    }

    fn error() -> LastError {
        LastError { code: "X".to_owned(), message: "x".to_owned(), outcome: Outcome::None }
    }

    fn endings() -> impl Strategy<Value = Ending> {
        let at = now() + SignedDuration::from_secs(9);
        prop_oneof![
            Just(Ending::Completed { result: json!({ "message": "m" }), external_id: Some("e".to_owned()) }),
            Just(Ending::Failed(error())),
            Just(Ending::NeedsAttention(error())),
            any::<bool>().prop_map(move |looked| Ending::Unknown { error: error(), at, looked }),
            any::<bool>().prop_map(move |deferred| Ending::Retry { error: error(), at, deferred }),
        ]
    }

    proptest! {
        #[test]
        fn a_row_either_waits_in_the_due_index_or_has_an_end(
            ends in proptest::collection::vec((endings(), any::<bool>()), 1..60)
        ) {
            let mut task = claimed(1);
            for (ending, follows) in ends {
                let next = follows.then(|| now() + SignedDuration::from_hours(1));
                let ended = task.ended(&ending, next, now());
                let (_, allowed) = TRANSITIONS.into_iter().find(|(from, _)| *from == Status::Processing).unwrap();
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
    fn a_put_off_attempt_is_given_back_and_a_failed_one_is_not() {
        let retry = |deferred| Ending::Retry { error: error(), at: now(), deferred };
        let put_off = claimed(3).ended(&retry(true), None, now());
        assert_eq!((put_off.attempt, put_off.deferrals), (2, 1));
        assert_eq!(claimed(3).ended(&retry(false), None, now()).attempt, 3);
    }

    #[test]
    fn a_result_too_long_for_a_row_is_cut() {
        let result = json!({ "message": "m", "data": "x".repeat(70_000), "link": null });
        let ended = claimed(1).ended(&Ending::Completed { result, external_id: None }, None, now());
        assert_eq!(ended.result, json!({ "message": "m", "data": null, "link": null, "truncated": true }));
    }
}
