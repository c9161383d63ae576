//! The integrations table: connections, circuit breakers, cooldowns and delegations. Partition key: the user.
//!
//! | Sort key | Items |
//! |---|---|
//! | `t#<tool>#a#<account>` | connections: [`ConnectionItems`] |
//! | `t#<tool>#c#<account>` | cooldowns: [`CooldownItems`] |
//! | `t#<tool>#names` | the person's names for the accounts: [`AccountNames`] |
//! | `breaker#<agent>#<tool>#<account>` | circuit breakers: [`CircuitBreakerItems`] |
//! | `delegation#<service>`, `delegations` | delegations, and the set of them: [`DelegationItems`] |
//!
//! OAuth flows ([`OAuthFlowItems`]) have a partition each, `oauth#<sha256(state)>`; so have grants that several connections share
//! ([`SharedGrantItems`]), `grant#<tool>#<grant>`.

mod accounts;
mod circuit_breakers;
mod connection_key;
mod connections;
mod cooldowns;
mod delegations;
mod guards;
mod keys;
mod lifecycle;
mod maintenance;
mod oauth_flows;
mod shared_grants;

pub use accounts::{AccountNames, MAX_ACCOUNTS, ToolAccounts};
pub use circuit_breakers::{AgentBreaker, BreakerKey, BreakerWindow, CallResult, CircuitBreakerItems, OpenPeriod};
pub use connection_key::ConnectionKey;
pub use connections::{
    CheckSchedule, Connection, ConnectionItems, ConnectionStatus, RefreshLease, RefreshedTokens, StoredTokens,
};
pub use cooldowns::{AccountCooldowns, CooldownItems, Replaced, ScopeLimit};
pub use delegations::{Delegation, DelegationItems};
pub use guards::CallGuards;
pub use lifecycle::MAX_CONNECT_DURATION;
pub use maintenance::MaintenanceEntry;
pub use oauth_flows::{ConsentRequest, ConsentScopes, OAUTH_FLOW_LIFETIME, OAuthFlow, OAuthFlowItems};
pub use shared_grants::SharedGrantItems;
