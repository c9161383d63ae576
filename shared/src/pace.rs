//! The pace of calls after a provider's rate limit: pure arithmetic.
//!
//! The first call after a limit goes when the provider allows it, and then the traffic grows: additive increase, multiplicative
//! decrease (<https://en.wikipedia.org/wiki/Additive_increase/multiplicative_decrease>). Each attempt takes a numbered ticket, and a
//! ticket is admitted when the virtual time of the pace reaches its number. The virtual time follows from the clock, so that only a
//! ticket and a further limit are writes: the increase is none. A ticket is no reservation of an instant: a pace that grows admits all
//! the tickets sooner, and one that is cut admits them later.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Time for which a pace holds after its last limit, if no ticket waits. Afterwards calls are free again.
const RETENTION: SignedDuration = SignedDuration::from_mins(10);
/// Shortest and longest interval between the first two calls, in seconds: the time that the provider gave says when its limit ends,
/// and little about the pace that it takes afterwards.
const FIRST_INTERVAL: (f64, f64) = (0.25, 6.0);
/// Calls that are expected in the time that the provider gave.
const FIRST_CALLS: f64 = 10.0;
/// Shortest and longest interval between two calls, in seconds. No provider allows fewer than one a minute, Slack's tier 1
/// (<https://docs.slack.dev/apis/web-api/rate-limits>): a limit that lasts beyond its own time says nothing about the pace afterwards.
const INTERVAL: (f64, f64) = (0.01, 60.0);
/// Intervals in which the rate grows by the first rate, until the first decrease.
const LEARNING_GROWTH: f64 = 1.0;
/// Intervals in which the rate grows by the first rate, after a decrease, and the seconds within which it does.
const GROWTH: f64 = 50.0;
const GROWTH_SECONDS: f64 = 30.0;
/// Factor of the rate at a limit while the pace is learned.
const LEARNING_DECREASE: f64 = 0.7;
/// Factor of the rate at a limit.
const DECREASE: f64 = 0.9;
/// Factor of the rate if even the first calls after the limit are refused.
const EARLY_DECREASE: f64 = 0.7;
/// The wait after a limit without a time.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(5);
/// Longest wait after a limit without a time. Each call that is refused again doubles the wait
/// (<https://developers.google.com/workspace/gmail/api/guides/handle-errors#exponential-backoff>).
const MAX_DEFAULT_WAIT: Duration = Duration::from_secs(32);
/// Wait up to which a task is due exactly when its ticket is admitted. One that waits longer looks earlier, because a growing pace
/// admits it earlier.
const EXACT_WAIT: Duration = Duration::from_secs(10);

/// The tickets of an attempt, by the scope of the limit.
pub type Tickets = BTreeMap<String, i64>;

/// The pace of one scope since its last limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// The end of the cooldown: the first ticket is admitted then.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub resume_at: Timestamp,
    /// The tickets that were admitted before.
    pub admitted: i64,
    /// Microseconds between the first two tickets. An integer, because a write recognizes the pace by its text.
    interval_us: u32,
    /// True until the first decrease: the provider's rate is not known yet.
    is_learning: bool,
    /// Limits without a time since the last accepted call.
    #[serde(default, skip_serializing_if = "is_zero")]
    backoffs: u32,
    /// Tickets that were put back since the last limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    put_back: u32,
}

impl Pace {
    /// The pace after the first limit. `retry_after` is the time that the provider gave, if it gave one; `previous` is the last pace of
    /// this scope, if it is known.
    pub fn first(now: Timestamp, retry_after: Option<Duration>, previous: Option<Self>) -> Self {
        let wait = wait(retry_after, 0);
        let interval = || microseconds((wait.as_secs_f64() / FIRST_CALLS).clamp(FIRST_INTERVAL.0, FIRST_INTERVAL.1));
        Self {
            resume_at: later(now, wait),
            // Above each earlier ticket, so that those are admitted at once: a scope has fewer than a thousand a second.
            admitted: now.as_millisecond(),
            interval_us: previous.map_or_else(interval, |pace| pace.interval_us),
            is_learning: previous.is_none(),
            backoffs: 0,
            put_back: 0,
        }
    }

    /// The pace after a further limit. `paced_call` is the start of the call that has met it, if it had a ticket.
    #[must_use]
    pub fn limited(self, paced_call: Option<Timestamp>, now: Timestamp, retry_after: Option<Duration>) -> Self {
        // A call without a ticket, or one that did not know of the last limit, says nothing about this pace.
        if paced_call.is_none_or(|called_at| called_at < self.resume_at) {
            let resume_at = later(now, wait(retry_after, self.backoffs)).max(self.resume_at);
            return Self { resume_at, admitted: self.admitted_at(now), ..self };
        }
        let elapsed = self.intervals_since(now);
        if elapsed < 1.0 && retry_after.is_none() {
            // The limit has not ended yet, which says nothing about the rate.
            let backoffs = self.backoffs + 1;
            let resume_at = later(now, wait(None, backoffs)).max(self.resume_at);
            return Self { resume_at, admitted: self.admitted_at(now), backoffs, put_back: 0, ..self };
        }
        let resume_at = later(now, wait(retry_after, 0)).max(self.resume_at);
        let decrease = match self.is_learning {
            _ if elapsed < 1.0 => EARLY_DECREASE,
            true => LEARNING_DECREASE,
            false => DECREASE,
        };
        let rate = (1.0 + elapsed / self.growth()) / self.interval() * decrease;
        Self {
            resume_at,
            admitted: self.admitted_at(now),
            interval_us: microseconds(rate.recip().clamp(INTERVAL.0, INTERVAL.1)),
            is_learning: false,
            backoffs: 0,
            put_back: 0,
        }
    }

    /// The pace after the first ticket was put back before all others: the call that had one was refused. Returns its new number.
    #[must_use]
    pub fn put_back(self) -> (Self, i64) {
        (Self { admitted: self.admitted - 1, put_back: self.put_back + 1, ..self }, self.admitted)
    }

    /// The instant at which the ticket that was put back last is admitted, if its attempt waits for it: after those that were put back
    /// before, whose attempts may wait too.
    pub fn admission_of_waiting(self) -> Timestamp {
        self.admission(self.admitted + i64::from(self.put_back))
    }

    /// The instant at which a ticket is admitted.
    pub fn admission(self, ticket: i64) -> Timestamp {
        let before = (ticket - self.admitted - 1).max(0);
        let growth = self.growth();
        // The solution of `before = u + u² / (2 growth)`: the rate grows linearly with the intervals `u`.
        #[expect(clippy::cast_precision_loss, reason = "tickets that wait are few")]
        let intervals = growth * ((1.0 + 2.0 * before as f64 / growth).sqrt() - 1.0);
        later(self.resume_at, Duration::from_secs_f64((intervals * self.interval()).max(0.0)))
    }

    /// The last ticket that is admitted at an instant.
    pub fn admitted_at(self, now: Timestamp) -> i64 {
        if now < self.resume_at {
            return self.admitted;
        }
        let elapsed = self.intervals_since(now);
        #[expect(clippy::cast_possible_truncation, reason = "a float becomes the largest number if it is larger")]
        let since = (elapsed + elapsed * elapsed / (2.0 * self.growth())).floor() as i64;
        self.admitted.saturating_add(1).saturating_add(since)
    }

    /// True if the calls of the scope are free again: the last limit is long ago, and no ticket up to `issued` waits.
    pub fn is_over(self, now: Timestamp, issued: i64) -> bool {
        now >= self.resume_at.saturating_add(RETENTION).unwrap_or(Timestamp::MAX) && self.admitted_at(now) >= issued
    }

    /// The time between two tickets at an instant.
    pub fn interval_at(self, now: Timestamp) -> SignedDuration {
        let seconds = self.interval() / (1.0 + self.intervals_since(now) / self.growth());
        SignedDuration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    /// Intervals since the calls went on.
    fn intervals_since(self, now: Timestamp) -> f64 {
        now.duration_since(self.resume_at).as_secs_f64().max(0.0) / self.interval()
    }

    /// Seconds between the first two tickets.
    fn interval(self) -> f64 {
        f64::from(self.interval_us) / 1_000_000.0
    }

    fn growth(self) -> f64 {
        if self.is_learning {
            LEARNING_GROWTH
        } else {
            (GROWTH_SECONDS / self.interval()).clamp(LEARNING_GROWTH, GROWTH)
        }
    }
}

/// The wait of a task whose ticket is admitted in `wait`: exact for a short one, half of a long one.
pub fn task_wait(wait: Duration) -> Duration {
    if wait <= EXACT_WAIT { wait } else { (wait / 2).max(EXACT_WAIT) }
}

/// The wait after a limit: the provider's time, otherwise one that doubles with each backoff.
fn wait(retry_after: Option<Duration>, backoffs: u32) -> Duration {
    match retry_after {
        Some(wait) => wait,
        None => DEFAULT_WAIT.saturating_mul(2_u32.saturating_pow(backoffs)).min(MAX_DEFAULT_WAIT),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature of serde")]
fn is_zero(backoffs: &u32) -> bool {
    *backoffs == 0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an interval of a minute at most")]
fn microseconds(seconds: f64) -> u32 {
    (seconds * 1_000_000.0).round() as u32
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    at.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_939_210_000 + ms).unwrap()
    }

    fn admissions(pace: Pace, tickets: i64) -> Vec<i64> {
        let after = |ticket| pace.admission(pace.admitted + ticket).as_millisecond() - at(0).as_millisecond();
        (1..=tickets).map(after).collect()
    }

    #[test]
    fn the_first_ticket_goes_when_the_provider_allows_it_and_the_others_follow_faster_and_faster() {
        let pace = Pace::first(at(0), Some(10 * SECOND), None);
        assert_eq!(admissions(pace, 5), [10_000, 10_732, 11_236, 11_645, 12_000]);
        assert_eq!(pace.admitted_at(at(9_999)), pace.admitted);
        assert_eq!(pace.admitted_at(at(10_000)), pace.admitted + 1);
    }

    #[test]
    fn a_further_limit_decreases_the_rate_once() {
        let pace = Pace { resume_at: at(1000), ..Pace::first(at(0), Some(10 * SECOND), None) };
        let cut = pace.limited(Some(at(3000)), at(3100), Some(SECOND));
        // Two intervals after the start the rate was threefold; 0.7 of 3.1 calls a second.
        assert_eq!(cut.interval_us, 460_829, "{cut:?}");
        assert_eq!(cut.admitted - pace.admitted, pace.admitted_at(at(3100)) - pace.admitted);
        // A call that was on its way meets the same limit.
        let again = cut.limited(Some(at(3050)), at(3200), Some(2 * SECOND));
        assert_eq!((again.interval_us, again.resume_at), (cut.interval_us, at(5200)));
        // The very first call is refused again.
        let early = cut.limited(Some(at(4100)), at(4200), Some(SECOND));
        assert!(early.interval_us > cut.interval_us * 4 / 3, "{early:?}");
    }

    #[test]
    fn a_limit_of_a_day_is_followed_by_ten_calls_a_minute() {
        let pace = Pace::first(at(0), Some(Duration::from_secs(86_400)), None);
        let waits = admissions(pace, 3);
        assert_eq!(waits[0], 86_400_000);
        assert_eq!(waits[1] - waits[0], 4392, "{waits:?}");
    }

    #[test]
    fn calls_go_on_soon_after_a_long_limit() {
        // A quota of an hour that says `Retry-After: 30` at each call.
        let mut pace = Pace::first(at(0), Some(Duration::from_secs(30)), None);
        for limit in 1..120 {
            let now = at(limit * 31_000);
            pace = pace.limited(Some(now), now, Some(Duration::from_secs(30))).put_back().0;
        }
        let waits: Vec<i64> = admissions(pace, 30).iter().map(|at| at - (119 * 31_000 + 30_000)).collect();
        assert!(waits[0] <= 0 && waits[1] <= 60_000 && waits[29] <= 10 * 60_000, "{waits:?}");
    }

    #[test]
    fn a_pace_is_over_ten_minutes_after_the_limit_unless_tickets_wait() {
        let pace = Pace::first(at(0), Some(Duration::from_secs(60)), None);
        let later = at(11 * 60_000);
        assert!(pace.is_over(later, pace.admitted));
        assert!(!pace.is_over(later, pace.admitted + 100_000));
        assert!(!pace.is_over(at(60_000), pace.admitted));
    }

    proptest! {
        #[test]
        fn admission_and_the_virtual_time_agree(
            wait in 1_u64..90_000, later_limit in proptest::option::of(1_i64..100_000), ticket in 1_i64..5_000,
        ) {
            let pace = Pace::first(at(0), Some(Duration::from_millis(wait)), None);
            let pace = later_limit.map_or(pace, |ms| pace.limited(Some(at(ms)), at(ms), Some(SECOND)));
            let number = pace.admitted + ticket;
            let admission = pace.admission(number);
            let just_after = admission.saturating_add(SignedDuration::from_millis(2)).unwrap();
            let just_before = admission.saturating_sub(SignedDuration::from_millis(2)).unwrap();
            prop_assert!(pace.admitted_at(just_after) >= number);
            prop_assert!(pace.admitted_at(just_before) < number);
            prop_assert!(admission >= pace.resume_at);
        }
    }
}
