//! The refresh and maintenance policy: how long before its expiry a token is refreshed, and when maintenance checks a row.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::clock::Random;
use crate::tables::integrations::{Connection, ConnectionStatus, MAX_CONNECT_DURATION, StoredTokens};

/// Lead time of maintenance. It is longer than [`USE_LEAD_TIME`], because a refresh by an action costs its user the wait.
const MAINTENANCE_LEAD_TIME: SignedDuration = SignedDuration::from_mins(20);
/// Lead time of an action, less up to [`USE_LEAD_JITTER`].
const USE_LEAD_TIME: SignedDuration = SignedDuration::from_mins(15);
/// Maximum jitter of [`USE_LEAD_TIME`].
const USE_LEAD_JITTER: Duration = Duration::from_secs(120);
/// Maximum time without a refresh, so that a provider does not let an idle grant lapse.
const MAX_IDLE_TIME: SignedDuration = SignedDuration::from_hours(24);
/// Minimum time before the function's deadline at which a refresh may start: 10 s for the token call, 5 s for the store.
pub(super) const MIN_REFRESH_TIME: SignedDuration = SignedDuration::from_secs(15);
/// Maximum time for which tokens stay encrypted with an earlier key, after which that key can be removed from the keyring. A
/// refresh encrypts anyway; this interval is for tokens that cannot be refreshed.
const REENCRYPT_INTERVAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Maximum duration of a disconnect. A row that is still `disconnecting` afterwards was interrupted: its function was killed
/// earlier.
pub(super) const DISCONNECT_TIMEOUT: SignedDuration = SignedDuration::from_mins(1);
/// Bounds of the delay after a failed check, which is a quarter of the time that the row has been due.
const MIN_RETRY_DELAY: SignedDuration = SignedDuration::from_mins(5);
const MAX_RETRY_DELAY: SignedDuration = SignedDuration::from_hours(1);
/// Maximum jitter of the delay after a failed check.
const RETRY_JITTER: Duration = Duration::from_secs(5 * 60);

/// Validity of a connection's access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenState {
    /// Valid beyond the lead time, or without a known expiry.
    Valid,
    /// Valid, and within the lead time of an action.
    ExpiresSoon,
    /// Expired.
    Expired,
}

/// Classifies the access token at the moment of its use.
pub(super) fn token_state(connection: &Connection, now: Timestamp, random: &Random) -> TokenState {
    let lead_time = USE_LEAD_TIME - jitter(random, USE_LEAD_JITTER);
    match connection.expires_at.map(|expires_at| expires_at.duration_since(now)) {
        Some(remaining) if !remaining.is_positive() => TokenState::Expired,
        Some(remaining) if remaining < lead_time => TokenState::ExpiresSoon,
        _ => TokenState::Valid,
    }
}

/// Returns when maintenance refreshes a token that was issued at `issued_at`: [`MAINTENANCE_LEAD_TIME`] before its expiry, at half
/// the lifetime of a shorter one, and after [`MAX_IDLE_TIME`] at the latest.
pub(super) fn refresh_at(expires_at: Option<Timestamp>, issued_at: Timestamp) -> Timestamp {
    let delay = expires_at.map_or(MAX_IDLE_TIME, |expires_at| {
        let lifetime = expires_at.duration_since(issued_at).max(SignedDuration::ZERO);
        (lifetime - MAINTENANCE_LEAD_TIME.min(lifetime / 2)).min(MAX_IDLE_TIME)
    });
    issued_at + delay
}

/// Returns when maintenance has to act on a connection in its present state; `None`: never.
pub(super) fn due_at(connection: &Connection) -> Option<Timestamp> {
    let since = connection.updated_at;
    match connection.status {
        ConnectionStatus::Active => connection.refreshable.then(|| refresh_at(connection.expires_at, since)),
        ConnectionStatus::NeedsReauth => None,
        ConnectionStatus::Connecting => Some(since + MAX_CONNECT_DURATION),
        ConnectionStatus::Disconnecting => Some(since + DISCONNECT_TIMEOUT),
    }
}

/// Returns the first check of a connection that is written now. Every new row is checked once, within [`MAX_CONNECT_DURATION`]
/// if nothing else is due, so that secrets orphaned by an interrupted connect are found. `has_orphans`: check then in any case.
pub(super) fn first_check_at(connection: &Connection, has_orphans: bool) -> Timestamp {
    let orphans_expire_at = connection.updated_at + MAX_CONNECT_DURATION;
    due_at(connection).filter(|_| !has_orphans).unwrap_or(orphans_expire_at)
}

/// Returns the next check of a connection that was checked now and not due; `None`: no further check.
pub(super) fn next_check_at(connection: &Connection, has_orphans: bool, now: Timestamp) -> Option<Timestamp> {
    if has_orphans {
        return Some(now + MAX_CONNECT_DURATION);
    }
    let is_encrypted = matches!(connection.tokens, StoredTokens::EncryptedColumn(_));
    due_at(connection).or(is_encrypted.then(|| now + REENCRYPT_INTERVAL))
}

/// Returns the next check after a failed one. The delay grows with the time that the row has been due.
pub(super) fn retry_at(connection: &Connection, now: Timestamp, random: &Random) -> Timestamp {
    let overdue = due_at(connection).map_or(SignedDuration::ZERO, |due_at| now.duration_since(due_at));
    now + (overdue / 4).clamp(MIN_RETRY_DELAY, MAX_RETRY_DELAY) + jitter(random, RETRY_JITTER)
}

/// Returns the day of an instant, UTC.
pub(super) fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

fn jitter(random: &Random, max: Duration) -> SignedDuration {
    SignedDuration::try_from(random.jitter(max)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_refreshed_20_minutes_before_expiry_and_at_least_daily() {
        let issued_at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let delay = |expires_at| refresh_at(expires_at, issued_at).duration_since(issued_at).as_mins();
        let delay_for = |lifetime: i64| delay(Some(issued_at + SignedDuration::from_mins(lifetime)));
        assert_eq!([720, 60, 41, 40, 10, 0].map(delay_for), [700, 40, 21, 20, 5, 0]);
        assert_eq!([delay_for(30 * 24 * 60), delay(None)], [24 * 60, 24 * 60]);
        assert_eq!([delay(Some(Timestamp::MIN)), delay(Some(Timestamp::MAX))], [0, 24 * 60]);
    }
}
