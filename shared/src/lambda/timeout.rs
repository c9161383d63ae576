//! The function's own timeout, and the deadline of an invocation.

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::deployment::{Deployment, Part};

/// The function timeout if the configured one is out of range.
const DEFAULT_TIMEOUT: SignedDuration = SignedDuration::from_secs(29);

/// The function's own timeout. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Timeout {
    clock: Clock,
    configured: SignedDuration,
}

impl Timeout {
    /// The deadline of an invocation that starts now: the configured timeout, or `deadline_ms` of the runtime if that is earlier.
    /// A `deadline_ms` in the past is ignored (`cargo lambda watch` sends a duration where Lambda sends an instant).
    pub fn deadline(&self, deadline_ms: u64) -> Timestamp {
        let now = self.clock.now();
        let configured = now + self.configured;
        let runtime = i64::try_from(deadline_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        runtime.filter(|runtime| *runtime > now).map_or(configured, |runtime| runtime.min(configured))
    }
}

impl Part for Timeout {
    fn build(deployment: &Deployment) -> Self {
        let configured = SignedDuration::try_from(deployment.config.timeout).unwrap_or(DEFAULT_TIMEOUT);
        Self { clock: deployment.clock.clone(), configured }
    }
}
