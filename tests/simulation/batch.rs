//! A part of the suite, carried out in a process of its own: what it keeps for ever ends with it, and so does a crash.

use serde::{Deserialize, Serialize};
use std::io::{self, Write};

use crate::arguments::Arguments;
use crate::crash_points;
use crate::faults::Kill;
use crate::mutation::Mutation;
use crate::plan::Plan;
use crate::random::Rng;
use crate::run::{self, RunOutcome, RunStats};
use crate::worker;

/// What one run was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RunKind {
    /// A seed with all faults mixed.
    Seed(u64),
    /// One task's life without a fault, with the points at which it can be interrupted.
    Baseline {
        /// Which.
        name: String,
        /// How many.
        points: usize,
    },
    /// The same life when every call to the provider kills the worker.
    KillEveryCall {
        /// Which.
        name: String,
        /// Whether the call is still carried out.
        after: bool,
    },
    /// The same life with kills.
    Kills {
        /// Which.
        name: String,
        /// Where.
        kills: Vec<Kill>,
    },
}

/// One run's result, as a line of JSON between processes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunReport {
    pub(crate) kind: RunKind,
    pub(crate) violations: Vec<String>,
    /// The steps, only of a run that broke a rule.
    pub(crate) trace: Vec<String>,
    pub(crate) hash: u64,
    pub(crate) figures: RunStats,
    pub(crate) conditions: Vec<String>,
}

impl RunReport {
    /// A run's result.
    pub(crate) fn new(kind: RunKind, outcome: RunOutcome) -> Self {
        let RunOutcome { violations, trace, hash, figures, conditions } = outcome;
        let trace = if violations.is_empty() { vec![] } else { trace };
        Self { kind, violations, trace, hash, figures, conditions }
    }
}

/// Carries out the part `--batch` names and writes a line for each run.
pub(crate) fn run_batch(arguments: &Arguments, batch: &str) {
    let people = in_virtual_time(worker::verified_users());
    let tell = |item: RunReport| {
        let line = serde_json::to_string(&item).unwrap_or_default();
        // Nobody listens any more only when the parent is gone.
        let _ = writeln!(io::stdout(), "{line}");
    };
    if batch == "seeds" {
        for seed in arguments.first..arguments.first + arguments.seeds {
            let item = RunReport::new(RunKind::Seed(seed), run_seed(arguments, seed, &people));
            let caught = !item.violations.is_empty();
            tell(item);
            // A control has shown what it was to show.
            if caught && arguments.mutation != Mutation::None {
                return;
            }
        }
    } else if let Some(life) = batch.parse().ok().and_then(|life: usize| crash_points::scenarios().get(life).copied()) {
        in_virtual_time(crash_points::sweep(&people, life, arguments.pairs, tell));
    }
}

/// Runs one seed.
pub(crate) fn run_seed(arguments: &Arguments, seed: u64, people: &[engine::ids::UserId]) -> RunOutcome {
    let plan = Plan::random(&mut Rng::new(seed), arguments.tasks, arguments.minutes);
    in_virtual_time(run::run(seed, people, plan, arguments.mutation.clone()))
}

/// A single thread whose time stands still while there is something to do and jumps when all wait.
pub(crate) fn in_virtual_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}
