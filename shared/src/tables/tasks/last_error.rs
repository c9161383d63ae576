//! The error of a task's latest attempt.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, ErrorAction, ErrorDetail, Kind, Outcome};
use crate::redact;

/// The last error of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastError {
    /// Stable code.
    pub code: String,
    /// The message, for a person.
    pub message: String,
    /// The outcome of the effect.
    pub outcome: Outcome,
    /// The part that was done before the action failed: the `done` steps, and the `results` of each item of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl LastError {
    /// The resolution of the error. It is derived and not stored.
    pub fn action(&self) -> ErrorAction {
        ErrorAction::of(&self.code, self.outcome).unwrap_or(ErrorAction::Inspect)
    }

    /// Removes what the messages quote of a context.
    #[must_use]
    pub(super) fn redacted(&self, context: &Value) -> Self {
        let message = redact::stored_message(&self.code, &self.message, context);
        let data = self.data.clone().map(|data| redact::redact_messages(data, context));
        Self { message, data, ..self.clone() }
    }

    /// Returns the error of an attempt after `earlier`, the error of the attempt before it. What an earlier attempt has done, or may
    /// have done when its response was lost, is not undone by a later failure. Of a create, reconciliation has decided before.
    #[must_use]
    pub(super) fn after(&self, earlier: Option<&Self>) -> Self {
        let is_kept = |earlier: &&Self| earlier.outcome != Outcome::Unknown || earlier.code != Kind::Ambiguous.code();
        let earlier = earlier.filter(is_kept);
        let outcome = earlier.map_or(self.outcome, |earlier| self.outcome.combined(earlier.outcome));
        let data = self.data.clone().or_else(|| earlier.and_then(|earlier| earlier.data.clone()));
        Self { outcome, data, ..self.clone() }
    }
}

impl From<&LastError> for ErrorDetail {
    fn from(error: &LastError) -> Self {
        let (action, LastError { code, message, outcome, data: _ }) = (error.action(), error.clone());
        Self {
            code: code.into(),
            message,
            outcome,
            action,
            retry_after_ms: None,
            connect_url: None,
            accounts: vec![],
            fields: vec![],
        }
    }
}

impl From<&Error> for LastError {
    fn from(error: &Error) -> Self {
        let data = error.data().cloned();
        Self { code: error.code().to_owned(), message: error.to_string(), outcome: error.outcome(), data }
    }
}
