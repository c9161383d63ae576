//! A part of the suite, carried out in a process of its own: what it keeps for ever ends with it, and so does a crash.

use serde::{Deserialize, Serialize};
use std::io::{self, Write};

use crate::arguments::Arguments;
use crate::crash;
use crate::faults::Kill;
use crate::mutation::Mutation;
use crate::plan::Plan;
use crate::random::Dice;
use crate::run::{self, Figures, Outcome};
use crate::worker;

/// What one run was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Finding {
    /// A seed with all faults mixed.
    Seed(u64),
    /// One task's life without a fault, with the points at which it can be interrupted.
    Life {
        /// Which.
        name: String,
        /// How many.
        points: usize,
    },
    /// The same life when every call to the provider kills the worker.
    Poison {
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
pub(crate) struct Item {
    pub(crate) finding: Finding,
    pub(crate) violations: Vec<String>,
    /// The steps, only of a run that broke a rule.
    pub(crate) trace: Vec<String>,
    pub(crate) hash: u64,
    pub(crate) figures: Figures,
    pub(crate) conditions: Vec<String>,
}

impl Item {
    /// A run's result.
    pub(crate) fn of(finding: Finding, outcome: Outcome) -> Self {
        let Outcome { violations, trace, hash, figures, conditions } = outcome;
        let trace = if violations.is_empty() { vec![] } else { trace };
        Self { finding, violations, trace, hash, figures, conditions }
    }
}

/// Carries out the part `--batch` names and writes a line for each run.
pub(crate) fn carry_out(arguments: &Arguments, batch: &str) {
    let people = in_virtual_time(worker::people());
    let tell = |item: Item| {
        let line = serde_json::to_string(&item).unwrap_or_default();
        // Nobody listens any more only when the parent is gone.
        let _ = writeln!(io::stdout(), "{line}");
    };
    if batch == "seeds" {
        for seed in arguments.first..arguments.first + arguments.seeds {
            let item = Item::of(Finding::Seed(seed), seed_of(arguments, seed, &people));
            let caught = !item.violations.is_empty();
            tell(item);
            // A control has shown what it was to show.
            if caught && arguments.mutation != Mutation::None {
                return;
            }
        }
    } else if let Some(life) = batch.parse().ok().and_then(|life: usize| crash::lives().get(life).copied()) {
        in_virtual_time(crash::crash(&people, life, arguments.pairs, tell));
    }
}

/// Runs one seed.
pub(crate) fn seed_of(arguments: &Arguments, seed: u64, people: &[engine::ids::UserId]) -> Outcome {
    let plan = Plan::draw(&mut Dice::new(seed), arguments.tasks, arguments.minutes);
    in_virtual_time(run::run(seed, people, plan, arguments.mutation.clone()))
}

/// A single thread whose time stands still while there is something to do and jumps when all wait.
pub(crate) fn in_virtual_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}
