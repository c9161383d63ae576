//! The deletion of a file, with the tasks that need it.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::Scheduler;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, FileFault, Result};
use crate::files::{Files, needs_files};
use crate::ids::{FileId, TaskId};
use crate::permissions::Caller;
use crate::tables::tasks::TaskStatus;

/// Tasks that are cancelled at the same time.
const CONCURRENT_CANCELLATIONS: usize = 8;

/// The deletion of files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FileDeletions {
    files: Files,
    scheduler: Scheduler,
}

impl Part for FileDeletions {
    fn build(deployment: &Deployment) -> Self {
        Self { files: deployment.part::<Files>().clone(), scheduler: deployment.part::<Scheduler>().clone() }
    }
}

impl FileDeletions {
    /// Deletes a file with its copies. One that tasks need is deleted by `force` alone, which cancels them. Returns how many.
    ///
    /// # Errors
    /// [`FileFault::NotFound`]; [`FileFault::InUse`], with `force` too while an attempt of a task runs; [`Error::Forbidden`] for a task
    /// that the caller may not see.
    pub async fn delete(&self, caller: &Caller, id: &str, force: bool) -> Result<usize> {
        let not_found = || FileFault::NotFound { field: "fileId".to_owned() };
        let id = FileId::parse(id).map_err(|_| not_found())?;
        let (row, holders) = futures::join!(self.files.row(caller, &id), self.files.holders(&caller.user, &id));
        let (row, holders) = (row?, holders?);
        // The row of a file that a task needs may have expired. Who made it is not known any more.
        if row.is_none() && (holders.is_empty() || caller.creator().is_some()) {
            return Err(not_found().into());
        }
        let living = self.living(caller, &holders).await?;
        if !living.is_empty() && !force {
            return Err(in_use(living.into_iter().map(|(task, _)| task)).into());
        }
        let cancellations = living.into_iter().map(|(task, status)| self.cancel(caller, task, status));
        let cancelled: Vec<bool> =
            stream::iter(cancellations).buffer_unordered(CONCURRENT_CANCELLATIONS).try_collect().await?;
        for task in &holders {
            self.files.drop_copy(&caller.user, &id, task).await?;
        }
        self.files.delete(caller, &id).await?;
        Ok(cancelled.into_iter().filter(|cancelled| *cancelled).count())
    }

    /// Returns those of the tasks that can still send their files.
    async fn living(&self, caller: &Caller, holders: &[TaskId]) -> Result<Vec<(TaskId, TaskStatus)>> {
        let statuses = self.scheduler.tasks.statuses(holders.iter().map(|task| (&caller.user, task))).await?;
        let living = statuses.into_iter().filter(|(_, status)| needs_files(*status));
        let mut living: Vec<_> = living.map(|((_, task), status)| (task, status)).collect();
        living.sort_by(|(a, _), (b, _)| a.sort.cmp(&b.sort));
        Ok(living)
    }

    /// Cancels a task. Nothing follows by itself one that needs attention: without its files it cannot be repeated.
    async fn cancel(&self, caller: &Caller, task: TaskId, status: TaskStatus) -> Result<bool> {
        if status == TaskStatus::NeedsAttention {
            return Ok(false);
        }
        match self.scheduler.cancel(caller, &task).await {
            Ok(()) => Ok(true),
            Err(Error::Conflict(_)) => Err(in_use([task]).into()),
            Err(error) => Err(error),
        }
    }
}

fn in_use(tasks: impl IntoIterator<Item = TaskId>) -> FileFault {
    FileFault::InUse { tasks: tasks.into_iter().map(|task| task.to_string()).collect() }
}
