//! `/api/plugin-engine/delegations`: lists, grants and revokes the permissions of services to act for the user.

use engine::account::AccountId;
use engine::agents::StopSummary;
use engine::clock;
use engine::delegations::{Delegations, NewDelegation, Revocations};
use engine::error::{Error, FieldFault, Result};
use engine::lambda::{Callers, Input, Refusal, Reply, Request};
use engine::permissions::Permissions;
use engine::tables::PageRequest;
use engine::tables::integrations::Delegation;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The OpenAPI description of this route.
#[derive(OpenApi)]
#[openapi(paths(list, grant, revoke))]
pub struct Doc;

/// Handles one request.
///
/// # Errors
/// The errors of its methods; [`Error::MethodNotAllowed`] for any other method.
pub async fn route(parts: &'static (Delegations, Revocations), request: Request) -> Result<Reply> {
    let (delegations, revocations) = parts;
    match *request.method() {
        Method::GET => list(delegations, &request).await,
        Method::POST => grant(delegations, &request).await,
        Method::DELETE => revoke(revocations, &request).await,
        _ => Err(Error::MethodNotAllowed { allowed: "GET, POST, DELETE" }),
    }
}

/// A user's permission for a service to act for them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DelegationOut {
    /// The token subject of the service.
    service: String,
    /// The tools that it may use.
    tools: Vec<String>,
    /// The actions that it may run, as `<tool>.<action>`; absent for all of the tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Vec<String>>,
    /// The ids of the accounts that it may use; absent for all of the tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<Vec<AccountId>>,
    /// The time at which the permission ends.
    expires_at: Timestamp,
    /// The time of the latest grant.
    created_at: Timestamp,
}

impl From<Delegation> for DelegationOut {
    fn from(delegation: Delegation) -> Self {
        let Delegation { service, permissions, expires_at, created_at, .. } = delegation;
        let Permissions { tools, actions, accounts } = permissions;
        Self { service, tools, actions, accounts, expires_at, created_at }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// The largest number of items in a page: 1 to 100.
    limit: Option<u16>,
    /// The `cursor` of the previous page.
    cursor: Option<String>,
}

impl Input for ListIn {
    const REQUIRED: &'static [&'static str] = &[];
    const CALLERS: Callers = Callers::User;
}

/// A page of delegations.
#[derive(Debug, Serialize, ToSchema)]
struct DelegationsOut {
    /// The delegations of this page.
    delegations: Vec<DelegationOut>,
    /// The cursor of the next page; `null` on the last page.
    #[schema(required)]
    cursor: Option<String>,
}

/// Lists the services that may act for the user.
#[utoipa::path(
    get,
    path = "/api/plugin-engine/delegations",
    operation_id = "listDelegations",
    params(ListIn),
    responses(
        (status = 200, description = "A page of delegations", body = DelegationsOut),
    ),
)]
async fn list(delegations: &'static Delegations, request: &Request) -> Result<Reply> {
    let (user, input) = request.query::<ListIn>().await?;
    let page = delegations.list(&user, &PageRequest { limit: input.limit, cursor: input.cursor }).await?;
    let delegations = page.items.into_iter().map(DelegationOut::from).collect();
    Reply::ok(&DelegationsOut { delegations, cursor: page.cursor })
}

/// The service that may act for the user, and what it may use.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = DelegationIn)]
struct GrantIn {
    /// The token subject of the service.
    service: String,
    /// The tools that it may use, for example `gmail`: their actions, and what is stored about them.
    tools: Vec<String>,
    /// The actions that it may run, as `<tool>.<action>`, for example `gmail.send_email`; all of the tools if absent.
    actions: Option<Vec<String>>,
    /// The ids of the accounts that it may use; all of the tools, also later ones, if absent.
    accounts: Option<Vec<String>>,
    /// The time at which the permission ends, at most a year ahead; 90 days ahead by default.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp")]
    expires_at: Option<Timestamp>,
}

impl Input for GrantIn {
    const REQUIRED: &'static [&'static str] = &["service", "tools"];
    // An empty list names nothing: it must not permit everything, as an absent one does.
    const EMPTY_CLEARS: &'static [&'static str] = &["actions", "accounts"];
    const CALLERS: Callers = Callers::User;

    fn further_faults(&self) -> Vec<FieldFault> {
        self.clone().into_delegation().permissions().err().map_or_else(Vec::new, |error| error.fields())
    }
}

impl GrantIn {
    fn into_delegation(self) -> NewDelegation {
        let Self { service, tools, actions, accounts, expires_at } = self;
        NewDelegation { service, tools, actions, accounts, until: expires_at }
    }
}

/// A granted delegation.
#[derive(Debug, Serialize, ToSchema)]
struct DelegationGrantedOut {
    /// Always true.
    success: bool,
    /// The delegation.
    delegation: DelegationOut,
}

/// Permits a service to act for the user with some tools, actions and accounts. A repeated grant replaces the earlier one as a whole;
/// what the service planned before and may not do any more is cancelled when it is due.
#[utoipa::path(
    post,
    path = "/api/plugin-engine/delegations",
    operation_id = "grantDelegation",
    request_body = GrantIn,
    responses(
        (status = 200, description = "The delegation was granted", body = DelegationGrantedOut),
        (status = 409, description = "The service is new and the user has as many delegations as allowed", body = Refusal),
    ),
)]
async fn grant(delegations: &'static Delegations, request: &Request) -> Result<Reply> {
    let (user, input) = request.body::<GrantIn>().await?;
    let delegation = delegations.grant(&user, input.into_delegation()).await?;
    Reply::ok(&DelegationGrantedOut { success: true, delegation: delegation.into() })
}

/// The service whose permission is revoked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = DelegationDelete)]
struct RevokeIn {
    /// The token subject of the service.
    service: String,
}

impl Input for RevokeIn {
    const REQUIRED: &'static [&'static str] = &["service"];
    const CALLERS: Callers = Callers::User;
}

/// A revoked delegation, and what became of the tasks that the service had requested.
#[derive(Debug, Serialize, ToSchema)]
struct RevokedOut {
    /// Always true.
    success: bool,
    /// The number of tasks that were cancelled; a series is one.
    cancelled: usize,
    /// The number of tasks with an unfinished attempt. It ends by itself, and nothing follows it.
    running: usize,
    /// True if the time did not suffice for all tasks. A repeated request stops the others; each is also cancelled when it is due.
    remaining: bool,
}

/// Revokes a delegation, from the service's next request on, and cancels the tasks that the service requested.
#[utoipa::path(
    delete,
    path = "/api/plugin-engine/delegations",
    operation_id = "revokeDelegation",
    request_body = RevokeIn,
    responses(
        (status = 200, description = "The delegation is revoked", body = RevokedOut),
        (status = 404, description = "No such delegation, and no task of the service", body = Refusal),
    ),
)]
async fn revoke(revocations: &'static Revocations, request: &Request) -> Result<Reply> {
    let (user, input) = request.query_or_body::<RevokeIn>().await?;
    let stopped = revocations.revoke(&user, &input.service, request.deadline()).await?;
    let StopSummary { cancelled, running, remaining } = stopped;
    Reply::ok(&RevokedOut { success: true, cancelled, running, remaining })
}
