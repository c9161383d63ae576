//! The output of actions that add a tag to a task or remove one.

use super::prelude::*;

/// A task and the tag.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tagged {
    /// The id (gid) of the task.
    id: String,
    /// The tag.
    tag: Ref,
}

impl Tagged {
    /// Returns the output of an action that changed whether the task has the tag.
    pub(super) fn output(message: &str, task: &str, tag: Ref) -> ActionOutput<Self> {
        ActionOutput::new(message, Self { id: task.to_owned(), tag }).with_id(task)
    }
}
