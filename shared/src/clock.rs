//! Time and randomness, injected: a test sets the clock, and a seed reproduces every id and jitter.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize as _, Deserializer, Error as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Real time for which a sleeper waits for a manual clock to be advanced.
const MANUAL_CLOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// The current time. Cheap to clone; clones of a manual clock share its time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(watch::Sender<Timestamp>),
    Simulated { start: Timestamp, since: Instant },
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stays at `start` until [`Clock::advance`] moves it. Sleepers wake when it passes their instant.
    ///
    /// ```
    /// use engine::clock::Clock;
    /// use jiff::SignedDuration;
    ///
    /// let clock = Clock::manual("2026-11-23T10:00:00Z".parse()?);
    /// let shared = clock.clone();
    /// clock.advance(SignedDuration::from_mins(5));
    /// assert_eq!(shared.now().to_string(), "2026-11-23T10:05:00Z");
    /// # Ok::<(), jiff::Error>(())
    /// ```
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(watch::Sender::new(start)))
    }

    /// A clock that starts at `start`, is wrong by `skew`, and follows tokio's time, which a simulation pauses and advances.
    pub fn simulated(start: Timestamp, skew: SignedDuration) -> Self {
        Self(Source::Simulated { start: start + skew, since: Instant::now() })
    }

    /// The current instant, in whole milliseconds, the precision of sort keys.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
            Source::System => {
                let now = Timestamp::now();
                Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
            }
            Source::Manual(time) => *time.borrow(),
            Source::Simulated { start, since } => {
                let elapsed = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
                *start + SignedDuration::from_millis(elapsed)
            }
        }
    }

    /// Advances a manual clock. No effect on other clocks.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(time) = &self.0 {
            time.send_modify(|now| *now += by);
        }
    }

    /// Returns true if a sleeper waits for a manual clock.
    pub fn has_sleepers(&self) -> bool {
        matches!(&self.0, Source::Manual(time) if time.receiver_count() > 0)
    }

    /// Sleeps until `instant`. Returns immediately if it has passed.
    ///
    /// # Panics
    /// If a manual clock is not advanced that far within a minute.
    pub async fn sleep_until(&self, instant: Timestamp) {
        match &self.0 {
            Source::System | Source::Simulated { .. } => {
                let wait = instant.duration_since(self.now());
                if let Ok(wait) = Duration::try_from(wait) {
                    tokio::time::sleep(wait).await;
                }
            }
            Source::Manual(time) => {
                let mut time = time.subscribe();
                // Real time: a test that does not advance its clock must fail and not hang.
                let advanced = tokio::time::timeout(MANUAL_CLOCK_TIMEOUT, time.wait_for(|now| *now >= instant)).await;
                assert!(advanced.is_ok(), "the manual clock was not advanced to {instant}");
            }
        }
    }
}

/// The source of ids, secrets and jitter. Cheap to clone; clones of a seeded source share its sequence.
#[derive(Clone, Debug)]
pub struct Random(Option<Arc<Mutex<u64>>>);

impl Random {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(None)
    }

    /// A reproducible sequence, for tests only: it is not a generator for secrets.
    ///
    /// ```
    /// use engine::clock::Random;
    ///
    /// assert_eq!(Random::seeded(7).bytes::<16>(), Random::seeded(7).bytes::<16>());
    /// assert_ne!(Random::seeded(7).bytes::<16>(), Random::seeded(8).bytes::<16>());
    /// ```
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(seed))))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// If the operating system has no randomness: no safe operation is possible.
    #[expect(clippy::expect_used, reason = "without randomness no id and no secret can be generated")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            None => SystemRandom::new().fill(&mut bytes).expect("the operating system must provide random bytes"),
            Some(state) => {
                for chunk in bytes.chunks_mut(8) {
                    chunk.copy_from_slice(&split_mix(state).to_le_bytes()[..chunk.len()]);
                }
            }
        }
        bytes
    }

    /// A ULID for `now`: sorts by time, 26 characters. <https://github.com/ulid/spec>
    pub fn ulid(&self, now: Timestamp) -> String {
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
        ulid::Ulid::from_parts(milliseconds, u128::from_le_bytes(self.bytes())).to_string()
    }

    /// The timestamp of a ULID.
    pub(crate) fn ulid_time(ulid: &str) -> Option<Timestamp> {
        let milliseconds = ulid::Ulid::from_string(ulid).ok()?.timestamp_ms();
        Timestamp::from_millisecond(i64::try_from(milliseconds).ok()?).ok()
    }

    /// The lowest ULID with a timestamp of `at` or later.
    pub(crate) fn min_ulid_at(at: Timestamp) -> String {
        ulid::Ulid::from_parts(u64::try_from(at.as_millisecond()).unwrap_or_default(), 0).to_string()
    }

    /// A uniformly random duration from zero to `max`.
    pub fn jitter(&self, max: Duration) -> Duration {
        let fraction = f64::from(u32::from_le_bytes(self.bytes())) / f64::from(u32::MAX);
        max.mul_f64(fraction)
    }
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014).
fn split_mix(state: &Mutex<u64>) -> u64 {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Returns a time for the text of an error that refuses one: an hour after `now`, in whole seconds.
pub(crate) fn example_after(now: Timestamp) -> Timestamp {
    let at = now.saturating_add(SignedDuration::from_hours(1)).unwrap_or(now);
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Deserializes an optional time, for `#[serde(default, deserialize_with = "...")]`. The error states the format; jiff's own text
/// describes its parser.
///
/// # Errors
/// If the value is neither an ISO 8601 time with a zone nor `null`.
pub fn deserialize_timestamp<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    const RULE: &str = "must be an ISO 8601 time with a zone, for example 2030-01-31T09:00:00Z";
    let text = Option::<String>::deserialize(from).map_err(|_| D::Error::custom(RULE))?;
    text.map(|text| text.parse().map_err(|_| D::Error::custom(RULE))).transpose()
}
