//! [`TaskFiles`]: the files of a task, in its row. A task without files has no such attribute.

use serde::{Deserialize, Serialize};

use crate::ids::FileId;

/// The files that a task sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFiles {
    /// The ids, each once.
    pub ids: Vec<FileId>,
    /// The number of all their bytes.
    pub bytes: u64,
}

impl TaskFiles {
    /// True for a task without files.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}
