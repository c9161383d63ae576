//! The time of the next attempt: pure arithmetic. [`Error::retry`](crate::error::Error::retry) decides if there is one.
//!
//! Beside it: the repetition of a failed store write, [`write_until`].

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::error::{Checks, Error, Result};

/// Maximum number of attempts of a task, the first included, whatever its [`RetryPolicy`].
pub const MAX_ATTEMPTS: u32 = 5;
/// Maximum number of times that the process of a task dies while the task runs alone. One such crash can have another cause, such as a
/// host that fails; three in a row have the task as their common cause.
pub const MAX_CRASHES: u32 = 3;
/// Maximum number of deferrals of a task. A deferral does not consume an attempt.
pub const MAX_DEFERRALS: u32 = 50;
/// Maximum number of reconciliations before the task needs attention: with [`RetryPolicy::DEFAULT`], some three hours.
pub const MAX_RECONCILE_ATTEMPTS: u32 = 20;
/// Grace period after a lost response, before a negative reconciliation is trusted. A provider's reads may lag behind its
/// writes by ten seconds, and the clocks of two processors may differ by five each.
pub const RECONCILE_GRACE: SignedDuration = SignedDuration::from_secs(30);
/// Maximum wait: a longer `Retry-After` is shortened to it, and no policy waits longer.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// Maximum initial interval of a policy, in seconds.
const MAX_INITIAL_INTERVAL_SECONDS: u64 = 15 * 60;
/// Delay before a failed store write is repeated.
const STORE_RETRY_DELAY: SignedDuration = SignedDuration::from_millis(500);

/// The retry policy of a task whose attempt failed without an effect. An absent field has its default: 5 attempts, 4 seconds,
/// 900 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = RetryPolicy)]
pub struct RetryPolicy {
    /// Maximum number of attempts, the first included: 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub max_attempts: u32,
    /// Longest wait before the second attempt, in seconds: 1 to 900. It doubles with every attempt.
    #[schema(minimum = 1, maximum = 900)]
    pub initial_interval_seconds: u64,
    /// Longest wait before any attempt, in seconds: at least `initialIntervalSeconds`, at most 86,400 (a day).
    #[schema(minimum = 1, maximum = 86400)]
    pub max_interval_seconds: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl RetryPolicy {
    /// The policy of tools and agents without one of their own.
    pub const DEFAULT: Self =
        Self { max_attempts: MAX_ATTEMPTS, initial_interval_seconds: 4, max_interval_seconds: 15 * 60 };

    /// Checks a policy from a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub fn check(self) -> Result<()> {
        let mut checks = Checks::default();
        let mut check = |is_valid: bool, field: &str, least: &str, most: u64, example: u64| {
            let reason = || format!("must be between {least} and {most}, for example {example}");
            checks.pass(if is_valid { Ok(()) } else { Err(Error::invalid(field, reason())) })
        };
        let Self { max_attempts, initial_interval_seconds: initial, max_interval_seconds: longest } = self;
        check((1..=MAX_ATTEMPTS).contains(&max_attempts), "retry.maxAttempts", "1", MAX_ATTEMPTS.into(), 3);
        let most = MAX_INITIAL_INTERVAL_SECONDS;
        let is_valid = (1..=most).contains(&initial);
        check(is_valid, "retry.initialIntervalSeconds", "1", most, 4);
        // The longest wait depends on a valid first one alone.
        let (least, most) = (if is_valid { initial } else { 1 }, MAX_RETRY_AFTER.as_secs());
        let is_valid = (least..=most).contains(&longest);
        check(is_valid, "retry.maxIntervalSeconds", "initialIntervalSeconds", most, 900);
        checks.finish(|| Some(()))
    }

    /// The longest wait before the attempt after `attempt` (1 is the first).
    ///
    /// ```
    /// use engine::retry::RetryPolicy;
    ///
    /// let seconds = [1, 2, 3, 4].map(|attempt| RetryPolicy::DEFAULT.backoff(attempt).as_secs());
    /// assert_eq!(seconds, [4, 8, 16, 32]);
    /// assert_eq!(RetryPolicy::DEFAULT.backoff(20).as_secs(), 900);
    /// ```
    pub fn backoff(self, attempt: u32) -> Duration {
        let doubled = self.initial_interval_seconds.saturating_mul(2_u64.saturating_pow(attempt.saturating_sub(1)));
        Duration::from_secs(doubled.min(self.max_interval_seconds))
    }

    /// The wait before the next attempt: full jitter over [`RetryPolicy::backoff`], and not before the provider's `Retry-After`,
    /// which counts up to a day.
    ///
    /// Full jitter spreads simultaneous retries best: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
    ///
    /// ```
    /// use engine::retry::RetryPolicy;
    /// use std::time::Duration;
    ///
    /// let half = |longest: Duration| longest / 2;
    /// assert_eq!(RetryPolicy::DEFAULT.wait(2, None, half).as_secs(), 4);
    /// // A provider's `Retry-After` of a minute is a lower bound.
    /// assert_eq!(RetryPolicy::DEFAULT.wait(2, Some(Duration::from_secs(60)), half).as_secs(), 64);
    /// ```
    pub fn wait(
        self,
        attempt: u32,
        retry_after: Option<Duration>,
        jitter: impl FnOnce(Duration) -> Duration,
    ) -> Duration {
        let wait = jitter(self.backoff(attempt));
        retry_after.map_or(wait, |retry_after| retry_after.min(MAX_RETRY_AFTER) + wait.min(self.backoff(1)))
    }
}

/// Parses a `Retry-After` header: seconds, or an HTTP date in any of its three forms, compared with `now`. Invalid, negative and
/// past values give `None`; overflow saturates. RFC 9110 sections 10.2.3 and 5.6.7.
///
/// ```
/// use engine::retry::parse_retry_after;
///
/// let now = "2026-11-23T10:00:00Z".parse()?;
/// let seconds = |value| parse_retry_after(value, now).map(|wait| wait.as_secs());
/// assert_eq!(seconds("120"), Some(120));
/// assert_eq!(seconds("Mon, 23 Nov 2026 10:01:00 GMT"), Some(60));
/// assert_eq!(seconds("Monday, 23-Nov-26 10:01:00 GMT"), Some(60));
/// assert_eq!(seconds("soon"), None);
/// # Ok::<(), jiff::Error>(())
/// ```
pub fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    Duration::try_from(parse_http_date(value)?.duration_since(now)).ok()
}

/// Parses `Mon, 23 Nov 2026 10:01:00 GMT`, and the obsolete forms of RFC 850 and of C's `asctime` that recipients must accept.
fn parse_http_date(text: &str) -> Option<Timestamp> {
    if let Ok(date) = jiff::fmt::rfc2822::parse(text) {
        return Some(date.timestamp());
    }
    // The weekday is redundant, and RFC 850's year has two digits.
    let obsolete = ["%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y"];
    let (_, date) = text.split_once(' ')?;
    let parse = |format: &&str| DateTime::strptime(format, date).ok()?.to_zoned(TimeZone::UTC).ok();
    obsolete.iter().find_map(parse).map(|date| date.timestamp())
}

/// Repeats a store write that fails with [`Error::Unavailable`], as long as `deadline` leaves time for another try.
///
/// # Errors
/// The last error of the write.
pub async fn write_until<T, F: Future<Output = Result<T>>>(
    clock: &Clock,
    deadline: Timestamp,
    mut write: impl FnMut() -> F,
) -> Result<T> {
    loop {
        match write().await {
            Err(Error::Unavailable(error)) if clock.now() + STORE_RETRY_DELAY + STORE_RETRY_DELAY < deadline => {
                tracing::warn!(%error, "store write failed and will be repeated");
                clock.sleep_until(clock.now() + STORE_RETRY_DELAY).await;
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The longest wait before the second attempt.
    fn max_first_wait(retry_after: Option<Duration>) -> Duration {
        RetryPolicy::DEFAULT.wait(1, retry_after, |max| max)
    }

    #[test]
    fn backoff_doubles_up_to_the_max_interval() {
        let waits = |policy: RetryPolicy| [1, 2, 3, 9, 400].map(|attempt| policy.backoff(attempt).as_secs());
        assert_eq!(waits(RetryPolicy::DEFAULT), [4, 8, 16, 900, 900]);
        assert_eq!(
            waits(RetryPolicy { initial_interval_seconds: 1, max_interval_seconds: 3, ..RetryPolicy::DEFAULT }),
            [1, 2, 3, 3, 3]
        );
    }

    #[test]
    fn policy_fields_out_of_bounds_are_rejected() {
        let rejected = |change: fn(&mut RetryPolicy)| {
            let mut policy = RetryPolicy::DEFAULT;
            change(&mut policy);
            policy.check().err().map(|error| error.to_string().split(':').next().unwrap().to_owned())
        };
        assert_eq!(rejected(|_| {}), None);
        assert_eq!(rejected(|policy| policy.max_attempts = 1), None);
        assert_eq!(rejected(|policy| policy.max_attempts = 0).unwrap(), "retry.maxAttempts");
        assert_eq!(rejected(|policy| policy.max_attempts = 6).unwrap(), "retry.maxAttempts");
        assert_eq!(rejected(|policy| policy.initial_interval_seconds = 0).unwrap(), "retry.initialIntervalSeconds");
        assert_eq!(rejected(|policy| policy.initial_interval_seconds = 901).unwrap(), "retry.initialIntervalSeconds");
        assert_eq!(rejected(|policy| policy.max_interval_seconds = 3).unwrap(), "retry.maxIntervalSeconds");
        assert_eq!(rejected(|policy| policy.max_interval_seconds = 86_401).unwrap(), "retry.maxIntervalSeconds");
    }

    #[test]
    fn retry_after_is_a_lower_bound_capped_at_one_day() {
        let wait = RetryPolicy::DEFAULT.wait(1, Some(Duration::from_secs(60)), |max| max);
        assert!(wait >= Duration::from_secs(60));
        assert!(
            max_first_wait(Some(Duration::from_secs(1_000_000_000)))
                <= MAX_RETRY_AFTER + RetryPolicy::DEFAULT.backoff(1)
        );
    }

    #[test]
    fn retry_after_is_seconds_or_any_http_date_form() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        assert_eq!(parse_retry_after("30", now), Some(Duration::from_secs(30)));
        assert_eq!(parse_retry_after("Mon, 23 Nov 2026 10:01:00 GMT", now), Some(Duration::from_secs(60)));
        for obsolete in ["Monday, 23-Nov-26 10:01:00 GMT", "Mon Nov 23 10:01:00 2026"] {
            assert_eq!(parse_retry_after(obsolete, now), Some(Duration::from_secs(60)), "{obsolete}");
        }
        assert_eq!(parse_retry_after("99999999999999999999", now), Some(Duration::from_secs(u64::MAX)));
        for invalid in ["-5", "1.5", "soon", "", "Mon, 23 Nov 2026 09:00:00 GMT"] {
            assert_eq!(parse_retry_after(invalid, now), None, "{invalid}");
        }
    }

    proptest! {
        #[test]
        fn any_retry_after_is_parsed_or_ignored(text in "(?s).{0,40}", digits in "[0-9]{1,30}") {
            let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
            for text in [text, digits.clone()] {
                let retry_after = parse_retry_after(&text, now);
                prop_assert!(max_first_wait(retry_after) <= MAX_RETRY_AFTER + RetryPolicy::DEFAULT.backoff(1), "{text:?}");
            }
            prop_assert_eq!(parse_retry_after(&digits, now), Some(Duration::from_secs(digits.parse().unwrap_or(u64::MAX))));
        }

        #[test]
        fn http_date_gives_the_duration_until_it(seconds in -100_000..1_000_000_000_i64) {
            let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
            let date = (now + SignedDuration::from_secs(seconds)).to_zoned(TimeZone::UTC);
            let expected = u64::try_from(seconds).ok().map(Duration::from_secs);
            for form in ["%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
                prop_assert_eq!(parse_retry_after(&date.strftime(form).to_string(), now), expected, "{}", form);
            }
        }
    }
}
