//! Reconciliation of effects in Asana. A task has the effect key as its external id, which only this app sees:
//! <https://developers.asana.com/docs/custom-external-data>. Other records cannot store a key; they are identified by their
//! content and creation time.

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use super::envelope::{Envelope, MAX_LIMIT, Page};
use super::task::{self, Task};
use crate::adapters::action::{ActionOutput, Reconciliation};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// Tolerance for a record whose creation time is before the planned time. Occurrences of a series are at least a minute apart, so
/// only the previous one can have created an equal record within it.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Maximum number of pages to read.
const MAX_PAGES: usize = 10;

/// A record that an effect may have created.
pub(super) trait Candidate {
    /// Returns the record's id.
    fn id(&self) -> &str;
    /// Returns the creation time, in Asana's format.
    fn created_at(&self) -> Option<&str>;
}

/// Returns the external id of the task that this effect creates.
pub(super) fn external_id(api: &Api<'_>) -> String {
    format!("pe:{}", api.effect_key)
}

/// Reconciles the creation of a task by its external id.
///
/// # Errors
/// A failure of the call.
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

/// Returns the records of a list that were created since the planned time; `None` if the list has more than [`MAX_PAGES`] pages.
///
/// # Errors
/// A failure of a call.
pub(super) async fn list_candidates<T: Candidate + DeserializeOwned>(
    api: &Api<'_>,
    path: &[&str],
    query: &[(&str, &str)],
) -> Result<Option<Vec<T>>> {
    let earliest = api.attempted_at - MAX_CLOCK_SKEW;
    let is_recent = |candidate: &T| {
        creation_time(candidate).is_none_or(|at| at >= earliest) && api.previous_external_id != Some(candidate.id())
    };
    let (mut candidates, mut cursor) = (vec![], None);
    for _ in 0..MAX_PAGES {
        let mut call = api.get(path).query("limit", MAX_LIMIT).query_opt("offset", cursor.as_deref());
        for (name, value) in query {
            call = call.query(name, value);
        }
        let page: Page<T> = call.send().await?;
        cursor = page.next_cursor();
        candidates.extend(page.data.into_iter().filter(is_recent));
        if cursor.is_none() {
            return Ok(Some(candidates));
        }
    }
    Ok(None)
}

/// Reconciles by the candidates that equal the intended record. One is conclusive; several cannot be distinguished.
pub(super) fn unique_candidate<T: Candidate>(
    equal: impl IntoIterator<Item = T>,
    output: impl FnOnce(T) -> ActionOutput,
) -> Reconciliation {
    let mut equal = equal.into_iter();
    match (equal.next(), equal.next()) {
        (None, _) => Reconciliation::NotApplied,
        // Without a creation time the record may be older than the effect.
        (Some(candidate), None) if creation_time(&candidate).is_some() => Reconciliation::Applied(output(candidate)),
        (Some(_), _) => Reconciliation::Inconclusive,
    }
}

/// Returns the parsed creation time.
fn creation_time(candidate: &impl Candidate) -> Option<Timestamp> {
    candidate.created_at().and_then(|text| text.parse().ok())
}
