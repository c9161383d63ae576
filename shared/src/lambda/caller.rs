//! Who is calling, and for whom.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::ids::UserId;
use crate::validate::{MAX_ID_BYTES, check_text};

/// The verified caller of a request: its bearer token (RFC 6750).
///
/// # Errors
/// [`Error::Unauthenticated`].
pub(super) async fn authenticate(engine: &Engine, headers: &HeaderMap) -> Result<Principal> {
    let header = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or_default();
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => engine.verifier.verify(token.trim()).await,
        _ => Err(Error::Unauthenticated("no bearer token".to_owned())),
    }
}

/// The user a caller acts for: itself; or, for a service, the user it names and who agreed. What is to be done `in_person`
/// no service does, whoever agreed to what.
///
/// # Errors
/// [`Error::UserMismatch`] when a caller names somebody else; [`Error::Forbidden`] when that user did not agree.
pub(super) async fn resolve_user(
    engine: &Engine,
    principal: &Principal,
    named: Option<&str>,
    in_person: bool,
) -> Result<UserId> {
    if in_person && principal.is_service() {
        return Err(Error::Forbidden("Who may act for a user is managed with the user's own token"));
    }
    match named {
        Some(user) if user != principal.subject() => {
            if !principal.is_service() {
                return Err(Error::UserMismatch);
            }
            check_text("userId", user, MAX_ID_BYTES)?;
            let user = UserId::verified(user.to_owned());
            if !engine.delegations.is_granted(&user, principal.subject()).await? {
                return Err(Error::Forbidden("This user has not let this service act for them"));
            }
            Ok(user)
        }
        _ => Ok(UserId::verified(principal.subject().to_owned())),
    }
}
