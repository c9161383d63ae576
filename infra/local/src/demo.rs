//! `cargo local demo`: the main job from end to end, over HTTP, on a stack of its own.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the steps go to stdout, progress and logs to stderr")]

mod steps;

use sandbox::Sandbox;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::environment::Providers;
use crate::failure::{Context as _, Failure, Result};
use crate::home;
use crate::stack::{Options, Port, Stack};
use crate::store::Place;
use crate::up;
use steps::Actor;

/// Lines of the functions' log that are shown after a surprise.
const LAST_LINES: usize = 40;

/// Plays the demo and stops what it started.
///
/// # Errors
/// At the first surprise, with what was expected and what came.
pub async fn run() -> Result<()> {
    let log = Log(std::env::temp_dir().join(format!("plugin-engine-demo-{}.log", std::process::id())));
    let options = Options {
        port: Port::Free,
        place: Place::Memory,
        issuer_key: Sandbox::generate_issuer_key(),
        keyring: home::new_keyring(),
        // The demo never acts in a real account, whatever the environment holds.
        providers: Providers::sandbox(),
        // One thing after the other: more would only start more processes.
        concurrency: 1,
        reload: false,
        log: Some(log.0.clone()),
        say: |what| eprintln!("demo: {what}"),
    };
    let ended = tokio::select! {
        ended = perform(options) => ended,
        asked = up::asked_to_stop() => {
            asked.context("waiting for Ctrl-C")?;
            return Err(Failure::new("stopped before the end"));
        }
    };
    ended.inspect_err(|_| show_end(&log.0))
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

/// The functions' log; its file goes with this value.
struct Log(PathBuf);

impl Drop for Log {
    fn drop(&mut self) {
        // What a temporary folder keeps is no loss.
        let _ = fs::remove_file(&self.0);
    }
}

fn show_end(log: &Path) {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(LAST_LINES)..];
    if !shown.is_empty() {
        eprintln!("\nThe end of the functions' log:\n{}\n", shown.join("\n"));
    }
}
