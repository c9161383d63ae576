//! When a failed attempt is tried again: pure arithmetic, the decision whether to is [`crate::error::Error::retry`]'s.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// Attempts a task has at most, the first included, whatever its [`Policy`] says.
pub const MAX_ATTEMPTS: u32 = 5;
/// Times a task may be put off by a rate limit, which does not use up an attempt.
pub const MAX_DEFERRALS: u32 = 50;
/// Times a provider is asked what became of an effect before a person must look: with [`Policy::DEFAULT`], some three hours.
pub const MAX_RECONCILE_ATTEMPTS: u32 = 20;
/// How long after a lost answer a provider's "there is no such thing" is believed. Its reads may lag behind its writes by
/// ten seconds, and the clocks of two processors may differ by five each.
pub const RECONCILE_GRACE: SignedDuration = SignedDuration::from_secs(30);
/// No provider is obeyed for longer than this, and no policy waits longer.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest first wait of a policy, in seconds.
const MAX_INITIAL_INTERVAL_SECONDS: u64 = 15 * 60;

/// How a task whose attempt failed without an effect is tried again. What a caller leaves out is [`Policy::DEFAULT`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = RetryPolicy)]
pub struct RetryPolicy {
    /// Attempts, the first included: 1 to [`MAX_ATTEMPTS`].
    #[schema(minimum = 1, maximum = 5)]
    pub max_attempts: u32,
    /// The longest wait before the second attempt, in seconds, 1 to 900; it is doubled each time.
    #[schema(minimum = 1, maximum = 900)]
    pub initial_interval_seconds: u64,
    /// No wait of its own is longer, in seconds; a day at most.
    #[schema(minimum = 1, maximum = 86400)]
    pub max_interval_seconds: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl RetryPolicy {
    /// Where nobody has set one.
    pub const DEFAULT: Self =
        Self { max_attempts: MAX_ATTEMPTS, initial_interval_seconds: 4, max_interval_seconds: 15 * 60 };

    /// Checks a policy somebody wants to set.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub fn check(self) -> Result<()> {
        let most = MAX_RETRY_AFTER.as_secs();
        if !(1..=MAX_ATTEMPTS).contains(&self.max_attempts) {
            return Err(Error::invalid("retry.maxAttempts", format!("must be between 1 and {MAX_ATTEMPTS}")));
        }
        if !(1..=MAX_INITIAL_INTERVAL_SECONDS).contains(&self.initial_interval_seconds) {
            return Err(Error::invalid(
                "retry.initialIntervalSeconds",
                format!("must be between 1 and {MAX_INITIAL_INTERVAL_SECONDS}"),
            ));
        }
        if !(self.initial_interval_seconds..=most).contains(&self.max_interval_seconds) {
            return Err(Error::invalid(
                "retry.maxIntervalSeconds",
                format!("must be between initialIntervalSeconds and {most}"),
            ));
        }
        Ok(())
    }

    /// The longest wait before the attempt after `attempt` (1 is the first).
    pub fn backoff(self, attempt: u32) -> Duration {
        let doubled = self.initial_interval_seconds.saturating_mul(2_u64.saturating_pow(attempt.saturating_sub(1)));
        Duration::from_secs(doubled.min(self.max_interval_seconds))
    }

    /// The wait before the next attempt: full jitter over [`Policy::backoff`], never before the provider's own wish, which
    /// is obeyed up to a day.
    ///
    /// Full jitter spreads a herd best: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
    pub fn wait(self, attempt: u32, told: Option<Duration>, jitter: impl FnOnce(Duration) -> Duration) -> Duration {
        let wait = jitter(self.backoff(attempt));
        told.map_or(wait, |told| told.min(MAX_RETRY_AFTER) + wait.min(self.backoff(1)))
    }
}

/// Reads a `Retry-After` header: seconds, or an HTTP date in any of its three forms, compared with `now`. Junk, negative
/// numbers and the past are no wish; a number too large to read is the longest wish there is.
/// RFC 9110 sections 10.2.3 and 5.6.7.
pub fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    Duration::try_from(parse_http_date(value)?.duration_since(now)).ok()
}

/// `Mon, 23 Nov 2026 10:01:00 GMT`, and the forms of RFC 850 and of C's `asctime` that recipients must still read.
fn parse_http_date(text: &str) -> Option<Timestamp> {
    if let Ok(date) = jiff::fmt::rfc2822::parse(text) {
        return Some(date.timestamp());
    }
    // A weekday says nothing the date does not say, and RFC 850's year has two digits.
    let obsolete = ["%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y"];
    let (_, date) = text.split_once(' ')?;
    let read = |format: &&str| DateTime::strptime(format, date).ok()?.to_zoned(TimeZone::UTC).ok();
    obsolete.iter().find_map(read).map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The longest first wait.
    fn max_first_wait(told: Option<Duration>) -> Duration {
        RetryPolicy::DEFAULT.wait(1, told, |most| most)
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
        let refused = |change: fn(&mut RetryPolicy)| {
            let mut policy = RetryPolicy::DEFAULT;
            change(&mut policy);
            policy.check().err().map(|error| error.to_string().split(':').next().unwrap().to_owned())
        };
        assert_eq!(refused(|_| {}), None);
        assert_eq!(refused(|policy| policy.max_attempts = 1), None);
        assert_eq!(refused(|policy| policy.max_attempts = 0).unwrap(), "retry.maxAttempts");
        assert_eq!(refused(|policy| policy.max_attempts = 6).unwrap(), "retry.maxAttempts");
        assert_eq!(refused(|policy| policy.initial_interval_seconds = 0).unwrap(), "retry.initialIntervalSeconds");
        assert_eq!(refused(|policy| policy.initial_interval_seconds = 901).unwrap(), "retry.initialIntervalSeconds");
        assert_eq!(refused(|policy| policy.max_interval_seconds = 3).unwrap(), "retry.maxIntervalSeconds");
        assert_eq!(refused(|policy| policy.max_interval_seconds = 86_401).unwrap(), "retry.maxIntervalSeconds");
    }

    #[test]
    fn retry_after_is_a_lower_bound_capped_at_one_day() {
        let told = RetryPolicy::DEFAULT.wait(1, Some(Duration::from_secs(60)), |most| most);
        assert!(told >= Duration::from_secs(60));
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
        for old in ["Monday, 23-Nov-26 10:01:00 GMT", "Mon Nov 23 10:01:00 2026"] {
            assert_eq!(parse_retry_after(old, now), Some(Duration::from_secs(60)), "{old}");
        }
        assert_eq!(parse_retry_after("99999999999999999999", now), Some(Duration::from_secs(u64::MAX)));
        for junk in ["-5", "1.5", "soon", "", "Mon, 23 Nov 2026 09:00:00 GMT"] {
            assert_eq!(parse_retry_after(junk, now), None, "{junk}");
        }
    }

    proptest! {
        #[test]
        fn any_retry_after_is_read_or_passed_over(text in "(?s).{0,40}", digits in "[0-9]{1,30}") {
            let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
            for text in [text, digits.clone()] {
                let told = parse_retry_after(&text, now);
                prop_assert!(max_first_wait(told) <= MAX_RETRY_AFTER + RetryPolicy::DEFAULT.backoff(1), "{text:?}");
            }
            prop_assert_eq!(parse_retry_after(&digits, now), Some(Duration::from_secs(digits.parse().unwrap_or(u64::MAX))));
        }

        #[test]
        fn a_date_is_the_wait_until_it(seconds in -100_000..1_000_000_000_i64) {
            let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
            let date = (now + SignedDuration::from_secs(seconds)).to_zoned(TimeZone::UTC);
            let wanted = u64::try_from(seconds).ok().map(Duration::from_secs);
            for form in ["%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
                prop_assert_eq!(parse_retry_after(&date.strftime(form).to_string(), now), wanted, "{}", form);
            }
        }
    }
}
