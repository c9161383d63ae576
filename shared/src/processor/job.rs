//! The job of a run, and its summary.

use serde::{Deserialize, Serialize};
use tokio::task::JoinError;

use crate::attempt::DueRun;
use crate::error::Result;
use crate::integrations::MaintenanceReport;
use crate::scheduler::ConnectedAccount;
use crate::tables::INDEX_SHARDS;
use crate::tables::tasks::DueEntry;

/// The event that starts a run: the schedule's input, or the same as the `detail` of an EventBridge event.
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

/// The job of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Job {
    /// The kind of job.
    #[serde(default)]
    pub job: JobKind,
    /// The shards of the index to serve, 0 to 15; all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shards: Option<Vec<u8>>,
    /// The tasks that a run for suspects runs, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspects: Vec<DueEntry>,
    /// The account whose waiting tasks a run for them continues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected: Option<ConnectedAccount>,
    /// Seconds for which the run polls, at most and by default 60; 0 is one poll for what is due now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_seconds: Option<u8>,
}

/// The kinds of job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Run due tasks.
    #[default]
    ProcessDueTasks,
    /// Refresh tokens that expire soon, and those of idle connections.
    RefreshTokens,
    /// Complete interrupted connects and disconnects, and delete files without a task.
    Sweep,
    /// Run tasks that may have killed their process, each alone.
    RunSuspects,
    /// Continue the tasks that wait for an account, because it was connected.
    ResumeWaiting,
}

/// The summary of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Entries of the index that were processed.
    pub found: usize,
    /// Attempts that ran here, connections that were updated, or objects that were deleted.
    pub ran: usize,
    /// Entries that failed or panicked; the next run finds them again.
    pub failed: usize,
    /// Further runs that were requested for a backlog.
    pub requested_runs: usize,
}

impl Summary {
    /// Counts an attempt.
    pub(super) fn add_attempt(&mut self, ended: Result<Result<DueRun>, JoinError>) {
        match ended {
            Ok(Ok(DueRun::Ran)) => self.ran += 1,
            Ok(Ok(DueRun::Suspect(_) | DueRun::NotClaimed)) => {}
            Ok(Err(error)) => {
                self.failed += 1;
                tracing::error!(?error, "a due task could not be run");
            }
            Err(_) => {
                self.failed += 1;
                tracing::error!("a due task panicked");
            }
        }
    }
}

impl From<MaintenanceReport> for Summary {
    fn from(MaintenanceReport { found, updated, failed }: MaintenanceReport) -> Self {
        Self { found, ran: updated, failed, requested_runs: 0 }
    }
}

impl DueEvent {
    pub(super) fn into_job(self) -> Job {
        match self {
            Self::Bus { detail: job } | Self::Schedule(job) => job,
        }
    }
}

impl Job {
    /// The shards to serve, each once.
    pub(super) fn shards(&self) -> Vec<u8> {
        let requested = |shard: &u8| self.shards.as_ref().is_none_or(|shards| shards.contains(shard));
        (0..INDEX_SHARDS).filter(requested).collect()
    }
}
