//! When a failed attempt is tried again: pure arithmetic, the decision whether to is [`crate::error::Error::retry`]'s.

use std::time::Duration;

/// Attempts a task has, the first included.
pub const MAX_ATTEMPTS: u32 = 5;
/// Times a task may be put off by a rate limit, which does not use up an attempt.
pub const MAX_DEFERRALS: u32 = 50;
const FIRST: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// No provider is obeyed for longer than this.
const LONGEST_TOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest wait before the attempt after `attempt` (1 is the first): 4 s, doubled each time, 15 minutes at most.
pub fn backoff(attempt: u32) -> Duration {
    FIRST.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST)
}

/// The wait before the next attempt: full jitter over [`backoff`], never before the provider's own wish, which is
/// obeyed up to a day.
///
/// Full jitter spreads a herd best: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
pub fn wait(attempt: u32, told: Option<Duration>, jitter: impl FnOnce(Duration) -> Duration) -> Duration {
    let wait = jitter(backoff(attempt));
    told.map_or(wait, |told| told.min(LONGEST_TOLD) + wait.min(FIRST))
}

/// Reads a `Retry-After` header: seconds, or an HTTP date compared with `now`. Junk and the past are no wish.
/// RFC 9110 section 10.2.3.
pub fn retry_after(value: &str, now: jiff::Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Duration::try_from(date.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_and_stops() {
        let waits: Vec<u64> = [1, 2, 3, 9, 400].map(|attempt| backoff(attempt).as_secs()).to_vec();
        assert_eq!(waits, [4, 8, 16, 900, 900]);
    }

    #[test]
    fn a_provider_is_never_called_early_and_obeyed_for_a_day_at_most() {
        let told = wait(1, Some(Duration::from_secs(60)), |most| most);
        assert!(told >= Duration::from_secs(60));
        assert!(wait(1, Some(Duration::from_secs(1_000_000_000)), |most| most) <= LONGEST_TOLD + FIRST);
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        let now: jiff::Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after("30", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Mon, 23 Nov 2026 10:01:00 GMT", now), Some(Duration::from_secs(60)));
        for junk in ["-5", "soon", "", "Mon, 23 Nov 2026 09:00:00 GMT"] {
            assert_eq!(retry_after(junk, now), None, "{junk}");
        }
    }
}
