//! The outside world, faked: Gmail, Slack, Notion and Asana with their OAuth endpoints, an identity provider that signs real
//! ES256 tokens, and the few Secrets Manager and EventBridge calls the product makes.
//!
//! One [`Sandbox`] is one world. Tests ask it over a real socket ([`Sandbox::bind`]) or in process ([`Sandbox::router`]); both
//! reach the same handlers. Everything a client *did* to the world is in the ledger ([`Sandbox::effects`]); [`Sandbox::fault`]
//! makes the next calls fail in the ways networks and providers fail; [`Sandbox::advance_clock`] lets tokens expire and
//! scheduled messages fall due without waiting.
//!
//! Each provider is a folder with the same shape: `mod.rs` holds its one route table, `oauth.rs` its dialect of OAuth 2,
//! `world.rs` the data it starts with, and the other files its API.

mod asana;
mod aws;
mod clock;
mod control;
mod entropy;
mod faults;
pub mod fixtures;
mod gmail;
mod http;
mod issuer;
mod ledger;
mod notes;
mod notion;
mod oauth;
mod sandbox;
mod server;
pub mod settings;
mod slack;
mod state;

pub use faults::{DroppedConnection, Fault, FaultKind};
pub use ledger::Effect;
pub use sandbox::{Sandbox, Tokens};
pub use server::RunningSandbox;
