//! Reconciliation of effects whose response was lost, by what the connection's bot created since the attempt began. Two equal
//! objects that it created at the same time cannot be distinguished.

mod comments;
mod content;

use jiff::{SignedDuration, Timestamp};

pub(super) use self::comments::reconcile_comment;
pub(super) use self::content::{Added, Position, reconcile_content};
use super::block::User;
use crate::adapters::api::Api;
use crate::error::Result;

/// Maximum difference between Notion's clock and ours.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(2);

/// Returns the id of the connection's bot, the author of what it creates. `None` if the connection may not read it.
///
/// # Errors
/// A failure of the call.
pub(super) async fn bot_id(api: &Api<'_>) -> Result<Option<String>> {
    const LOOKUP: &str = "id of the bot";
    if let Some(id) = api.get_lookup(LOOKUP) {
        return Ok(Some(id));
    }
    // https://developers.notion.com/reference/get-self
    match api.get(&["v1", "users", "me"]).send::<User>().await {
        Ok(bot) => {
            api.insert_lookup(LOOKUP, &bot.id);
            Ok(Some(bot.id))
        }
        Err(error) if error.is_access_refused() => Ok(None),
        Err(error) => Err(error),
    }
}

/// True if an object can be of this effect: it is neither older nor the previous occurrence's.
pub(super) fn is_candidate(api: &Api<'_>, id: &str, created: Option<&str>) -> bool {
    api.previous_external_id != Some(id) && is_since_attempt(api, created)
}

/// True if a time can be after the beginning of the attempt.
pub(super) fn is_since_attempt(api: &Api<'_>, time: Option<&str>) -> bool {
    let time: Option<Timestamp> = time.and_then(|text| text.parse().ok());
    time.is_none_or(|time| time >= earliest_creation(api))
}

/// Returns the start of the minute: Notion may round creation times down to it.
fn earliest_creation(api: &Api<'_>) -> Timestamp {
    let earliest = api.attempted_at - MAX_CLOCK_SKEW;
    let second = earliest.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(earliest)
}
