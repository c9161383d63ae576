//! The local stack: everything the product needs in AWS, on this machine's loopback interface.
//!
//! * [`args`]: the command line.
//! * [`up`], [`demo`], [`with`], [`deploy_test`], [`token`], [`tick`], [`logs`], [`mod@env`], [`generate`],
//!   [`mod@bench`]: the commands.
//! * `scenario`, `reporter`: the steps that the demo and the deploy test share, and their output.
//! * [`stack`]: starts and stops the parts: [`store`] (DynamoDB), [`bucket`] (S3), the sandbox (providers, issuer, Secrets Manager,
//!   EventBridge; package `sandbox`), [`functions`] (the processes, from [`mod@build`]), [`gateway`] (the API, from [`template`]), and
//!   [`bus`] (the events that request runs).
//! * [`emulator`], [`deployment`], [`tool`]: an emulator of AWS, the deployment of the template to it, and the pinned programs of both.
//! * [`environment`]: the environment variables of the functions. The engine's `Config` validates them before the functions start.
//! * [`paths`]: the files in `.local/`; [`running`]: the stacks that run, for other commands.
//! * [`saved_grants`]: the sandbox's OAuth grants, which survive a restart.
//! * [`client`], [`failure`], [`log`], [`process`]: the HTTP client, errors, log files, process groups.

pub mod args;
pub mod up;

pub mod bench;
pub mod demo;
pub mod deploy_test;
pub mod env;
pub mod generate;
pub mod logs;
pub mod tick;
pub mod token;
pub mod with;

mod reporter;
mod scenario;

pub mod deployment;
pub mod emulator;
pub mod stack;

pub mod bucket;
pub mod build;
pub mod bus;
pub mod environment;
pub mod functions;
pub mod gateway;
pub mod saved_grants;
pub mod store;
pub mod template;
pub mod tool;

pub mod paths;
pub mod running;

pub mod client;
pub mod failure;
pub mod log;
pub mod process;
