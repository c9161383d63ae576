//! A page of the tasks of several agents, in the order of their sort keys: one query an agent, merged.

use super::items::TaskItems;
use super::keys::partition;
use super::task::{Task, TaskStatus};
use crate::error::Result;
use crate::ids::{AgentId, UserId};
use crate::keys::{decode_cursor, encode_cursor};
use crate::tables::{MAX_READS_PER_PAGE, Page, PageRequest, query_page_within};

/// The tasks that a merged page lists.
#[derive(Clone, Debug)]
pub struct MergedQuery<'a> {
    /// The start of their sort keys: `S#` or `I#`.
    pub kind: &'a str,
    /// Their state.
    pub status: Option<TaskStatus>,
    /// The largest number of rows.
    pub limit: u16,
    /// The sort key after which the page starts. Sort keys have a random part, so one position holds for all agents.
    pub after: Option<String>,
}

/// A page of the tasks of several agents.
#[derive(Clone, Debug)]
pub struct MergedPage {
    /// The tasks, in order.
    pub tasks: Vec<Task>,
    /// The sort key after which the next page starts; absent at the end.
    pub next: Option<String>,
}

impl TaskItems {
    /// Returns tasks of several agents. With a status the page may be short; `next` decides if there is more.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) for a position outside the list.
    pub async fn list_merged(&self, user: &UserId, agents: &[AgentId], query: &MergedQuery<'_>) -> Result<MergedPage> {
        let cursor = query.after.as_ref().map(encode_cursor).transpose()?;
        let request = PageRequest { limit: Some(query.limit), cursor };
        // All agents together may read about as often as a list of one.
        let max_reads = MAX_READS_PER_PAGE.checked_div(agents.len()).unwrap_or_default().max(1);
        let pages = agents.iter().map(|agent| {
            let (owner, request) = (partition(user, agent), request.clone());
            async move {
                let query = self.query_agent(&owner, query.kind, query.status);
                query_page_within::<Task>(query, &owner, &request, max_reads).await
            }
        });
        merge(futures::future::try_join_all(pages).await?, usize::from(query.limit))
    }
}

/// Merges the pages of several lists that start after one position.
fn merge(pages: Vec<Page<Task>>, limit: usize) -> Result<MergedPage> {
    let mut tasks = vec![];
    // Up to here every list was read.
    let mut read_to: Option<String> = None;
    for page in pages {
        tasks.extend(page.items);
        let Some(cursor) = page.cursor else { continue };
        let position: String = decode_cursor(&cursor)?;
        if read_to.as_ref().is_none_or(|first| position < *first) {
            read_to = Some(position);
        }
    }
    tasks.retain(|task| read_to.as_ref().is_none_or(|position| task.sort <= *position));
    tasks.sort_by(|a, b| a.sort.cmp(&b.sort));
    if tasks.len() > limit {
        tasks.truncate(limit);
        read_to = tasks.last().map(|task| task.sort.clone());
    }
    Ok(MergedPage { tasks, next: read_to })
}
