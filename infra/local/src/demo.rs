//! `cargo local demo`: the main job from end to end, over HTTP, on a stack of its own.
#![expect(clippy::print_stderr, reason = "progress and logs go to stderr")]

use crate::actor::{Actor, Starter, USER};
use crate::failure::{Context as _, Failure, Result};
use crate::log::Log;
use crate::stack::{Options, Stack};
use crate::story::Story;
use crate::up;

/// Plays the demo and stops what it started.
///
/// # Errors
/// At the first surprise, with what was expected and what came.
pub async fn run() -> Result<()> {
    let log = Log::new();
    let options = Options { log: Some(log.path()), ..Options::alone(|what| eprintln!("demo: {what}")) };
    let ended = tokio::select! {
        ended = perform(options) => ended,
        asked = up::asked_to_stop() => {
            asked.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    ended.inspect_err(|_| log.show_end())
}

async fn perform(options: Options) -> Result<()> {
    let mut stack = Stack::start(options).await?;
    let mut story = Story::new("The main job, through the HTTP API");
    let actor = Actor {
        client: stack.client.with_token(&stack.token(USER).await?),
        outside: stack.client.clone(),
        redirect_uri: format!("{}/api/plugin-engine/oauth/callback", stack.api),
        host: stack.api.clone(),
        sandbox: stack.sandbox.url.clone(),
        starter: Starter::Actor,
    };
    tokio::select! {
        played = play(&actor, &mut story) => played?,
        failure = stack.broken() => return Err(failure),
    }
    // Stopping is part of what must work.
    drop(stack);
    story.end("demo");
    Ok(())
}

async fn play(actor: &Actor, story: &mut Story) -> Result<()> {
    actor.begin(story).await?;
    actor.work(story).await?;
    actor.end(story).await
}
