//! Real processes that all find the same token ended, round after round, and a provider that knows each refresh token once:
//! one of them calls the token endpoint, and all of them act with the new token.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod environment;

use environment::TestEnvironment;
use futures::future::join_all;
use runtime_driver::InvocationResult;
use serde_json::Value;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

const PROCESSES: usize = 16;
const ROUNDS: usize = 50;
/// Between two looks of one who lost a race; nobody who did not lose takes that long.
const REFRESH_POLL_INTERVAL: Duration = Duration::from_millis(200);

/// What came of one round.
#[derive(Debug, Default)]
struct RoundResult {
    token_calls: usize,
    served: usize,
    waited: usize,
}

/// Every process is asked to read Slack's messages, with the token that has just ended for all of them.
async fn run_round(world: &mut TestEnvironment) -> RoundResult {
    world.expire_token().await;
    let before = world.token_calls();
    let event = world.fetch_messages_event();
    let asked = world.functions.iter_mut().map(async |function| {
        let start = Instant::now();
        (function.invoke(&event).await.unwrap(), start.elapsed())
    });
    let answers = join_all(asked).await;
    RoundResult {
        served: answers.iter().filter(|(ended, _)| is_success(ended)).count(),
        waited: answers.iter().filter(|(_, took)| *took >= REFRESH_POLL_INTERVAL).count(),
        token_calls: world.token_calls() - before,
    }
}

/// The old token is dead at the provider, so only the new one can have served.
fn is_success(ended: &InvocationResult) -> bool {
    let InvocationResult::Response(answer) = ended else { return false };
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
    body["success"] == true
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_16_processes_refreshes_and_all_use_the_new_token() {
    let mut world = TestEnvironment::start(PROCESSES).await;
    let start = Instant::now();
    let mut waited = 0;
    for number in 1..=ROUNDS {
        let round = run_round(&mut world).await;
        assert_eq!((round.token_calls, round.served), (1, PROCESSES), "round {number}: {round:?}");
        waited += round.waited;
    }
    let (callers, took) = (PROCESSES * ROUNDS, start.elapsed().as_secs());
    // Printed where `cargo test` shows it without `--nocapture`.
    let _ = writeln!(
        io::stderr(),
        "\nrefresh races: {PROCESSES} processes x {ROUNDS} rounds: {ROUNDS} token calls, {callers} callers served with the new \
         token, {waited} of them waited for it; {took} s"
    );
    assert!(waited > callers / 2, "{waited} of {callers} is no race");
}
