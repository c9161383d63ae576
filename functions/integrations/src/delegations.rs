//! Which services may act for the user. It belongs to the connections: they are what a service acts with, and who revokes
//! the one looks for the other in the same place.

use engine::engine::Engine;
use engine::error::Result;
use engine::ids::UserId;
use engine::tables::PageRequest;
use engine::tables::integrations::Delegation;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A delegation as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DelegationOut {
    service: String,
    expires_at: Timestamp,
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
    delegations: Vec<DelegationOut>,
    /// For the next page; `null` after the last.
    #[schema(required)]
    cursor: Option<String>,
}

/// A delegation that was given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DelegationCreatedOut {
    success: bool,
    delegation: DelegationOut,
}

pub(crate) async fn list(engine: &'static Engine, user: &UserId, page: &PageRequest) -> Result<DelegationsOut> {
    let page = engine.delegations.list(user, page).await?;
    let delegations = page.items.into_iter().map(DelegationOut::from).collect();
    Ok(DelegationsOut { delegations, cursor: page.cursor })
}

pub(crate) async fn create(
    engine: &'static Engine,
    user: &UserId,
    service: String,
    until: Option<Timestamp>,
) -> Result<DelegationCreatedOut> {
    let delegation = engine.delegations.grant(user, service, until).await?;
    Ok(DelegationCreatedOut { success: true, delegation: delegation.into() })
}
