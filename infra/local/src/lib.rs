//! The one-command local stack: everything the product runs on in AWS, on this machine's loopback.
//!
//! * [`args`]: the command line.
//! * [`up`], [`demo`], [`with`], [`rehearse`], [`token`], [`tick`], [`mod@env`], [`mod@bench`]: the commands.
//! * `actor`, `story`: the steps the demo and the rehearsal share, and how they are told.
//! * [`stack`]: starts and stops the parts: [`store`] (DynamoDB), the sandbox (providers, issuer, Secrets Manager,
//!   EventBridge; package `sandbox`), and [`watch`] (the functions, under the pinned `cargo lambda watch` of [`tool`]).
//! * [`emulator`], [`deployment`]: an emulator of AWS, and the template deployed to it.
//! * [`environment`]: what the functions are told. The engine's own `Config` reads it back before they start.
//! * [`home`]: the files under `.local/`; [`state`]: the one other commands find the running stack by.
//! * [`grants`]: what the sandbox must remember over a restart.
//! * [`client`], [`failure`], [`log`], [`process`]: small helpers.

pub mod args;
pub mod up;

pub mod bench;
pub mod demo;
pub mod deploy_test;
pub mod env;
pub mod tick;
pub mod token;
pub mod with;

mod reporter;
mod scenario;

pub mod deployment;
pub mod emulator;
pub mod stack;

pub mod environment;
pub mod saved_grants;
pub mod store;
pub mod tool;
pub mod watch;

pub mod paths;
pub mod state;

pub mod client;
pub mod failure;
pub mod log;
pub mod process;
