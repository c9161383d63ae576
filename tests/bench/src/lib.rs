//! What a function costs: its start, its first call and its warm calls, beside what the same calls must cost.
//!
//! * [`figures`]: the whole table, and what is gated of it. [`report`]: how it is shown and kept.
//! * [`subject`]: the programs; [`cast`]: which there are. [`watch`] measures one by the clock, [`count`] by its instructions.
//! * [`gate`]: the counted figures against the recorded ones.
//! * [`world`]: a deployment on the loopback, with a count of its calls ([`counting`]) and a TLS front ([`front`]).

pub mod figures;
pub mod regression;
pub mod report;

pub mod instructions;
pub mod program;
pub mod programs;
pub mod timing;

pub mod call_counter;
pub mod environment;
pub mod tls_proxy;

/// A result of the bench; its error is for the person who runs it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
