//! Recurring tasks: the time of the next occurrence. Pure arithmetic; every instant is passed in.
//!
//! A series is its first occurrence and those that follow by a cron expression or an interval. Daylight saving time (DST), for
//! both: a local time that does not exist runs right after the gap, one that occurs twice runs at the first of the two, and
//! occurrences at the same instant are one. Recurrences that do not mean a time of day are exempt: intervals of hours and
//! minutes are elapsed time, and a cron expression whose minute or hour starts with `*` runs by elapsed time (see
//! `recurrence/cron.rs`).

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
use crate::error::{Checks, Error, FieldFault, Result};
use cron::Cron;
use every::Every;

/// Maximum `count` of a recurrence.
pub const MAX_OCCURRENCES: u32 = 10_000;
/// Delay after which an occurrence that has not started is a misfire.
pub const MISFIRE_THRESHOLD: SignedDuration = SignedDuration::from_secs(60);

/// The recurrence of a task, as in requests and in the task's row. It has exactly one of `cron` and `every`.
///
/// Models read the short descriptions for `schemars`, because a list of tools leaves room for little.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recurrence {
    /// Five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday), for example `0 9 * * MON-FRI`.
    /// Names, ranges, steps and lists are supported, and `MON#1` for the first Monday of a month; `L`, `W` and `?` are not. If both
    /// days are restricted, either suffices, as in cron. Without `executeAt` the first occurrence is the next match; with it, the
    /// first occurrence is at `executeAt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(description = "Five cron fields, for example `0 9 * * MON-FRI`. Instead of `every`.")]
    pub cron: Option<String>,
    /// An ISO 8601 duration of at least a minute, for example `PT15M`, `P1D`, `P1W` or `P1M`, counted from `executeAt`
    /// and not from the last run. Days, weeks, months and years keep the local time of `timezone`; in a month that is too
    /// short the occurrence is on its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        description = "An ISO 8601 duration, for example `P1D`, counted from `executeAt`. Days and longer keep the local time."
    )]
    pub every: Option<String>,
    /// The IANA time zone of `cron` and `every`, for example `Europe/Berlin`; `UTC` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Latest time of an occurrence, inclusive (ISO 8601 with a zone).
    #[serde(default, deserialize_with = "clock::deserialize_timestamp", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
    /// Number of occurrences, the first included: 1 to 10,000. Skipped occurrences count; times that passed while an
    /// earlier occurrence was waiting or running do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000), description = "Number of occurrences, the first included.")]
    pub count: Option<u32>,
    /// The misfire policy: the treatment of an occurrence that could not start on time. `run_once` by default.
    #[serde(default, skip_serializing_if = "Misfire::is_default")]
    #[schema(default = "run_once")]
    #[schemars(description = "What becomes of an occurrence that could not start on time.")]
    pub misfire: Misfire,
}

/// The treatment of an occurrence that could not start on time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Misfire {
    /// Skip it if it is more than a minute late, or if the next one is due as well.
    Skip,
    /// Run it once, however late. Times that passed meanwhile are not run.
    #[default]
    RunOnce,
}

/// A validated recurrence with its first occurrence: the instants at which a task runs.
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

/// A future occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The planned time.
    pub at: Timestamp,
    /// Its number; the first is 1.
    pub number: u32,
}

impl Misfire {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Recurrence {
    /// The first occurrence of a request without `executeAt`: the next match of `cron` after `now`.
    ///
    /// # Errors
    /// [`Error::Fields`] for `every`, which counts from `executeAt`; otherwise those of [`Recurrence::series_from`].
    ///
    /// ```
    /// use engine::recurrence::Recurrence;
    ///
    /// let workdays: Recurrence =
    ///     serde_json::from_str(r#"{ "cron": "0 9 * * MON-FRI", "timezone": "Europe/Berlin" }"#)?;
    /// let saturday = "2026-11-28T12:00:00Z".parse()?;
    /// assert_eq!(workdays.first_after(saturday)?.to_string(), "2026-11-30T08:00:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn first_after(&self, now: Timestamp) -> Result<Timestamp> {
        let zone = self.zone()?;
        match self.rule()? {
            Rule::Cron(cron) => cron.after(&zone, now).ok_or_else(no_match),
            Rule::Every(_) => {
                let reason = "is required beside recurrence.every, which counts from it; must be an ISO 8601 time with a zone, \
                    for example 2030-01-31T09:00:00Z";
                Err(Error::of_fields(vec![FieldFault::missing("executeAt", reason)]))
            }
        }
    }

    /// Validates each field by itself.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Fields`] naming the fields, such as `recurrence.cron`.
    pub fn check(&self) -> Result<()> {
        let mut checks = Checks::default();
        checks.pass(self.zone());
        checks.pass(self.rule());
        if self.count.is_some_and(|count| !(1..=MAX_OCCURRENCES).contains(&count)) {
            let reason = format!("must be between 1 and {MAX_OCCURRENCES}, for example 10");
            checks.pass::<()>(Err(Error::invalid("recurrence.count", reason)));
        }
        checks.finish(|| Some(()))
    }

    /// Validates the recurrence and returns the series that starts at `first`, which need not match `cron`.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field, such as `recurrence.cron`.
    pub fn series_from(&self, first: Timestamp) -> Result<Series> {
        self.check()?;
        let count = self.count.unwrap_or(u32::MAX);
        if self.until.is_some_and(|until| until < first) {
            return Err(Error::invalid("recurrence.until", "must not be before the first occurrence"));
        }
        let series = Series { first, zone: self.zone()?, rule: self.rule()?, until: self.until, count };
        if series.after(first).is_none() {
            return Err(match series.rule {
                Rule::Cron(_) => no_match(),
                Rule::Every(_) => Error::invalid("recurrence.every", "must be shorter; for example P1Y"),
            });
        }
        Ok(series)
    }

    fn zone(&self) -> Result<TimeZone> {
        let name = self.timezone.as_deref().unwrap_or("UTC");
        let form = "must be an IANA time zone, for example Europe/Berlin";
        let unknown = || Error::invalid("recurrence.timezone", format!("{form}{}", zone::question(name)));
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
            (Some(_), Some(_)) => Err(Error::invalid("recurrence", "must have only one of cron and every")),
            (None, None) => {
                Err(Error::invalid("recurrence", "must have cron or every, for example {\"every\": \"P1D\"}"))
            }
        }
    }
}

fn no_match() -> Error {
    let years = cron::SEARCHED_YEARS;
    Error::invalid(
        "recurrence.cron",
        format!("must match a time in the next {years} years, for example 0 9 * * MON-FRI"),
    )
}

impl Series {
    /// The first occurrence strictly after `after`, or `None` if the series is over. `after` is the later of now and the
    /// occurrence that ended, so that all times that passed meanwhile become one occurrence.
    ///
    /// `done` is the number of earlier planned occurrences, whatever their outcome: run, failed, cancelled or skipped.
    /// Times that passed meanwhile were never planned and do not count, so that `count` is the number of occurrences a
    /// person can see. `until` ends a series at a time.
    ///
    /// ```
    /// use engine::recurrence::Recurrence;
    ///
    /// let monthly: Recurrence = serde_json::from_str(r#"{ "every": "P1M", "count": 3 }"#)?;
    /// let series = monthly.series_from("2027-01-31T09:00:00Z".parse()?)?;
    /// // February has no 31st: the occurrence is on its last day.
    /// let second = series.next(1, "2027-01-31T09:00:00Z".parse()?).ok_or("a second occurrence")?;
    /// assert_eq!((second.number, second.at.to_string()), (2, "2027-02-28T09:00:00Z".to_owned()));
    /// assert_eq!(series.next(3, second.at), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next(&self, done: u32, after: Timestamp) -> Option<Occurrence> {
        let number = done.checked_add(1).filter(|number| *number <= self.count)?;
        let at = self.after(after).filter(|at| self.until.is_none_or(|until| *at <= until))?;
        Some(Occurrence { at, number })
    }

    /// Returns true if the occurrence `planned` is a misfire when it starts `now`: it is later than [`MISFIRE_THRESHOLD`],
    /// or the next one is due as well. [`Misfire`] decides its treatment.
    pub fn is_misfire(&self, planned: Timestamp, now: Timestamp) -> bool {
        now.duration_since(planned) > MISFIRE_THRESHOLD || self.after(planned).is_some_and(|next| next <= now)
    }

    /// The next occurrence, ignoring the end of the series.
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
