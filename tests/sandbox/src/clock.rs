//! The sandbox's clock. Token expiry, scheduled messages and timestamps use it.

use jiff::Timestamp;

/// A time source plus an offset.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    source: TimeSource,
    offset_seconds: i64,
}

#[derive(Clone, Debug)]
enum TimeSource {
    System,
    /// A chosen start plus tokio's elapsed time, so that a paused runtime also pauses the sandbox.
    Virtual {
        start_millis: i64,
        started_at: tokio::time::Instant,
    },
}

impl Clock {
    pub(crate) fn system() -> Self {
        Self { source: TimeSource::System, offset_seconds: 0 }
    }

    pub(crate) fn starting_at(unix_seconds: i64) -> Self {
        let source =
            TimeSource::Virtual { start_millis: unix_seconds * 1_000, started_at: tokio::time::Instant::now() };
        Self { source, offset_seconds: 0 }
    }

    pub(crate) fn advance(&mut self, seconds: i64) {
        self.offset_seconds = self.offset_seconds.saturating_add(seconds);
    }

    /// Removes the offset of [`Clock::advance`]. A virtual clock keeps running from its start.
    pub(crate) fn reset(&mut self) {
        self.offset_seconds = 0;
    }

    /// Returns the unix time in milliseconds.
    pub(crate) fn millis(&self) -> i64 {
        let now = match &self.source {
            TimeSource::System => system_millis(),
            TimeSource::Virtual { start_millis, started_at: since } => {
                start_millis.saturating_add(i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX))
            }
        };
        now.saturating_add(self.offset_seconds.saturating_mul(1_000))
    }

    /// Returns the unix time in seconds.
    pub(crate) fn seconds(&self) -> i64 {
        self.millis().div_euclid(1_000)
    }

    /// Returns the time as RFC 3339 with milliseconds, the format of most providers.
    pub(crate) fn rfc3339(&self) -> String {
        rfc3339(self.millis())
    }
}

/// Formats a time as RFC 3339 in UTC with milliseconds.
pub(crate) fn rfc3339(unix_millis: i64) -> String {
    let at = Timestamp::from_millisecond(unix_millis).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Returns the machine's time. The issuer uses it directly because the product verifies its tokens against the real clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox has its own clock; this is its only read of the system clock"
)]
pub(crate) fn system_millis() -> i64 {
    Timestamp::now().as_millisecond()
}
