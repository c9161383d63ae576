//! Delegations: the services that may act for the user. They belong to the connections that a service acts with, so that both are
//! listed and revoked at the same route.

use engine::delegations::Delegations;
use engine::error::Result;
use engine::ids::UserId;
use engine::tables::PageRequest;
use engine::tables::integrations::Delegation;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A user's permission for a service to act for them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DelegationOut {
    /// The token subject of the service.
    service: String,
    /// The time at which the permission ends.
    expires_at: Timestamp,
    /// The time of the latest grant.
    created_at: Timestamp,
}

impl From<Delegation> for DelegationOut {
    fn from(delegation: Delegation) -> Self {
        let Delegation { service, expires_at, created_at, .. } = delegation;
        Self { service, expires_at, created_at }
    }
}

/// A page of delegations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DelegationsOut {
    /// The delegations of this page.
    delegations: Vec<DelegationOut>,
    /// The cursor of the next page; `null` on the last page.
    #[schema(required)]
    cursor: Option<String>,
}

/// A created delegation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DelegationCreatedOut {
    /// Always true.
    success: bool,
    /// The delegation.
    delegation: DelegationOut,
}

/// Returns a page of the user's delegations.
pub(crate) async fn list(services: &Delegations, user: &UserId, page: &PageRequest) -> Result<DelegationsOut> {
    let page = services.list(user, page).await?;
    let delegations = page.items.into_iter().map(DelegationOut::from).collect();
    Ok(DelegationsOut { delegations, cursor: page.cursor })
}

/// Grants a delegation, until `expires_at` or the default.
pub(crate) async fn create(
    services: &Delegations,
    user: &UserId,
    service: String,
    expires_at: Option<Timestamp>,
) -> Result<DelegationCreatedOut> {
    let delegation = services.grant(user, service, expires_at).await?;
    Ok(DelegationCreatedOut { success: true, delegation: delegation.into() })
}
