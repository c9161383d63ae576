//! The copies of files that tasks need, from their acceptance to their end.

use futures::future::{join_all, try_join_all};

use super::sweep::is_recent;
use super::{Files, HeldKey, upload_key};
use crate::aws::Copied;
use crate::error::{FileFault, Result};
use crate::ids::{FileId, TaskId, UserId};
use crate::intent::IntentFile;
use crate::tables::tasks::TaskFiles;

impl Files {
    /// Copies the files of an intent for its task, before the task is stored. Without files nothing is called. A repetition copies them
    /// again.
    ///
    /// # Errors
    /// [`FileFault::NotUploaded`] for an upload that changed since the intent was accepted.
    pub async fn hold(&self, user: &UserId, task: &TaskId, files: &[IntentFile]) -> Result<()> {
        try_join_all(files.iter().map(|file| Box::pin(self.hold_one(user, task, file)))).await.map(drop)
    }

    async fn hold_one(&self, user: &UserId, task: &TaskId, file: &IntentFile) -> Result<()> {
        let IntentFile { field, id, etag, .. } = file;
        match self.bucket.copy(&upload_key(id), etag, &HeldKey::of_copy(user, id, task)).await? {
            Copied::Done => Ok(()),
            Copied::SourceChanged => Err(FileFault::NotUploaded { field: field.clone() }.into()),
        }
    }

    /// Deletes the copies of a task that has ended. A failure is logged: the sweep deletes them.
    pub async fn release(&self, user: &UserId, task: &TaskId, files: &TaskFiles) {
        let released = files.ids.iter().map(|file| Box::pin(self.drop_copy(user, file, task)));
        for failure in join_all(released).await.into_iter().filter_map(Result::err) {
            tracing::warn!(error = ?failure, "a file of a task that has ended is left to the sweep");
        }
    }

    /// Deletes the copy of one file of a task.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn drop_copy(&self, user: &UserId, file: &FileId, task: &TaskId) -> Result<()> {
        self.bucket.delete(&HeldKey::of_copy(user, file, task)).await
    }

    /// True if every copy of a task is there.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn are_held(&self, user: &UserId, task: &TaskId, files: &TaskFiles) -> Result<bool> {
        let keys: Vec<String> = files.ids.iter().map(|file| HeldKey::of_copy(user, file, task)).collect();
        let facts = try_join_all(keys.iter().map(|key| self.bucket.head(key))).await?;
        Ok(facts.iter().all(Option::is_some))
    }

    /// Returns the tasks that have a copy of a file, and whether the acceptance of each can still be under way.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error::Unavailable), [`Error::Internal`](crate::error::Error::Internal).
    pub async fn holders(&self, user: &UserId, file: &FileId) -> Result<Vec<(TaskId, bool)>> {
        let (prefix, mut tasks, mut after) = (HeldKey::prefix(user, file), vec![], None);
        let now = self.clock.now();
        loop {
            let page = self.bucket.list(&prefix, after.as_deref()).await?;
            tasks.extend(
                page.objects
                    .iter()
                    .filter_map(|object| Some((HeldKey::parse(&object.key)?.task, is_recent(object, now)))),
            );
            after = page.next;
            if after.is_none() {
                return Ok(tasks);
            }
        }
    }
}
