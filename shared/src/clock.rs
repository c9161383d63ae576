//! Time and randomness, injected: a test sets the clock, and a seed replays every id and jitter.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize as _, Deserializer, Error as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long one who sleeps by a manual clock waits for it to be moved.
const MANUAL_CLOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// The time of day. Cheap to clone; clones of a manual clock share its hands.
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

    /// A clock that stands at `start` until [`Clock::advance`] moves it; sleepers wake when it passes their instant.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(watch::Sender::new(start)))
    }

    /// A clock that shows `start` now, is wrong by `skew`, and goes with tokio's time, which a simulation pauses and lets jump.
    pub fn simulated(start: Timestamp, skew: SignedDuration) -> Self {
        Self(Source::Simulated { start: start + skew, since: Instant::now() })
    }

    /// The current instant, in whole milliseconds: what keys sort by and people can read.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
            Source::System => {
                let now = Timestamp::now();
                Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
            }
            Source::Manual(hands) => *hands.borrow(),
            Source::Simulated { start, since } => {
                let gone = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
                *start + SignedDuration::from_millis(gone)
            }
        }
    }

    /// Moves a manual clock forward; the others cannot be moved and stay.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(hands) = &self.0 {
            hands.send_modify(|now| *now += by);
        }
    }

    /// Whether somebody waits for a manual clock to be moved.
    pub fn has_sleepers(&self) -> bool {
        matches!(&self.0, Source::Manual(hands) if hands.receiver_count() > 0)
    }

    /// Waits until `instant`; returns at once when it has passed.
    ///
    /// # Panics
    /// When nobody moves a manual clock that far within a minute.
    pub async fn sleep_until(&self, instant: Timestamp) {
        match &self.0 {
            Source::System | Source::Simulated { .. } => {
                let wait = instant.duration_since(self.now());
                if let Ok(wait) = Duration::try_from(wait) {
                    tokio::time::sleep(wait).await;
                }
            }
            Source::Manual(hands) => {
                let mut hands = hands.subscribe();
                // Of real time: a test that forgot to move its clock is to fail and not to hang.
                let moved = tokio::time::timeout(MANUAL_CLOCK_TIMEOUT, hands.wait_for(|now| *now >= instant)).await;
                assert!(moved.is_ok(), "nobody has moved the manual clock to {instant}");
            }
        }
    }
}

/// Where ids, secrets and jitter come from. Cheap to clone; clones of a seeded source share its sequence.
#[derive(Clone, Debug)]
pub struct Random(Option<Arc<Mutex<u64>>>);

impl Random {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(None)
    }

    /// A repeatable sequence, for tests only: it is no generator for secrets.
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(seed))))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing safe can be done then.
    #[expect(clippy::expect_used, reason = "without randomness no id and no secret can be made")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            None => SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes"),
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

    /// The time a ULID was made for.
    pub(crate) fn ulid_time(ulid: &str) -> Option<Timestamp> {
        let milliseconds = ulid::Ulid::from_string(ulid).ok()?.timestamp_ms();
        Timestamp::from_millisecond(i64::try_from(milliseconds).ok()?).ok()
    }

    /// The first of all ULIDs made at an instant or later.
    pub(crate) fn min_ulid_at(at: Timestamp) -> String {
        ulid::Ulid::from_parts(u64::try_from(at.as_millisecond()).unwrap_or_default(), 0).to_string()
    }

    /// A uniformly random duration from zero up to `most`.
    pub fn jitter(&self, most: Duration) -> Duration {
        let fraction = f64::from(u32::from_le_bytes(self.bytes())) / f64::from(u32::MAX);
        most.mul_f64(fraction)
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
