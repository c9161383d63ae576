//! What a run is asked to do, and what it says of it.

use serde::{Deserialize, Serialize};

use crate::integrations::MaintenanceReport;
use crate::tables::INDEX_SHARDS;

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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Job {
    /// The kind of job.
    #[serde(default)]
    pub job: JobKind,
    /// The shards of the index to serve, of 0 to 15; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shards: Option<Vec<u8>>,
    /// How long to ask for due work, in seconds, 60 at most and by default; 0 is one look at what is due now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_seconds: Option<u8>,
}

/// The kinds of job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Run what is due.
    #[default]
    ProcessDueTasks,
    /// Refresh the tokens that will end soon, and those of idle connections.
    RefreshTokens,
    /// Finish what was left half-done: connects and disconnects.
    Sweep,
}

impl From<MaintenanceReport> for Summary {
    fn from(MaintenanceReport { found, updated: done, failed }: MaintenanceReport) -> Self {
        Self { found, ran: done, failed, requested_runs: 0 }
    }
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Hints of the index that were followed.
    pub found: usize,
    /// Attempts that ran here, or connections that were dealt with.
    pub ran: usize,
    /// What could not be done or panicked; it is found again.
    pub failed: usize,
    /// Further invocations that were asked for help with a backlog.
    pub requested_runs: usize,
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
        let named = |shard: &u8| self.shards.as_ref().is_none_or(|named| named.contains(shard));
        (0..INDEX_SHARDS).filter(named).collect()
    }
}
