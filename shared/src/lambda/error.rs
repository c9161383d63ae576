//! The mapping of errors to HTTP responses. Internal detail is logged and never returned.

use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::reply::Reply;
use crate::error::{Error, ErrorDetail, FileFault, Kind, TokenFault, ceil_seconds};
use crate::identity::ACT_AS_SCOPE;

/// A refused request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The reason of the refusal.
    error: ErrorDetail,
    /// The id of the request; its log lines carry the same id.
    request_id: String,
}

/// Returns the HTTP status of a refused request. Errors of an action are part of a `PluginResult` instead; their statuses here
/// apply to routes that call a provider while connecting.
fn status_code(error: &Error) -> StatusCode {
    match error {
        Error::MalformedJson(_)
        | Error::Missing(_)
        | Error::Invalid { .. }
        | Error::Fields(_)
        | Error::UnknownTool(_)
        | Error::UnknownIntent { .. }
        | Error::UnknownName { .. }
        | Error::AmbiguousAccount { .. }
        | Error::UnknownAccount { .. } => StatusCode::BAD_REQUEST,
        Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) | Error::UserMismatch | Error::DelegationEnded => StatusCode::FORBIDDEN,
        Error::NotFound(_) | Error::File(FileFault::NotFound { .. }) => StatusCode::NOT_FOUND,
        Error::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
        Error::Conflict(_)
        | Error::File(
            FileFault::NotUploaded { .. } | FileFault::InUse { .. } | FileFault::Busy { .. } | FileFault::Expired,
        )
        | Error::IdempotencyInProgress { .. }
        | Error::CapReached { .. } => StatusCode::CONFLICT,
        Error::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::NotConnected { .. } | Error::ReauthRequired { .. } | Error::MissingScope { .. } => {
            StatusCode::FAILED_DEPENDENCY
        }
        Error::LimitReached { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Provider(error) => match error.kind {
            // The authorization code is used or invalid: the person can connect again.
            Kind::AuthRevoked | Kind::Invalid => StatusCode::BAD_REQUEST,
            _ => StatusCode::BAD_GATEWAY,
        },
        Error::Incomplete { error, .. } => status_code(error),
        Error::CircuitBreakerOpen { .. }
        | Error::Cooldown { .. }
        | Error::Misfired
        | Error::AttemptsExhausted
        | Error::AbortedNoEffect { .. }
        | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::NotConfigured(_) => StatusCode::NOT_IMPLEMENTED,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Builds the reply to a refused request: a [`Refusal`]. `connect_url` is the page where a person connects the tool.
pub(super) fn reply(error: &Error, request_id: &str, connect_url: Option<String>) -> Reply {
    let body = Refusal { error: error.detail(connect_url), request_id: request_id.to_owned() };
    #[expect(clippy::expect_used, reason = "strings and numbers are always JSON")]
    let reply = Reply::json(status_code(error), &body).expect("strings and numbers are JSON");
    match error {
        Error::LimitReached { retry_after, .. } => reply.with_header(header::RETRY_AFTER, retry_after.as_secs().max(1)),
        Error::IdempotencyInProgress { retry_after } => {
            reply.with_header(header::RETRY_AFTER, ceil_seconds(*retry_after))
        }
        Error::Unavailable(_) => reply.with_header(header::RETRY_AFTER, 2_u64),
        Error::MethodNotAllowed { allowed } => reply.with_header(header::ALLOW, *allowed),
        Error::Unauthenticated(_) | Error::UserMismatch => {
            reply.with_header(header::WWW_AUTHENTICATE, challenge(error))
        }
        _ => reply,
    }
}

/// Returns the challenge of a reply to a caller whose token is absent or not sufficient. RFC 6750 section 3.
fn challenge(error: &Error) -> String {
    let parameters = match error {
        // A request without credentials gets no error. RFC 6750 section 3.1.
        Error::Unauthenticated(TokenFault::Absent) => String::new(),
        Error::Unauthenticated(fault) => format!(", error=\"invalid_token\", error_description=\"{fault}\""),
        // A token with this scope may name another user.
        other => format!(", error=\"insufficient_scope\", error_description=\"{other}\", scope=\"{ACT_AS_SCOPE}\""),
    };
    format!("Bearer realm=\"plugin-engine\"{parameters}")
}

/// The error of an event that is not an HTTP request, as the runtime reports it: the same safe text.
impl From<Error> for lambda_runtime::Diagnostic {
    fn from(error: Error) -> Self {
        Self { error_type: error.code().to_owned(), error_message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_errors_do_not_expose_their_source() {
        let reply = reply(&Error::internal("password=hunter2"), "r1", None);
        let response = reply.into_response("r1");
        assert_eq!(response.status(), 500);
        let lambda_http::Body::Text(body) = response.body() else { panic!("a text body") };
        assert_eq!(
            body,
            r#"{"error":{"code":"INTERNAL_ERROR","message":"Internal error","outcome":"none","action":"look"},"requestId":"r1"}"#
        );
    }

    #[test]
    fn rate_limit_error_sends_retry_after() {
        let error = Error::LimitReached {
            max: 60,
            things: "intents a minute",
            retry_after: std::time::Duration::from_secs(17),
        };
        let response = reply(&error, "r1", None).into_response("r1");
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "17");
    }
}
