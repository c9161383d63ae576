//! The local stack: everything the product needs in AWS, on this machine's loopback interface.
//!
//! * [`args`]: the command line.
//! * [`up`], [`demo`], [`with`], [`deploy_test`], [`token`], [`tick`], [`mod@env`], [`generate`],
//!   [`mod@bench`]: the commands.
//! * `scenario`, `reporter`: the steps that the demo and the deploy test share, and their output.
//! * [`stack`]: starts and stops the parts: [`store`] (DynamoDB), the sandbox (providers, issuer, Secrets Manager,
//!   EventBridge; package `sandbox`), and [`watch`] (the functions, run by the pinned `cargo lambda watch` of [`tool`]).
//! * [`emulator`], [`deployment`]: an emulator of AWS, and the deployment of the template to it.
//! * [`environment`]: the environment variables of the functions. The engine's `Config` validates them before the functions start.
//! * [`paths`]: the files in `.local/`; [`state`]: the file by which other commands find the running stack.
//! * [`saved_grants`]: the sandbox's OAuth grants, which survive a restart.
//! * [`client`], [`failure`], [`log`], [`process`]: the HTTP client, errors, log files, process groups.

pub mod args;
pub mod up;

pub mod bench;
pub mod demo;
pub mod deploy_test;
pub mod env;
pub mod generate;
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
