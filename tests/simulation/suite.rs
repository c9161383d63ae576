//! The suite: seeds with all faults mixed, the same seeds again, every crash point, and the negative controls.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::arguments::Arguments;
use crate::batch::{Finding, Item};
use crate::crash;
use crate::mutation::Mutation;
use crate::processes::{self, Done, Part};

/// Seeds of one process: enough to be worth its start, few enough that what it keeps stays small.
const CHUNK: u64 = 50;
/// A control must be caught within so many seeds.
const CAUGHT_WITHIN: u64 = 500;
/// Seeds that are run a second time, each in a process of its own.
const REPLAYED: usize = 8;
/// Steps shown of a run that broke a rule.
const SHOWN: usize = 200;

/// Runs it all and says what it found. Returns whether everything held.
pub(crate) fn run(arguments: &Arguments) -> bool {
    let seeds = mixed(arguments);
    let mut held = report_mixed(arguments, &seeds);
    held &= replayed(arguments, &seeds.done);
    held &= crash_points(arguments);
    let conditions: BTreeSet<String> = items(&seeds.done).flat_map(|item| item.conditions.clone()).collect();
    held &= controls(arguments, conditions);
    held
}

struct Mixed {
    done: Vec<Done>,
    seconds: f64,
}

fn items(done: &[Done]) -> impl Iterator<Item = &Item> {
    done.iter().flat_map(|done| &done.items)
}

fn mixed(arguments: &Arguments) -> Mixed {
    let began = Instant::now();
    let end = arguments.first + arguments.seeds;
    let chunk = |from: u64| Part::seeds(from, CHUNK.min(end - from), Mutation::None);
    let step = usize::try_from(CHUNK).unwrap_or(1);
    let parts = (arguments.first..end).step_by(step).map(chunk).collect();
    Mixed { done: processes::run(parts, arguments), seconds: began.elapsed().as_secs_f64() }
}

fn report_mixed(arguments: &Arguments, Mixed { done, seconds }: &Mixed) -> bool {
    let mut statuses: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut tasks, mut calls, mut faults, mut kills, mut effects, mut rounds, mut excused) = (0, 0, 0, 0, 0, 0, 0);
    let mut seeds: u32 = 0;
    for Item { figures, .. } in items(done) {
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
    let held = all_held(done);
    let missing = arguments.seeds - u64::from(seeds);
    if missing > 0 {
        println!("  {missing} seeds are missing");
    }
    held && missing == 0
}

/// Whether no run broke a rule; shows the first that did.
fn all_held(done: &[Done]) -> bool {
    let broken: Vec<&Item> = items(done).filter(|item| !item.violations.is_empty()).collect();
    for Done { part, crash, items } in done {
        if let Some(crash) = crash {
            println!("  a process crashed: {crash}, {part:?}, after {:?}", items.last().map(|item| &item.finding));
        }
    }
    if let Some(first) = broken.first() {
        let steps = first.trace.len().saturating_sub(SHOWN);
        println!("{}", first.trace[steps..].join("\n"));
    }
    for item in &broken {
        println!("  BROKEN by {:?}: {}", item.finding, item.violations.join("; "));
    }
    if let Some(Finding::Seed(seed)) = broken.first().map(|item| &item.finding) {
        println!("  again: cargo test --test simulation -- --seed {seed}");
    }
    broken.is_empty() && done.iter().all(|done| done.crash.is_none())
}

/// The same seed takes the same steps, whatever ran before it in its process.
fn replayed(arguments: &Arguments, done: &[Done]) -> bool {
    let all: Vec<&Item> = items(done).collect();
    let chosen: Vec<&Item> = all.iter().rev().step_by((all.len() / REPLAYED).max(1)).copied().collect();
    let seed = |item: &Item| if let Finding::Seed(seed) = item.finding { seed } else { 0 };
    let parts = chosen.iter().map(|item| Part::seeds(seed(item), 1, Mutation::None)).collect();
    let again = processes::run(parts, arguments);
    let mut same = true;
    for (item, again) in chosen.iter().zip(items(&again)) {
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

fn crash_points(arguments: &Arguments) -> bool {
    let began = Instant::now();
    let done = processes::run((0..crash::lives().len()).map(Part::life).collect(), arguments);
    let mut points = vec![];
    let (mut single, mut pairs, mut poisons) = (0, 0, 0);
    for item in items(&done) {
        match &item.finding {
            Finding::Life { name, points: found } => points.push(format!("{name} {found}")),
            Finding::Kills { kills, .. } if kills.len() == 1 => single += 1,
            Finding::Kills { .. } => pairs += 1,
            Finding::Poison { .. } => poisons += 1,
            Finding::Seed(_) => {}
        }
    }
    println!("crash points: {}", points.join(", "));
    println!(
        "  {single} single kills, {pairs} pairs, {poisons} tasks that kill every worker; {:.0} s",
        began.elapsed().as_secs_f64()
    );
    all_held(&done)
}

/// Each safeguard taken away must be noticed.
fn controls(arguments: &Arguments, conditions: BTreeSet<String>) -> bool {
    let began = Instant::now();
    let mutations = Mutation::NAMED.into_iter().chain(conditions.into_iter().map(Mutation::Without));
    let parts = mutations.map(|mutation| Part::seeds(0, CAUGHT_WITHIN, mutation)).collect();
    let mut held = true;
    println!("controls, each caught within {CAUGHT_WITHIN} seeds:");
    for Done { part, items, .. } in processes::run(parts, arguments) {
        let caught = items.iter().find(|item| !item.violations.is_empty());
        match caught {
            Some(item) => println!("  {}: {:?}: {}", part.mutation, item.finding, item.violations[0]),
            None => println!("  {}: NOT CAUGHT", part.mutation),
        }
        held &= caught.is_some();
    }
    println!("  {:.0} s", began.elapsed().as_secs_f64());
    held
}
