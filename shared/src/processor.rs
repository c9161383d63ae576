//! The due-task loop: polls the due index for tasks that are due within a minute and starts each at its own instant.
//!
//! A run has no state of its own. If runs are duplicated, skipped, delayed or killed, the claims decide which process runs a
//! task, and the next run finds the rest.

mod backlog;
mod job;
mod passed_over;
mod quarantine;
mod reading;

pub use job::{DueEvent, Job, JobKind, Summary};

use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use tokio::task::{Id, JoinError, JoinSet};
use tracing::{Instrument as _, Span};

use crate::attempt::{DueRun, MIN_ATTEMPT_TIME};
use crate::engine::Engine;
use crate::error::Result;
use crate::files::FileSweep;
use crate::ids::UserId;
use crate::payloads::Renewal;
use crate::scheduler::ConnectedAccount;
use crate::tables::IndexPage;
use crate::tables::tasks::DueEntry;
use backlog::Backlog;
use passed_over::PassedOver;
use quarantine::Quarantine;
use reading::{Reading, Shard};

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

/// Runs the job of `event`. The function is killed at `deadline`.
///
/// # Errors
/// If the index cannot be read: the run's other work is finished first, and the next run finds the rest.
pub async fn run(engine: &'static Engine, event: DueEvent, deadline: Timestamp) -> Result<Summary> {
    let job = event.into_job();
    let summary = match job.job {
        JobKind::ProcessDueTasks => process_due_tasks(engine, &job, deadline).await?,
        JobKind::RefreshTokens => engine.integrations.refresh_due(&job.shards(), deadline).await?.into(),
        JobKind::Sweep => sweep(engine, &job, deadline).await?,
        JobKind::RunSuspects => quarantine::run_suspects(engine, job.suspects.clone(), deadline).await,
        JobKind::ResumeWaiting => resume_waiting(engine, job.connected.as_ref(), deadline).await?,
    };
    tracing::info!(job = ?job.job, found = summary.found, ran = summary.ran, failed = summary.failed, "run ended");
    Ok(summary)
}

/// Completes interrupted connects and disconnects, then deletes objects without a task, and encrypts the others with the current key.
async fn sweep(engine: &Engine, job: &Job, deadline: Timestamp) -> Result<Summary> {
    let mut summary = Summary::from(engine.integrations.sweep(&job.shards(), deadline).await?);
    let FileSweep { deleted, failed } = engine.files.sweep(deadline).await?;
    let Renewal { renewed, failed: not_renewed } = engine.payloads.renew(deadline).await?;
    summary.ran += deleted + renewed;
    summary.failed += failed + not_renewed;
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
    let mut run = Run {
        engine,
        job,
        deadline,
        claim_until,
        due_before: (start + window + overlap).min(claim_until),
        shards: shards.into_iter().map(Shard::new).collect(),
        backlog: Backlog::default(),
        passed_over: PassedOver::default(),
        seen: HashSet::new(),
        polls: JoinSet::new(),
        attempts: JoinSet::new(),
        users: HashMap::new(),
        bus_refused: false,
        quarantine: Quarantine::default(),
        summary: Summary::default(),
    };
    let result = run.execute(start + window).await;
    run.run_remaining_suspects().await;
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
    passed_over: PassedOver,
    /// Entries that were added to the backlog. A retried task has a new due time and therefore a new entry.
    seen: HashSet<DueEntry>,
    polls: JoinSet<(Reading, Result<IndexPage<DueEntry>>)>,
    attempts: JoinSet<Result<DueRun>>,
    /// The user of each running attempt.
    users: HashMap<Id, String>,
    /// True after the bus refused a request for further runs.
    bus_refused: bool,
    quarantine: Quarantine,
    summary: Summary,
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
                self.request_quarantine_runs().await;
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
                    Ok((reading, page)) => {
                        if let Err(error) = self.add_page(reading, page).await { result = Err(error) }
                    }
                    Err(_) => tracing::error!("a poll of the due index panicked"),
                },
                Some(ended) = self.attempts.join_next_with_id() => self.attempt_finished(ended),
                () = self.engine.clock.sleep_until(wake_at.unwrap_or(self.deadline)), if wake_at.is_some() => {}
            }
        }
    }

    /// Starts due entries, users in turn, while there is capacity.
    fn start_ready(&mut self, now: Timestamp) {
        self.backlog.promote_due(now);
        while self.attempts.len() < MAX_CONCURRENT_ATTEMPTS && now < self.claim_until {
            let Some((user, entry)) = self.backlog.take_next() else { return };
            let (engine, deadline) = (self.engine, self.deadline);
            let span = task_span(&user);
            // A task of its own: a panic must not end the other attempts.
            let attempt = async move { engine.attempts.run_due(&entry, deadline).await };
            let attempt = self.attempts.spawn(attempt.instrument(span));
            self.users.insert(attempt.id(), user);
        }
    }

    fn attempt_finished(&mut self, ended: Result<(Id, Result<DueRun>), JoinError>) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        if let Some(user) = self.users.remove(&id) {
            self.backlog.attempt_finished(&user);
        }
        match ended.map(|(_, run)| run) {
            Ok(Ok(DueRun::Suspect(entry))) => self.quarantine.add(entry),
            ended => self.summary.add_attempt(ended),
        }
    }
}

/// The span of a task's log lines. `key` begins with the user's, as stored.
fn task_span(key: &str) -> Span {
    let pseudonym = UserId::from_stored_key(key).map(|user| user.pseudonym());
    tracing::info_span!("task", user = pseudonym)
}
