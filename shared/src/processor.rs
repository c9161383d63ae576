//! The due-task loop: asks the due index for what is due within a minute and starts each task at its own instant.
//!
//! A run keeps nothing: doubled, skipped, delayed or killed, the claims decide who runs what, and the next run finds the rest.

mod backlog;
mod job;

pub use job::{DueEvent, Job, JobKind, Summary};

use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use tokio::task::{Id, JoinError, JoinSet};
use tracing::Instrument as _;

use crate::attempt::MIN_ATTEMPT_TIME;
use crate::engine::Engine;
use crate::error::Result;
use crate::ids::UserId;
use crate::tables::tasks::{DueEntry, shard_of};
use crate::tables::{IndexPage, IndexQuery, Item};
use backlog::Backlog;

/// How long a run asks for due work.
const POLL_WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// A run serves what is due this long after its window, too: the next one may start late.
const WINDOW_OVERLAP: SignedDuration = SignedDuration::from_secs(3);
/// How often it asks.
const POLL_INTERVAL: SignedDuration = SignedDuration::from_secs(2);
/// It claims nothing after this long, so that every attempt ends well within the function's timeout.
const CLAIM_WINDOW: SignedDuration = SignedDuration::from_secs(75);
/// Hints read of one shard at a time.
const PAGE_SIZE: i32 = 100;
/// Attempts that run at the same time.
const MAX_CONCURRENT_ATTEMPTS: usize = 64;
/// Hints a run holds at most; what lies behind them is read when there is room.
const MAX_BACKLOG: usize = 10_000;
/// More work than this is due at once: further invocations are asked for help.
const FAN_OUT_THRESHOLD: usize = 2_000;
/// The `detail-type` of an event that asks for a run.
const RUN_DETAIL_TYPE: &str = "process-due-tasks";

/// Does what `event` asks for. The function that runs it is killed at `until`.
///
/// # Errors
/// When the index cannot be read: the run's other work is finished first, and the next run finds the rest.
pub async fn run(engine: &'static Engine, event: DueEvent, until: Timestamp) -> Result<Summary> {
    let job = event.into_job();
    let summary = match job.job {
        JobKind::ProcessDueTasks => process_due_tasks(engine, &job, until).await?,
        JobKind::RefreshTokens => engine.integrations.refresh_due(&job.shards(), until).await?.into(),
        JobKind::Sweep => engine.integrations.sweep(&job.shards(), until).await?.into(),
    };
    tracing::info!(job = ?job.job, found = summary.found, ran = summary.ran, failed = summary.failed, "a run has ended");
    Ok(summary)
}

async fn process_due_tasks(engine: &'static Engine, job: &Job, until: Timestamp) -> Result<Summary> {
    let shards = job.shards();
    let start = engine.clock.now();
    let window =
        job.window_seconds.map_or(POLL_WINDOW, |seconds| SignedDuration::from_secs(seconds.into()).min(POLL_WINDOW));
    // One look at what is due now does not look ahead.
    let overlap = if window.is_zero() { SignedDuration::ZERO } else { WINDOW_OVERLAP };
    let claim_until = (start + CLAIM_WINDOW).min(until - MIN_ATTEMPT_TIME);
    let mut run = Run {
        engine,
        job,
        deadline: until,
        claim_until,
        due_before: (start + window + overlap).min(claim_until),
        shards: shards
            .iter()
            .map(|shard| Shard { number: *shard, cursor: ShardCursor::Start, delegated: false })
            .collect(),
        backlog: Backlog::default(),
        seen: HashSet::new(),
        polls: JoinSet::new(),
        attempts: JoinSet::new(),
        users: HashMap::new(),
        fanned_out: false,
        summary: Summary::default(),
    };
    let read = run.execute(start + window).await;
    read.map(|()| run.summary)
}

struct Run<'a> {
    engine: &'static Engine,
    job: &'a Job,
    /// The function is killed at this instant.
    deadline: Timestamp,
    /// Nothing is claimed from this instant on.
    claim_until: Timestamp,
    /// What is due later is another run's.
    due_before: Timestamp,
    shards: Vec<Shard>,
    backlog: Backlog,
    /// Hints this run follows or has followed. A task that is tried again has a new due time, and so is a new hint.
    seen: HashSet<DueEntry>,
    polls: JoinSet<(usize, Result<IndexPage<DueEntry>>)>,
    attempts: JoinSet<Result<bool>>,
    /// Whose each attempt is.
    users: HashMap<Id, String>,
    /// Whether other invocations were asked for help: once a run.
    fanned_out: bool,
    summary: Summary,
}

/// A shard of the due index, and how far it was read.
struct Shard {
    number: u8,
    cursor: ShardCursor,
    /// Whether another invocation was asked to serve it: this one takes it back when it has nothing else to do, so that a lost
    /// event costs time and nothing else.
    delegated: bool,
}

/// What of a shard is to be read next.
enum ShardCursor {
    /// Its oldest hints.
    Start,
    /// What follows those that were read.
    After(Item),
    /// Nothing before the next look: it was read to its end.
    End,
}

impl Run<'_> {
    /// Looks for due tasks and runs them until the window has ended and everything found is done.
    async fn execute(&mut self, look_until: Timestamp) -> Result<()> {
        let mut next_look = Some(self.engine.clock.now());
        let mut read = Ok(());
        loop {
            let now = self.engine.clock.now();
            if next_look.is_some_and(|at| at <= now) {
                self.restart_idle_shards();
                next_look = Some(now + POLL_INTERVAL).filter(|at| *at <= look_until);
            }
            self.read_next_pages(now);
            self.start_ready(now);
            // The next moment at which there is something to start or to look for.
            let wake = [next_look, self.backlog.next_due()].into_iter().flatten().min();
            let wake = wake.filter(|_| now < self.claim_until);
            if wake.is_none() && self.polls.is_empty() && self.attempts.is_empty() {
                return read;
            }
            tokio::select! {
                // In this order, and not in a random one: a simulation must replay.
                biased;
                Some(looked) = self.polls.join_next() => match looked {
                    Ok((shard, page)) => if let Err(error) = self.add_page(shard, page).await { read = Err(error) },
                    Err(_) => tracing::error!("a look at the due index panicked"),
                },
                Some(ended) = self.attempts.join_next_with_id() => self.attempt_finished(ended),
                () = self.engine.clock.sleep_until(wake.unwrap_or(self.deadline)), if wake.is_some() => {}
            }
        }
    }

    /// Every shard that was read to its end is read from its beginning again: there may be new hints.
    fn restart_idle_shards(&mut self) {
        let idle = self.attempts.is_empty();
        for shard in &mut self.shards {
            if matches!(shard.cursor, ShardCursor::End) && (idle || !shard.delegated) {
                (shard.delegated, shard.cursor) = (false, ShardCursor::Start);
            }
        }
    }

    /// Reads the next page of every shard that has one, while there is room.
    fn read_next_pages(&mut self, now: Timestamp) {
        if self.backlog.len() >= MAX_BACKLOG || now >= self.claim_until {
            return;
        }
        for (at, shard) in self.shards.iter_mut().enumerate() {
            let after = match std::mem::replace(&mut shard.cursor, ShardCursor::End) {
                ShardCursor::End => continue,
                ShardCursor::Start => None,
                ShardCursor::After(key) => Some(key),
            };
            let (table, number, until) = (self.engine.scheduler.tasks.clone(), shard.number, self.due_before);
            let query = IndexQuery { shard: number, until, limit: PAGE_SIZE, after };
            self.polls.spawn(async move { (at, table.query_due(query).await) });
        }
    }

    async fn add_page(&mut self, shard: usize, page: Result<IndexPage<DueEntry>>) -> Result<()> {
        let IndexPage { entries: hints, next } = page?;
        if self.shards[shard].delegated {
            return Ok(());
        }
        for due in hints {
            if self.seen.insert(due.clone()) {
                self.summary.found += 1;
                self.backlog.add(due);
            }
        }
        if let Some(next) = next {
            self.shards[shard].cursor = ShardCursor::After(next);
        }
        let waiting = self.backlog.due_count(self.engine.clock.now());
        if waiting > FAN_OUT_THRESHOLD && !self.fanned_out {
            self.fanned_out = true;
            self.fan_out(waiting).await;
        }
        Ok(())
    }

    /// Asks further invocations to serve some of the shards.
    async fn fan_out(&mut self, waiting: usize) {
        let runs = waiting.div_ceil(FAN_OUT_THRESHOLD).min(self.shards.len());
        let share = self.shards.len().div_ceil(runs);
        for chunk in self.shards.chunks_mut(share).skip(1) {
            let shards: Vec<u8> = chunk.iter().map(|shard| shard.number).collect();
            let job = Job { shards: Some(shards.clone()), ..self.job.clone() };
            // Without the bus this run does what it can: nothing is started while it waits for an answer.
            if !self.engine.attempts.events.request_run(RUN_DETAIL_TYPE, &job).await {
                return;
            }
            self.summary.requested_runs += 1;
            for shard in chunk {
                (shard.delegated, shard.cursor) = (true, ShardCursor::End);
            }
            for due in self.backlog.remove_where(|due| shards.contains(&shard_of(&due.sort))) {
                self.seen.remove(&due);
            }
        }
    }

    /// Starts what is due, by turns of the users, as far as there is room.
    fn start_ready(&mut self, now: Timestamp) {
        self.backlog.promote_due(now);
        while self.attempts.len() < MAX_CONCURRENT_ATTEMPTS && now < self.claim_until {
            let Some((user, due)) = self.backlog.take_next() else { return };
            let (engine, until) = (self.engine, self.deadline);
            let pseudonym = UserId::from_stored_key(&user).map(|user| user.pseudonym());
            let span = tracing::info_span!("task", user = pseudonym);
            // On a task of its own: one that panics must not take the others with it.
            let attempt = async move { engine.attempts.run_due(&due, until).await };
            let attempt = self.attempts.spawn(attempt.instrument(span));
            self.users.insert(attempt.id(), user);
        }
    }

    fn attempt_finished(&mut self, ended: Result<(Id, Result<bool>), JoinError>) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        if let Some(user) = self.users.remove(&id) {
            self.backlog.attempt_finished(&user);
        }
        match ended {
            Ok((_, Ok(true))) => self.summary.ran += 1,
            Ok((_, Ok(false))) => {}
            Ok((_, Err(error))) => {
                self.summary.failed += 1;
                tracing::error!(?error, "a due task could not be run");
            }
            Err(_) => {
                self.summary.failed += 1;
                tracing::error!("a due task panicked");
            }
        }
    }
}
