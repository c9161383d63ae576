//! The states of a task, and every transition between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The state of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Waiting for its time.
    Scheduled,
    /// An attempt is running.
    Processing,
    /// An attempt had no effect, or was deferred; another attempt follows.
    Retrying,
    /// Completed with its effect.
    Completed,
    /// Ended without its effect; no further attempt follows by itself.
    Failed,
    /// Cancelled without its effect.
    Cancelled,
    /// An attempt's answer was lost, and reconciliation with the provider follows; or what was prepared is discarded before the task
    /// ends.
    Unknown,
    /// The outcome is unknown and cannot be reconciled: a person must decide.
    NeedsAttention,
    /// The task's account must be connected again by a person. Nothing was done; the task goes on when it is.
    AwaitingConnection,
}

use TaskStatus::{
    AwaitingConnection, Cancelled, Completed, Failed, NeedsAttention, Processing, Retrying, Scheduled, Unknown,
};

/// The states in which a task can be accepted: for later, or with its first attempt.
pub const INITIAL_STATES: [TaskStatus; 2] = [Scheduled, Processing];

/// Every transition of a state. The conditions of the writes are made of this table, and shared/docs/guarantees.md shows it.
pub const TRANSITIONS: [(TaskStatus, &[TaskStatus]); 9] = [
    // To `unknown` when it is cancelled and has something prepared, which is discarded before the task ends.
    (Scheduled, &[Processing, Cancelled, Unknown]),
    // To itself when an expired lease is taken over, to `scheduled` when the next occurrence of a series follows, to `cancelled` when
    // it was stopped meanwhile, or its service may no longer act.
    (
        Processing,
        &[Processing, Completed, Retrying, Unknown, Failed, NeedsAttention, AwaitingConnection, Scheduled, Cancelled],
    ),
    (Retrying, &[Processing, Cancelled, Unknown]),
    (Unknown, &[Processing]),
    (Completed, &[]),
    (Failed, &[Scheduled]),
    (Cancelled, &[]),
    (NeedsAttention, &[Scheduled]),
    (AwaitingConnection, &[Processing, Cancelled, Unknown]),
];

impl TaskStatus {
    /// Returns the name that the API and the table use.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheduled => "scheduled",
            Processing => "processing",
            Retrying => "retrying",
            Completed => "completed",
            Failed => "failed",
            Cancelled => "cancelled",
            Unknown => "unknown",
            NeedsAttention => "needs_attention",
            AwaitingConnection => "awaiting_connection",
        }
    }

    /// Returns the states that can become this one.
    pub(super) fn sources(self) -> impl Iterator<Item = TaskStatus> {
        TRANSITIONS.into_iter().filter(move |(_, next)| next.contains(&self)).map(|(from, _)| from)
    }

    /// True if nothing follows by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Scheduled | Processing | Retrying | Unknown | AwaitingConnection)
    }
}
