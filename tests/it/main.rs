//! Integration tests of the product: routes, events, and the requests providers receive.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails with its location")]

mod reading;
mod specs;
mod support;

mod accounts;
mod agents;
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
mod cooldown;
mod cost;
mod delegations;
mod dependencies;
mod dry_run;
mod errors_route;
mod events;
mod fuzzing;
mod generated;
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
