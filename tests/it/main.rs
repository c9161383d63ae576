//! The product as its users meet it: routes, events, and what providers receive.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

mod bad_input;
mod calls;
mod connecting;
mod dependencies;
mod errors_route;
mod events;
mod isolation;
mod maintenance;
mod mappings_route;
mod once;
mod processing;
mod readme;
mod recurring;
mod scheduling;
mod template;
mod tidy;
