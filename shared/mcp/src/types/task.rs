//! A task of the tasks extension: a call that goes on after its answer.
//!
//! Source: <https://modelcontextprotocol.io/seps/2663-tasks-extension>.

use serde::{Serialize, Serializer};

use super::input::InputRequests;
use super::tool::ToolResult;
use crate::error::ErrorObject;

/// Task. It must be stored before its call is answered with it.
///
/// Source: <https://modelcontextprotocol.io/seps/2663-tasks-extension>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Id that nobody can guess.
    #[serde(rename = "taskId")]
    pub id: String,
    /// Status, with what belongs to it.
    #[serde(flatten)]
    pub status: TaskStatus,
    /// Text on the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Time of creation, in the form of ISO 8601.
    pub created_at: String,
    /// Time of the last change, in the form of ISO 8601.
    pub last_updated_at: String,
    /// Time for which the task can be read, from its creation; unlimited if absent.
    pub ttl_ms: Option<u64>,
    /// Time to wait between two polls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_interval_ms: Option<u64>,
}

/// Status of a task.
///
/// Source: <https://modelcontextprotocol.io/seps/2663-tasks-extension>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum TaskStatus {
    /// The call is running.
    Working,
    /// The call waits for answers of the client.
    InputRequired {
        /// The requests that are not answered yet. No key is used twice in the life of a task.
        input_requests: InputRequests,
    },
    /// The call ended with a result, also with one of a tool that failed.
    Completed {
        /// The answer that the call would have had.
        result: ToolResult,
    },
    /// The call ended with an error of the protocol.
    Failed {
        /// The error.
        error: ErrorObject,
    },
    /// The call was cancelled.
    Cancelled,
}

impl TaskStatus {
    fn name(&self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::InputRequired { .. } => "input_required",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Task without what belongs to its status: the answer to the call that created it.
pub(crate) struct Created<'a>(pub(crate) &'a Task);

impl Serialize for Created<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Bare<'a> {
            task_id: &'a str,
            status: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            status_message: Option<&'a str>,
            created_at: &'a str,
            last_updated_at: &'a str,
            ttl_ms: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            poll_interval_ms: Option<u64>,
        }
        let task = self.0;
        let bare = Bare {
            task_id: &task.id,
            status: task.status.name(),
            status_message: task.status_message.as_deref(),
            created_at: &task.created_at,
            last_updated_at: &task.last_updated_at,
            ttl_ms: task.ttl_ms,
            poll_interval_ms: task.poll_interval_ms,
        };
        bare.serialize(serializer)
    }
}
