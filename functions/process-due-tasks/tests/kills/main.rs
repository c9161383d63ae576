//! Real kills of the real binary. All outbound calls of a processor pass through a proxy of the test, which kills the process
//! (SIGKILL) at a chosen call: before it is forwarded or after it was applied. New processors then recover until every task is
//! final.
//!
//! A freeze (SIGSTOP, and SIGCONT after the lease) is the other way to lose a process: it comes back.
//!
//! The guarantees: a completed task was applied exactly once, any other at most once, and no task is left unfinished. Where the
//! provider supports reconciliation, all tasks complete.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a panic names the place of the failure")]

mod call_names;
mod environment;
mod proxy;
mod tls_front;
mod violations;

use engine::clock::Random;
use environment::{ASANA, FreezePoint, GMAIL, KINDS, MAILS, SLACK, TaskKind, TestEnvironment};
use futures::StreamExt as _;
use futures::future::{join, ready};
use jiff::SignedDuration;
use proxy::{KillPoint, TIMINGS, Timing};
use std::collections::BTreeSet;
use violations::Tally;

/// The number of environments at the same time.
const CONCURRENT_ENVIRONMENTS: usize = 3;
const OUTCOME_UNKNOWN: &str = "needs_attention OUTCOME_UNKNOWN";
const NOW: SignedDuration = SignedDuration::ZERO;
/// The memory of the function, as deployed. Its manifest has the figure.
const MEMORY_MIB: usize = 384;

/// Runs one task with a processor that is killed at `kill`.
async fn killed_once(kind: TaskKind, kill: KillPoint) -> Tally {
    let mut environment = TestEnvironment::start().await;
    environment.schedule(kind, NOW).await;
    let run = environment.run(Some(&kill)).await;
    assert!(run.killed_at.is_some(), "{kill:?} was not reached: {run:?}");
    environment.recover(None).await;
    environment.tally().await
}

/// Returns the calls of a processor that is not killed.
async fn calls_of_undisturbed_run(kind: TaskKind) -> Vec<String> {
    let mut environment = TestEnvironment::start().await;
    environment.schedule(kind, NOW).await;
    environment.run(None).await.calls
}

/// Runs all environments, some at a time; returns the sum of their tallies.
async fn merge_all(environments: impl Iterator<Item = impl Future<Output = Tally>>) -> Tally {
    futures::stream::iter(environments)
        .buffer_unordered(CONCURRENT_ENVIRONMENTS)
        .fold(Tally::default(), |sum, environment| ready(sum.merge(environment)))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_complete_once_after_a_kill_at_any_call() {
    let mut points = vec![];
    for kind in KINDS {
        points.extend(
            KillPoint::before_and_after(&calls_of_undisturbed_run(kind).await).into_iter().map(|point| (kind, point)),
        );
    }
    let tally = merge_all(points.into_iter().map(|(kind, point)| killed_once(kind, point))).await;
    tally.report("at every call of a task");
    assert!(tally.kill_count() >= 40 && tally.all_completed(), "{tally}");
}

/// Runs eight tasks with two processors that have queried all of them before they are due; one is killed at `kill`.
async fn two_processors(kill: KillPoint) -> Tally {
    let mut environment = TestEnvironment::start().await;
    let (first, second) = join(environment.start_processor(Some(&kill)), environment.start_processor(None)).await;
    for kind in KINDS.repeat(2) {
        environment.schedule(kind, SignedDuration::from_millis(1500)).await;
    }
    environment.serve_all(vec![first, second], 1).await;
    environment.recover(None).await;
    environment.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_complete_once_if_one_of_two_processors_is_killed() {
    let claims = [1, 3, 6].into_iter().flat_map(|nth| TIMINGS.map(|timing| ("claim", nth, timing)));
    let other_points =
        ["finish", "slack.chat.postMessage"].into_iter().flat_map(|call| TIMINGS.map(|timing| (call, 1, timing)));
    let points =
        claims.chain(other_points).map(|(call, nth, timing)| KillPoint::Named { call: call.to_owned(), nth, timing });
    let tally = merge_all(points.map(two_processors)).await;
    tally.report("one of two processors");
    // Both processors try to claim every task, so these points are reached in any order of events.
    assert!(tally.kill_count() >= 6 && tally.all_completed(), "{tally}");
}

/// Runs eight tasks with a processor that is killed at some call.
async fn killed_among_several_tasks(kill: KillPoint) -> Tally {
    let mut environment = TestEnvironment::start().await;
    for kind in KINDS.repeat(2) {
        environment.schedule(kind, NOW).await;
    }
    environment.run(Some(&kill)).await;
    environment.recover(None).await;
    environment.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_task_is_lost_if_a_run_of_several_is_killed() {
    let points = [8, 14, 20, 26, 32].into_iter().flat_map(|nth| TIMINGS.map(|timing| KillPoint::Any { nth, timing }));
    let tally = merge_all(points.map(killed_among_several_tasks)).await;
    tally.report("among several tasks");
    assert!(tally.kill_count() == 10 && tally.all_completed(), "{tally}");
}

/// Runs 30 tasks that are due at once with a processor that is frozen at a point, while others do them.
async fn frozen_among_30_tasks(point: FreezePoint) -> Tally {
    let mut environment = TestEnvironment::start().await;
    for kind in [SLACK, GMAIL, ASANA].repeat(10) {
        environment.schedule(kind, NOW).await;
    }
    let late_calls = environment.run_frozen(point).await;
    assert!(late_calls.is_empty(), "{point:?}: calls after the lease: {late_calls:?}");
    environment.recover(None).await;
    environment.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_processor_that_was_frozen_past_its_lease_sends_nothing() {
    let points = [FreezePoint::Connecting(20), FreezePoint::Post(1), FreezePoint::Post(5)];
    let tally = merge_all(points.into_iter().map(frozen_among_30_tasks)).await;
    tally.report("frozen and thawed");
    assert!(tally.all_completed(), "{tally}");
}

/// Runs 28 reads of long mails and four messages, all due at once, with a processor that has the memory of the deployed one, and
/// believes to have so much. Returns what it has used, in MiB, or `None` if it died, and the states of the tasks.
async fn read_long_mails(believed_mib: usize) -> (Option<usize>, BTreeSet<&'static str>) {
    let mut environment = TestEnvironment::start().await;
    environment.lengthen_mails();
    for kind in [[MAILS; 28].as_slice(), &[SLACK; 4]].concat() {
        environment.schedule(kind, NOW).await;
    }
    let peak = environment.run_with_memory(MEMORY_MIB, believed_mib).await;
    (peak, environment.states().await)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the figure is the result")]
async fn a_processor_reads_long_mails_within_its_memory() {
    let (peak, states) = read_long_mails(MEMORY_MIB).await;
    let peak = peak.expect("the processor does not die of its memory");
    println!("28 reads of long mails: {peak} MiB");
    assert!(peak <= MEMORY_MIB, "{peak} MiB");
    assert_eq!(states, BTreeSet::from(["completed"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mails_kill_a_processor_that_reads_them_at_will() {
    let (peak, states) = read_long_mails(16 * 1024).await;
    assert_eq!(peak, None, "it dies of its limit");
    assert!(states.contains("processing"), "{states:?}");
}

/// Runs a task whose every processor is killed at this call; with a connection of limited scopes, if given.
async fn killed_at_every_attempt(kind: TaskKind, scopes: Option<&[&str]>, call: &str, timing: Timing) -> Tally {
    let mut environment = TestEnvironment::start().await;
    if let Some(scopes) = scopes {
        environment.connect(kind.tool, scopes).await;
    }
    environment.schedule(kind, NOW).await;
    environment.recover(Some(&KillPoint::Named { call: call.to_owned(), nth: 1, timing })).await;
    environment.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn task_that_kills_every_processor_reaches_a_final_state() {
    let cases = [
        // One crash among others, and three alone; then the reconciliation finds that none was applied.
        (SLACK, None, "slack.chat.postMessage", Timing::Before, 4, "failed ATTEMPTS_EXHAUSTED"),
        (GMAIL, None, "gmail.drafts.create", Timing::Before, 4, "failed ATTEMPTS_EXHAUSTED"),
        (GMAIL, None, "gmail.drafts.send", Timing::Before, 4, "failed ATTEMPTS_EXHAUSTED"),
        (ASANA, None, "asana.tasks.create", Timing::Before, 4, "failed ATTEMPTS_EXHAUSTED"),
        // The provider is never called, and no reconciliation can run either.
        (SLACK, None, "guards.get", Timing::Before, 5, OUTCOME_UNKNOWN),
        // The reconciliation finds that the first attempt was applied.
        (SLACK, None, "slack.chat.postMessage", Timing::After, 1, "completed"),
        // The scopes do not allow a reconciliation.
        (
            SLACK,
            Some(["chat:write", "channels:read"].as_slice()),
            "slack.chat.postMessage",
            Timing::Before,
            1,
            OUTCOME_UNKNOWN,
        ),
        // The fifth run would only have reconciled.
        (SLACK, None, "secret.get", Timing::Before, 5, OUTCOME_UNKNOWN),
    ];
    let mut tally = Tally::default();
    for (kind, scopes, call, timing, kills, final_state) in cases {
        let environment = killed_at_every_attempt(kind, scopes, call, timing).await;
        assert_eq!(
            (environment.kill_count(), environment.final_states.get(final_state)),
            (kills, Some(&1)),
            "{call} {timing:?}: {environment}"
        );
        tally = tally.merge(environment);
    }
    tally.report("every processor of a task");
}

/// Runs a task whose every processor is killed at this call, among tasks of the other kinds.
async fn killer_among_neighbours(call: &str) -> Tally {
    let mut environment = TestEnvironment::start().await;
    for kind in [GMAIL, ASANA, SLACK, ASANA, GMAIL] {
        environment.schedule(kind, NOW).await;
    }
    let kill = KillPoint::Named { call: call.to_owned(), nth: 1, timing: Timing::Before };
    environment.recover(Some(&kill)).await;
    environment.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_kills_every_processor_ends_and_its_neighbours_complete() {
    let tally = killer_among_neighbours("slack.chat.postMessage").await;
    tally.report("every processor of a task among others");
    let expected = [("completed".to_owned(), 4), ("failed ATTEMPTS_EXHAUSTED".to_owned(), 1)];
    assert_eq!(tally.final_states, expected.into(), "{tally}");
    assert_eq!(tally.kill_count(), 4, "once among others, three times alone: {tally}");
}

/// Runs a few tasks with processors killed at random points, one after the other or concurrently; all random choices follow from
/// the seed.
async fn random_kills(seed: u64) -> Tally {
    let random = Random::seeded(seed);
    let pick = |below: usize| usize::try_from(u32::from_le_bytes(random.bytes())).unwrap() % below;
    let mut environment = TestEnvironment::start().await;
    let tasks = 1 + pick(4);
    for _ in 0..tasks {
        environment.schedule(KINDS[pick(KINDS.len())], NOW).await;
    }
    // A task that is killed four times, three of them alone, ends.
    for _ in 0..=pick(2) {
        let kills: Vec<KillPoint> =
            (0..=pick(2)).map(|_| KillPoint::Any { nth: 1 + pick(8 * tasks), timing: TIMINGS[pick(2)] }).collect();
        environment.run_concurrently(&kills).await;
        environment.expire_waits().await;
    }
    environment.recover(None).await;
    environment.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn guarantees_hold_under_kills_at_random_points() {
    let minimum = number_from_environment("PLUGIN_ENGINE_KILLS").unwrap_or(12);
    let seed = number_from_environment("PLUGIN_ENGINE_SEED")
        .unwrap_or_else(|| u32::from_le_bytes(Random::system().bytes()).into());
    let mut environments = futures::stream::iter(seed..).map(random_kills).buffer_unordered(CONCURRENT_ENVIRONMENTS);
    let mut tally = Tally::default();
    while tally.kill_count() < usize::try_from(minimum).unwrap() {
        tally = tally.merge(environments.next().await.unwrap());
    }
    tally.report(&format!("at random, PLUGIN_ENGINE_SEED={seed}"));
    assert!(tally.all_completed(), "{tally}");
}

/// Reads a number from the environment, as in `PLUGIN_ENGINE_KILLS=1000 cargo test --test kills`.
#[expect(clippy::disallowed_methods, reason = "settings of a test do not belong to the product's configuration")]
fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
