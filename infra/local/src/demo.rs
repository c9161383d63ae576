//! `cargo local demo`: the main job from end to end, over HTTP, on a stack of its own.
#![expect(clippy::print_stderr, reason = "progress and logs go to stderr")]

use crate::failure::{Context as _, Failure, Result};
use crate::log::Log;
use crate::reporter::Reporter;
use crate::scenario::{Scenario, TaskTrigger, USER};
use crate::stack::{Options, Stack};
use crate::up;

/// Plays the demo and stops what it started.
///
/// # Errors
/// At the first surprise, with what was expected and what came.
pub async fn run() -> Result<()> {
    let log = Log::new();
    let options = Options { log: Some(log.path()), ..Options::isolated(|what| eprintln!("demo: {what}")) };
    let ended = tokio::select! {
        ended = run_demo(options) => ended,
        asked = up::shutdown_signal() => {
            asked.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    ended.inspect_err(|_| log.print_tail())
}

async fn run_demo(options: Options) -> Result<()> {
    let mut stack = Stack::start(options).await?;
    let mut story = Reporter::new("The main job, through the HTTP API");
    let actor = Scenario {
        client: stack.client.with_token(&stack.token(USER).await?),
        anonymous_client: stack.client.clone(),
        redirect_uri: format!("{}/api/plugin-engine/oauth/callback", stack.api),
        base_url: stack.api.clone(),
        sandbox: stack.sandbox.url.clone(),
        trigger: TaskTrigger::Manual,
    };
    tokio::select! {
        played = run_steps(&actor, &mut story) => played?,
        failure = stack.wait_for_exit() => return Err(failure),
    }
    // Stopping is part of what must work.
    drop(stack);
    story.finish("demo");
    Ok(())
}

async fn run_steps(actor: &Scenario, story: &mut Reporter) -> Result<()> {
    actor.begin(story).await?;
    actor.exercise_api(story).await?;
    actor.disconnect_tools(story).await
}
