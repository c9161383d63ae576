//! Why the state of a task does not allow a change that its user requested, and what works instead.

use super::status::TaskStatus;
use super::task::Task;

/// A change that a user can request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Cancel the task.
    Cancel,
    /// Schedule a new attempt now.
    Retry,
}

impl Change {
    /// Returns the sentence for the user: the state, what follows by itself, and what works then.
    pub(super) fn refusal(self, task: &Task) -> String {
        let verb = match self {
            Self::Cancel => "cancelled",
            Self::Retry => "retried",
        };
        format!("A task that is {} cannot be {verb}: {}", task.status.as_str(), self.advice(task))
    }

    fn advice(self, task: &Task) -> String {
        let is_retry = self == Self::Retry;
        let next = task.next_attempt_at().map_or_else(String::new, |at| format!(", next at {at}"));
        let until = task.id().map_or_else(String::new, |id| format!("; wait with GET /tasks?taskId={id}&wait=20"));
        match task.status {
            TaskStatus::Scheduled => format!("it runs at its time{next}"),
            TaskStatus::Retrying => format!("it is tried again by itself{next}"),
            TaskStatus::Processing => format!("an attempt of it runs{until}"),
            TaskStatus::Unknown if task.discard_end.is_some() => {
                format!("the engine discards what it prepared{next}, and then it ends{until}")
            }
            TaskStatus::Unknown => {
                let then = if is_retry {
                    "a retry works when it has failed, and one with force when it needs attention"
                } else {
                    "nothing of it is sent before that is known"
                };
                format!("the engine still asks {} what became of it{next}; {then}{until}", task.tool)
            }
            TaskStatus::AwaitingConnection => format!(
                "it goes on by itself when its account is connected; connect it with GET /oauth/authorize?tool={}",
                task.tool
            ),
            TaskStatus::NeedsAttention if is_retry => format!(
                "it may have been done, so look in {} first; {{\"taskId\": \"...\", \"force\": true}} repeats it",
                task.tool
            ),
            TaskStatus::Failed if !is_retry => "it has ended, and nothing follows".to_owned(),
            TaskStatus::NeedsAttention => "it has ended, and nothing follows without a person".to_owned(),
            TaskStatus::Completed | TaskStatus::Cancelled | TaskStatus::Failed => {
                format!("it has ended{}", if is_retry { "; send a new intent to do it again" } else { "" })
            }
        }
    }
}
