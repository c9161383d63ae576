//! A cron expression in the local time of a zone.
//!
//! The library parses the expression and computes with the calendar. Its own arithmetic with zones is not used: it runs 02:30
//! twice in autumn and not at all in spring, and never returns from the hour in which Lord Howe's clocks go back by half
//! an hour. It computes in UTC only, which represents the local time, and the instants are found here, as Vixie cron
//! does (cron(8), "Daylight Saving Time and other time changes"):
//!
//! * a fixed-time expression (`30 2 * * *`, `0,30 2-4 * * *`) runs once for each of its times: a time in a gap right after the
//!   gap, a time that occurs twice at the first of the two;
//! * a wildcard expression, whose minute or hour starts with `*` (`*/15 * * * *`, `0 * * * *`), runs by elapsed time: not for
//!   times in a gap, and twice for times that occur twice, so that its interval is constant.

mod field;

use cronexpr::{Crontab, MakeTimestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::zone;
use field::FIELDS;

/// Maximum length of an expression, in bytes, far above that of a sensible one.
const MAX_EXPRESSION_BYTES: usize = 256;

/// Years within which an expression must match: 29 February of 2096 and of 2104 are eight years apart.
pub(super) const SEARCHED_YEARS: i16 = 12;
/// Years that the library searches at a time.
const LIBRARY_YEARS: i16 = 4;

/// A cron expression.
#[derive(Clone, Debug)]
pub(super) struct Cron {
    /// The expression in UTC, which represents any local time.
    calendar: Crontab,
    /// True if its minute or hour starts with `*`.
    is_wildcard: bool,
}

impl Cron {
    /// Parses five fields. The error names the invalid field and the reason.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_EXPRESSION_BYTES {
            return Err(format!("must be at most {MAX_EXPRESSION_BYTES} bytes"));
        }
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let &[minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(field::wrong_count(fields.len(), text));
        };
        for (index, (field, text)) in FIELDS.iter().zip(&fields).enumerate() {
            let mut single = ["*"; 5];
            single[index] = text;
            field.unsupported(text).map_or(Ok(()), Err)?;
            parse_fields(single).ok_or_else(|| field.explain(text))?;
        }
        let is_wildcard = minute.starts_with('*') || hour.starts_with('*');
        let calendar = parse_fields([minute, hour, day, month, weekday]);
        let calendar = calendar.ok_or("must be a cron expression, for example 0 9 * * MON-FRI")?;
        Ok(Self { calendar, is_wildcard })
    }

    /// The first match strictly after `after`; `None` if there is none within [`SEARCHED_YEARS`].
    pub(super) fn after(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        if self.is_wildcard { self.next_wildcard(zone, after) } else { self.next_fixed_time(zone, after) }
    }

    /// The next match of a fixed-time expression: each matching local time once. A local time that is later than that of
    /// `after`, but whose instant is not, lies in a repeated hour.
    fn next_fixed_time(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let mut local = zone.to_datetime(after);
        loop {
            local = self.next_match(local)?;
            let at = zone::to_instant(zone, local)?;
            if at > after {
                return Some(at);
            }
        }
    }

    /// The next match of a wildcard expression: each instant with a matching local time, from one offset change to the
    /// next, between which local time is as regular as UTC.
    fn next_wildcard(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let mut offset = zone.to_offset(after);
        let mut local = offset.to_datetime(after);
        let mut changes = zone.following(after);
        loop {
            let at = offset.to_timestamp(self.next_match(local)?).ok()?;
            match changes.next() {
                Some(change) if at >= change.timestamp() => {
                    offset = change.offset();
                    // The change itself may match, and the search is exclusive.
                    local = offset.to_datetime(change.timestamp()).checked_sub(SignedDuration::from_secs(1)).ok()?;
                }
                _ => return Some(at),
            }
        }
    }

    /// The first matching local time strictly after `local`. The library searches four years, and a match can be rarer: 29
    /// February is eight years after that of 2096.
    fn next_match(&self, local: DateTime) -> Option<DateTime> {
        (0..SEARCHED_YEARS / LIBRARY_YEARS).find_map(|part| {
            let start = local.checked_add(Span::new().years(part * LIBRARY_YEARS)).ok()?;
            // A day earlier: a year from 29 February is 28 February.
            let start = if part == 0 { start } else { start.checked_sub(Span::new().days(1)).ok()? };
            // The library panics when its four years reach beyond the maximum year.
            if start.year() > 9_990 {
                return None;
            }
            let second = start.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
            let found = self.calendar.find_next(MakeTimestamp::from_second(second).ok()?).ok()?;
            Some(found.datetime())
        })
    }
}

/// Parses the expression in UTC. The library's reason is not returned: it describes the parser, and has no example.
fn parse_fields(fields: [&str; 5]) -> Option<Crontab> {
    cronexpr::parse_crontab(&format!("{} UTC", fields.join(" "))).ok()
}
