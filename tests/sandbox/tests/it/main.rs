//! Tests of the sandbox through its routes, in process and over a socket.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod asana;
mod aws;
mod connect;
mod control;
mod faults;
mod files;
mod gmail;
mod gmail_uploads;
mod identity;
mod issuer;
mod notion;
mod oauth;
mod people;
mod s3;
mod sdks;
mod shared_grants;
mod slack;
mod slack_files;
mod slack_strangeness;
mod slack_writes;
mod strangeness;
mod support;
mod token_owner;
