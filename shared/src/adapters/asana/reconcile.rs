//! Reconciliation of effects in Asana. A task has the effect key as its external id, which only this app sees:
//! <https://developers.asana.com/docs/custom-external-data>. Other records cannot store a key; they are identified by their
//! content, creation time and author.

use jiff::SignedDuration;
use serde::de::DeserializeOwned;

use super::envelope::{MAX_LIMIT, Page};
use super::prelude::*;
use super::same_text;
use super::task::{self, Task};

/// Maximum difference between Asana's clock and ours.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Maximum number of pages of a list that are read at once.
const MAX_PAGES: usize = 10;

/// The records of a list that an effect may have created.
#[derive(Debug)]
pub(super) enum Candidates<T> {
    /// All of them.
    All(Vec<T>),
    /// There was none up to this cursor.
    Unfinished(String),
}

/// Returns the external id of the task that this effect creates.
pub(super) fn external_id(api: &Api<'_>) -> String {
    format!("pe:{}", api.effect_key)
}

/// A list in which a created task is.
#[derive(Debug)]
pub(super) enum TaskList {
    /// The subtasks of a task.
    Subtasks(String),
    /// The tasks of a project.
    Project(String),
    /// The tasks of a person in a workspace.
    Assignee(String, String),
}

/// Reconciles the creation of a task by its external id. A personal access token stores none, so that its absence proves nothing: then the
/// list is read, where there is one, for a task without an external id of this name, time and author. `list` returns it.
///
/// # Errors
/// A failure of a call.
pub(super) async fn reconcile_task(
    api: &Api<'_>,
    name: &str,
    list: impl AsyncFnOnce() -> Result<Option<TaskList>>,
    message: &str,
) -> Result<Reconciliation<Task>> {
    let key = format!("external:{}", external_id(api));
    // https://developers.asana.com/reference/gettask
    let call = api.get(&["api", "1.0", "tasks", &key]).query("opt_fields", task::FIELDS);
    match call.send::<Envelope<Task>>().await {
        Ok(Envelope { data: task }) => return Ok(Reconciliation::Applied(task.into_output(message))),
        Err(error) if error.kind() == Some(Kind::NotFound) => {}
        Err(error) => return Err(error),
    }
    let list = match list().await {
        Ok(Some(list)) => list,
        Ok(None) => return Ok(Reconciliation::NotApplied),
        // The place has another name by now, so that a task of a personal token cannot be looked for.
        Err(error) if matches!(error, Error::Invalid { .. }) || error.kind() == Some(Kind::Invalid) => {
            return Ok(Reconciliation::Inconclusive);
        }
        Err(error) => return Err(error),
    };
    let has_name = |task: &Task| task.name().is_some_and(|it| same_text::is_same(name, it));
    let since = (api.attempted_at - MAX_CLOCK_SKEW).to_string();
    let (path, query) = list.read_since(&since);
    match list_own_tasks(api, &path, query, has_name).await {
        Ok(Candidates::All(tasks)) => Ok(unique_candidate(tasks, message)),
        Ok(Candidates::Unfinished(cursor)) => Ok(Reconciliation::Unfinished(cursor)),
        // The place is deleted, and with it whatever was in it.
        Err(error) if error.kind() == Some(Kind::NotFound) => Ok(Reconciliation::NotApplied),
        Err(error) => Err(error),
    }
}

impl TaskList {
    /// Returns the path and the parameters of the list, of what was changed since a time where Asana can tell.
    fn read_since<'a>(&'a self, since: &'a str) -> (Vec<&'a str>, Vec<(&'a str, &'a str)>) {
        match self {
            // https://developers.asana.com/reference/getsubtasksfortask
            Self::Subtasks(parent) => (vec!["api", "1.0", "tasks", parent, "subtasks"], vec![]),
            // https://developers.asana.com/reference/gettasks
            Self::Project(project) => {
                (vec!["api", "1.0", "tasks"], vec![("project", project), ("modified_since", since)])
            }
            Self::Assignee(assignee, workspace) => (
                vec!["api", "1.0", "tasks"],
                vec![("assignee", assignee), ("workspace", workspace), ("modified_since", since)],
            ),
        }
    }
}

/// Returns the tasks of a list that match, as [`list_candidates`] does: those of the connected user, as far as the grant shows who that
/// is, and without an external id, which another effect's has.
///
/// # Errors
/// A failure of a call.
pub(super) async fn list_own_tasks(
    api: &Api<'_>,
    path: &[&str],
    query: Vec<(&str, &str)>,
    matches: impl Fn(&Task) -> bool,
) -> Result<Candidates<Task>> {
    let me = own_id(api).await?;
    let is_own = |task: &Task| task.author().zip(me.as_deref()).is_none_or(|(author, me)| author == me);
    let fields = format!("{},created_by,external", task::FIELDS);
    let query = [query, vec![("opt_fields", fields.as_str())]].concat();
    list_candidates(api, path, &query, |task: &Task| !task.has_external_id() && is_own(task) && matches(task)).await
}

/// Returns the records of a list that match and were created since the attempt began. A long list is read in parts, and ends early
/// once there is a record: only one is expected.
///
/// # Errors
/// A failure of a call.
pub(super) async fn list_candidates<T: Record + DeserializeOwned>(
    api: &Api<'_>,
    path: &[&str],
    query: &[(&str, &str)],
    matches: impl Fn(&T) -> bool,
) -> Result<Candidates<T>> {
    let call = query.iter().fold(api.get(path), |call, (name, value)| call.query(name, value));
    let (mut candidates, mut cursor, mut limit) = (vec![], api.cursor.map(str::to_owned), MAX_LIMIT);
    for read in 0..MAX_PAGES {
        let page = envelope::read_page(api, call.clone(), limit, cursor.as_deref()).await;
        let (page, size): (Page<T>, u32) = match (page, cursor.take()) {
            (Err(error), Some(cursor)) if error.is_rate_limit() && candidates.is_empty() => {
                return Ok(Candidates::Unfinished(cursor));
            }
            // A stored offset expires: https://developers.asana.com/docs/pagination
            (Err(error), Some(_)) if error.kind() == Some(Kind::Invalid) && read == 0 => continue,
            (page, _) => page?,
        };
        limit = size;
        cursor = page.next_cursor();
        candidates.extend(page.data.into_iter().filter(|record| is_recent(api, record) && matches(record)));
        if cursor.is_none() {
            return Ok(Candidates::All(candidates));
        }
    }
    match cursor {
        Some(cursor) if candidates.is_empty() => Ok(Candidates::Unfinished(cursor)),
        _ => Ok(Candidates::All(candidates)),
    }
}

/// True if a record was created since the attempt began, and not by the previous occurrence.
pub(super) fn is_recent(api: &Api<'_>, record: &impl Record) -> bool {
    let earliest = api.attempted_at - MAX_CLOCK_SKEW;
    record.created_at().is_none_or(|at| at.0 >= earliest) && api.previous_external_id != Some(record.id())
}

/// Returns the id of the connected user; `None` if the grant does not allow to read it.
///
/// # Errors
/// A failure of the call.
pub(super) async fn own_id(api: &Api<'_>) -> Result<Option<String>> {
    // https://developers.asana.com/reference/getuser
    match api.get(&["api", "1.0", "users", "me"]).query("opt_fields", "name").send::<Envelope<Ref>>().await {
        Ok(Envelope { data: me }) => Ok(Some(me.gid)),
        Err(error) if error.is_access_refused() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reconciles by the candidates that equal the intended record. One is conclusive; several cannot be distinguished.
pub(super) fn unique_candidate<T: Record>(equal: impl IntoIterator<Item = T>, message: &str) -> Reconciliation<T> {
    let mut equal = equal.into_iter();
    match (equal.next(), equal.next()) {
        (None, _) => Reconciliation::NotApplied,
        // Without a creation time the record may be older than the effect.
        (Some(one), None) if one.created_at().is_some() => Reconciliation::Applied(one.into_output(message)),
        (Some(_), _) => Reconciliation::Inconclusive,
    }
}
