//! The one error of the engine. It knows no HTTP: `lambda::error` maps it to statuses, [`Error::code`] to stable codes,
//! and [`Error::retry`] tells the scheduler what may be done about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;
use utoipa::ToSchema;

use crate::tool::Tool;

/// A result of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Everything that can go wrong, by what the caller can do about it. The text of each is safe to show;
/// the sources of [`Error::Unavailable`] and [`Error::Internal`] are for the log alone.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body is not a JSON object. The text states the fault.
    #[error("The request body must be a JSON object, for example {{\"tool\": \"gmail\"}}; {0}")]
    MalformedJson(String),
    /// Required fields are absent or empty.
    #[error("Missing required field{}: {}", if .0.len() == 1 { "" } else { "s" }, .0.join(", "))]
    Missing(Vec<String>),
    /// A field has a wrong type or a value that is not allowed.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field's path, as `context.to`.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No adapter has this name.
    #[error("Unknown tool '{tool}'. Known tools: {known}")]
    UnknownTool {
        /// The name asked for.
        tool: String,
        /// All names there are.
        known: String,
    },
    /// The tool has no such action.
    #[error("Unknown intent '{intent}' for {tool}. Known intents: {known}")]
    UnknownIntent {
        /// The tool asked.
        tool: Tool,
        /// The name asked for.
        intent: String,
        /// All names it has.
        known: String,
    },
    /// Something is larger than allowed.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// No acceptable token. The reason is for the log.
    #[error("Unauthorized")]
    Unauthenticated(String),
    /// The caller is known and may not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The body names another user than the token.
    #[error("userId does not match the token's subject")]
    UserMismatch,
    /// No such thing, or it belongs to somebody else: both look the same.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The route does not answer this method.
    #[error("Method not allowed. Allowed: {allowed}")]
    MethodNotAllowed {
        /// The methods it answers, as for the `Allow` header.
        allowed: &'static str,
    },
    /// The thing is in a state that does not allow this.
    #[error("{0}")]
    Conflict(String),
    /// The caller has used up one of this service's own limits.
    #[error("Too many requests; try again in {} s", .retry_after.as_secs())]
    LimitReached {
        /// When the window ends.
        retry_after: Duration,
    },
    /// The user has not connected this tool.
    #[error("{tool} is not connected")]
    NotConnected {
        /// The tool.
        tool: Tool,
    },
    /// The connection no longer works; the user must consent again.
    #[error("{tool} needs to be connected again")]
    ReauthRequired {
        /// The tool.
        tool: Tool,
    },
    /// The user did not grant what this action needs.
    #[error("{tool} was connected without the permission this needs: {needed}")]
    MissingScope {
        /// The tool.
        tool: Tool,
        /// The missing scopes, any one of each group separated by `or`.
        needed: String,
    },
    /// The tool failed too often for this agent and rests.
    #[error(
        "{tool} is not called for this agent until {open_until}: its circuit breaker is open after too many failures"
    )]
    CircuitBreakerOpen {
        /// The tool.
        tool: Tool,
        /// When it is tried again.
        open_until: Timestamp,
        /// How long that is from now.
        retry_after: Duration,
    },
    /// The provider asked this user's calls to wait; a call before then would be refused. Nothing was called.
    #[error("{tool} asked to be called less often; the next call is allowed in {} s", .retry_after.as_secs())]
    Cooldown {
        /// The tool.
        tool: Tool,
        /// How long the wait still is.
        retry_after: Duration,
    },
    /// An occurrence of a series could not start on time and is left out, as its task asks for.
    #[error("This occurrence could not start on time and was left out")]
    Misfired,
    /// Every attempt of a task stopped without an outcome, and none of them had an effect.
    #[error("Every attempt stopped without an outcome")]
    AttemptsExhausted,
    /// An attempt of an immediate intent was lost on its way, and the provider says that it had no effect.
    #[error("{tool}: the attempt was lost before it had an effect; nothing was done")]
    AbortedNoEffect {
        /// The tool.
        tool: Tool,
    },
    /// The idempotency key was used for another request within its 24 hours.
    #[error("Idempotency-Key: was used for a request with another body")]
    IdempotencyKeyReused,
    /// The first request with this idempotency key is still running.
    #[error("The first request with this Idempotency-Key is still running")]
    IdempotencyInProgress,
    /// The provider refused or failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// This deployment lacks a setting.
    #[error("This deployment is not configured for {0}")]
    NotConfigured(String),
    /// The store, the vault or the bus could not be reached or is throttling; trying again is safe.
    #[error("The service is temporarily unavailable")]
    Unavailable(#[source] Source),
    /// A defect, or an answer of AWS that nobody expected.
    #[error("Internal error")]
    Internal(#[source] Source),
}

/// What a provider's refusal or failure means; each adapter's `classify` maps its codes to these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The access token is no longer accepted: refresh once and try again.
    AuthExpired,
    /// The grant is gone: the user must connect again.
    AuthRevoked,
    /// The grant lacks a permission.
    MissingScope,
    /// The thing named does not exist or is not visible to the connection.
    NotFound,
    /// The provider refuses this input, and will again.
    Invalid,
    /// The thing was changed meanwhile; nothing was done.
    Conflict,
    /// The user's plan or quota with the provider does not allow it.
    PlanLimit,
    /// Too many calls; nothing was done.
    RateLimited,
    /// Nothing was done (or nothing was asked to be done): safe to try again.
    Transient,
    /// The call may have taken effect: the answer was lost or says so.
    Ambiguous,
}

/// A provider's refusal or failure.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{tool}: {message}")]
pub struct ProviderError {
    /// The tool.
    pub tool: Tool,
    /// What it means.
    pub kind: Kind,
    /// A text that is safe to show: the provider's own code or a short message, shortened, without control characters.
    pub message: String,
    /// When the provider allows the next call, if it said so.
    pub retry_after: Option<Duration>,
}

/// The outcome of an action's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// No effect happened.
    None,
    /// The effect happened.
    Done,
    /// The effect may or may not have happened.
    Unknown,
}

/// An error as callers see it: the `error` of a refused request, of a result, and of an item of a bulk call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetail {
    /// Stable code.
    pub code: Cow<'static, str>,
    /// One sentence for a person.
    pub message: String,
    /// The outcome of the effect; `none` for a refused request.
    pub outcome: Outcome,
    /// Milliseconds from now until a retry makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Page where a person connects the tool, when that resolves the error and the deployment has such a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
}

/// What the scheduler may do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Trying again cannot help, or needs a person first.
    Never,
    /// Trying again is safe, not before the given wait where there is one.
    After(Option<Duration>),
    /// It may have happened: ask the provider before anything else.
    Reconcile,
}

impl Error {
    /// A bad value in a field.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }

    /// A defect; the source goes to the log.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// A passing failure of AWS; the source goes to the log.
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(source.into())
    }

    /// A task of the runtime that did not come to its end. Not what it panicked with: that may quote what it worked on.
    pub fn from_join_error(error: &tokio::task::JoinError) -> Self {
        Self::internal(if error.is_panic() { "a task panicked" } else { "a task was cancelled" })
    }

    /// The stable code clients, the error log and the statistics use.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MalformedJson(_) => "MALFORMED_JSON",
            Self::Missing(_) => "MISSING_FIELDS",
            Self::Invalid { .. } => "INVALID_FIELD",
            Self::UnknownTool { .. } => "UNKNOWN_TOOL",
            Self::UnknownIntent { .. } => "UNKNOWN_INTENT",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::Unauthenticated(_) => "UNAUTHORIZED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::UserMismatch => "USER_MISMATCH",
            Self::NotFound(_) => "NOT_FOUND",
            Self::MethodNotAllowed { .. } => "METHOD_NOT_ALLOWED",
            Self::Conflict(_) => "CONFLICT",
            Self::LimitReached { .. } => "RATE_LIMITED",
            Self::NotConnected { .. } => "NOT_CONNECTED",
            Self::ReauthRequired { .. } => "REAUTH_REQUIRED",
            Self::MissingScope { .. } => "MISSING_SCOPE",
            Self::CircuitBreakerOpen { .. } => "CIRCUIT_BREAKER_OPEN",
            Self::Cooldown { .. } => Kind::RateLimited.code(),
            Self::Misfired => "MISFIRED",
            Self::AttemptsExhausted => "ATTEMPTS_EXHAUSTED",
            Self::AbortedNoEffect { .. } => "ABORTED_NO_EFFECT",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::IdempotencyInProgress => "IDEMPOTENCY_IN_PROGRESS",
            Self::Provider(error) => error.kind.code(),
            Self::NotConfigured(_) => "NOT_CONFIGURED",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL_ERROR",
        }
    }

    /// What a provider's refusal means; `None` for an error of another origin.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Provider(error) => Some(error.kind),
            _ => None,
        }
    }

    /// What the scheduler may do about it.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Provider(error) => match error.kind {
                Kind::AuthExpired | Kind::RateLimited | Kind::Transient | Kind::Conflict => {
                    Retry::After(error.retry_after)
                }
                Kind::Ambiguous => Retry::Reconcile,
                Kind::AuthRevoked | Kind::MissingScope | Kind::NotFound | Kind::Invalid | Kind::PlanLimit => {
                    Retry::Never
                }
            },
            Self::LimitReached { retry_after }
            | Self::CircuitBreakerOpen { retry_after, .. }
            | Self::Cooldown { retry_after, .. } => Retry::After(Some(*retry_after)),
            Self::Unavailable(_) => Retry::After(None),
            Self::MalformedJson(_)
            | Self::Missing(_)
            | Self::Invalid { .. }
            | Self::UnknownTool { .. }
            | Self::UnknownIntent { .. }
            | Self::TooLarge { .. }
            | Self::Unauthenticated(_)
            | Self::Forbidden(_)
            | Self::UserMismatch
            | Self::NotFound(_)
            | Self::MethodNotAllowed { .. }
            | Self::Conflict(_)
            | Self::NotConnected { .. }
            | Self::ReauthRequired { .. }
            | Self::MissingScope { .. }
            | Self::NotConfigured(_)
            | Self::Misfired
            | Self::AttemptsExhausted
            | Self::AbortedNoEffect { .. }
            | Self::IdempotencyKeyReused
            | Self::IdempotencyInProgress
            | Self::Internal(_) => Retry::Never,
        }
    }

    /// The outcome of the action's effect.
    pub fn outcome(&self) -> Outcome {
        if self.retry() == Retry::Reconcile { Outcome::Unknown } else { Outcome::None }
    }

    /// The error as callers see it. `connect_url` is the page where a person connects the tool, if there is one.
    pub fn detail(&self, connect_url: Option<String>) -> ErrorDetail {
        let retry_after = match self.retry() {
            Retry::After(wait) => wait,
            Retry::Never | Retry::Reconcile => None,
        };
        ErrorDetail {
            code: Cow::Borrowed(self.code()),
            message: self.to_string(),
            outcome: self.outcome(),
            retry_after_ms: retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            connect_url,
        }
    }

    /// The tool that a person must connect again before a retry can succeed.
    pub fn tool_to_connect(&self) -> Option<Tool> {
        match self {
            Self::NotConnected { tool } | Self::ReauthRequired { tool } | Self::MissingScope { tool, .. } => {
                Some(*tool)
            }
            Self::Provider(error) if matches!(error.kind, Kind::AuthRevoked | Kind::MissingScope) => Some(error.tool),
            _ => None,
        }
    }

    /// Whether nothing was called because the tool rests or the provider asked for a pause: the attempt is only put off.
    pub fn is_deferral(&self) -> bool {
        matches!(self, Self::CircuitBreakerOpen { .. } | Self::Cooldown { .. })
    }

    /// Whether it speaks against the tool's health. What the caller did wrong does not.
    pub fn counts_for_circuit_breaker(&self) -> bool {
        match self {
            Self::Provider(error) => matches!(
                error.kind,
                Kind::AuthExpired | Kind::RateLimited | Kind::Transient | Kind::Ambiguous | Kind::PlanLimit
            ),
            _ => false,
        }
    }
}

impl Kind {
    /// The stable code of a provider failure of this kind.
    pub fn code(self) -> &'static str {
        match self {
            Self::AuthExpired => "AUTHENTICATION_ERROR",
            Self::AuthRevoked => "REAUTH_REQUIRED",
            Self::MissingScope => "MISSING_SCOPE",
            Self::NotFound => "PROVIDER_NOT_FOUND",
            Self::Invalid => "PROVIDER_REJECTED",
            Self::Conflict => "PROVIDER_CONFLICT",
            Self::PlanLimit => "PROVIDER_PLAN_LIMIT",
            Self::RateLimited => "PROVIDER_RATE_LIMITED",
            Self::Transient => "PROVIDER_UNAVAILABLE",
            Self::Ambiguous => "OUTCOME_UNKNOWN",
        }
    }
}
