//! The due-task processor: how late tasks start, and how many it runs a second beside a raw loop of the same calls.
//!
//! `cargo bench --bench processor`. The store and the sandbox providers run in the same process on sockets of their own, so
//! their work counts in both columns; what tells is the ratio of two runs of one minute on one machine.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to say")]

mod counting;
mod raw;
mod world;

use jiff::{SignedDuration, Timestamp};
use sandbox::Effect;
use serde_json::json;
use std::time::{Duration, Instant};
use world::World;

/// Tasks of each measurement.
const TASKS: usize = 1_000;

#[tokio::main]
async fn main() {
    lateness().await;
    println!();
    println!("{:<28} {:>9} {:>12} {:>11}", "backlog of 1,000", "tasks/s", "CPU us/task", "calls/task");
    let ours = drain(0).await;
    let raw = raw::drain(TASKS, 64).await;
    for (name, run) in [("processor", &ours), ("raw loop, 64 at a time", &raw)] {
        println!("{name:<28} {:>9.0} {:>12.0} {:>11.3}", run.rate(), run.cpu_micros(), run.calls);
    }
    println!("{:<28} {:>9.2} {:>12.2}", "ratio", ours.rate() / raw.rate(), ours.cpu_micros() / raw.cpu_micros());
}

/// One measured run.
pub(crate) struct Measured {
    pub(crate) tasks: usize,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// DynamoDB calls a task.
    pub(crate) calls: f64,
}

impl Measured {
    fn rate(&self) -> f64 {
        self.tasks as f64 / self.wall.as_secs_f64()
    }

    fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.tasks as f64
    }
}

/// Measures some work on the wall clock and on this process's CPUs.
pub(crate) async fn measure(tasks: usize, work: impl Future<Output = f64>) -> Measured {
    let (cpu, start) = (cpu(), Instant::now());
    let calls = work.await;
    Measured { tasks, wall: start.elapsed(), cpu: cpu_since(cpu), calls }
}

fn cpu_since(before: Duration) -> Duration {
    cpu() - before
}

/// This process's CPU time, user and system, in the kernel's ticks of 10 ms. `proc_pid_stat(5)`.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

/// A thousand tasks over a minute, scheduled at least 5 s ahead, and a hundred nearer ones: how much later than its time each
/// message reached the provider.
async fn lateness() {
    let world = World::start(50).await;
    let start = world.engine.clock.now();
    for task in 0..TASKS {
        let after = SignedDuration::from_millis(6_000 + i64::try_from(task).unwrap() * 54_000 / 1_000);
        world.schedule(task, start + after).await;
    }
    let run = tokio::spawn(world.run(60));
    for near in 0..100 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        world.schedule(TASKS + near, world.engine.clock.now() + SignedDuration::from_millis(100)).await;
    }
    run.await.unwrap();
    let posted = world.posted();
    let (far, near) = (late(&posted, |task| task < TASKS), late(&posted, |task| task >= TASKS));
    println!("{:<28} {:>9} {:>9} {:>9} {:>9}", "lateness, ms", "tasks", "p50", "p99", "most");
    for (name, late) in [("scheduled >= 5 s ahead", far), ("scheduled 100 ms ahead", near)] {
        let at = |share: usize| late[(late.len() - 1) * share / 100];
        println!("{name:<28} {:>9} {:>9} {:>9} {:>9}", late.len(), at(50), at(99), at(100));
    }
}

/// How late each message was, sorted. Its text says which task it is of and when that was to run.
fn late(posted: &[Effect], wanted: impl Fn(usize) -> bool) -> Vec<i64> {
    let mut late: Vec<i64> = posted
        .iter()
        .filter_map(|effect| {
            let (task, due) = effect.request["text"].as_str()?.split_once(' ')?;
            let at: Timestamp = effect.at.parse().ok()?;
            let late = at.as_millisecond() - due.parse::<i64>().ok()?;
            wanted(task.parse().ok()?).then_some(late)
        })
        .collect();
    late.sort_unstable();
    late
}

/// A backlog that is due at once, drained by one look.
async fn drain(window: u8) -> Measured {
    let world = World::start(50).await;
    let due = world.engine.clock.now() + SignedDuration::from_millis(100);
    for task in 0..TASKS {
        world.schedule(task, due).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = world.calls();
    let measured = measure(TASKS, async {
        let summary = world.run(window).await;
        assert_eq!(summary.ran, TASKS);
        (world.calls() - before) as f64 / TASKS as f64
    })
    .await;
    assert_eq!(world.posted().len(), TASKS, "each once: {}", json!(measured.calls));
    measured
}
