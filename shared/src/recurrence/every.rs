//! A fixed interval, counted from the first occurrence.

use jiff::fmt::temporal::SpanParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::zone;

/// Minimum interval, in seconds.
const MIN_SECONDS: i64 = 60;

/// An interval in its two parts.
#[derive(Clone, Debug)]
pub(super) struct Every {
    /// Years, months, weeks and days, in the local time of the zone.
    calendar: Span,
    /// Hours, minutes and seconds: elapsed time, in seconds.
    elapsed: i64,
}

impl Every {
    /// Parses an ISO 8601 duration. The error is the reason why it is invalid.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        static PARSER: SpanParser = SpanParser::new();
        let span =
            PARSER.parse_span(text).map_err(|_| "must be an ISO 8601 duration, for example PT15M, P1D or P1W")?;
        if span.get_milliseconds() != 0 || span.get_microseconds() != 0 || span.get_nanoseconds() != 0 {
            return Err("must be in whole seconds, for example PT90S");
        }
        let calendar =
            Span::new().years(span.get_years()).months(span.get_months()).weeks(span.get_weeks()).days(span.get_days());
        // The limits of the units keep this sum far below an overflow.
        let elapsed = i64::from(span.get_hours()) * 3600 + span.get_minutes() * 60 + span.get_seconds();
        // All units of a duration have one sign, so any calendar unit is at least a day.
        if span.is_negative() || (calendar.is_zero() && elapsed < MIN_SECONDS) {
            return Err("must be at least one minute, for example PT1M");
        }
        Ok(Self { calendar, elapsed })
    }

    /// The occurrence after `n` intervals: always `first + n * every` and never a sum of steps, so that a month after
    /// 31 January is 28 February and two months after it 31 March. `None` beyond the maximum timestamp.
    fn nth(&self, zone: &TimeZone, first: Timestamp, n: i64) -> Option<Timestamp> {
        let elapsed = SignedDuration::from_secs(self.elapsed.checked_mul(n)?);
        if self.calendar.is_zero() || n == 0 {
            return first.checked_add(elapsed).ok();
        }
        let local = zone.to_datetime(first).checked_add(self.calendar.checked_mul(n).ok()?).ok()?;
        zone::to_instant(zone, local)?.checked_add(elapsed).ok()
    }

    /// The first occurrence strictly after `after`, which is not before `first`.
    pub(super) fn after(&self, zone: &TimeZone, first: Timestamp, after: Timestamp) -> Option<Timestamp> {
        // `nth` never decreases, so the smallest n beyond `after` is found by doubling and then bisection. An n beyond the
        // maximum timestamp is beyond `after`.
        let beyond = |n: i64| self.nth(zone, first, n).is_none_or(|at| at > after);
        let (mut low, mut high) = (0, 1);
        while !beyond(high) {
            (low, high) = (high, high.checked_mul(2)?);
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if beyond(middle) { high = middle } else { low = middle }
        }
        self.nth(zone, first, high)
    }
}
