//! Fuzz target: the `Retry-After` header.

use engine::retry::{self, RetryPolicy};
use std::time::Duration;

/// Checks the parser of `Retry-After`: no panic, digits are seconds, and no wait is longer than a day.
pub fn retry_after(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let now = "2026-11-23T10:00:00Z".parse().unwrap();
    let parsed = retry::parse_retry_after(text, now);
    if let Ok(seconds) = text.parse::<u32>().map(u64::from)
        && !text.starts_with('+')
    {
        assert_eq!(parsed, Some(Duration::from_secs(seconds)), "{text:?}");
    }
    let wait = RetryPolicy::DEFAULT.wait(1, parsed, |max| max);
    assert!(wait <= retry::MAX_RETRY_AFTER + RetryPolicy::DEFAULT.backoff(1), "{text:?}: {wait:?}");
}
