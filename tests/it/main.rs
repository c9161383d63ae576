//! The product as its users meet it: routes, events, and what providers receive.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod specs;
mod support;

mod at_most_once;
mod audit;
mod bad_input;
mod bans;
mod calls;
mod canaries;
mod catalogue;
mod circuit_breaker;
mod connecting;
mod context_keys;
mod cost;
mod delegations;
mod dependencies;
mod dry_run;
mod errors_route;
mod events;
mod fuzzing;
mod gmail;
mod intents;
mod isolation;
mod limits;
mod logs;
mod maintenance;
mod mappings_route;
mod openapi;
mod pages;
mod readme;
mod recurrence;
mod row_compatibility;
mod scheduling;
mod security;
mod slack;
mod ssrf;
mod template;
mod tidy;
mod token_refresh;
mod vaults;
