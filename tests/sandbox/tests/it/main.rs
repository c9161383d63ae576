//! Tests of the sandbox through its routes, in process and over a socket.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod asana;
mod aws;
mod control;
mod faults;
mod gmail;
mod issuer;
mod notion;
mod oauth;
mod sdks;
mod slack;
mod slack_writes;
mod support;
