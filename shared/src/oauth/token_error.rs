//! The meaning of a refusal by a provider's token endpoint. RFC 6749 section 5.2.

use oauth2::RequestTokenError;
use oauth2::basic::BasicErrorResponse;

use super::provider_error;
use crate::adapters::Adapter;
use crate::error::{Error, Kind};
use crate::http::HttpError;

/// Codes of a revoked grant or an invalid code. Slack has its own names for the one of RFC 6749:
/// <https://docs.slack.dev/reference/methods/oauth.v2.access>
const REVOKED_GRANT_CODES: [&str; 5] =
    ["invalid_grant", "invalid_refresh_token", "invalid_code", "code_already_used", "token_revoked"];
/// Codes of a misconfigured client of this deployment.
const CLIENT_ERROR_CODES: [&str; 5] =
    ["invalid_client", "unauthorized_client", "invalid_client_id", "bad_client_secret", "redirect_uri_mismatch"];
/// Codes of a failure that ends by itself. Slack reports those of its service with status 200, as every method does:
/// <https://docs.slack.dev/reference/methods/oauth.v2.access>
const TEMPORARY_CODES: [&str; 8] = [
    "fatal_error",
    "internal_error",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "server_error",
    "service_unavailable",
    "temporarily_unavailable",
];
/// Google's code for a refresh token that was issued to another client, for example to the one that this deployment had before:
/// <https://github.com/googleapis/google-auth-library-python/issues/1561>. Only a new consent leads to a token of this client.
const FOREIGN_TOKEN_CODE: &str = "unauthorized_client";

/// What is exchanged at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// An authorization code.
    Code,
    /// A refresh token.
    RefreshToken,
}

pub(super) fn classify_error(
    adapter: &Adapter,
    exchange: Exchange,
    error: RequestTokenError<HttpError, BasicErrorResponse>,
) -> Error {
    match error {
        RequestTokenError::ServerResponse(response) => refusal(adapter, exchange, response.error().as_ref()),
        RequestTokenError::Request(error) => provider_error(adapter, Kind::Transient, error.to_string()),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            provider_error(adapter, Kind::Transient, "the token endpoint's response could not be read".to_owned())
        }
    }
}

fn refusal(adapter: &Adapter, exchange: Exchange, code: &str) -> Error {
    let foreign = exchange == Exchange::RefreshToken && code == FOREIGN_TOKEN_CODE;
    if CLIENT_ERROR_CODES.contains(&code) && !foreign {
        return Error::NotConfigured(format!("connecting {}: {code}", adapter.tool));
    }
    let revoked = foreign || REVOKED_GRANT_CODES.contains(&code);
    // A text without the form of a code can be anything, for example a quote of the request.
    let is_code = code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let message = if is_code { code } else { "the provider refused without a standard error code" };
    let kind = match code {
        _ if revoked => Kind::AuthRevoked,
        code if TEMPORARY_CODES.contains(&code) => Kind::Transient,
        _ => Kind::Invalid,
    };
    provider_error(adapter, kind, message.to_owned())
}
