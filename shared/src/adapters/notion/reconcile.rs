//! Reconciliation of effects whose response was lost. Only a row can carry the effect key, and two equal objects created at the
//! same time cannot be distinguished. A page of the same title therefore proves nothing, while its absence proves that the effect
//! was not applied.

mod children;
mod comments;
mod rows;

use jiff::{SignedDuration, Timestamp};

pub(super) use self::children::reconcile_child;
pub(super) use self::comments::reconcile_comment;
pub(super) use self::rows::{KEY_PROPERTY, RowMatch, find_row, has_key_property};
use crate::adapters::api::Api;
use crate::error::{Error, Kind};

/// Maximum difference between Notion's clock and ours.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(2);
/// Maximum number of pages of a list that are read.
const MAX_PAGES: usize = 20;

fn too_long_error(api: &Api<'_>) -> Error {
    api.error(Kind::Transient, "the page is too long to be read completely")
}

/// True if an object can be of this effect: it is neither older nor the previous occurrence's.
fn is_candidate(api: &Api<'_>, id: &str, created: Option<&str>) -> bool {
    let created: Option<Timestamp> = created.and_then(|text| text.parse().ok());
    api.previous_external_id != Some(id) && created.is_none_or(|created| created >= earliest_creation(api))
}

/// Returns the start of the minute: Notion may round creation times down to it.
fn earliest_creation(api: &Api<'_>) -> Timestamp {
    let earliest = api.attempted_at - MAX_CLOCK_SKEW;
    let second = earliest.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(earliest)
}
