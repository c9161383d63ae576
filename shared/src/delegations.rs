//! Delegations: a user's revocable permission for a service to act for them. Without one a service token is not accepted for any
//! user.

use jiff::{SignedDuration, Timestamp};

use crate::agents::{Agents, StopSummary};
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::ids::{Creator, UserId};
use crate::tables::integrations::{Delegation, DelegationItems};
use crate::tables::{Page, PageRequest};
use crate::validate::{MAX_ID_BYTES, check_text};

/// Lifetime of a delegation without `expiresAt`.
const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Maximum lifetime, after which a forgotten delegation ends.
const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The delegations of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Delegations {
    pub(crate) items: DelegationItems,
    pub(crate) clock: Clock,
}

impl Part for Delegations {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        let items = DelegationItems::new(dynamodb.clone(), config.tables.integrations.clone());
        Self { items, clock: clock.clone() }
    }
}

/// The revocation of delegations, with what the service has planned. Apart from [`Delegations`], which every function with a route
/// has. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Revocations {
    pub(crate) delegations: Delegations,
    pub(crate) agents: Agents,
}

impl Part for Revocations {
    fn build(deployment: &Deployment) -> Self {
        Self { delegations: deployment.part::<Delegations>().clone(), agents: deployment.part::<Agents>().clone() }
    }
}

impl Revocations {
    /// Revokes a delegation, from the service's next request on, then stops what the service has planned. A request of the service
    /// that runs meanwhile may plan more: it is cancelled when it is due.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no delegation and nothing planned. After [`Error::Unavailable`] a repetition goes on.
    pub async fn revoke(&self, user: &UserId, service: &str, deadline: Timestamp) -> Result<StopSummary> {
        check_text("service", service, MAX_ID_BYTES)?;
        let Delegations { items, clock } = &self.delegations;
        let revoked = items.revoke(user, service, clock.now()).await;
        if let Err(error @ (Error::Unavailable(_) | Error::Internal(_))) = revoked {
            return Err(error);
        }
        let summary = self.agents.stop_created_by(user, &Creator::Service(service.to_owned()), deadline).await?;
        // Without a delegation this completes an earlier revocation.
        if summary.is_empty() { revoked.map(|()| summary) } else { Ok(summary) }
    }
}

impl Delegations {
    /// Permits a service to act for the user until `until`, by default for 90 days. A repeated grant replaces the end.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an invalid service name, and for an end in the past or more than a year ahead.
    pub async fn grant(&self, user: &UserId, service: String, until: Option<Timestamp>) -> Result<Delegation> {
        check_text("service", &service, MAX_ID_BYTES)?;
        let now = self.clock.now();
        let expires_at = until.unwrap_or(now + DEFAULT_LIFETIME);
        if expires_at <= now || expires_at > now + MAX_LIFETIME {
            return Err(Error::invalid("expiresAt", "must be in the future and at most a year ahead"));
        }
        let delegation = Delegation { service, expires_at, created_at: now, ttl: expires_at.as_second() };
        self.items.put(user, &delegation).await?;
        Ok(delegation)
    }

    /// Lists the user's delegations.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<Delegation>> {
        self.items.list(user, page, self.clock.now()).await
    }

    /// Returns true if the service may act for the user now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn is_granted(&self, user: &UserId, service: &str) -> Result<bool> {
        Ok(self.items.get(user, service, self.clock.now()).await?.is_some())
    }
}
