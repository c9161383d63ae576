//! A page of the tasks of several agents, in the order of their sort keys: one query an agent, merged.

use super::items::TaskItems;
use super::keys::partition;
use super::status::TaskStatus;
use super::task::Task;
use crate::answer;
use crate::error::Result;
use crate::ids::AgentId;
use crate::keys::{decode_cursor, encode_cursor};
use crate::permissions::Caller;
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
    pub async fn list_merged(
        &self,
        caller: &Caller,
        agents: &[AgentId],
        query: &MergedQuery<'_>,
    ) -> Result<MergedPage> {
        let cursor = query.after.as_ref().map(encode_cursor).transpose()?;
        let request = PageRequest { limit: Some(query.limit), cursor };
        // All agents together may read about as often as a list of one.
        let max_reads = MAX_READS_PER_PAGE.checked_div(agents.len()).unwrap_or_default().max(1);
        let pages = agents.iter().map(|agent| {
            let (owner, request) = (partition(&caller.user, agent), request.clone());
            async move {
                let query = self.query_agent(caller, &owner, query.kind, query.status);
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
    let fitting = answer::fitting_rows(&tasks).min(limit);
    if tasks.len() > fitting {
        tasks.truncate(fitting);
        read_to = tasks.last().map(|task| task.sort.clone());
    }
    Ok(MergedPage { tasks, next: read_to })
}

#[cfg(test)]
mod tests {
    use super::super::task::NewTask;
    use super::*;
    use crate::account::AccountId;
    use crate::ids::UserId;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::Value;
    use std::collections::BTreeMap;

    /// A task of one of three agents; true if it passes the list's filter.
    type Listed = (usize, bool);

    fn sort_key(number: u16) -> String {
        format!("S#{number:015}")
    }

    fn task(sort: String) -> Task {
        let (user, agent) = (UserId::verified("u".to_owned()), AgentId::parse("a").unwrap());
        let (payload, now, status) = (&Value::Null, Timestamp::UNIX_EPOCH, TaskStatus::Scheduled);
        let account = &AccountId::from_stored("w.p");
        Task::new(NewTask { user: &user, agent: &agent, sort, tool: "t", action: "a", account, payload, status, now })
    }

    /// The page of one agent's list after a position, which reads so many rows.
    fn page(tasks: &BTreeMap<u16, Listed>, agent: usize, after: Option<&String>, rows: usize) -> Page<Task> {
        let list = tasks.iter().filter(|(_, (of, _))| *of == agent);
        let list: Vec<(String, bool)> = list.map(|(number, (_, passes))| (sort_key(*number), *passes)).collect();
        let start = list.partition_point(|(sort, _)| after.is_some_and(|after| sort <= after));
        let read = &list[start..list.len().min(start + rows)];
        let cursor = (start + rows < list.len()).then(|| encode_cursor(&read.last().unwrap().0).unwrap());
        let passed = read.iter().filter(|(_, passes)| *passes);
        Page { items: passed.map(|(sort, _)| task(sort.clone())).collect(), cursor }
    }

    proptest! {
        #[test]
        fn merged_pages_list_every_task_once_and_in_order(
            tasks in proptest::collection::btree_map(any::<u16>(), (0..3_usize, any::<bool>()), 0..40),
            limit in 1..5_usize,
        ) {
            let (mut listed, mut after) = (vec![], None);
            loop {
                let pages = (0..3).map(|agent| page(&tasks, agent, after.as_ref(), limit)).collect();
                let merged = merge(pages, limit).unwrap();
                prop_assert!(merged.tasks.len() <= limit);
                listed.extend(merged.tasks.into_iter().map(|task| task.sort));
                after = merged.next;
                if after.is_none() {
                    break;
                }
            }
            let passing = tasks.iter().filter(|(_, (_, passes))| *passes);
            prop_assert_eq!(listed, passing.map(|(number, _)| sort_key(*number)).collect::<Vec<_>>());
        }
    }
}
