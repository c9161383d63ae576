//! The time and the recurrence of a task.

use jiff::{SignedDuration, Timestamp};

use crate::clock;
use crate::error::{Checks, Error, Result};
use crate::recurrence::Recurrence;

/// Maximum time between acceptance and `executeAt`.
const MAX_SCHEDULE_AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Time by which `executeAt` may be in the past: an agent's "now" has passed when the request arrives.
const GRACE_PERIOD: SignedDuration = SignedDuration::from_secs(5);

/// The schedule of a task: a time, a recurrence, or both.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// The time of the first occurrence. A `cron` recurrence can compute it.
    pub at: Option<Timestamp>,
    /// The recurrence of a series.
    pub recurrence: Option<Recurrence>,
}

/// A schedule with the time of its first occurrence.
#[derive(Clone, Debug)]
pub struct StartingSchedule {
    pub(super) at: Timestamp,
    pub(super) recurrence: Option<Recurrence>,
}

impl Schedule {
    /// Validates what is independent of the time of the request.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an invalid recurrence; [`Error::Missing`] without a time.
    pub fn check(&self) -> Result<()> {
        let mut checks = Checks::default();
        checks.pass(self.recurrence.as_ref().map_or(Ok(()), Recurrence::check));
        if self.at.is_none() && self.recurrence.is_none() {
            checks.pass::<()>(Err(Error::Missing(vec!["executeAt or recurrence.cron".to_owned()])));
        }
        checks.finish(|| Some(()))
    }

    /// Computes the first occurrence.
    ///
    /// # Errors
    /// Those of [`Schedule::check`]; [`Error::Invalid`] for an `executeAt` more than a year ahead; [`Error::Fields`] for `every` without
    /// `executeAt`.
    pub fn starting(self, now: Timestamp) -> Result<StartingSchedule> {
        let mut checks = Checks::default();
        let is_valid = checks.pass(self.check()).is_some();
        let at = match (self.at, &self.recurrence) {
            (Some(at), _) if at.duration_since(now) > MAX_SCHEDULE_AHEAD => Err(Error::invalid(
                "executeAt",
                format!("must be at most a year ahead, for example {}", clock::example_after(now)),
            )),
            (Some(at), _) => Ok(Some(at)),
            // The next match, however far ahead: 29 February can be years away.
            (None, Some(recurrence)) if is_valid => recurrence.first_after(now).map(Some),
            (None, _) => Ok(None),
        };
        let at = checks.pass(at).flatten();
        if let (Some(recurrence), Some(at), true) = (&self.recurrence, at, is_valid) {
            checks.pass(recurrence.series_from(at));
        }
        checks.finish(|| Some(StartingSchedule { at: at?, recurrence: self.recurrence }))
    }
}

impl StartingSchedule {
    /// One occurrence, now.
    pub(crate) fn now(now: Timestamp) -> Self {
        Self { at: now, recurrence: None }
    }

    /// The time of the first occurrence.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// True if the first occurrence is in the past.
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.at.duration_since(now) < -GRACE_PERIOD
    }
}
