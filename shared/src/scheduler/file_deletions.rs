//! The deletion of a file, with the tasks that need it.

use futures::stream::{self, StreamExt as _};

use super::Scheduler;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, FileFault, Result};
use crate::files::{Files, needs_files};
use crate::ids::{FileId, TaskId};
use crate::permissions::Caller;
use crate::tables::tasks::{TaskState, TaskStatus};

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

/// A task that has a copy and can still send it.
struct LivingHolder {
    task: TaskId,
    /// `None` while the task is being accepted: its copy is made before its row.
    state: Option<TaskState>,
}

impl LivingHolder {
    /// True if it cannot be cancelled now.
    fn is_busy(&self) -> bool {
        self.state.as_ref().is_none_or(|state| state.status == TaskStatus::Processing)
    }

    /// True if the caller may know of it.
    fn is_visible(&self, caller: &Caller) -> bool {
        match &self.state {
            Some(state) => state.check_permitted(caller).is_ok(),
            None => caller.creator().is_none(),
        }
    }
}

impl FileDeletions {
    /// Deletes a file with its copies. One that tasks need is deleted by `force` alone, which cancels them. Returns how many.
    ///
    /// # Errors
    /// [`FileFault::NotFound`]; [`FileFault::InUse`]; [`FileFault::Busy`] with `force` while a task cannot be cancelled;
    /// [`Error::Forbidden`] for a task that the caller may not see.
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
        let cancelled = match (living.is_empty(), force) {
            (true, _) => 0,
            (false, false) => return Err(FileFault::InUse { tasks: visible(caller, &living) }.into()),
            (false, true) => self.cancel_all(caller, &living).await?,
        };
        for (task, _) in &holders {
            self.files.drop_copy(&caller.user, &id, task).await?;
        }
        self.files.delete(caller, &id).await?;
        Ok(cancelled)
    }

    /// Returns those of the tasks that can still send their files.
    async fn living(&self, caller: &Caller, holders: &[(TaskId, bool)]) -> Result<Vec<LivingHolder>> {
        let mut states = self.scheduler.tasks.states(holders.iter().map(|(task, _)| (&caller.user, task))).await?;
        let living = holders.iter().filter_map(|(task, is_recent)| {
            let state = states.remove(&(caller.user.clone(), task.clone()));
            let lives = state.as_ref().map_or(*is_recent, |state| needs_files(state.status));
            lives.then(|| LivingHolder { task: task.clone(), state })
        });
        let mut living: Vec<LivingHolder> = living.collect();
        living.sort_by(|a, b| a.task.sort.cmp(&b.task.sort));
        Ok(living)
    }

    /// Cancels all tasks, or none if one of them may not be seen or not be cancelled. Returns how many were cancelled.
    async fn cancel_all(&self, caller: &Caller, living: &[LivingHolder]) -> Result<usize> {
        living.iter().filter_map(|holder| holder.state.as_ref()).try_for_each(|state| state.check_permitted(caller))?;
        let busy = visible(caller, living.iter().filter(|holder| holder.is_busy()));
        if living.iter().any(LivingHolder::is_busy) {
            return Err(FileFault::Busy { tasks: busy, cancelled: 0 }.into());
        }
        // Nothing follows by itself one that needs attention: without its files it cannot be repeated.
        let needs_cancelling = |holder: &&LivingHolder| {
            holder.state.as_ref().is_some_and(|state| state.status != TaskStatus::NeedsAttention)
        };
        let tasks: Vec<TaskId> = living.iter().filter(needs_cancelling).map(|holder| holder.task.clone()).collect();
        let cancellations =
            tasks.into_iter().map(|task| async move { (task.to_string(), self.scheduler.cancel(caller, &task).await) });
        let results: Vec<_> = stream::iter(cancellations).buffer_unordered(CONCURRENT_CANCELLATIONS).collect().await;
        let cancelled = results.iter().filter(|(_, result)| result.is_ok()).count();
        let mut tasks = vec![];
        for (task, result) in results {
            match result {
                Ok(()) => {}
                // An attempt has begun since.
                Err(Error::Conflict(_)) => tasks.push(task),
                Err(error) => return Err(error),
            }
        }
        if tasks.is_empty() { Ok(cancelled) } else { Err(FileFault::Busy { tasks, cancelled }.into()) }
    }
}

/// Returns the public ids of the tasks that the caller may know of.
fn visible<'a>(caller: &Caller, living: impl IntoIterator<Item = &'a LivingHolder>) -> Vec<String> {
    let visible = living.into_iter().filter(|holder| holder.is_visible(caller));
    visible.map(|holder| holder.task.to_string()).collect()
}
