//! The suite: seeds with all faults mixed, the same seeds again, every crash point, and the negative controls.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::arguments::Arguments;
use crate::batch::{RunKind, RunReport};
use crate::crash_points;
use crate::mutation::Mutation;
use crate::processes::{self, Part, PartResult};

/// Seeds of one process: enough to be worth its start, few enough that what it keeps stays small.
const SEEDS_PER_PROCESS: u64 = 50;
/// A control must be caught within so many seeds.
const CONTROL_SEEDS: u64 = 500;
/// Seeds that are run a second time, each in a process of its own.
const REPLAYED_SEEDS: usize = 8;
/// Steps shown of a run that broke a rule.
const MAX_TRACE_LINES: usize = 200;

/// Runs it all and says what it found. Returns whether everything held.
pub(crate) fn run(arguments: &Arguments) -> bool {
    let seeds = run_seeds(arguments);
    let mut held = report_seeds(arguments, &seeds);
    held &= check_replay(arguments, &seeds.done);
    held &= check_crash_points(arguments);
    let conditions: BTreeSet<String> = reports(&seeds.done).flat_map(|item| item.conditions.clone()).collect();
    held &= check_controls(arguments, conditions);
    held
}

struct SeedRuns {
    done: Vec<PartResult>,
    seconds: f64,
}

fn reports(done: &[PartResult]) -> impl Iterator<Item = &RunReport> {
    done.iter().flat_map(|done| &done.items)
}

fn run_seeds(arguments: &Arguments) -> SeedRuns {
    let began = Instant::now();
    let end = arguments.first + arguments.seeds;
    let chunk = |from: u64| Part::seeds(from, SEEDS_PER_PROCESS.min(end - from), Mutation::None);
    let step = usize::try_from(SEEDS_PER_PROCESS).unwrap_or(1);
    let parts = (arguments.first..end).step_by(step).map(chunk).collect();
    SeedRuns { done: processes::run(parts, arguments), seconds: began.elapsed().as_secs_f64() }
}

fn report_seeds(arguments: &Arguments, SeedRuns { done, seconds }: &SeedRuns) -> bool {
    let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut tasks, mut calls, mut faults, mut kills, mut effects, mut rounds, mut excused) = (0, 0, 0, 0, 0, 0, 0);
    let mut seeds: u32 = 0;
    for RunReport { figures, .. } in reports(done) {
        seeds += 1;
        tasks += figures.tasks;
        calls += figures.calls;
        faults += figures.faults;
        kills += figures.kills;
        effects += figures.effects;
        excused += figures.excused;
        rounds = figures.rounds.max(rounds);
        for (status, count) in &figures.statuses {
            *statuses.entry(status).or_default() += count;
        }
    }
    let rate = f64::from(seeds) / seconds;
    println!(
        "simulation: {seeds} seeds from {}, {tasks} tasks, {calls} calls: {faults} faults, {kills} kills",
        arguments.first
    );
    println!(
        "  {effects} effects; {statuses:?}; at rest after {rounds} rounds at most; {seconds:.0} s, {rate:.1} seeds/s"
    );
    println!("  {excused} more effects than allowed under clocks wrong by over 5 s, where the provider has no fence");
    let held = report_violations(done);
    let missing = arguments.seeds - u64::from(seeds);
    if missing > 0 {
        println!("  {missing} seeds are missing");
    }
    held && missing == 0
}

/// Whether no run broke a rule; shows the first that did.
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
        println!("  BROKEN by {:?}: {}", item.kind, item.violations.join("; "));
    }
    if let Some(RunKind::Seed(seed)) = broken.first().map(|item| &item.kind) {
        println!("  again: cargo test --test simulation -- --seed {seed}");
    }
    broken.is_empty() && done.iter().all(|done| done.crash.is_none())
}

/// The same seed takes the same steps, whatever ran before it in its process.
fn check_replay(arguments: &Arguments, done: &[PartResult]) -> bool {
    let all: Vec<&RunReport> = reports(done).collect();
    let chosen: Vec<&RunReport> = all.iter().rev().step_by((all.len() / REPLAYED_SEEDS).max(1)).copied().collect();
    let seed = |item: &RunReport| if let RunKind::Seed(seed) = item.kind { seed } else { 0 };
    let parts = chosen.iter().map(|item| Part::seeds(seed(item), 1, Mutation::None)).collect();
    let again = processes::run(parts, arguments);
    let mut same = true;
    for (item, again) in chosen.iter().zip(reports(&again)) {
        if item.hash != again.hash {
            println!("  BROKEN: seed {} takes other steps when it is run again", seed(item));
            same = false;
        }
    }
    println!(
        "replay: {} seeds run again, each in a process of its own: {}",
        chosen.len(),
        if same { "the same steps" } else { "DIFFERENT" }
    );
    same
}

fn check_crash_points(arguments: &Arguments) -> bool {
    let began = Instant::now();
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
        began.elapsed().as_secs_f64()
    );
    report_violations(&done)
}

/// Each safeguard taken away must be noticed.
fn check_controls(arguments: &Arguments, conditions: BTreeSet<String>) -> bool {
    let began = Instant::now();
    let mutations = Mutation::NAMED.into_iter().chain(conditions.into_iter().map(Mutation::Without));
    let parts = mutations.map(|mutation| Part::seeds(0, CONTROL_SEEDS, mutation)).collect();
    let mut held = true;
    println!("controls, each caught within {CONTROL_SEEDS} seeds:");
    for PartResult { part, items, .. } in processes::run(parts, arguments) {
        let caught = items.iter().find(|item| !item.violations.is_empty());
        match caught {
            Some(item) => println!("  {}: {:?}: {}", part.mutation, item.kind, item.violations[0]),
            None => println!("  {}: NOT CAUGHT", part.mutation),
        }
        held &= caught.is_some();
    }
    println!("  {:.0} s", began.elapsed().as_secs_f64());
    held
}
