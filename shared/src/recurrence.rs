//! Recurring tasks: when the next occurrence is. Pure arithmetic; every instant is passed in.
//!
//! A series is its first occurrence and what follows from it by a cron expression or a span. Daylight saving, for both:
//! a wall-clock time that the clocks skip counts as the first instant after the gap, one that happens twice as the first
//! of the two, and occurrences that fall on the same instant are one. The exceptions are those that are not meant as a
//! time of day: spans of hours and minutes are elapsed time, and a cron expression whose minute or hour starts with `*`
//! follows the clock (see `recurrence/cron.rs`).

mod cron;
mod every;
#[cfg(test)]
mod tests;
mod zone;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock;
use crate::error::{Error, Result};
use cron::Cron;
use every::Every;

/// Most occurrences `count` may ask for.
pub const MAX_OCCURRENCES: u32 = 10_000;
/// An occurrence that starts later than this after its time was missed.
pub const MISFIRE_THRESHOLD: SignedDuration = SignedDuration::from_secs(60);

/// How a task comes again, as a request says it and as its row keeps it. Exactly one of `cron` and `every`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recurrence {
    /// Five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday), as `0 9 * * MON-FRI`. Names,
    /// ranges, steps and lists work, and `MON#1` for the first Monday of a month. When both days are restricted either
    /// suffices, as in cron. Without `executeAt` the first occurrence is the next time that matches; with it, it is
    /// that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// An ISO 8601 duration of at least a minute, as `PT15M`, `P1D`, `P1W` or `P1M`, counted from `executeAt` and
    /// not from the last run. Days, weeks, months and years keep the time of day in `timezone`; a month that is too
    /// short gives its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// The IANA time zone of `cron` and `every`, as `Europe/Berlin`; `UTC` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// No occurrence lies after this instant (ISO 8601 with a zone); one may lie on it.
    #[serde(default, deserialize_with = "clock::deserialize_timestamp", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
    /// How many occurrences there are in all, the first included: 1 to 10,000. Skipped ones use it up as well; times
    /// that passed while an earlier occurrence was still waiting or running do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub count: Option<u32>,
    /// What becomes of an occurrence that could not start on time.
    #[serde(default, skip_serializing_if = "Misfire::is_default")]
    pub misfire: Misfire,
}

/// What becomes of an occurrence that could not start on time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Misfire {
    /// It is skipped when it is over a minute late, or when the following one is due as well.
    Skip,
    /// It runs once, however late; the times that passed meanwhile are not made up for.
    #[default]
    RunOnce,
}

/// A checked recurrence with its first occurrence: the instants on which a task runs.
#[derive(Clone, Debug)]
pub struct Series {
    first: Timestamp,
    zone: TimeZone,
    rule: Rule,
    until: Option<Timestamp>,
    count: u32,
}

#[derive(Clone, Debug)]
enum Rule {
    Cron(Cron),
    Every(Every),
}

/// An occurrence that lies ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// When it is planned.
    pub at: Timestamp,
    /// Which one it is; the first is 1.
    pub number: u32,
}

impl Misfire {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Recurrence {
    /// The first occurrence when the request has no `executeAt`: the next time after `now` that matches `cron`.
    ///
    /// # Errors
    /// [`Error::Missing`] for `every`, which counts from `executeAt`; otherwise as [`Recurrence::starting`].
    pub fn first_after(&self, now: Timestamp) -> Result<Timestamp> {
        let zone = self.zone()?;
        match self.rule()? {
            Rule::Cron(cron) => cron.after(&zone, now).ok_or_else(no_match),
            Rule::Every(_) => Err(Error::Missing(vec!["executeAt".to_owned()])),
        }
    }

    /// Checks everything and gives the series that starts with `first`, which need not match `cron`.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field, as `recurrence.cron`.
    pub fn series_from(&self, first: Timestamp) -> Result<Series> {
        let count = self.count.unwrap_or(u32::MAX);
        if self.count.is_some_and(|count| !(1..=MAX_OCCURRENCES).contains(&count)) {
            return Err(Error::invalid("recurrence.count", format!("must be between 1 and {MAX_OCCURRENCES}")));
        }
        if self.until.is_some_and(|until| until < first) {
            return Err(Error::invalid("recurrence.until", "lies before the first occurrence"));
        }
        let series = Series { first, zone: self.zone()?, rule: self.rule()?, until: self.until, count };
        if series.after(first).is_none() {
            return Err(match series.rule {
                Rule::Cron(_) => no_match(),
                Rule::Every(_) => Error::invalid("recurrence.every", "is too long"),
            });
        }
        Ok(series)
    }

    fn zone(&self) -> Result<TimeZone> {
        let name = self.timezone.as_deref().unwrap_or("UTC");
        let unknown = || Error::invalid("recurrence.timezone", "is not an IANA time zone such as Europe/Berlin");
        zone::find(name).ok_or_else(unknown)
    }

    fn rule(&self) -> Result<Rule> {
        match (&self.cron, &self.every) {
            (Some(cron), None) => {
                Cron::parse(cron).map(Rule::Cron).map_err(|reason| Error::invalid("recurrence.cron", reason))
            }
            (None, Some(every)) => {
                Every::parse(every).map(Rule::Every).map_err(|reason| Error::invalid("recurrence.every", reason))
            }
            (Some(_), Some(_)) => Err(Error::invalid("recurrence", "takes cron or every, not both")),
            (None, None) => Err(Error::invalid("recurrence", "needs cron or every")),
        }
    }
}

fn no_match() -> Error {
    Error::invalid("recurrence.cron", "matches no time in the next four years")
}

impl Series {
    /// The first occurrence strictly after `after`, which is the later of the occurrence that ended and now, so that all
    /// that were missed meanwhile come to nothing more than this one. None when the series is over.
    ///
    /// `done` is how many occurrences were planned before, whatever became of them: run, failed, cancelled or skipped.
    /// Those that were passed over were never planned and do not count, so that `count` is the number of tasks a person
    /// can see. A series that is to end at a time has `until`.
    pub fn next(&self, done: u32, after: Timestamp) -> Option<Occurrence> {
        let number = done.checked_add(1).filter(|number| *number <= self.count)?;
        let at = self.after(after).filter(|at| self.until.is_none_or(|until| *at <= until))?;
        Some(Occurrence { at, number })
    }

    /// Whether the occurrence `planned` is missed when it starts `now`: later than [`MISFIRE_THRESHOLD`], or when the
    /// following one is due as well. What that means is [`Misfire`]'s.
    pub fn is_misfire(&self, planned: Timestamp, now: Timestamp) -> bool {
        now.duration_since(planned) > MISFIRE_THRESHOLD || self.after(planned).is_some_and(|following| following <= now)
    }

    /// The series without its end.
    fn after(&self, after: Timestamp) -> Option<Timestamp> {
        if after < self.first {
            return Some(self.first);
        }
        match &self.rule {
            Rule::Cron(cron) => cron.after(&self.zone, after),
            Rule::Every(every) => every.after(&self.zone, self.first, after),
        }
    }
}
