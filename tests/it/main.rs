//! The product as its users meet it: routes, events, and what providers receive.

mod support;

mod bad_input;
mod calls;
mod connecting;
mod errors_route;
mod isolation;
mod mappings_route;
mod processing;
mod scheduling;
mod template;
mod tidy;
