//! The product as its users meet it: routes, events, and what providers receive.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod specs;
mod support;

mod audit;
mod bad_input;
mod bans;
mod calls;
mod canaries;
mod catalogue;
mod connecting;
mod context_keys;
mod cost;
mod delegations;
mod dependencies;
mod dry_run;
mod errors_route;
mod events;
mod hostile;
mod isolation;
mod limits;
mod logs;
mod mailing;
mod maintenance;
mod mappings_route;
mod once;
mod openapi;
mod outside;
mod pages;
mod processing;
mod readme;
mod recurring;
mod refreshing;
mod resting;
mod rows;
mod scheduling;
mod security;
mod slack;
mod template;
mod tidy;
mod vaults;
