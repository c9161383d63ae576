//! One part of the suite, run in its own process: leaked memory ends with the process, and a crash affects only this part.

use serde::{Deserialize, Serialize};
use std::io::{self, Write};

use crate::arguments::Arguments;
use crate::crash_points;
use crate::extent::Extent;
use crate::faults::Kill;
use crate::mutation::Mutation;
use crate::plan::Plan;
use crate::run::{self, RunOutcome, RunStats};
use crate::worker;

/// The kind of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RunKind {
    /// A seed with mixed faults.
    Seed(u64),
    /// A scenario without faults, with the number of points at which it can be killed.
    Baseline {
        /// The scenario's name.
        name: String,
        /// The number of kill points.
        points: usize,
    },
    /// The scenario with every provider call killing the worker.
    KillEveryCall {
        /// The scenario's name.
        name: String,
        /// True if the call is executed before the kill.
        after: bool,
    },
    /// The scenario with planned kills.
    Kills {
        /// The scenario's name.
        name: String,
        /// The kills.
        kills: Vec<Kill>,
    },
}

/// The result of one run, as a line of JSON between processes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunReport {
    pub(crate) kind: RunKind,
    pub(crate) violations: Vec<String>,
    /// The steps, only for a run with violations.
    pub(crate) trace: Vec<String>,
    pub(crate) hash: u64,
    pub(crate) stats: RunStats,
    pub(crate) conditions: Vec<String>,
}

impl RunReport {
    /// Creates the report of a run.
    pub(crate) fn new(kind: RunKind, outcome: RunOutcome) -> Self {
        let RunOutcome { violations, trace, hash, stats, conditions } = outcome;
        let trace = if violations.is_empty() { vec![] } else { trace };
        Self { kind, violations, trace, hash, stats, conditions }
    }
}

/// Runs the part named by `--batch` and writes a line per run.
pub(crate) fn run_batch(arguments: &Arguments, batch: &str) {
    let people = in_virtual_time(worker::verified_users());
    let write_report = |item: RunReport| {
        let line = serde_json::to_string(&item).unwrap_or_default();
        // A write fails only if the parent process has ended.
        let _ = writeln!(io::stdout(), "{line}");
    };
    let Extent { first, seeds, pairs, .. } = arguments.extent;
    if batch == "seeds" {
        for seed in first..first + seeds {
            let item = RunReport::new(RunKind::Seed(seed), run_seed(arguments, seed, &people));
            let caught = !item.violations.is_empty();
            write_report(item);
            // The negative control has been detected.
            if caught && arguments.mutation != Mutation::None {
                return;
            }
        }
    } else if let Some(scenario) =
        batch.parse().ok().and_then(|scenario: usize| crash_points::scenarios().get(scenario).copied())
    {
        in_virtual_time(crash_points::sweep(&people, scenario, pairs, write_report));
    }
}

/// Runs one seed.
pub(crate) fn run_seed(arguments: &Arguments, seed: u64, people: &[engine::ids::UserId]) -> RunOutcome {
    let plan = Plan::of_seed(seed, arguments.tasks, arguments.minutes);
    in_virtual_time(run::run(seed, people, plan, arguments.mutation.clone()))
}

/// Runs a future on a single thread in virtual time: time advances only when all tasks wait.
pub(crate) fn in_virtual_time<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}
