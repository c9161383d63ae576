//! The journal of an attempt's effectful calls: from it alone the machinery decides the outcome of an action that failed.
//!
//! [`Call`](super::api::Call) records each call that is neither a read nor a preparation. An action cannot forget it, and cannot say
//! that nothing happened after its first effect.

use serde_json::{Map, Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Outcome};

/// The effectful calls of an attempt, over all runs of its action.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    /// The number of effectful calls that were sent.
    sent: usize,
    /// The steps that the provider confirmed, in order.
    done: Vec<String>,
    /// The result of each item of a list.
    results: Vec<Value>,
    /// True if a part of a response could not be read and was left out.
    has_left_out: bool,
}

impl Journal {
    /// Records that an effectful call is sent. Its outcome is unknown until its response.
    pub(super) fn record_sent(&self) {
        self.entries().sent += 1;
    }

    /// Records that the provider confirmed an effectful call.
    pub(super) fn record_done(&self, step: &str) {
        let mut entries = self.entries();
        if !entries.done.iter().any(|done| done == step) {
            entries.done.push(step.to_owned());
        }
    }

    /// Adds the result of one item of a list, which replaces that of an earlier run. `item` is the item as it was given.
    pub fn record_item(&self, item: &str, mut result: Map<String, Value>) {
        result.insert("item".to_owned(), item.into());
        let mut entries = self.entries();
        entries.results.retain(|known| known["item"] != item);
        entries.results.push(result.into());
    }

    /// Records that a part of a response was left out.
    pub(super) fn record_left_out(&self) {
        self.entries().has_left_out = true;
    }

    /// True if a part of a response was left out.
    pub(super) fn has_left_out(&self) -> bool {
        self.entries().has_left_out
    }

    /// True if an effectful call was sent: an attempt that ends without a result may have had an effect.
    pub fn has_sent(&self) -> bool {
        self.entries().sent > 0
    }

    /// Returns the error of an action that failed with `error`, with what was done before.
    pub fn conclude(&self, error: Error) -> Error {
        let entries = self.entries();
        if entries.done.is_empty() && entries.results.is_empty() {
            return error;
        }
        let error = match error {
            Error::Incomplete { error, .. } => error,
            error => Box::new(error),
        };
        let done = if entries.done.is_empty() { Outcome::None } else { Outcome::Partial };
        let outcome = error.outcome().combined(done);
        let mut data = json!({ "done": entries.done });
        if !entries.results.is_empty() {
            data["results"] = json!(entries.results);
        }
        Error::Incomplete { error, outcome, data }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, ProviderError};
    use crate::tool::Tool;

    fn failure(kind: Kind) -> Error {
        ProviderError { tool: Tool::new("slack"), kind, message: "no".to_owned(), retry_after: None }.into()
    }

    #[test]
    fn failure_before_the_first_effect_is_unchanged() {
        let journal = Journal::default();
        journal.record_sent();
        let error = journal.conclude(failure(Kind::Invalid));
        assert_eq!((error.outcome(), error.data()), (Outcome::None, None));
    }

    #[test]
    fn failure_after_an_effect_is_partial_with_its_cause() {
        let journal = Journal::default();
        journal.record_done("the title was changed");
        for (kind, outcome) in [
            (Kind::Invalid, Outcome::Partial),
            (Kind::Transient, Outcome::Partial),
            (Kind::Ambiguous, Outcome::Unknown),
            (Kind::Repeatable, Outcome::Unknown),
        ] {
            let (cause, error) = (failure(kind), journal.conclude(failure(kind)));
            assert_eq!(error.outcome(), outcome);
            assert_eq!((error.code(), error.retry(), error.kind()), (cause.code(), cause.retry(), cause.kind()));
            assert_eq!(error.data(), Some(&json!({ "done": ["the title was changed"] })));
            assert_eq!(journal.conclude(error).data(), Some(&json!({ "done": ["the title was changed"] })));
        }
    }

    #[test]
    fn items_have_a_result_each_also_when_none_was_done() {
        let journal = Journal::default();
        let result = |status: &str| Map::from_iter([("status".to_owned(), status.into())]);
        journal.record_item("U1", result("failed"));
        journal.record_item("U1", result("invited"));
        let error = journal.conclude(failure(Kind::NotFound));
        assert_eq!(error.outcome(), Outcome::None);
        assert_eq!(error.data(), Some(&json!({ "done": [], "results": [{ "item": "U1", "status": "invited" }] })));
    }
}
