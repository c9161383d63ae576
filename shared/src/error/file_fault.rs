//! [`FileFault`]: why a file cannot be used, or not be deleted.

/// Tasks that a text names.
const MAX_NAMED_TASKS: usize = 3;

/// The reason why a file cannot be used, or not be deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// The file does not exist or belongs to another user; callers cannot distinguish the two.
    #[error(
        "{field}: no file has this id, such as file_01JZ4Q0V6C8M2N5R7T9W1X3Y5Z; one can be named for a day after POST \
         /api/plugin-engine/files gave its id, so register and upload it again"
    )]
    NotFound {
        /// The path of the field with the id.
        field: String,
    },
    /// The file is registered, and its bytes are not there.
    #[error(
        "{field}: this file is registered and not uploaded; PUT its bytes to upload.url of POST /api/plugin-engine/files, \
         then repeat the request"
    )]
    NotUploaded {
        /// The path of the field with the id.
        field: String,
    },
    /// Tasks need the file.
    #[error("{}", in_use(.tasks))]
    InUse {
        /// The public ids of the tasks.
        tasks: Vec<String>,
    },
    /// A task that needs the file cannot be cancelled now.
    #[error("{}", busy(.tasks, *.cancelled))]
    Busy {
        /// The public ids of these tasks.
        tasks: Vec<String>,
        /// The tasks that were cancelled before.
        cancelled: usize,
    },
    /// The copy of a task that had ended was deleted.
    #[error("The files of this task were deleted when it ended; upload them again and send a new intent")]
    Expired,
}

impl FileFault {
    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "FILE_NOT_FOUND",
            Self::NotUploaded { .. } => "FILE_NOT_UPLOADED",
            Self::InUse { .. } | Self::Busy { .. } => "FILE_IN_USE",
            Self::Expired => "FILE_EXPIRED",
        }
    }

    /// The path of the field with the file's id.
    pub(super) fn field(&self) -> Option<&str> {
        match self {
            Self::NotFound { field } | Self::NotUploaded { field } => Some(field),
            Self::InUse { .. } | Self::Busy { .. } | Self::Expired => None,
        }
    }
}

/// Returns the sentence about a file that tasks need.
fn in_use(tasks: &[String]) -> String {
    format!("The file is needed by {}; force=true cancels that work and deletes the file", named(tasks))
}

/// Returns the sentence about tasks that cannot be cancelled now.
fn busy(tasks: &[String], cancelled: usize) -> String {
    let others = match cancelled {
        0 => "nothing was cancelled".to_owned(),
        1 => "1 other task was cancelled".to_owned(),
        count => format!("{count} other tasks were cancelled"),
    };
    let tasks = named(tasks);
    format!(
        "The file is being accepted or sent by {tasks}, which is not cut off; {others}; repeat the request in a minute"
    )
}

/// Returns the first ids in words.
fn named(tasks: &[String]) -> String {
    if tasks.is_empty() {
        return "a task that you may not see".to_owned();
    }
    let named = tasks.iter().take(MAX_NAMED_TASKS).map(String::as_str).collect::<Vec<_>>().join(", ");
    match tasks.len().saturating_sub(MAX_NAMED_TASKS) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
