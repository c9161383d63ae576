//! The integrations table: connections, circuit breakers, cooldowns and delegations. Partition key: the user.
//!
//! | Sort key | Items |
//! |---|---|
//! | `tool#<tool>` | connections: [`ConnectionItems`] |
//! | `breaker#<agent>#<tool>` | circuit breakers: [`CircuitBreakerItems`] |
//! | `cooldown#<tool>` | cooldowns: [`CooldownItems`] |
//! | `delegation#<service>` | delegations: [`DelegationItems`] |
//!
//! OAuth flows ([`OAuthFlowItems`]) have a partition each, `oauth#<sha256(state)>`.

mod circuit_breakers;
mod connections;
mod cooldowns;
mod delegations;
mod guards;
mod lifecycle;
mod maintenance;
mod oauth_flows;

pub use circuit_breakers::{AgentBreaker, BreakerKey, BreakerWindow, CallResult, CircuitBreakerItems, OpenPeriod};
pub use connections::{
    CheckSchedule, Connection, ConnectionItems, ConnectionStatus, RefreshLease, RefreshedTokens, StoredTokens,
};
pub use cooldowns::{Cooldown, CooldownItems};
pub use delegations::{Delegation, DelegationItems};
pub use guards::CallGuards;
pub use lifecycle::MAX_CONNECT_DURATION;
pub use maintenance::MaintenanceEntry;
pub use oauth_flows::{OAUTH_FLOW_LIFETIME, OAuthFlow, OAuthFlowItems};
