//! Authentication of the caller and authorization to act for a user.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::shell::Shell;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::ids::UserId;
use crate::validate::{MAX_ID_BYTES, check_text};

/// Verifies the bearer token of a request (RFC 6750) and returns the caller.
///
/// # Errors
/// [`Error::Unauthenticated`].
pub(super) async fn authenticate(shell: &Shell, headers: &HeaderMap) -> Result<Principal> {
    let header = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or_default();
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => shell.verifier.verify(token.trim()).await,
        _ => Err(Error::Unauthenticated("no bearer token".to_owned())),
    }
}

/// Returns the user that the caller acts for: the caller, or the user that a service names and that granted it a delegation.
/// A request that is `user_token_only` is refused for services, with any delegation.
///
/// # Errors
/// [`Error::UserMismatch`] if a user names another user; [`Error::Forbidden`] if the named user granted no delegation, or the
/// request needs the user's own token.
pub(super) async fn resolve_user(
    shell: &Shell,
    principal: &Principal,
    named: Option<&str>,
    user_token_only: bool,
) -> Result<UserId> {
    if user_token_only && principal.is_service() {
        return Err(Error::Forbidden("This request needs the user's own token; a service cannot make it"));
    }
    match named {
        Some(user) if user != principal.subject() => {
            if !principal.is_service() {
                return Err(Error::UserMismatch);
            }
            check_text("userId", user, MAX_ID_BYTES)?;
            let user = UserId::verified(user.to_owned());
            if !shell.delegations.is_granted(&user, principal.subject()).await? {
                return Err(Error::Forbidden("This user has not granted this service a delegation"));
            }
            Ok(user)
        }
        _ => Ok(UserId::verified(principal.subject().to_owned())),
    }
}
