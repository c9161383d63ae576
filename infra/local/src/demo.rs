//! `cargo local demo`: the main job from end to end, over HTTP, on a stack of its own.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the steps go to stdout, progress and logs to stderr")]

mod steps;

use std::time::{Duration, Instant};

use crate::failure::{Context as _, Failure, Result};
use crate::log::Log;
use crate::stack::{Options, Stack};
use crate::up;
use steps::Actor;

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
    let mut story = Story::new();
    let actor = Actor::enter(&stack).await?;
    tokio::select! {
        played = play(&actor, &mut story) => played?,
        failure = stack.broken() => return Err(failure),
    }
    // Stopping is part of what must work.
    drop(stack);
    println!("\ndemo ok: {} steps in {:.1} s", story.steps, story.start.elapsed().as_secs_f64());
    Ok(())
}

async fn play(actor: &Actor, story: &mut Story) -> Result<()> {
    story.tell("connect Gmail", actor.connect("gmail").await)?;
    story.tell("connect Slack", actor.connect("slack").await)?;
    story.tell("list the tools", actor.list_tools().await)?;
    story.tell("send an e-mail", actor.send_email().await)?;
    story.tell("send one whose answer is lost", actor.lose_an_answer().await)?;
    story.tell("post to #general", actor.post_message().await)?;
    let task = story.tell("schedule a message 2 s ahead", actor.schedule().await)?;
    story.tell("deliver the due-task event", actor.deliver_event().await)?;
    story.tell("read the task", actor.read_task(&task).await)?;
    story.tell("set a fallback message", actor.set_fallback().await)?;
    let failed = story.tell("send while Gmail refuses", actor.fail().await)?;
    story.tell("read the error", actor.read_error(&failed).await)?;
    let id = story.tell("store a context mapping", actor.store_mapping().await)?;
    story.tell("look it up both ways", actor.look_up(&id).await)?;
    story.tell("disconnect Gmail", actor.disconnect("gmail").await)?;
    story.tell("disconnect Slack", actor.disconnect("slack").await)
}

/// What a step gives the next ones, and what it tells.
type Told<T> = Result<(T, String)>;

/// The steps so far.
struct Story {
    start: Instant,
    last: Instant,
    steps: usize,
}

impl Story {
    fn new() -> Self {
        println!("\nThe main job, through the HTTP API:\n");
        let now = Instant::now();
        Self { start: now, last: now, steps: 0 }
    }

    /// Numbers a step and prints what came back; or says at which one the surprise was.
    fn tell<T>(&mut self, title: &str, step: Told<T>) -> Result<T> {
        self.steps += 1;
        let steps = self.steps;
        let (value, told) = step.context(format_args!("step {steps}, {title}"))?;
        println!("{steps:>2}. {title:<30} {told}  ({} ms)", self.lap().as_millis());
        Ok(value)
    }

    fn lap(&mut self) -> Duration {
        let lap = self.last.elapsed();
        self.last = Instant::now();
        lap
    }
}
