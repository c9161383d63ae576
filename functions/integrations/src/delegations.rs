//! Which services may act for the user. It belongs to the connections: they are what a service acts with, and who revokes
//! the one looks for the other in the same place.

use engine::engine::Engine;
use engine::error::Result;
use engine::ids::UserId;
use engine::lambda::Reply;
use engine::tables::PageRequest;
use engine::tables::delegations::Delegation;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

/// A delegation as the API shows it.
#[derive(Debug, Serialize)]
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

pub(crate) async fn list(engine: &'static Engine, user: &UserId, page: &PageRequest) -> Result<Reply> {
    let page = engine.delegations.list(user, page).await?;
    let delegations: Vec<DelegationOut> = page.items.into_iter().map(DelegationOut::from).collect();
    Reply::ok(&json!({ "delegations": delegations, "cursor": page.cursor }))
}

pub(crate) async fn give(
    engine: &'static Engine,
    user: &UserId,
    service: String,
    until: Option<Timestamp>,
) -> Result<Reply> {
    let delegation = engine.delegations.give(user, service, until).await?;
    Reply::ok(&json!({ "success": true, "delegation": DelegationOut::from(delegation) }))
}

pub(crate) async fn withdraw(engine: &'static Engine, user: &UserId, service: &str) -> Result<Reply> {
    engine.delegations.withdraw(user, service).await?;
    Reply::ok(&json!({ "success": true }))
}
