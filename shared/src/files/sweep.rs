//! The sweep of objects without a task: a process died between a copy and its row, or a deletion failed.

use futures::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use super::held_key::{HELD_PREFIX, PAYLOADS_PREFIX};
use super::{Files, HeldKey};
use crate::aws::ListedObject;
use crate::error::Result;
use crate::tables::tasks::TaskStatus;

/// Age from which an object without a row is one that no acceptance is about to need.
const MIN_AGE: SignedDuration = SignedDuration::from_hours(1);
/// Part of the function's time in which no further page is read.
const RESERVE: SignedDuration = SignedDuration::from_secs(10);
/// Objects that are deleted at the same time.
const CONCURRENT_DELETIONS: usize = 8;

/// What a sweep has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileSweep {
    /// Objects that were deleted.
    pub deleted: usize,
    /// Objects that could not be deleted; the next sweep finds them again.
    pub failed: usize,
}

impl Files {
    /// Deletes the copies of tasks that do not exist or have ended, and the payloads of tasks that do not exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn sweep(&self, deadline: Timestamp) -> Result<FileSweep> {
        let mut sweep = FileSweep::default();
        for prefix in [HELD_PREFIX, PAYLOADS_PREFIX] {
            let mut after = None;
            while self.clock.now() + RESERVE < deadline {
                let page = self.bucket.list(prefix, after.as_deref()).await?;
                self.sweep_page(page.objects, &mut sweep).await?;
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(sweep)
    }

    async fn sweep_page(&self, objects: Vec<ListedObject>, sweep: &mut FileSweep) -> Result<()> {
        let now = self.clock.now();
        let old = objects.into_iter().filter(|object| !is_recent(object, now));
        let keyed: BTreeMap<String, HeldKey> =
            old.filter_map(|object| Some((object.key.clone(), HeldKey::parse(&object.key)?))).collect();
        let tasks = self.tasks.states(keyed.values().map(|key| (&key.user, &key.task))).await?;
        let is_needed = |key: &HeldKey| match tasks.get(&(key.user.clone(), key.task.clone())) {
            None => false,
            Some(task) => key.file.is_none() || needs_files(task.status),
        };
        let unneeded: Vec<String> =
            keyed.iter().filter(|(_, key)| !is_needed(key)).map(|(key, _)| key.clone()).collect();
        let deletions = unneeded.into_iter().map(|key| async move { self.bucket.delete(&key).await });
        let mut deletions = stream::iter(deletions).buffer_unordered(CONCURRENT_DELETIONS);
        while let Some(deleted) = deletions.next().await {
            match deleted {
                Ok(()) => sweep.deleted += 1,
                Err(error) => {
                    sweep.failed += 1;
                    tracing::warn!(?error, "an object without a task could not be deleted");
                }
            }
        }
        Ok(())
    }
}

/// True for an object that an acceptance may be about to need: it is stored before the row.
pub(super) fn is_recent(object: &ListedObject, now: Timestamp) -> bool {
    object.stored_at + MIN_AGE >= now
}

/// True for the states in which a task can still send its files: by itself, or when a person decides so.
pub(crate) fn needs_files(status: TaskStatus) -> bool {
    !status.is_final() || status == TaskStatus::NeedsAttention
}
