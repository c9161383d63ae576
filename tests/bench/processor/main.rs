//! Benchmark of the due-task processor: the lateness of tasks, and tasks per second compared with a raw loop of the same calls.
//!
//! `cargo bench --bench processor`. The store and the sandbox providers run in the same process on their own sockets, so their
//! work counts in both columns; the significant figure is the ratio of two runs within the same minute on one machine.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a failed benchmark has no result")]

mod crowd;
mod raw_loop;

use bench::environment::BenchEnvironment;
use jiff::{SignedDuration, Timestamp};
use sandbox::Effect;

use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The number of tasks per measurement.
const TASKS_PER_RUN: usize = 1_000;

/// The provider's delay per message.
const PROVIDER_DELAYS_MS: [u64; 2] = [0, 150];
/// The concurrency of the raw loop; the processor has its own setting.
const CONCURRENCY: [usize; 4] = [1, 16, 64, 200];

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--backlog") {
        return backlog(arguments[at + 1].parse().unwrap()).await;
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--crowd") {
        return crowd::measure(arguments[at + 1].parse().unwrap()).await;
    }
    measure_lateness().await;
    for delay in PROVIDER_DELAYS_MS {
        println!();
        let head = format!("provider delay {delay} ms");
        println!("{head:<28} {:>9} {:>12} {:>11}", "tasks/s", "CPU us/task", "calls/task");
        let processor = drain(TASKS_PER_RUN, delay).await;
        println!(
            "{:<28} {:>9.0} {:>12.0} {:>11.3}",
            "processor",
            processor.rate(),
            processor.cpu_micros(),
            processor.calls_per_task
        );
        for concurrency in CONCURRENCY {
            let raw = raw_loop::drain(TASKS_PER_RUN.min(concurrency * 50), concurrency, delay).await;
            let name = format!("raw loop, {concurrency} at a time");
            println!("{name:<28} {:>9.0} {:>12.0} {:>11.3}", raw.rate(), raw.cpu_micros(), raw.calls_per_task);
        }
    }
}

/// `--backlog <tasks>`: runs tasks that are all due at once; the provider's ledger must have each exactly once.
async fn backlog(tasks: usize) {
    let run = drain(tasks, 0).await;
    println!("{tasks} tasks, each applied once: {:.0} tasks/s, {:.3} calls per task", run.rate(), run.calls_per_task);
}

/// The result of one measured run.
pub(crate) struct Measurement {
    pub(crate) tasks: usize,
    pub(crate) wall: Duration,
    pub(crate) cpu_time: Duration,
    /// DynamoDB calls per task.
    pub(crate) calls_per_task: f64,
}

impl Measurement {
    fn rate(&self) -> f64 {
        self.tasks as f64 / self.wall.as_secs_f64()
    }

    fn cpu_micros(&self) -> f64 {
        self.cpu_time.as_secs_f64() * 1e6 / self.tasks as f64
    }
}

/// Measures the wall time and CPU time of a run; the future returns the calls per task.
pub(crate) async fn measure(tasks: usize, operation: impl Future<Output = f64>) -> Measurement {
    let (cpu, start) = (process_cpu_time(), Instant::now());
    let calls_per_task = operation.await;
    Measurement { tasks, wall: start.elapsed(), cpu_time: cpu_time_since(cpu), calls_per_task }
}

fn cpu_time_since(before: Duration) -> Duration {
    process_cpu_time() - before
}

/// Returns this process's user and system CPU time, in the kernel's ticks of 10 ms. `proc_pid_stat(5)`.
fn process_cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

/// Measures how late messages reach the provider: a thousand tasks over a minute, scheduled at least 5 s ahead, and a hundred
/// scheduled 100 ms ahead.
async fn measure_lateness() {
    let environment = BenchEnvironment::start(50).await.unwrap();
    let start = environment.engine.clock.now();
    for task in 0..TASKS_PER_RUN {
        let after = SignedDuration::from_millis(6_000 + i64::try_from(task).unwrap() * 54_000 / 1_000);
        environment.schedule(task, start + after).await.unwrap();
    }
    let run = tokio::spawn(environment.run_due_tasks(60));
    for near in 0..100 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        environment
            .schedule(TASKS_PER_RUN + near, environment.engine.clock.now() + SignedDuration::from_millis(100))
            .await
            .unwrap();
    }
    run.await.unwrap().unwrap();
    let posted = environment.posted_messages();
    let (ahead, near) =
        (lateness_millis(&posted, |task| task < TASKS_PER_RUN), lateness_millis(&posted, |task| task >= TASKS_PER_RUN));
    print_lateness(&[("scheduled >= 5 s ahead", ahead), ("scheduled 100 ms ahead", near)]);
}

fn print_lateness(rows: &[(&str, Vec<i64>)]) {
    println!("{:<28} {:>9} {:>9} {:>9} {:>9}", "lateness, ms", "tasks", "p50", "p99", "max");
    for (name, lateness) in rows {
        let at = |share: usize| lateness[(lateness.len() - 1) * share / 100];
        println!("{name:<28} {:>9} {:>9} {:>9} {:>9}", lateness.len(), at(50), at(99), at(100));
    }
}

/// Returns the sorted lateness of the messages. The text of a message is its task number and due time.
fn lateness_millis(posted: &[Effect], is_selected: impl Fn(usize) -> bool) -> Vec<i64> {
    let mut lateness: Vec<i64> = posted
        .iter()
        .filter_map(|effect| {
            let (task, due) = effect.request["text"].as_str()?.split_once(' ')?;
            let at: Timestamp = effect.at.parse().ok()?;
            let lateness = at.as_millisecond() - due.parse::<i64>().ok()?;
            is_selected(task.parse().ok()?).then_some(lateness)
        })
        .collect();
    lateness.sort_unstable();
    lateness
}

/// Measures a backlog that is due at once, drained by as many runs as necessary.
async fn drain(tasks: usize, delay: u64) -> Measurement {
    // A user can schedule a thousand tasks per day.
    let environment = BenchEnvironment::start(tasks.div_ceil(1_000).max(50)).await.unwrap();
    for task in 0..tasks {
        // Each task gets its own due time: scheduling 50,000 takes longer than the misfire limit.
        let due = environment.engine.clock.now() + SignedDuration::from_millis(100);
        environment.schedule(task, due).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    environment.delay_provider(delay);
    let before = environment.calls();
    let measured = measure(tasks, async {
        let mut finished = 0;
        while finished < tasks {
            let run = environment.run_due_tasks(0).await.unwrap().ran;
            assert!(run > 0, "{finished} of {tasks} finished, but no task is due");
            finished += run;
        }
        (environment.calls() - before) as f64 / tasks as f64
    })
    .await;
    let posted = environment.posted_messages();
    let distinct: HashSet<&str> = posted.iter().filter_map(|effect| effect.request["text"].as_str()).collect();
    assert_eq!((posted.len(), distinct.len()), (tasks, tasks), "each task is applied once");
    measured
}
