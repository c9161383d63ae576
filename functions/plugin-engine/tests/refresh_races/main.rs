//! Refresh races of real processes: in each round all processes find the same expired token, and the provider accepts a refresh
//! token once. One process calls the token endpoint, and all act with the new token.
#![expect(clippy::unwrap_used, reason = "a panic names the place of the failure")]

mod environment;

use environment::TestEnvironment;
use futures::future::join_all;
use runtime_driver::InvocationResult;
use serde_json::Value;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

const PROCESSES: usize = 16;
const ROUNDS: usize = 50;
/// The poll interval of a process that waits for another one's refresh; any other invocation takes less.
const REFRESH_POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The result of one round.
#[derive(Debug, Default)]
struct RoundResult {
    /// Requests to the token endpoint.
    token_calls: usize,
    /// Successful invocations.
    succeeded: usize,
    /// Invocations that waited for another process's refresh.
    waited: usize,
}

/// Invokes all processes at once to fetch Slack messages with a token that has just expired.
async fn run_round(environment: &mut TestEnvironment) -> RoundResult {
    environment.expire_token().await;
    let before = environment.token_calls();
    let event = environment.fetch_messages_event();
    let invocations = environment.functions.iter_mut().map(async |function| {
        let start = Instant::now();
        (function.invoke(&event).await.unwrap(), start.elapsed())
    });
    let results = join_all(invocations).await;
    RoundResult {
        succeeded: results.iter().filter(|(result, _)| is_success(result)).count(),
        waited: results.iter().filter(|(_, elapsed)| *elapsed >= REFRESH_POLL_INTERVAL).count(),
        token_calls: environment.token_calls() - before,
    }
}

/// True if the intent succeeded. The old token is invalid at the provider, so a success means the new one was used.
fn is_success(result: &InvocationResult) -> bool {
    let InvocationResult::Response(response) = result else { return false };
    let body: Value = serde_json::from_str(response["body"].as_str().unwrap_or_default()).unwrap_or_default();
    body["success"] == true
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_16_processes_refreshes_and_all_use_the_new_token() {
    let mut environment = TestEnvironment::start(PROCESSES).await;
    let start = Instant::now();
    let mut waited = 0;
    for number in 1..=ROUNDS {
        let round = run_round(&mut environment).await;
        assert_eq!((round.token_calls, round.succeeded), (1, PROCESSES), "round {number}: {round:?}");
        waited += round.waited;
    }
    let (invocations, elapsed) = (PROCESSES * ROUNDS, start.elapsed().as_secs());
    // Written to stderr, which `cargo test` shows without `--nocapture`.
    let _ = writeln!(
        io::stderr(),
        "\nrefresh races: {PROCESSES} processes x {ROUNDS} rounds: {ROUNDS} token calls, {invocations} invocations succeeded \
         with the new token, {waited} of them waited for it; {elapsed} s"
    );
    assert!(waited > invocations / 2, "{waited} of {invocations} waited: too few for a race");
}
