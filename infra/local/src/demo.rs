//! `cargo local demo`: runs the scenario over HTTP on an isolated stack.
#![expect(clippy::print_stderr, reason = "progress and logs go to stderr")]

use crate::failure::{Context as _, Failure, Result};
use crate::log::Log;
use crate::reporter::Reporter;
use crate::scenario::{Scenario, TaskTrigger, USER};
use crate::stack::{Options, Stack};
use crate::up;

/// Runs the demo and stops the stack.
///
/// # Errors
/// At the first unexpected response, with the expected and the actual value.
pub async fn run() -> Result<()> {
    let log = Log::new();
    let options = Options { log: Some(log.path()), ..Options::isolated(|message| eprintln!("demo: {message}")) };
    let result = tokio::select! {
        result = run_demo(options) => result,
        signal = up::shutdown_signal() => {
            signal.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    result.inspect_err(|_| log.print_tail())
}

async fn run_demo(options: Options) -> Result<()> {
    let mut stack = Stack::start(options).await?;
    let mut reporter = Reporter::new("The scenario, over the HTTP API");
    let scenario = Scenario {
        client: stack.client.with_token(&stack.token(USER).await?),
        anonymous_client: stack.client.clone(),
        redirect_uri: format!("{}/api/plugin-engine/oauth/callback", stack.api),
        base_url: stack.api.clone(),
        sandbox: stack.sandbox.url.clone(),
        trigger: TaskTrigger::Manual,
    };
    tokio::select! {
        result = run_steps(&scenario, &mut reporter) => result?,
        failure = stack.wait_for_exit() => return Err(failure),
    }
    // The stack must also stop without an error.
    drop(stack);
    reporter.finish("demo");
    Ok(())
}

async fn run_steps(scenario: &Scenario, reporter: &mut Reporter) -> Result<()> {
    scenario.connect_tools(reporter).await?;
    scenario.exercise_api(reporter).await?;
    scenario.disconnect_tools(reporter).await
}
