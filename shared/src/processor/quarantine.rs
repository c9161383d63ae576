//! The quarantine: tasks that may have killed their process run alone, one after the other, so that a crash has one cause and cuts off
//! no other task.
//!
//! A run requests further runs for its suspects and goes on with its other tasks. When it has no other work it runs alone those that
//! are left: without the bus, or after a lost event, a suspect waits for a minute and not for ever.
//!
//! A killer among the suspects of a run delays those after it until the next run, for which they are still suspects; the killer's
//! lease holds meanwhile. So after the first crash each killer crashes once with nothing else in flight, and its neighbours are done
//! in as many minutes as their run has killers, and one more.

use jiff::Timestamp;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::{CLAIM_WINDOW, Job, JobKind, Run, Summary, task_span};
use crate::attempt::MIN_ATTEMPT_TIME;
use crate::engine::Engine;
use crate::tables::tasks::DueEntry;

/// Suspects of one requested run: few, because they run one after the other, each for some seconds.
const SUSPECTS_PER_RUN: usize = 8;

/// The suspects that a run has found.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    /// Suspects for which no run was requested yet.
    found: Vec<DueEntry>,
    /// Suspects of requested runs.
    requested: Vec<DueEntry>,
    /// True after the bus refused a request: other tasks must not wait for it again.
    bus_refused: bool,
}

impl Quarantine {
    /// Adds a suspect.
    pub(super) fn add(&mut self, suspect: DueEntry) {
        self.found.push(suspect);
    }
}

impl Run<'_> {
    /// Requests further runs for the suspects that were found since the last request.
    pub(super) async fn request_quarantine_runs(&mut self) {
        while !self.quarantine.found.is_empty() && !self.quarantine.bus_refused {
            let count = self.quarantine.found.len().min(SUSPECTS_PER_RUN);
            let suspects = self.quarantine.found[..count].to_vec();
            let job = Job { job: JobKind::RunSuspects, suspects, ..Job::default() };
            if !self.engine.due_queue.request_run(&job).await {
                self.quarantine.bus_refused = true;
                return;
            }
            self.summary.requested_runs += 1;
            self.quarantine.requested.extend(self.quarantine.found.drain(..count));
        }
    }

    /// Runs the suspects that are left, after the run's other work.
    pub(super) async fn run_remaining_suspects(&mut self) {
        let Quarantine { found, requested, .. } = std::mem::take(&mut self.quarantine);
        let suspects = found.into_iter().chain(requested);
        run_alone(self.engine, suspects, self.claim_until, self.deadline, &mut self.summary).await;
    }
}

/// Runs the suspects of a requested run.
pub(super) async fn run_suspects(engine: &'static Engine, suspects: Vec<DueEntry>, deadline: Timestamp) -> Summary {
    let claim_until = (engine.clock.now() + CLAIM_WINDOW).min(deadline - MIN_ATTEMPT_TIME);
    let mut summary = Summary { found: suspects.len(), ..Summary::default() };
    run_alone(engine, suspects, claim_until, deadline, &mut summary).await;
    summary
}

/// Runs tasks one after the other.
async fn run_alone(
    engine: &'static Engine,
    suspects: impl IntoIterator<Item = DueEntry>,
    claim_until: Timestamp,
    deadline: Timestamp,
    summary: &mut Summary,
) {
    for suspect in suspects {
        if engine.clock.now() >= claim_until {
            return;
        }
        let span = task_span(&suspect.partition);
        // A task of its own: a panic must not end the run.
        let mut attempts = JoinSet::new();
        let attempt = async move { engine.attempts.run_alone(&suspect, deadline).await };
        attempts.spawn(attempt.instrument(span));
        if let Some(ended) = attempts.join_next().await {
            summary.add_attempt(ended);
        }
    }
}
