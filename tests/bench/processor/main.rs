//! The due-task processor: how late tasks start, and how many it runs a second beside a raw loop of the same calls.
//!
//! `cargo bench --bench processor`. The store and the sandbox providers run in the same process on sockets of their own, so
//! their work counts in both columns; what tells is the ratio of two runs of one minute on one machine.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to say")]

mod raw;

use bench::world::World;
use jiff::{SignedDuration, Timestamp};
use sandbox::Effect;

use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Tasks of each measurement.
const TASKS: usize = 1_000;

/// What the provider takes for a message, in ms.
const DELAYS: [u64; 2] = [0, 150];
/// How many tasks the raw loop runs at the same time; the processor has a number of its own.
const CONCURRENCY: [usize; 4] = [1, 16, 64, 200];

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--backlog") {
        return backlog(arguments[at + 1].parse().unwrap()).await;
    }
    lateness().await;
    for delay in DELAYS {
        println!();
        let head = format!("provider takes {delay} ms");
        println!("{head:<28} {:>9} {:>12} {:>11}", "tasks/s", "CPU us/task", "calls/task");
        let ours = drain(TASKS, delay).await;
        println!("{:<28} {:>9.0} {:>12.0} {:>11.3}", "processor", ours.rate(), ours.cpu_micros(), ours.calls);
        for concurrency in CONCURRENCY {
            let raw = raw::drain(TASKS.min(concurrency * 50), concurrency, delay).await;
            let name = format!("raw loop, {concurrency} at a time");
            println!("{name:<28} {:>9.0} {:>12.0} {:>11.3}", raw.rate(), raw.cpu_micros(), raw.calls);
        }
    }
}

/// `--backlog <tasks>`: everything is due at once, and the provider's ledger must have each task exactly once.
async fn backlog(tasks: usize) {
    let run = drain(tasks, 0).await;
    println!("{tasks} tasks, each done once: {:.0} tasks/s, {:.3} calls a task", run.rate(), run.calls);
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
    let world = World::start(50).await.unwrap();
    let start = world.engine.clock.now();
    for task in 0..TASKS {
        let after = SignedDuration::from_millis(6_000 + i64::try_from(task).unwrap() * 54_000 / 1_000);
        world.schedule(task, start + after).await.unwrap();
    }
    let run = tokio::spawn(world.run(60));
    for near in 0..100 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        world.schedule(TASKS + near, world.engine.clock.now() + SignedDuration::from_millis(100)).await.unwrap();
    }
    run.await.unwrap().unwrap();
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

/// A backlog that is due at once, drained by as many looks as that takes.
async fn drain(tasks: usize, delay: u64) -> Measured {
    // Nobody may schedule more than a thousand a day.
    let world = World::start(tasks.div_ceil(1_000).max(50)).await.unwrap();
    for task in 0..tasks {
        // By its own clock: to schedule 50,000 takes longer than any of them may lie behind.
        let due = world.engine.clock.now() + SignedDuration::from_millis(100);
        world.schedule(task, due).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    world.delay(delay);
    let before = world.calls();
    let measured = measure(tasks, async {
        let mut ran = 0;
        while ran < tasks {
            let now = world.run(0).await.unwrap().ran;
            assert!(now > 0, "{ran} of {tasks}, and nothing is due");
            ran += now;
        }
        (world.calls() - before) as f64 / tasks as f64
    })
    .await;
    let posted = world.posted();
    let different: HashSet<&str> = posted.iter().filter_map(|effect| effect.request["text"].as_str()).collect();
    assert_eq!((posted.len(), different.len()), (tasks, tasks), "each once");
    measured
}
