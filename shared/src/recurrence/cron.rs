//! A cron expression on the wall clock of a zone.
//!
//! The library reads the expression and knows the calendar. Its own arithmetic with zones is not used: it runs 02:30
//! twice in autumn and not at all in spring, and never returns from the hour in which Lord Howe's clocks go back by half
//! an hour. It is asked about UTC alone, which stands for a wall clock, and the instants are found here, as Vixie cron
//! does (cron(8), "Daylight Saving Time and other time changes"):
//!
//! * an expression that names its times (`30 2 * * *`, `0,30 2-4 * * *`) runs once for each: skipped times at the first
//!   instant after the gap, times that come twice on the first of the two;
//! * one whose minute or hour starts with `*` (`*/15 * * * *`, `0 * * * *`) follows the clock: nothing for the times
//!   that are skipped, and all that come twice are run twice, so that its pace stays the same.

use cronexpr::{Crontab, MakeTimestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::zone;

const FIELDS: [&str; 5] = ["minute", "hour", "day of month", "month", "day of week"];
/// Longest expression, in bytes: no sensible one is near it.
const MAX_EXPRESSION_BYTES: usize = 256;

/// A cron expression.
#[derive(Clone, Debug)]
pub(super) struct Cron {
    /// In UTC, which stands for any wall clock.
    calendar: Crontab,
    /// Whether its minute or hour starts with `*`.
    is_wildcard: bool,
}

impl Cron {
    /// Reads five fields. The error says which of them is wrong and why.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_EXPRESSION_BYTES {
            return Err(format!("must be at most {MAX_EXPRESSION_BYTES} bytes"));
        }
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let &[minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err("must have five fields: minute, hour, day of month, month, day of week".to_owned());
        };
        for (place, field) in fields.iter().enumerate() {
            let mut alone = ["*"; 5];
            alone[place] = field;
            parse_fields(alone).map_err(|reason| format!("{} '{field}': {reason}", FIELDS[place]))?;
        }
        // The library's `L` (the last day, the last Friday of a month) never matches in December.
        if [day, weekday].iter().any(|field| field.contains('L')) {
            return Err("'L' is not supported; `every: P1M` from a 31st runs on the last day of each month".to_owned());
        }
        let follows_the_clock = minute.starts_with('*') || hour.starts_with('*');
        Ok(Self { calendar: parse_fields([minute, hour, day, month, weekday])?, is_wildcard: follows_the_clock })
    }

    /// The first match strictly after `after`; None when there is none within four years.
    pub(super) fn after(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        if self.is_wildcard { self.next_wildcard(zone, after) } else { self.next_fixed_time(zone, after) }
    }

    /// Each matching wall-clock time once. Those that lie behind `after` although the clock shows them as ahead are in
    /// an hour that happens a second time.
    fn next_fixed_time(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let mut wall = zone.to_datetime(after);
        loop {
            wall = self.next_match(wall)?;
            let at = zone::to_instant(zone, wall)?;
            if at > after {
                return Some(at);
            }
        }
    }

    /// Each instant at which the clock shows a matching time: from one change of the clocks to the next, within which a
    /// wall clock is as plain as UTC.
    fn next_wildcard(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let mut offset = zone.to_offset(after);
        let mut wall = offset.to_datetime(after);
        let mut changes = zone.following(after);
        loop {
            let at = offset.to_timestamp(self.next_match(wall)?).ok()?;
            match changes.next() {
                Some(change) if at >= change.timestamp() => {
                    offset = change.offset();
                    // The change itself may match, and the search is for what lies strictly after.
                    wall = offset.to_datetime(change.timestamp()).checked_sub(SignedDuration::from_secs(1)).ok()?;
                }
                _ => return Some(at),
            }
        }
    }

    /// The first matching wall-clock time strictly after `wall`.
    fn next_match(&self, wall: DateTime) -> Option<DateTime> {
        // The library panics when its four years reach beyond the end of time.
        if wall.year() > 9_990 {
            return None;
        }
        let second = wall.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
        let found = self.calendar.find_next(MakeTimestamp::from_second(second).ok()?).ok()?;
        Some(found.datetime())
    }
}

/// The expression in UTC, or the library's reason alone: the last line of its message, behind a caret.
fn parse_fields(fields: [&str; 5]) -> Result<Crontab, String> {
    cronexpr::parse_crontab(&format!("{} UTC", fields.join(" "))).map_err(|error| {
        let text = error.to_string();
        let (_, reason) = text.rsplit_once("^ ").unwrap_or(("", "is not understood"));
        reason.to_owned()
    })
}
