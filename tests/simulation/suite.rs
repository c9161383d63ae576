//! The suite: seeds with mixed faults, replays of some seeds, the crash point sweep, and the negative controls.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::arguments::Arguments;
use crate::batch::{RunKind, RunReport};
use crate::bursts;
use crate::crash_points;
use crate::extent::{self, Extent};
use crate::killers;
use crate::mutation::Mutation;
use crate::processes::{self, Part, PartResult};
use crate::run::RunStats;

/// Seeds per process: enough to amortize its start, few enough that its leaked memory stays small.
const SEEDS_PER_PROCESS: u64 = 25;
/// Maximal number of seeds until a negative control must be detected.
const CONTROL_SEEDS: u64 = 1_500;
/// Number of steps printed for a run with violations.
const MAX_TRACE_LINES: usize = 200;

/// Runs the suite and prints its report. Returns true if it passed.
pub(crate) fn run(arguments: &Arguments) -> bool {
    let seeds = run_seeds(arguments);
    let mut passed = report_seeds(arguments, &seeds);
    passed &= check_replay(arguments, &seeds.done);
    passed &= check_crash_points(arguments);
    passed &= killers::run();
    passed &= !arguments.extent.bursts || bursts::run();
    let conditions: BTreeSet<String> = reports(&seeds.done).flat_map(|item| item.conditions.clone()).collect();
    passed &= check_controls(arguments, conditions);
    passed &= check_page();
    passed
}

struct SeedRuns {
    done: Vec<PartResult>,
    seconds: f64,
}

fn reports(done: &[PartResult]) -> impl Iterator<Item = &RunReport> {
    done.iter().flat_map(|done| &done.items)
}

fn run_seeds(arguments: &Arguments) -> SeedRuns {
    let started = Instant::now();
    let Extent { first, seeds, .. } = arguments.extent;
    let end = first + seeds;
    let chunk = |from: u64| Part::seeds(from, SEEDS_PER_PROCESS.min(end - from), Mutation::None);
    let step = usize::try_from(SEEDS_PER_PROCESS).unwrap_or(1);
    let parts = (first..end).step_by(step).map(chunk).collect();
    SeedRuns { done: processes::run(parts, arguments), seconds: started.elapsed().as_secs_f64() }
}

fn report_seeds(arguments: &Arguments, SeedRuns { done, seconds }: &SeedRuns) -> bool {
    let mut total = RunStats::default();
    let mut seeds: u32 = 0;
    for report in reports(done) {
        seeds += 1;
        total.add(&report.stats);
    }
    let RunStats {
        tasks, calls, faults, kills, freezes, cooldowns, waited, effects, statuses, rounds, excused, ..
    } = total;
    let rate = f64::from(seeds) / seconds;
    println!(
        "simulation, {}: {seeds} seeds from {}, {tasks} tasks, {calls} calls: {faults} faults, {kills} kills, {freezes} freezes, {cooldowns} cooldowns",
        arguments.extent.name, arguments.extent.first
    );
    println!(
        "  {effects} effects; {statuses:?}; all terminal after at most {rounds} rounds; {seconds:.0} s, {rate:.1} seeds/s"
    );
    println!("  {waited} tasks waited for their account and were done when it was connected again");
    println!("  {excused} duplicate effects under a clock skew over 5 s, where the provider has no fencing");
    let mut passed = report_violations(done);
    let missing = arguments.extent.seeds - u64::from(seeds);
    if missing > 0 {
        println!("  {missing} seeds are missing");
        passed = false;
    }
    // Guard against vacuity: the rules on cooldowns, frozen processes and waiting tasks check nothing without them.
    for (observed, what) in [(cooldowns, "cooldown"), (freezes, "freeze"), (waited, "task that waited")] {
        if observed == 0 && arguments.extent.seeds >= SEEDS_PER_PROCESS {
            println!("  VIOLATION: no {what} was observed");
            passed = false;
        }
    }
    passed
}

/// Prints all violations and the trace of the first run with one. Returns true if there are none.
fn report_violations(done: &[PartResult]) -> bool {
    let broken: Vec<&RunReport> = reports(done).filter(|item| !item.violations.is_empty()).collect();
    for PartResult { part, crash, items } in done {
        if let Some(crash) = crash {
            println!("  a process crashed: {crash}, {part:?}, after {:?}", items.last().map(|item| &item.kind));
        }
    }
    if let Some(first) = broken.first() {
        let steps = first.trace.len().saturating_sub(MAX_TRACE_LINES);
        println!("{}", first.trace[steps..].join("\n"));
    }
    for item in &broken {
        println!("  VIOLATION in {:?}: {}", item.kind, item.violations.join("; "));
    }
    if let Some(RunKind::Seed(seed)) = broken.first().map(|item| &item.kind) {
        println!("  replay: cargo test --test simulation -- --seed {seed}");
    }
    broken.is_empty() && done.iter().all(|done| done.crash.is_none())
}

/// Checks that a seed takes the same steps again, independent of earlier runs in its process.
fn check_replay(arguments: &Arguments, done: &[PartResult]) -> bool {
    let all: Vec<&RunReport> = reports(done).collect();
    let chosen: Vec<&RunReport> =
        all.iter().rev().step_by((all.len() / arguments.extent.replays).max(1)).copied().collect();
    let seed = |item: &RunReport| if let RunKind::Seed(seed) = item.kind { seed } else { 0 };
    let parts = chosen.iter().map(|item| Part::seeds(seed(item), 1, Mutation::None)).collect();
    let again = processes::run(parts, arguments);
    let mut same = reports(&again).count() == chosen.len();
    for (item, again) in chosen.iter().zip(reports(&again)) {
        if item.hash != again.hash {
            println!("  VIOLATION: seed {} takes other steps when run again", seed(item));
            same = false;
        }
    }
    println!(
        "replay: {} seeds run again, each in its own process: {}",
        chosen.len(),
        if same { "the same steps" } else { "DIFFERENT" }
    );
    same
}

fn check_crash_points(arguments: &Arguments) -> bool {
    let started = Instant::now();
    let done = processes::run((0..crash_points::scenarios().len()).map(Part::crash_points).collect(), arguments);
    let mut points = vec![];
    let (mut single, mut pairs, mut poisons) = (0, 0, 0);
    for item in reports(&done) {
        match &item.kind {
            RunKind::Baseline { name, points: found } => points.push(format!("{name} {found}")),
            RunKind::Kills { kills, .. } if kills.len() == 1 => single += 1,
            RunKind::Kills { .. } => pairs += 1,
            RunKind::KillEveryCall { .. } => poisons += 1,
            RunKind::Seed(_) => {}
        }
    }
    println!("crash points: {}", points.join(", "));
    println!(
        "  {single} single kills, {pairs} pairs, {poisons} tasks that kill every worker; {:.0} s",
        started.elapsed().as_secs_f64()
    );
    report_violations(&done)
}

/// Checks that the removal of each safeguard is detected.
fn check_controls(arguments: &Arguments, conditions: BTreeSet<String>) -> bool {
    let started = Instant::now();
    let conditions = conditions.into_iter().filter(|_| arguments.extent.without_each_condition);
    let mutations = arguments.extent.controls.iter().cloned().chain(conditions.map(Mutation::Without));
    let parts = mutations.map(|mutation| Part::seeds(0, CONTROL_SEEDS, mutation)).collect();
    let mut passed = true;
    println!("controls, each detected within {CONTROL_SEEDS} seeds:");
    for PartResult { part, items, .. } in processes::run(parts, arguments) {
        let caught = items.iter().find(|item| !item.violations.is_empty());
        match caught {
            Some(item) => println!("  {}: {:?}: {}", part.mutation, item.kind, item.violations[0]),
            None => println!("  {}: NOT DETECTED", part.mutation),
        }
        passed &= caught.is_some();
    }
    println!("  {:.0} s", started.elapsed().as_secs_f64());
    passed
}

/// Checks that the page about tests has the figures of each extent.
fn check_page() -> bool {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap_or_default();
    let missing = extent::rows_missing_in(&page);
    for row in &missing {
        println!("tests/README.md lacks the row {row}");
    }
    let planted = extent::rows_missing_in(&page.replace(&format!("| {} |", extent::SHORT.seeds), "| 0 |"));
    missing.is_empty() && planted.len() == 1
}
