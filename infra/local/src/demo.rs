//! `cargo local demo`: five acts in which something goes wrong, on a stack of its own. Each ends with what the provider's ledger saw,
//! and fails the demo if that is not what was announced.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the acts go to stdout, progress and logs to stderr")]

mod acts;
mod breaker;
mod stage;
mod verdict;

use sandbox::Strangeness;
use std::time::Instant;

use crate::failure::{Context as _, Failure, Result};
use crate::reporter::Reporter;
use crate::scenario::{Scenario, TaskTrigger, USER, unexpected};
use crate::stack::{Options, Stack};
use crate::up;
use stage::Stage;

const OPENING: &str = "
Plugin Engine: five things that go wrong, and what the provider saw in the end.
The functions are the real programs, each a process of its own; DynamoDB is an engine in this process; Gmail and Slack are
a sandbox that keeps a ledger of every message it accepted.";

const NEXT_STEPS: &str = "
next:
  cargo local up               the same on http://127.0.0.1:9000 until Ctrl-C, with curl lines to paste
  README.md                    \"A first intent by hand\": connect Gmail and send an e-mail with curl
  shared/docs/guarantees.md    what is guaranteed for each action, and the limits of it
  functions/README.md          the HTTP API; GET /api/plugin-engine?format=openai has the tools for a model
  infra/README.md              deploying to your AWS account";

/// Plays the demo and stops the stack.
///
/// # Errors
/// At the first unexpected response or effect, with the expected and the actual value.
pub async fn run() -> Result<()> {
    tokio::select! {
        result = run_demo() => result,
        signal = up::shutdown_signal() => {
            signal.context("waiting for Ctrl-C")?;
            Err(Failure::new("stopped before the end"))
        }
    }
}

async fn run_demo() -> Result<()> {
    let options = Options::isolated("demo", |message| eprintln!("demo: {message}"));
    // Nobody should wait for a list that lags: the acts show what is resolved in the answer.
    let strangeness = Strangeness { list_lag_seconds: 0, ..options.strangeness };
    let stack = Stack::start(Options { strangeness, ..options }).await?;
    play(&stack).await.inspect_err(|_| stack.print_problems())
}

async fn play(stack: &Stack) -> Result<()> {
    let start = Instant::now();
    println!("{OPENING}");
    let scenario = Scenario {
        client: stack.client.with_token(&stack.token(USER).await?),
        anonymous_client: stack.client.clone(),
        redirect_uri: format!("{}/api/plugin-engine/oauth/callback", stack.api),
        base_url: stack.api.clone(),
        sandbox: stack.sandbox.url.clone(),
        trigger: TaskTrigger::Manual,
    };
    let mut reporter = Reporter::silent();
    scenario.connect_tools(&mut reporter).await?;
    println!(
        "A person has connected Gmail and Slack by OAuth. The model has {} tools for them.",
        tools(&scenario).await?
    );

    let stage = Stage { scenario: &scenario, stack };
    acts::lost_answer(&stage).await.context("act 1")?;
    acts::killed_processor(&stage).await.context("act 2")?;
    acts::repeated_request(&stage).await.context("act 3")?;
    breaker::failing_provider(&stage).await.context("act 4")?;
    acts::scheduled_message(&stage).await.context("act 5")?;

    scenario.exercise_api(&mut reporter).await?;
    scenario.disconnect_tools(&mut reporter).await?;
    let steps = reporter.steps();
    println!(
        "\nAlso checked: {steps} steps from connecting a tool to disconnecting it, with an error log and a context mapping."
    );
    println!("\ndemo ok: 5 acts and {steps} steps in {:.1} s", start.elapsed().as_secs_f64());
    println!("{NEXT_STEPS}");
    Ok(())
}

/// Returns the number of tool definitions for a model.
async fn tools(scenario: &Scenario) -> Result<usize> {
    let tools = scenario.get("?format=openai&connected=true").await?.expect_status(200)?;
    match tools.json["tools"].as_array().map_or(0, Vec::len) {
        0 => unexpected("tool definitions", &tools),
        count => Ok(count),
    }
}
