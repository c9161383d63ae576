//! The protocol layer at its seam: HTTP requests in, HTTP responses out, with a small catalogue.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails with its location")]

mod defaults;
mod discovery;
mod event_bodies;
mod header_checks;
mod legacy;
mod lists;
mod malformed;
mod states;
mod support;
mod task_methods;
