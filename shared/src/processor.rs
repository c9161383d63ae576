//! The due-task loop: polls the due index for tasks that are due within a minute and starts each at its own instant.
//!
//! A run has no state of its own. If runs are duplicated, skipped, delayed or killed, the claims decide which process runs a
//! task, and the next run finds the rest.

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
use crate::scheduler::ConnectedAccount;
use crate::tables::tasks::{DueEntry, shard_of};
use crate::tables::{IndexPage, Item};
use backlog::Backlog;

/// Time for which a run polls the due index.
const POLL_WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// Time after its window for which a run still serves due tasks, because the next run may start late.
const WINDOW_OVERLAP: SignedDuration = SignedDuration::from_secs(3);
/// Time between two polls.
const POLL_INTERVAL: SignedDuration = SignedDuration::from_secs(2);
/// Time after which a run claims nothing more, so that every attempt ends well within the function's timeout.
const CLAIM_WINDOW: SignedDuration = SignedDuration::from_secs(75);
/// Attempts that run at the same time.
pub const MAX_CONCURRENT_ATTEMPTS: usize = 64;
/// Entries that a run holds; further ones are read when there is capacity.
const MAX_BACKLOG: usize = 10_000;
/// Due entries beyond which a run requests further runs.
const FAN_OUT_THRESHOLD: usize = 2_000;

/// Runs the job of `event`. The function is killed at `deadline`.
///
/// # Errors
/// If the index cannot be read: the run's other work is finished first, and the next run finds the rest.
pub async fn run(engine: &'static Engine, event: DueEvent, deadline: Timestamp) -> Result<Summary> {
    let job = event.into_job();
    let summary = match job.job {
        JobKind::ProcessDueTasks => process_due_tasks(engine, &job, deadline).await?,
        JobKind::RefreshTokens => engine.integrations.refresh_due(&job.shards(), deadline).await?.into(),
        JobKind::Sweep => engine.integrations.sweep(&job.shards(), deadline).await?.into(),
        JobKind::ResumeWaiting => resume_waiting(engine, job.connected.as_ref(), deadline).await?,
    };
    tracing::info!(job = ?job.job, found = summary.found, ran = summary.ran, failed = summary.failed, "run ended");
    Ok(summary)
}

/// Makes the tasks that wait for an account due, and runs what is due now.
async fn resume_waiting(
    engine: &'static Engine,
    connected: Option<&ConnectedAccount>,
    deadline: Timestamp,
) -> Result<Summary> {
    let resumed = match connected {
        Some(connected) => engine.waiting.resume(connected, deadline).await?,
        None => 0,
    };
    if resumed == 0 {
        return Ok(Summary::default());
    }
    let now = Job { window_seconds: Some(0), ..Job::default() };
    process_due_tasks(engine, &now, deadline).await
}

async fn process_due_tasks(engine: &'static Engine, job: &Job, deadline: Timestamp) -> Result<Summary> {
    let shards = job.shards();
    let start = engine.clock.now();
    let window =
        job.window_seconds.map_or(POLL_WINDOW, |seconds| SignedDuration::from_secs(seconds.into()).min(POLL_WINDOW));
    // A window of zero is one poll for what is due now; it serves nothing that becomes due later.
    let overlap = if window.is_zero() { SignedDuration::ZERO } else { WINDOW_OVERLAP };
    let claim_until = (start + CLAIM_WINDOW).min(deadline - MIN_ATTEMPT_TIME);
    let new_shard = |number: &u8| Shard { number: *number, cursor: ShardCursor::Start, delegated: false };
    let mut run = Run {
        engine,
        job,
        deadline,
        claim_until,
        due_before: (start + window + overlap).min(claim_until),
        shards: shards.iter().map(new_shard).collect(),
        backlog: Backlog::default(),
        seen: HashSet::new(),
        polls: JoinSet::new(),
        attempts: JoinSet::new(),
        users: HashMap::new(),
        fanned_out: false,
        summary: Summary::default(),
    };
    let result = run.execute(start + window).await;
    result.map(|()| run.summary)
}

struct Run<'a> {
    engine: &'static Engine,
    job: &'a Job,
    /// The function is killed at this instant.
    deadline: Timestamp,
    /// Nothing is claimed from this instant on.
    claim_until: Timestamp,
    /// Tasks that are due later belong to another run.
    due_before: Timestamp,
    shards: Vec<Shard>,
    backlog: Backlog,
    /// Entries that this run has read. A retried task has a new due time and therefore a new entry.
    seen: HashSet<DueEntry>,
    polls: JoinSet<(usize, Result<IndexPage<DueEntry>>)>,
    attempts: JoinSet<Result<bool>>,
    /// The user of each running attempt.
    users: HashMap<Id, String>,
    /// True after further runs were requested: once a run.
    fanned_out: bool,
    summary: Summary,
}

/// A shard of the due index, and the position up to which it was read.
struct Shard {
    number: u8,
    cursor: ShardCursor,
    /// True if another run was requested for this shard. This run serves it again when it has no other work, so that a lost
    /// event costs only time.
    delegated: bool,
}

/// The next page of a shard.
enum ShardCursor {
    /// Its oldest entries.
    Start,
    /// The entries after this key.
    After(Item),
    /// None until the next poll: the shard was read to its end.
    End,
}

impl Run<'_> {
    /// Polls for due tasks and runs them until the window has ended and every task found has run.
    async fn execute(&mut self, poll_until: Timestamp) -> Result<()> {
        let mut next_poll = Some(self.engine.clock.now());
        let mut result = Ok(());
        loop {
            let now = self.engine.clock.now();
            if next_poll.is_some_and(|at| at <= now) {
                self.restart_idle_shards();
                next_poll = Some(now + POLL_INTERVAL).filter(|at| *at <= poll_until);
            }
            self.read_next_pages(now);
            self.start_ready(now);
            // The next instant with an entry to start or a poll to make.
            let wake_at = [next_poll, self.backlog.next_due()].into_iter().flatten().min();
            let wake_at = wake_at.filter(|_| now < self.claim_until);
            if wake_at.is_none() && self.polls.is_empty() && self.attempts.is_empty() {
                return result;
            }
            tokio::select! {
                // In this order and not a random one, because a simulation must replay.
                biased;
                Some(polled) = self.polls.join_next() => match polled {
                    Ok((shard, page)) => if let Err(error) = self.add_page(shard, page).await { result = Err(error) },
                    Err(_) => tracing::error!("a poll of the due index panicked"),
                },
                Some(ended) = self.attempts.join_next_with_id() => self.attempt_finished(ended),
                () = self.engine.clock.sleep_until(wake_at.unwrap_or(self.deadline)), if wake_at.is_some() => {}
            }
        }
    }

    /// Restarts every shard that was read to its end, because it may have new entries.
    fn restart_idle_shards(&mut self) {
        let idle = self.attempts.is_empty();
        for shard in &mut self.shards {
            if matches!(shard.cursor, ShardCursor::End) && (idle || !shard.delegated) {
                (shard.delegated, shard.cursor) = (false, ShardCursor::Start);
            }
        }
    }

    /// Reads the next page of every shard that has one, while the backlog has capacity.
    fn read_next_pages(&mut self, now: Timestamp) {
        if self.backlog.len() >= MAX_BACKLOG || now >= self.claim_until {
            return;
        }
        for (index, shard) in self.shards.iter_mut().enumerate() {
            let after = match std::mem::replace(&mut shard.cursor, ShardCursor::End) {
                ShardCursor::End => continue,
                ShardCursor::Start => None,
                ShardCursor::After(key) => Some(key),
            };
            let (queue, number, until) = (&self.engine.due_queue, shard.number, self.due_before);
            self.polls.spawn(async move { (index, queue.poll(number, until, after).await) });
        }
    }

    async fn add_page(&mut self, shard: usize, page: Result<IndexPage<DueEntry>>) -> Result<()> {
        let IndexPage { entries, next } = page?;
        if self.shards[shard].delegated {
            return Ok(());
        }
        for entry in entries {
            if self.seen.insert(entry.clone()) {
                self.summary.found += 1;
                self.backlog.add(entry);
            }
        }
        if let Some(next) = next {
            self.shards[shard].cursor = ShardCursor::After(next);
        }
        let due = self.backlog.due_count(self.engine.clock.now());
        if due > FAN_OUT_THRESHOLD && !self.fanned_out {
            self.fanned_out = true;
            self.fan_out(due).await;
        }
        Ok(())
    }

    /// Requests further runs for some of the shards.
    async fn fan_out(&mut self, due: usize) {
        let runs = due.div_ceil(FAN_OUT_THRESHOLD).min(self.shards.len());
        let shards_per_run = self.shards.len().div_ceil(runs);
        for chunk in self.shards.chunks_mut(shards_per_run).skip(1) {
            let numbers: Vec<u8> = chunk.iter().map(|shard| shard.number).collect();
            let job = Job { shards: Some(numbers.clone()), ..self.job.clone() };
            // Without the bus this run serves every shard. Nothing is started while it waits for the bus.
            if !self.engine.due_queue.request_run(&job).await {
                return;
            }
            self.summary.requested_runs += 1;
            for shard in chunk {
                (shard.delegated, shard.cursor) = (true, ShardCursor::End);
            }
            for entry in self.backlog.remove_where(|entry| numbers.contains(&shard_of(&entry.sort))) {
                self.seen.remove(&entry);
            }
        }
    }

    /// Starts due entries, users in turn, while there is capacity.
    fn start_ready(&mut self, now: Timestamp) {
        self.backlog.promote_due(now);
        while self.attempts.len() < MAX_CONCURRENT_ATTEMPTS && now < self.claim_until {
            let Some((user, entry)) = self.backlog.take_next() else { return };
            let (engine, deadline) = (self.engine, self.deadline);
            let pseudonym = UserId::from_stored_key(&user).map(|user| user.pseudonym());
            let span = tracing::info_span!("task", user = pseudonym);
            // A task of its own: a panic must not end the other attempts.
            let attempt = async move { engine.attempts.run_due(&entry, deadline).await };
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
