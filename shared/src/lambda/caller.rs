//! Authentication of the caller and authorization to act for a user.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::shell::Shell;
use crate::error::{Error, Result, TokenFault};
use crate::identity::Principal;
use crate::ids::UserId;
use crate::permissions::Caller;
use crate::tables::integrations::Delegation;
use crate::validate::{MAX_ID_BYTES, check_text};

/// Verifies the bearer token of a request (RFC 6750) and returns the caller.
///
/// # Errors
/// [`Error::Unauthenticated`].
pub(super) async fn authenticate(shell: &Shell, headers: &HeaderMap) -> Result<Principal> {
    let Some(header) = headers.get(AUTHORIZATION) else { return Err(Error::Unauthenticated(TokenFault::Absent)) };
    let Ok(header) = header.to_str() else { return Err(Error::Unauthenticated(TokenFault::Malformed)) };
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
            shell.verifier.verify(token.trim()).await
        }
        // Another scheme is as good as no credentials. RFC 6750 section 3.1.
        _ => Err(Error::Unauthenticated(TokenFault::Absent)),
    }
}

/// The callers that a route accepts, beside its own manifest, which a test compares with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// The user, or a service with a delegation.
    UserOrService,
    /// The user with a token of their own.
    User,
}

/// Returns the caller with the user that it acts for: itself, or the user that a service names and that granted it a delegation.
/// A route for [`Callers::User`] is refused for services, with any delegation.
///
/// # Errors
/// [`Error::UserMismatch`] if a user names another user; [`Error::Forbidden`] if the named user granted no delegation, or the
/// request needs the user's own token.
pub(super) async fn resolve_user(
    shell: &Shell,
    principal: &Principal,
    named: Option<&str>,
    callers: Callers,
) -> Result<Caller> {
    if callers == Callers::User && principal.is_service() {
        return Err(Error::Forbidden("This request needs the user's own token; a service cannot make it".into()));
    }
    match named {
        Some(user) if user != principal.subject() => {
            if !principal.is_service() {
                return Err(Error::UserMismatch);
            }
            check_text("userId", user, MAX_ID_BYTES)?;
            let user = UserId::verified(user.to_owned());
            match shell.delegations.find(&user, principal.subject()).await? {
                Some(Delegation { service, permissions, .. }) => Ok(Caller::service(user, service, permissions)),
                None => {
                    Err(Error::Forbidden("This user has not granted this service a delegation, or it has ended".into()))
                }
            }
        }
        _ => Ok(Caller::user(UserId::verified(principal.subject().to_owned()))),
    }
}
