//! [`TaskState`]: what is decided on of many tasks at once.

use super::{Task, TaskStatus};
use crate::account::AccountId;
use crate::error::Result;
use crate::permissions::Caller;

/// The state of a task, with what decides who may see it. A whole row can have a long payload.
#[derive(Clone, Debug)]
pub struct TaskState {
    /// The state.
    pub status: TaskStatus,
    tool: String,
    action: String,
    account: AccountId,
}

impl TaskState {
    pub(super) fn of(task: Task) -> Self {
        let Task { status, tool, action, account, .. } = task;
        Self { status, tool, action, account }
    }

    /// As [`Task::check_permitted`].
    ///
    /// # Errors
    /// [`Error::Forbidden`](crate::error::Error::Forbidden).
    pub fn check_permitted(&self, caller: &Caller) -> Result<()> {
        caller.check(&self.tool, Some(&self.action), Some(&self.account))
    }
}
