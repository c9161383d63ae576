//! Benchmarks of the functions: start, first invoke and warm invokes, compared with baselines of the same calls.
//!
//! * [`figures`]: the table of all figures. [`report`]: its Markdown and JSON.
//! * [`program`]: a measured program; [`programs`]: the list of them. [`timing`] measures time, [`instructions`] counts
//!   instructions.
//! * [`regression`]: comparison of the counts with the recorded ones. [`memory`]: the memory of large files, within its bounds.
//! * [`environment`]: a deployment on the loopback, with a call counter ([`call_counter`]) and a TLS proxy ([`tls_proxy`]).

pub mod figures;
pub mod memory;
pub mod regression;
pub mod report;

pub mod instructions;
pub mod program;
pub mod programs;
pub mod timing;

pub mod call_counter;
pub mod environment;
pub mod tls_proxy;

/// A result of the benchmarks; its error is shown to the user.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
