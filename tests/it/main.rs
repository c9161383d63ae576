//! The product as its users meet it: routes, events, and what providers receive.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

mod audit;
mod bad_input;
mod bans;
mod calls;
mod canaries;
mod connecting;
mod delegations;
mod dependencies;
mod errors_route;
mod events;
mod hostile;
mod isolation;
mod limits;
mod maintenance;
mod mappings_route;
mod once;
mod outside;
mod processing;
mod readme;
mod recurring;
mod refreshing;
mod scheduling;
mod security;
mod template;
mod tidy;
mod vaults;
