//! The list of a user's tasks over all agents.

use super::{Scheduler, TaskKind};
use crate::error::Result;
use crate::keys::{decode_cursor, encode_cursor};
use crate::permissions::Caller;
use crate::tables::tasks::{MergedPage, MergedQuery, Task, TaskStatus};
use crate::tables::{Page, PageRequest};

/// The position of a page: the cursor of the agents before those whose tasks it lists, and the position in their tasks.
type Position = (Option<String>, Option<String>);

impl Scheduler {
    /// Lists the user's tasks over all agents: those of the first 25 agents in the order of their times, then those of the next 25.
    /// A page may be short; the cursor decides if there is more.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) for a bad limit or cursor.
    pub async fn list_all(
        &self,
        caller: &Caller,
        kind: TaskKind,
        status: Option<TaskStatus>,
        page: &PageRequest,
    ) -> Result<Page<Task>> {
        let limit = page.limit()?;
        let position = page.cursor.as_deref().map(decode_cursor::<Position>).transpose()?;
        let (before, after) = position.unwrap_or_default();
        let agents = self.agents.page(&caller.user, PageRequest { limit: None, cursor: before.clone() }).await?;
        let query = MergedQuery { kind: kind.sort_prefix(), status, limit, after };
        let MergedPage { tasks, next } = self.tasks.list_merged(caller, &agents.items, &query).await?;
        let position: Option<Position> = match (next, agents.cursor) {
            (Some(next), _) => Some((before, Some(next))),
            (None, Some(agents)) => Some((Some(agents), None)),
            (None, None) => None,
        };
        let cursor = position.map(|position| encode_cursor(&position)).transpose()?;
        Ok(Page { items: tasks, cursor })
    }
}
