//! What callers receive of an error.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

use super::{Error, ErrorAction, FieldFault, Kind, Retry};
use crate::pace;

/// An account that a request could name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountChoice {
    /// The account's id.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The address, where the provider tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The person's own label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl AccountChoice {
    /// The shortest text that names the account and no other.
    pub(super) fn example(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.id)
    }
}

/// The outcome of an action's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// No effect happened.
    None,
    /// A part of the effect happened; a retry completes it and repeats nothing.
    Partial,
    /// The effect happened.
    Done,
    /// The effect may or may not have happened.
    Unknown,
}

/// An error as callers receive it: the `error` of a refused request, of a result, and of an item of a bulk call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetail {
    /// Stable code.
    pub code: Cow<'static, str>,
    /// One sentence for a person.
    pub message: String,
    /// The outcome of the effect; `none` for a refused request.
    pub outcome: Outcome,
    /// The resolution of the error.
    pub action: ErrorAction,
    /// Milliseconds from now until a retry makes sense, with the action `retry`; or until the task of a result with HTTP 202 can show
    /// more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Page where a person connects the tool, if the deployment has such a page; only with the action `connect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
    /// The accounts that the field `account` can name, when that resolves the error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountChoice>,
    /// Every missing and every wrong field of a request that is refused for its fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldFault>,
}

impl Outcome {
    /// Returns the outcome that a stable code alone states. That of a result can say more.
    pub fn of_code(code: &str) -> Self {
        let is_unknown = [Kind::Ambiguous, Kind::Repeatable].iter().any(|kind| kind.code() == code);
        if is_unknown { Self::Unknown } else { Self::None }
    }

    /// Returns the outcome of two failed attempts together: what may have happened in one of them is not undone by the other.
    #[must_use]
    pub fn combined(self, other: Self) -> Self {
        let rank = |outcome: Self| match outcome {
            Self::None => 0,
            Self::Partial => 1,
            Self::Unknown => 2,
            Self::Done => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

impl Error {
    /// The error as callers receive it. `connect_url` is the page where a person connects the tool, if there is one.
    ///
    /// ```
    /// use engine::error::Error;
    /// use std::time::Duration;
    ///
    /// let limit = Error::LimitReached { max: 60, things: "intents a minute", retry_after: Duration::from_secs(3) };
    /// let detail = limit.detail(None);
    /// let body = serde_json::to_value(detail)?;
    /// assert_eq!((&body["code"], &body["action"]), (&"RATE_LIMITED".into(), &"retry".into()));
    /// assert_eq!(body["retryAfterMs"], 3000);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn detail(&self, connect_url: Option<String>) -> ErrorDetail {
        let retry_after = match (self.retry(), self.kind()) {
            (Retry::After(None), Some(Kind::RateLimited)) => Some(pace::DEFAULT_WAIT),
            (Retry::After(wait), _) => wait,
            (Retry::Never | Retry::Reconcile, _) => None,
        };
        let action = self.action();
        let retry_after = retry_after.filter(|_| action == ErrorAction::Retry);
        ErrorDetail {
            code: Cow::Borrowed(self.code()),
            message: self.to_string(),
            outcome: self.outcome(),
            action,
            retry_after_ms: retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            connect_url: connect_url.filter(|_| action == ErrorAction::Connect),
            accounts: self.accounts().to_vec(),
            fields: self.fields().into_iter().map(FieldFault::shown).collect(),
        }
    }
}
