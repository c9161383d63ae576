//! How an effect is known again. A task carries our key as its external id, which only this app sees:
//! <https://developers.asana.com/docs/custom-external-data>. The rest has no place for one and is known by what it is and when
//! it came to be.

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use super::envelope::{Envelope, MAX_LIMIT, Page};
use super::task::{self, Task};
use crate::adapters::action::{ActionOutput, Reconciliation};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// How much older than its time a thing may be, whichever clock is wrong. Only the last occurrence of a series can have left
/// an equal one as young as that, for they are planned a minute apart.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Pages read before giving up.
const MAX_PAGES: usize = 10;

/// Something that may be what an effect made.
pub(super) trait Candidate {
    /// Its id.
    fn id(&self) -> &str;
    /// When it came to be, as Asana writes it.
    fn created_at(&self) -> Option<&str>;
}

/// The external id of the task this effect makes.
pub(super) fn external_id(api: &Api<'_>) -> String {
    format!("pe:{}", api.effect_key)
}

/// What became of a task, by its external id.
///
/// # Errors
/// Those of the call.
pub(super) async fn reconcile_task(api: &Api<'_>, message: &str) -> Result<Reconciliation> {
    let key = format!("external:{}", external_id(api));
    // https://developers.asana.com/reference/gettask
    let call = api.get(&["api", "1.0", "tasks", &key]).query("opt_fields", task::FIELDS);
    match call.send::<Envelope<Task>>().await {
        Ok(Envelope { data: task }) => Ok(Reconciliation::Applied(task.into_output(message))),
        Err(error) if error.kind() == Some(Kind::NotFound) => Ok(Reconciliation::NotApplied),
        Err(error) => Err(error),
    }
}

/// What of a list came to be since this effect was planned; nothing when the list is too long to be read to its end.
///
/// # Errors
/// Those of the calls.
pub(super) async fn list_candidates<T: Candidate + DeserializeOwned>(
    api: &Api<'_>,
    path: &[&str],
    query: &[(&str, &str)],
) -> Result<Option<Vec<T>>> {
    let earliest = api.not_before - CLOCK_SKEW;
    let young =
        |made: &T| creation_time(made).is_none_or(|at| at >= earliest) && api.previous_external_id != Some(made.id());
    let (mut found, mut cursor) = (vec![], None);
    for _ in 0..MAX_PAGES {
        let mut call = api.get(path).query("limit", MAX_LIMIT).query_opt("offset", cursor.as_deref());
        for (name, value) in query {
            call = call.query(name, value);
        }
        let page: Page<T> = call.send().await?;
        cursor = page.next_cursor();
        found.extend(page.data.into_iter().filter(young));
        if cursor.is_none() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The verdict on what is alike: one is the one, and which of several it is nobody can say.
pub(super) fn unique_candidate<T: Candidate>(
    alike: impl IntoIterator<Item = T>,
    done: impl FnOnce(T) -> ActionOutput,
) -> Reconciliation {
    let mut alike = alike.into_iter();
    match (alike.next(), alike.next()) {
        (None, _) => Reconciliation::NotApplied,
        // Without a time it may be as old as the workspace.
        (Some(one), None) if creation_time(&one).is_some() => Reconciliation::Applied(done(one)),
        (Some(_), _) => Reconciliation::Inconclusive,
    }
}

fn creation_time(made: &impl Candidate) -> Option<Timestamp> {
    made.created_at().and_then(|text| text.parse().ok())
}
