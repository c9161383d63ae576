//! The consequences of an error: whether a retry is safe, the outcome of the effect, and whether the circuit breaker counts it.

use std::time::Duration;

use super::{Error, Kind, Outcome};

/// The retry decision of an error.
///
/// ```
/// use engine::adapters;
/// use engine::error::{Error, Kind, Outcome, ProviderError, Retry};
///
/// let (tool, message) = (adapters::find("slack")?.tool, "the response was lost".to_owned());
/// let lost = Error::from(ProviderError { tool, kind: Kind::Ambiguous, message, retry_after: None });
/// assert_eq!((lost.code(), lost.retry(), lost.outcome()), ("OUTCOME_UNKNOWN", Retry::Reconcile, Outcome::Unknown));
/// let wrong = Error::invalid("context.to", "must be an address");
/// assert_eq!((wrong.code(), wrong.retry(), wrong.outcome()), ("INVALID_FIELD", Retry::Never, Outcome::None));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// A retry cannot succeed, or a person must act first.
    Never,
    /// A retry is safe, after the wait if there is one.
    After(Option<Duration>),
    /// The effect may have happened: reconcile before any retry.
    Reconcile,
}

impl Error {
    /// The retry decision.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Provider(error) => match error.kind {
                Kind::AuthExpired | Kind::RateLimited | Kind::Transient | Kind::Repeatable | Kind::Conflict => {
                    Retry::After(error.retry_after)
                }
                Kind::Ambiguous => Retry::Reconcile,
                Kind::AuthRevoked
                | Kind::MissingScope
                | Kind::Forbidden
                | Kind::NotFound
                | Kind::Invalid
                | Kind::ResponseTooLarge
                | Kind::PlanLimit => Retry::Never,
            },
            Self::Incomplete { error, .. } => error.retry(),
            Self::LimitReached { retry_after, .. }
            | Self::IdempotencyInProgress { retry_after }
            | Self::CircuitBreakerOpen { retry_after, .. }
            | Self::Cooldown { retry_after, .. } => Retry::After(Some(*retry_after)),
            Self::Unavailable(_) => Retry::After(None),
            Self::MalformedJson(_)
            | Self::Missing(_)
            | Self::Invalid { .. }
            | Self::Fields(_)
            | Self::UnknownTool(_)
            | Self::UnknownIntent { .. }
            | Self::UnknownName { .. }
            | Self::TooLarge { .. }
            | Self::Unauthenticated(_)
            | Self::Forbidden(_)
            | Self::UserMismatch
            | Self::NotFound(_)
            | Self::File(_)
            | Self::MethodNotAllowed { .. }
            | Self::Conflict(_)
            | Self::CapReached { .. }
            | Self::NotConnected { .. }
            | Self::AmbiguousAccount { .. }
            | Self::UnknownAccount { .. }
            | Self::ReauthRequired { .. }
            | Self::MissingScope { .. }
            | Self::NotConfigured(_)
            | Self::Misfired
            | Self::DelegationEnded
            | Self::AttemptsExhausted
            | Self::AbortedNoEffect { .. }
            | Self::IdempotencyKeyReused
            | Self::Internal(_) => Retry::Never,
        }
    }

    /// The outcome of the action's effect.
    pub fn outcome(&self) -> Outcome {
        if let Self::Incomplete { outcome, .. } = self {
            return *outcome;
        }
        let is_unknown = self.retry() == Retry::Reconcile || self.kind() == Some(Kind::Repeatable);
        if is_unknown { Outcome::Unknown } else { Outcome::None }
    }

    /// True if nothing was called because of an open circuit breaker or a cooldown: the attempt is deferred.
    pub fn is_deferral(&self) -> bool {
        match self {
            Self::CircuitBreakerOpen { .. } | Self::Cooldown { .. } => true,
            Self::Incomplete { error, .. } => error.is_deferral(),
            _ => false,
        }
    }

    /// True if the provider limits these calls: it said so now, or during a cooldown before.
    pub fn is_rate_limit(&self) -> bool {
        self.kind() == Some(Kind::RateLimited) || self.code() == Kind::RateLimited.code()
    }

    /// True if the provider does not permit the call to this connection: it lacks a scope or an access.
    pub fn is_access_refused(&self) -> bool {
        matches!(self.kind(), Some(Kind::MissingScope | Kind::Forbidden))
    }

    /// True if the error counts as a failure for the circuit breaker. Caller errors do not count. Neither does a rate limit: a
    /// provider that limits is healthy, and the cooldown paces its calls. Neither does a response that is too long: the provider
    /// answered.
    pub fn counts_for_circuit_breaker(&self) -> bool {
        match self {
            Self::Provider(error) => {
                matches!(
                    error.kind,
                    Kind::AuthExpired | Kind::Transient | Kind::Repeatable | Kind::Ambiguous | Kind::PlanLimit
                )
            }
            Self::Incomplete { error, .. } => error.counts_for_circuit_breaker(),
            _ => false,
        }
    }
}
