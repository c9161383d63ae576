//! Deterministic simulation of the real engine under faults, kills and clock skew, in virtual time, checked against the
//! providers' ledger.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails with its location")]
#![expect(clippy::print_stdout, reason = "the report is printed")]

mod account_plan;
mod account_steps;
mod accounts;
mod actions;
mod arguments;
mod aws;
mod batch;
mod bursts;
mod checker;
mod crash_points;
mod extent;
mod faults;
mod history;
mod killers;
mod mutation;
mod network;
mod oracle;
mod outcomes;
mod plan;
mod processes;
mod provider_limit;
mod providers;
mod random;
mod run;
mod stale_reads;
mod store;
mod strangeness;
mod suite;
mod worker;
mod world;

use std::process::ExitCode;

use arguments::Arguments;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let arguments = Arguments::read(std::env::args().skip(1));
    if arguments.skip {
        return ExitCode::SUCCESS;
    }
    if let Some(filter) = &arguments.log {
        let filter: Targets = filter.parse().unwrap_or_else(|error| panic!("--log {filter}: {error}"));
        tracing_subscriber::registry().with(tracing_subscriber::fmt::layer().without_time()).with(filter).init();
    }
    if let Some(batch) = &arguments.batch {
        batch::run_batch(&arguments, batch);
        return ExitCode::SUCCESS;
    }
    let passed = match arguments.seed {
        None if arguments.bursts => bursts::run(),
        None if arguments.killers => killers::run(),
        Some(seed) => replay(&arguments, seed),
        None => suite::run(&arguments),
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one seed and prints every step.
fn replay(arguments: &Arguments, seed: u64) -> bool {
    let people = batch::in_virtual_time(worker::verified_users());
    println!("{:#?}", plan::Plan::of_seed(seed, arguments.tasks, arguments.minutes));
    let outcome = batch::run_seed(arguments, seed, &people);
    println!("{}\n{:?}", outcome.trace.join("\n"), outcome.stats);
    for violation in &outcome.violations {
        println!("VIOLATION: {violation}");
    }
    outcome.violations.is_empty()
}
