//! Assertions on a task. A failure names the test's line and prints the whole task.

use super::responses::{LastError, Outcome, Task, TaskStatus};
use std::fmt::Debug;

impl Task {
    /// Asserts the status.
    #[track_caller]
    pub(crate) fn assert_status(&self, expected: TaskStatus) -> &Self {
        self.assert_field("status", self.status, expected)
    }

    /// Asserts that the task has completed.
    #[track_caller]
    pub(crate) fn assert_completed(&self) -> &Self {
        self.assert_status(TaskStatus::Completed)
    }

    /// Asserts the number of attempts.
    #[track_caller]
    pub(crate) fn attempts(&self, expected: u32) -> &Self {
        self.assert_field("attempts", self.attempts, expected)
    }

    /// Asserts the number of the current occurrence of a series.
    #[track_caller]
    pub(crate) fn occurrence(&self, expected: u32) -> &Self {
        self.assert_field("occurrence", self.occurrence, expected)
    }

    /// Asserts the code of the last error.
    #[track_caller]
    pub(crate) fn last_error_code(&self, expected: &str) -> &Self {
        self.assert_field("lastError.code", self.last_error().map(|error| error.code.as_str()), Some(expected))
    }

    /// Asserts the outcome of the last failed attempt.
    #[track_caller]
    pub(crate) fn last_error_outcome(&self, expected: Outcome) -> &Self {
        self.assert_field("lastError.outcome", self.last_error().map(|error| error.outcome), Some(expected))
    }

    /// Asserts the provider's id of the created object.
    #[track_caller]
    pub(crate) fn external_id(&self, expected: &str) -> &Self {
        self.assert_field("externalId", self.external_id.as_deref(), Some(expected))
    }

    /// Asserts the statuses of the history, in order.
    #[track_caller]
    pub(crate) fn history(&self, expected: &[TaskStatus]) -> &Self {
        let statuses: Vec<TaskStatus> = self.history.iter().map(|entry| entry.status).collect();
        self.assert_field("history", statuses.as_slice(), expected)
    }

    fn last_error(&self) -> Option<&LastError> {
        self.last_error.as_ref()
    }

    #[track_caller]
    fn assert_field<T: PartialEq + Debug>(&self, field: &str, found: T, expected: T) -> &Self {
        let task = || serde_json::to_string_pretty(self).unwrap();
        assert!(found == expected, "{field} is {found:?}, not {expected:?}, in the task {}", task());
        self
    }
}

/// The location and the message of a failed assertion.
#[cfg(test)]
fn failure(assertion: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(assertion).expect_err("the assertion fails");
    panic.downcast_ref::<String>().expect("a message").clone()
}

#[test]
fn a_failed_assertion_prints_the_whole_task() {
    let task = serde_json::json!({
        "taskId": "task_1", "agentId": "a", "tool": "slack", "action": "send_message", "account": "T1.U1", "status": "unknown", "attempts": 1,
        "occurrence": 1, "executeAt": null, "nextAttemptAt": null, "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z", "externalId": null, "lastError": null, "result": null, "payload": null,
        "recurrence": null, "history": [], "createdBy": { "kind": "user" }
    });
    let task: Task = serde_json::from_value(task).unwrap();
    task.assert_status(TaskStatus::Unknown).attempts(1).occurrence(1).history(&[]);
    for message in [
        failure(|| _ = task.assert_completed()),
        failure(|| _ = task.attempts(2)),
        failure(|| _ = task.external_id("1")),
        failure(|| _ = task.last_error_code("NOT_CONNECTED")),
        failure(|| _ = task.history(&[TaskStatus::Scheduled])),
    ] {
        assert!(message.contains("\"taskId\": \"task_1\"") && message.contains("\"status\": \"unknown\""), "{message}");
    }
}
