//! Failures of providers, by their meaning.

use std::fmt;
use std::time::Duration;

use crate::tool::Tool;

/// The meaning of a provider's failure. Each adapter's `classify` maps the provider's codes to these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The access token is no longer accepted: refresh it once and repeat the call.
    AuthExpired,
    /// The grant was revoked: the user must connect again.
    AuthRevoked,
    /// The grant lacks a permission, and the provider says so: a new consent resolves it.
    MissingScope,
    /// The provider does not permit this to the account or to the app, whatever its scopes are.
    Forbidden,
    /// The object does not exist or is not visible to the connection.
    NotFound,
    /// The provider rejects this input, now and on a retry.
    Invalid,
    /// The response to a read is too long: the same read has the same response. The caller must ask for less.
    ResponseTooLarge,
    /// The object was changed concurrently; nothing was done.
    Conflict,
    /// The user's plan or quota with the provider does not allow it.
    PlanLimit,
    /// Too many calls; nothing was done.
    RateLimited,
    /// Nothing was done (or the call only reads): a retry is safe.
    Transient,
    /// The call may have taken effect, since its response was lost; a repetition leaves the same state.
    Repeatable,
    /// The call may have taken effect: the response was lost or says so.
    Ambiguous,
}

/// The failure of a provider. Its `Debug` text leaves the message out: a log line has none of the caller's words.
#[derive(Clone, thiserror::Error)]
#[error("{tool}: {message}")]
pub struct ProviderError {
    /// The tool.
    pub tool: Tool,
    /// Its meaning.
    pub kind: Kind,
    /// A text that is safe to show to the caller: the provider's code or message, shortened, without control characters and tokens. It
    /// may quote the caller's own words, so it is redacted before it is stored, and it is in no log line.
    pub message: String,
    /// Time until the provider allows the next call, if it sent one.
    pub retry_after: Option<Duration>,
}

impl fmt::Debug for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tool, kind, message: _, retry_after } = self;
        let mut text = f.debug_struct("ProviderError");
        text.field("tool", tool).field("kind", kind).field("retry_after", retry_after).finish_non_exhaustive()
    }
}

impl Kind {
    /// The stable code of a provider failure of this kind.
    pub fn code(self) -> &'static str {
        match self {
            Self::AuthExpired => "AUTHENTICATION_ERROR",
            Self::AuthRevoked => "REAUTH_REQUIRED",
            Self::MissingScope => "MISSING_SCOPE",
            Self::Forbidden => "PROVIDER_FORBIDDEN",
            Self::NotFound => "PROVIDER_NOT_FOUND",
            Self::Invalid => "PROVIDER_REJECTED",
            Self::ResponseTooLarge => "PROVIDER_RESPONSE_TOO_LARGE",
            Self::Conflict => "PROVIDER_CONFLICT",
            Self::PlanLimit => "PROVIDER_PLAN_LIMIT",
            Self::RateLimited => "PROVIDER_RATE_LIMITED",
            Self::Transient => "PROVIDER_UNAVAILABLE",
            Self::Repeatable => "RESPONSE_LOST",
            Self::Ambiguous => "OUTCOME_UNKNOWN",
        }
    }
}
