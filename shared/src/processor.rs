//! The due-task loop: asks the due index for what is due within a minute and starts each task at its own instant.
//!
//! A run keeps nothing: doubled, skipped, delayed or killed, the claims decide who runs what, and the next run finds the rest.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::engine::Engine;
use crate::error::Result;
use crate::tables::tasks::{Due, SHARDS};

/// How long a run asks for due work.
const WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// How far ahead it looks.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);
/// How often it asks.
const EVERY: SignedDuration = SignedDuration::from_secs(2);
/// It claims nothing after this long, so that every attempt ends well within the function's timeout.
const CLAIM_FOR: SignedDuration = SignedDuration::from_secs(75);
/// Hints read of one shard at a time.
const PAGE: i32 = 100;
/// Attempts that run at the same time.
const CONCURRENCY: usize = 64;

/// What starts a run: the schedule's own input, or the same as the `detail` of an EventBridge event.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum DueEvent {
    /// An event of the bus.
    Bus {
        /// Its content.
        detail: Job,
    },
    /// The schedule's input.
    Schedule(Job),
}

/// What a run is to do.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Job {
    /// The kind of job.
    #[serde(default)]
    pub job: JobKind,
    /// The shards of the due index to serve, of 0 to 15; all when absent.
    pub shards: Option<Vec<u8>>,
    /// How long to ask for due work, in seconds, 60 at most and by default; 0 is one look at what is due now.
    pub window_seconds: Option<u8>,
}

/// The kinds of job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Run what is due.
    #[default]
    ProcessDueTasks,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Hints that were followed.
    pub found: usize,
    /// Attempts that ran here.
    pub ran: usize,
    /// Attempts that could not be started or panicked; their tasks are found again.
    pub failed: usize,
}

impl DueEvent {
    fn job(self) -> Job {
        match self {
            Self::Bus { detail: job } | Self::Schedule(job) => job,
        }
    }
}

/// Serves the shards of `event`.
///
/// # Errors
/// When the due index cannot be read: the run's other work is finished first, and the next run finds the rest.
pub async fn run(engine: &'static Engine, event: DueEvent) -> Result<Summary> {
    let job = event.job();
    let shards: Vec<u8> = match job.shards {
        Some(shards) => shards.into_iter().filter(|shard| *shard < SHARDS).collect(),
        None => (0..SHARDS).collect(),
    };
    let start = engine.clock.now();
    let window = job.window_seconds.map_or(WINDOW, |seconds| SignedDuration::from_secs(seconds.into()).min(WINDOW));
    let mut run = Run {
        engine,
        permits: Arc::new(Semaphore::new(CONCURRENCY)),
        seen: HashSet::new(),
        tasks: JoinSet::new(),
        claim_until: start + CLAIM_FOR,
    };
    let read = run.serve(&shards, start, window).await;
    let summary = run.finish().await;
    tracing::info!(found = summary.found, ran = summary.ran, failed = summary.failed, "due tasks");
    read.map(|()| summary)
}

struct Run {
    engine: &'static Engine,
    permits: Arc<Semaphore>,
    /// Hints this run follows or has followed. A task that is tried again has a new due time, and so is a new hint.
    seen: HashSet<Due>,
    tasks: JoinSet<Result<bool>>,
    claim_until: Timestamp,
}

impl Run {
    async fn serve(&mut self, shards: &[u8], start: Timestamp, window: SignedDuration) -> Result<()> {
        let end = start + window;
        // One look at what is due now does not look ahead.
        let ahead = if window.is_zero() { SignedDuration::ZERO } else { AHEAD };
        loop {
            let now = self.engine.clock.now();
            let table = &self.engine.scheduler.table;
            let look = |shard: &u8| table.due(*shard, (now + ahead).min(self.claim_until), PAGE);
            let pages = futures::future::try_join_all(shards.iter().map(look)).await?;
            let mut found: Vec<Due> = pages.into_iter().flatten().collect();
            found.sort_by_key(|due| due.at);
            for due in found {
                self.follow(due);
            }
            if now + EVERY > end {
                return Ok(());
            }
            self.engine.clock.sleep_until(now + EVERY).await;
        }
    }

    fn follow(&mut self, due: Due) {
        if !self.seen.insert(due.clone()) {
            return;
        }
        let (engine, permits, claim_until) = (self.engine, Arc::clone(&self.permits), self.claim_until);
        // On a task of its own: one that panics must not take the others with it.
        self.tasks.spawn(async move {
            engine.clock.sleep_until(due.at).await;
            let Ok(_permit) = permits.acquire().await else { return Ok(false) };
            if engine.clock.now() >= claim_until {
                return Ok(false);
            }
            engine.attempts.due(&due).await
        });
    }

    async fn finish(mut self) -> Summary {
        let mut summary = Summary { found: self.seen.len(), ..Summary::default() };
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok(Ok(true)) => summary.ran += 1,
                Ok(Ok(false)) => {}
                Ok(Err(error)) => {
                    summary.failed += 1;
                    tracing::error!(?error, "a due task could not be run");
                }
                Err(error) => {
                    summary.failed += 1;
                    tracing::error!(%error, "a due task panicked");
                }
            }
        }
        summary
    }
}
