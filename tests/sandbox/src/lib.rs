//! Fake external services: Gmail, Slack, Notion and Asana with their OAuth servers, an identity provider that signs real ES256
//! tokens, and the Secrets Manager and EventBridge operations that the product uses.
//!
//! Each [`Sandbox`] has its own state. Tests call it over a real socket ([`Sandbox::bind`]) or in process ([`Sandbox::router`]);
//! both use the same handlers. The ledger ([`Sandbox::effects`]) records every change that a client made; [`Sandbox::fault`]
//! makes the next requests fail as networks and providers fail; [`Sandbox::advance_clock`] expires tokens and makes scheduled
//! messages due without waiting. On a socket it answers only requests whose `Host` is its own ([`loopback`]).
//!
//! Three people can consent at every provider, and Slack and Notion have a second workspace ([`fixtures`]). `oauth/consent.rs`
//! lists the parameters with which a test answers the consent page: `auto`, `account`, `team`, `workspace`, `deny_scopes`,
//! `owned_by`. An [`Effect`] names the owner of the token that made it.
//!
//! By default the providers are as their reference pages show them. [`Strangeness`] makes them lag, rewrite, cut and limit as the
//! real ones do.
//!
//! Each provider is a folder with the same structure: `mod.rs` has the route table, `oauth.rs` its dialect of OAuth 2, `seed.rs`
//! its seed data, and the other files its API. [`fixtures`] has the ids of the seed data.

mod asana;
mod aws;
mod clock;
mod control;
mod entropy;
mod faults;
pub mod fixtures;
mod form_data;
mod gmail;
mod http;
mod issuer;
mod ledger;
pub mod loopback;
mod notes;
mod notion;
mod oauth;
mod sandbox;
mod server;
pub mod settings;
mod slack;
mod state;
pub mod strangeness;

pub use control::control_endpoints;
pub use faults::{DroppedConnection, Fault, FaultKind};
pub use ledger::Effect;
pub use sandbox::{Sandbox, Tokens};
pub use server::RunningSandbox;
pub use strangeness::Strangeness;
