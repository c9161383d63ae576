//! The engine's error type. It is independent of HTTP: `lambda::error` maps it to statuses, [`Error::code`] to stable codes, and
//! [`Error::retry`] decides about a retry.

mod action;
mod advice;
mod checks;
mod decisions;
mod detail;
mod fields;
mod file_fault;
mod forms;
mod provider;
mod token_fault;

pub use action::{ErrorAction, FallbackTexts};
pub use checks::Checks;
pub use decisions::Retry;
pub use detail::{AccountChoice, ErrorDetail, Outcome};
pub use fields::FieldFault;
pub(crate) use fields::MAX_FAULTS;
pub use file_fault::FileFault;
pub(crate) use forms::form;
pub use provider::{Kind, ProviderError};
pub use token_fault::TokenFault;

use jiff::Timestamp;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

use crate::nearest;
use crate::pace::Tickets;
use crate::tool::{Tool, UnknownTool};

/// Returns a duration in whole seconds, rounded up, and at least one: a wait as people and the header `Retry-After` have it.
pub(crate) fn ceil_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// A result of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The errors of the engine, by the caller's possible reaction. Every text is safe to show; the sources of
/// [`Error::Unavailable`] and [`Error::Internal`] are only logged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body is not a JSON object. The text states the fault.
    #[error("The request body must be a JSON object, for example {{\"tool\": \"gmail\"}}; {0}")]
    MalformedJson(String),
    /// Required fields are absent or empty.
    #[error("{}", fields::missing(.0))]
    Missing(Vec<String>),
    /// A field has a wrong type or a value that is not allowed.
    #[error("{}: {reason}", fields::shown_path(.field))]
    Invalid {
        /// The field's path, such as `context.to`.
        field: String,
        /// The allowed values, or the reason why the value is invalid.
        reason: String,
    },
    /// Several fields are missing or wrong.
    #[error("{}", fields::message(.0))]
    Fields(Vec<FieldFault>),
    /// No tool has this name.
    #[error(transparent)]
    UnknownTool(#[from] UnknownTool),
    /// The tool has no such action.
    #[error(
        "Unknown intent '{intent}' for {tool}{}{} Known intents: {known}",
        advice::about_action_of(.other_tools),
        nearest::sentence_end(.intent, .known.split(", "))
    )]
    UnknownIntent {
        /// The tool.
        tool: Tool,
        /// The requested name.
        intent: String,
        /// The names of all its actions.
        known: String,
        /// The tools that have an action of this name.
        other_tools: Vec<Tool>,
    },
    /// No tool that a model can call has this name.
    #[error(
        "No tool has the name '{name}'{} A name is that of a tool definition, such as gmail_send_email",
        advice::alternatives(.nearest)
    )]
    UnknownName {
        /// The name.
        name: String,
        /// The names that may be meant.
        nearest: Vec<String>,
    },
    /// A part of the request is larger than allowed.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// The part that is too large.
        what: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The request has no valid token.
    #[error(transparent)]
    Unauthenticated(TokenFault),
    /// The caller is authenticated and not permitted to do this.
    #[error("{0}")]
    Forbidden(Cow<'static, str>),
    /// The `userId` of the body is not the token's subject.
    #[error("userId does not match the token's subject")]
    UserMismatch,
    /// The object does not exist or belongs to another user; callers cannot distinguish the two.
    #[error("{object} not found{}", advice::about_absent(.0), object = .0)]
    NotFound(&'static str),
    /// A file cannot be used, or not be deleted.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The route does not support this method.
    #[error("Method not allowed. Allowed: {allowed}")]
    MethodNotAllowed {
        /// The methods that the route answers, in the format of the `Allow` header.
        allowed: &'static str,
    },
    /// The object's state does not allow this operation.
    #[error("{0}")]
    Conflict(String),
    /// The user has as many of something as this service allows.
    #[error("A user can have at most {max} {things}")]
    CapReached {
        /// The counted things, in the plural.
        things: &'static str,
        /// The limit.
        max: usize,
    },
    /// The caller has reached one of this service's own rate limits.
    #[error(
        "Too many requests: a user, or a service that acts for one, can have {max} {things}; retry in {} s",
        .retry_after.as_secs()
    )]
    LimitReached {
        /// The uses of a window.
        max: u32,
        /// The counted uses and their window.
        things: &'static str,
        /// Time until the window ends.
        retry_after: Duration,
    },
    /// The user has not connected this tool.
    #[error("{tool} is not connected")]
    NotConnected {
        /// The tool.
        tool: Tool,
    },
    /// Several accounts of the tool are connected, and the request names none or an address of several. Nothing was done.
    #[error(
        "account: several {tool} accounts are connected; name one by id, label or address, for example {example}",
        example = .accounts.first().map_or("alex@example.com", AccountChoice::example)
    )]
    AmbiguousAccount {
        /// The tool.
        tool: Tool,
        /// The accounts to choose from.
        accounts: Vec<AccountChoice>,
    },
    /// The tool is connected, but not the account that the request names.
    #[error(
        "account: {fault}",
        fault = match .accounts.first() {
            Some(account) => format!(
                "no connected {tool} account has the id, label or address '{name}'; name a connected one, for example {}",
                account.example()
            ),
            None => format!("no {tool} account is connected; connect it with GET /oauth/authorize?tool={tool}"),
        }
    )]
    UnknownAccount {
        /// The tool.
        tool: Tool,
        /// The text that names no account.
        name: String,
        /// The connected accounts.
        accounts: Vec<AccountChoice>,
    },
    /// The connection no longer works; the user must consent again.
    #[error("{tool} needs to be connected again")]
    ReauthRequired {
        /// The tool.
        tool: Tool,
    },
    /// The user did not grant the scopes of this action.
    #[error("{tool} was connected without the permission this needs: {needed}")]
    MissingScope {
        /// The tool.
        tool: Tool,
        /// The missing scopes, any one of each group separated by `or`.
        needed: String,
    },
    /// The circuit breaker of this agent and account is open. Nothing was called.
    #[error(
        "{tool} is not called for this agent until {open_until}: its circuit breaker is open after too many failures"
    )]
    CircuitBreakerOpen {
        /// The tool.
        tool: Tool,
        /// End of the open period.
        open_until: Timestamp,
        /// Time until then.
        retry_after: Duration,
    },
    /// The provider limits this user's calls, and the next one is not possible yet. Nothing was called.
    #[error("{tool} has reached its rate limit for this account; the next call is possible in {} s", .retry_after.as_secs())]
    Cooldown {
        /// The tool.
        tool: Tool,
        /// Time until the call is possible.
        retry_after: Duration,
        /// The tickets of the attempt.
        tickets: Tickets,
    },
    /// An occurrence could not start on time and was skipped by its misfire policy.
    #[error("This occurrence could not start on time and was skipped")]
    Misfired,
    /// The service that requested the task may no longer act for the user. Nothing was called.
    #[error("The service that requested this task may no longer act for its user; nothing was done")]
    DelegationEnded,
    /// Every attempt of a task was interrupted, and none of them had an effect.
    #[error("Every attempt was interrupted; nothing was done")]
    AttemptsExhausted,
    /// The attempt of an immediate intent was interrupted, and its reconciliation found no effect.
    #[error("{tool}: the attempt was interrupted before it had an effect; nothing was done")]
    AbortedNoEffect {
        /// The tool.
        tool: Tool,
    },
    /// The idempotency key was used with another request body within its 24 hours.
    #[error("Idempotency-Key: was used with another request body; a new request needs a new key")]
    IdempotencyKeyReused,
    /// The first request with this idempotency key is still running, or its lease is.
    #[error("The first request with this Idempotency-Key is still running; retry in {} s", ceil_seconds(*.retry_after))]
    IdempotencyInProgress {
        /// Time until the first request has ended, or its lease.
        retry_after: Duration,
    },
    /// The provider rejected the call or failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The action failed after it had done a part of its work, or for some of its items.
    #[error("{error}{}", if advice::has_done(data) { "; a part was done before, see data" } else { "" })]
    Incomplete {
        /// The failure that ended the action. It decides about a retry, which completes the work.
        error: Box<Error>,
        /// The outcome of all effectful calls together.
        outcome: Outcome,
        /// The finished part: the `done` steps in order, and the `results` of each item of a list.
        data: Value,
    },
    /// This deployment lacks a setting.
    #[error("This deployment is not configured for {0}")]
    NotConfigured(String),
    /// The store, the vault or the bus is unreachable or throttling; a retry is safe.
    #[error("The service is temporarily unavailable")]
    Unavailable(#[source] Source),
    /// A defect, or an unexpected response of AWS.
    #[error("Internal error")]
    Internal(#[source] Source),
}

impl Error {
    /// The error of a field with an invalid value.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        let FieldFault { field, reason, .. } = FieldFault::wrong(field, reason);
        Self::Invalid { field, reason }
    }

    /// The error of a defect. The source is only logged.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// The error of a temporary failure of AWS. The source is only logged.
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(source.into())
    }

    /// The error of a runtime task that panicked or was cancelled. The panic's message is omitted, because it may quote content.
    pub fn from_join_error(error: &tokio::task::JoinError) -> Self {
        Self::internal(if error.is_panic() { "a task panicked" } else { "a task was cancelled" })
    }

    /// The stable code for clients, the error log and the statistics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MalformedJson(_) => "MALFORMED_JSON",
            Self::Missing(_) => "MISSING_FIELDS",
            Self::Fields(faults) if faults.iter().any(|fault| fault.is_missing) => "MISSING_FIELDS",
            Self::Invalid { .. } | Self::Fields(_) => "INVALID_FIELD",
            Self::UnknownTool(_) => "UNKNOWN_TOOL",
            Self::UnknownIntent { .. } => "UNKNOWN_INTENT",
            Self::UnknownName { .. } => "UNKNOWN_NAME",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::Unauthenticated(_) => "UNAUTHORIZED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::UserMismatch => "USER_MISMATCH",
            Self::NotFound(_) => "NOT_FOUND",
            Self::File(fault) => fault.code(),
            Self::MethodNotAllowed { .. } => "METHOD_NOT_ALLOWED",
            Self::Conflict(_) => "CONFLICT",
            Self::CapReached { .. } => "LIMIT_REACHED",
            Self::LimitReached { .. } => "RATE_LIMITED",
            Self::NotConnected { .. } => "NOT_CONNECTED",
            Self::AmbiguousAccount { .. } => "AMBIGUOUS_ACCOUNT",
            Self::UnknownAccount { .. } => "UNKNOWN_ACCOUNT",
            Self::ReauthRequired { .. } => "REAUTH_REQUIRED",
            Self::MissingScope { .. } => "MISSING_SCOPE",
            Self::CircuitBreakerOpen { .. } => "CIRCUIT_BREAKER_OPEN",
            Self::Cooldown { .. } => Kind::RateLimited.code(),
            Self::Misfired => "MISFIRED",
            Self::DelegationEnded => "DELEGATION_ENDED",
            Self::AttemptsExhausted => "ATTEMPTS_EXHAUSTED",
            Self::AbortedNoEffect { .. } => "ABORTED_NO_EFFECT",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::IdempotencyInProgress { .. } => "IDEMPOTENCY_IN_PROGRESS",
            Self::Provider(error) => error.kind.code(),
            Self::Incomplete { error, .. } => error.code(),
            Self::NotConfigured(_) => "NOT_CONFIGURED",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL_ERROR",
        }
    }

    /// The meaning of a provider's failure; `None` for other errors.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Provider(error) => Some(error.kind),
            Self::Incomplete { error, .. } => error.kind(),
            _ => None,
        }
    }

    /// The part that was done before the action failed, and the result of each item of a list.
    pub fn data(&self) -> Option<&Value> {
        match self {
            Self::Incomplete { data, .. } => Some(data),
            _ => None,
        }
    }

    /// The tickets of an attempt that a rate limit deferred.
    pub fn tickets(&self) -> Option<&Tickets> {
        match self {
            Self::Cooldown { tickets, .. } => Some(tickets),
            Self::Incomplete { error, .. } => error.tickets(),
            _ => None,
        }
    }

    /// The accounts that the request could have named.
    fn accounts(&self) -> &[AccountChoice] {
        match self {
            Self::AmbiguousAccount { accounts, .. } | Self::UnknownAccount { accounts, .. } => accounts,
            _ => &[],
        }
    }

    /// True if the request names no account that is connected or permitted, or a context key or a file that does not exist any more, or
    /// the user has as many of something as allowed, or a limit is reached. A repetition of a request that was accepted before is answered as
    /// that one. Nothing was done.
    pub fn refuses_only_new_requests(&self) -> bool {
        matches!(
            self,
            Self::NotConnected { .. }
                | Self::AmbiguousAccount { .. }
                | Self::UnknownAccount { .. }
                | Self::Forbidden(_)
                | Self::CapReached { .. }
                | Self::LimitReached { .. }
                | Self::File(_)
                | Self::Invalid { .. }
                | Self::Missing(_)
                | Self::Fields(_)
        )
    }

    /// The tool that a person must connect again before a retry can succeed.
    pub fn tool_to_connect(&self) -> Option<Tool> {
        match self {
            Self::NotConnected { tool } | Self::ReauthRequired { tool } | Self::MissingScope { tool, .. } => {
                Some(*tool)
            }
            Self::Provider(error) if matches!(error.kind, Kind::AuthRevoked | Kind::MissingScope) => Some(error.tool),
            Self::Incomplete { error, .. } => error.tool_to_connect(),
            _ => None,
        }
    }
}
