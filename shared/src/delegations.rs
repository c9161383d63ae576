//! Delegations: a user's own, revocable consent that a service may act for them. Without one a service token names nobody.

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::tables::integrations::{Delegation, DelegationItems};
use crate::tables::{Page, PageRequest};
use crate::validate::{MAX_ID_BYTES, check_text};

/// How long one lasts when nobody says.
const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long it may last: whoever has forgotten it is asked again.
const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(366 * 24);

/// All users' delegations. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Delegations {
    pub(crate) items: DelegationItems,
    pub(crate) clock: Clock,
}

impl Delegations {
    /// Lets a service act for the user until then; for 90 days when nobody says. Giving it again changes its end.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a service that cannot be one, an end in the past or over a year ahead.
    pub async fn grant(&self, user: &UserId, service: String, until: Option<Timestamp>) -> Result<Delegation> {
        check_text("service", &service, MAX_ID_BYTES)?;
        let now = self.clock.now();
        let expires_at = until.unwrap_or(now + DEFAULT_LIFETIME);
        if expires_at <= now || expires_at > now + MAX_LIFETIME {
            return Err(Error::invalid("expiresAt", "must lie ahead, and within a year"));
        }
        let delegation = Delegation { service, expires_at, created_at: now, ttl: expires_at.as_second() };
        self.items.put(user, &delegation).await?;
        Ok(delegation)
    }

    /// Takes one back: it counts no more from the service's next request on.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn revoke(&self, user: &UserId, service: &str) -> Result<()> {
        check_text("service", service, MAX_ID_BYTES)?;
        self.items.revoke(user, service, self.clock.now()).await
    }

    /// The user's delegations.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<Delegation>> {
        self.items.list(user, page, self.clock.now()).await
    }

    /// Whether the user lets a service act for them now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn is_granted(&self, user: &UserId, service: &str) -> Result<bool> {
        Ok(self.items.get(user, service, self.clock.now()).await?.is_some())
    }
}
