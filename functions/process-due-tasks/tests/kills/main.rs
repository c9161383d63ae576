//! Real kills of the real binary. A processor's whole outside world passes through a proxy of the test, which sends SIGKILL at
//! a chosen call, before it is forwarded or after it was applied. Then fresh processors recover, until every task rests.
//!
//! What must hold: a completed task was done exactly once, any other at most once, and none is left behind. Where the provider
//! can be asked, all are completed.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where")]

mod calls;
mod check;
mod proxy;
mod world;

use check::Tally;
use engine::clock::Random;
use futures::StreamExt as _;
use futures::future::{join, ready};
use jiff::SignedDuration;
use proxy::{Point, SIDES, Side};
use world::{ASANA, GMAIL, KINDS, Kind, SLACK, World};

/// Worlds at the same time.
const AT_ONCE: usize = 3;
const UNKNOWN: &str = "needs_attention OUTCOME_UNKNOWN";
const NOW: SignedDuration = SignedDuration::ZERO;

/// One task, and a processor killed at `kill`.
async fn killed_once(kind: Kind, kill: Point) -> Tally {
    let mut world = World::start().await;
    world.schedule(kind, NOW).await;
    let run = world.run(Some(&kill)).await;
    assert!(run.killed.is_some(), "{kill:?} was not reached: {run:?}");
    world.recover(None).await;
    world.tally().await
}

/// The calls of a processor that nothing happens to.
async fn calls(kind: Kind) -> Vec<String> {
    let mut world = World::start().await;
    world.schedule(kind, NOW).await;
    world.run(None).await.calls
}

/// Every world's tally, some worlds at a time.
async fn all(worlds: impl Iterator<Item = impl Future<Output = Tally>>) -> Tally {
    futures::stream::iter(worlds)
        .buffer_unordered(AT_ONCE)
        .fold(Tally::default(), |sum, world| ready(sum.and(world)))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_call_of_a_task() {
    let mut points = vec![];
    for kind in KINDS {
        points.extend(Point::around(&calls(kind).await).into_iter().map(|point| (kind, point)));
    }
    let tally = all(points.into_iter().map(|(kind, point)| killed_once(kind, point))).await;
    tally.settle("at every call of a task");
    assert!(tally.killed() >= 40 && tally.all_completed(), "{tally}");
}

/// Eight tasks, and two processors that have seen them all before they fall due; one is killed at `kill`.
async fn two_at_once(kill: Point) -> Tally {
    let mut world = World::start().await;
    let (one, other) = join(world.processor(Some(&kill)), world.processor(None)).await;
    for kind in KINDS.repeat(2) {
        world.schedule(kind, SignedDuration::from_millis(1500)).await;
    }
    world.serve(vec![one, other], 1).await;
    world.recover(None).await;
    world.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_processors_on_the_same_shards_is_killed() {
    let claims = [1, 3, 6].into_iter().flat_map(|nth| SIDES.map(|side| ("claim", nth, side)));
    let others = ["finish", "slack.chat.postMessage"].into_iter().flat_map(|call| SIDES.map(|side| (call, 1, side)));
    let points = claims.chain(others).map(|(call, nth, side)| Point::Call(call.to_owned(), nth, side));
    let tally = all(points.map(two_at_once)).await;
    tally.settle("of one of two processors");
    // Both claim every task, so these come about whoever wins.
    assert!(tally.killed() >= 6 && tally.all_completed(), "{tally}");
}

/// Eight tasks of one run, killed at some call.
async fn killed_among_others(kill: Point) -> Tally {
    let mut world = World::start().await;
    for kind in KINDS.repeat(2) {
        world.schedule(kind, NOW).await;
    }
    world.run(Some(&kill)).await;
    world.recover(None).await;
    world.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_amid_several_tasks_leaves_none_behind() {
    let points = [8, 14, 20, 26, 32].into_iter().flat_map(|nth| SIDES.map(|side| Point::Any(nth, side)));
    let tally = all(points.map(killed_among_others)).await;
    tally.settle("amid several tasks");
    assert!(tally.killed() == 10 && tally.all_completed(), "{tally}");
}

/// A task every processor of which is killed at this call; by a provider's grant that allows only so much, if given.
async fn poison(kind: Kind, scopes: Option<&[&str]>, call: &str, side: Side) -> Tally {
    let mut world = World::start().await;
    if let Some(scopes) = scopes {
        world.connect(kind.tool, scopes).await;
    }
    world.schedule(kind, NOW).await;
    world.recover(Some(&Point::Call(call.to_owned(), 1, side))).await;
    world.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_kills_every_processor_comes_to_rest() {
    let poisoned = [
        // Five attempts; then the provider, asked, says that none was done.
        (SLACK, None, "slack.chat.postMessage", Side::Before, 5, "failed ATTEMPTS_EXHAUSTED"),
        (GMAIL, None, "gmail.drafts.create", Side::Before, 5, "failed ATTEMPTS_EXHAUSTED"),
        (GMAIL, None, "gmail.drafts.send", Side::Before, 5, "failed ATTEMPTS_EXHAUSTED"),
        (ASANA, None, "asana.tasks.create", Side::Before, 5, "failed ATTEMPTS_EXHAUSTED"),
        // Here the task is never called and nobody gets to ask about it.
        (SLACK, None, "read", Side::Before, 6, UNKNOWN),
        // The provider says that the first was done.
        (SLACK, None, "slack.chat.postMessage", Side::After, 1, "completed"),
        // Nobody may ask.
        (SLACK, Some(["chat:write"].as_slice()), "slack.chat.postMessage", Side::Before, 1, UNKNOWN),
        // The sixth would only have asked.
        (SLACK, None, "secret.get", Side::Before, 6, UNKNOWN),
    ];
    let mut tally = Tally::default();
    for (kind, scopes, call, side, kills, end) in poisoned {
        let world = poison(kind, scopes, call, side).await;
        assert_eq!((world.killed(), world.ends.get(end)), (kills, Some(&1)), "{call} {side:?}: {world}");
        tally = tally.and(world);
    }
    tally.settle("of every processor of a task");
}

/// A few tasks, and processors killed anywhere, one after the other or two at once; all of it by the seed.
async fn at_random(seed: u64) -> Tally {
    let random = Random::seeded(seed);
    let pick = |below: usize| usize::try_from(u32::from_le_bytes(random.bytes())).unwrap() % below;
    let mut world = World::start().await;
    let tasks = 1 + pick(4);
    for _ in 0..tasks {
        world.schedule(KINDS[pick(KINDS.len())], NOW).await;
    }
    for _ in 0..=pick(3) {
        let kills: Vec<Point> = (0..=pick(2)).map(|_| Point::Any(1 + pick(8 * tasks), SIDES[pick(2)])).collect();
        world.run_at_once(&kills).await;
        world.let_time_pass().await;
    }
    world.recover(None).await;
    world.tally().await
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_random() {
    let wanted = given("PLUGIN_ENGINE_KILLS").unwrap_or(12);
    let seed = given("PLUGIN_ENGINE_SEED").unwrap_or_else(|| u32::from_le_bytes(Random::system().bytes()).into());
    let mut worlds = futures::stream::iter(seed..).map(at_random).buffer_unordered(AT_ONCE);
    let mut tally = Tally::default();
    while tally.killed() < usize::try_from(wanted).unwrap() {
        tally = tally.and(worlds.next().await.unwrap());
    }
    tally.settle(&format!("at random, PLUGIN_ENGINE_SEED={seed}"));
    assert!(tally.all_completed(), "{tally}");
}

/// A number from the command line, as `PLUGIN_ENGINE_KILLS=1000 cargo test --test kills`.
#[expect(clippy::disallowed_methods, reason = "what a test is told has no place in the product's configuration")]
fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
