//! The cooldown of an account: after a provider's rate limit all calls pause until `resume_at`, then one probe is made.
//!
//! Providers limit by the account's token, so one task's rate limit applies to the account's other tasks too: without the cooldown
//! each of two hundred tasks would call and be refused.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::{DEFAULT_LIMIT_WAIT, Error, Kind, ProviderError, Result};
use crate::metrics::{self, Metric};
use crate::retry;
use crate::tables::integrations::{ConnectionKey, Cooldown, CooldownItems};
use crate::tool::Tool;

/// Time for which other calls wait for a probe.
const PROBE_TIMEOUT: SignedDuration = SignedDuration::from_secs(10);

/// The cooldowns of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cooldowns {
    pub(crate) items: CooldownItems,
    pub(crate) clock: Clock,
}

impl Part for Cooldowns {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        let items = CooldownItems::new(dynamodb.clone(), config.tables.integrations.clone());
        Self { items, clock: clock.clone() }
    }
}

impl Cooldowns {
    /// Acquires the permission for a call: immediately without a cooldown, as its probe if it is over. Returns the probe for
    /// [`Cooldowns::record_result`].
    ///
    /// # Errors
    /// [`Error::Cooldown`].
    pub async fn acquire(&self, of: ConnectionKey<'_>, cooldown: Option<Cooldown>) -> Result<Option<Cooldown>> {
        let Some(cooldown) = cooldown else { return Ok(None) };
        let now = self.clock.now();
        let probe = Cooldown { resume_at: now + PROBE_TIMEOUT };
        if cooldown.resume_at > now {
            Err(cooldown_error(of.tool, cooldown.resume_at, now))
        } else if self.items.try_probe(of, cooldown, probe.resume_at).await? {
            Ok(Some(probe))
        } else {
            Err(cooldown_error(of.tool, probe.resume_at, now))
        }
    }

    /// Records the result of a permitted call: a rate limit starts a cooldown, or a further one after a probe; every other answer to
    /// a probe ends it. An unreachable provider ends it too: its failures are the circuit breaker's.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn record_result(
        &self,
        of: ConnectionKey<'_>,
        probe: Option<Cooldown>,
        failure: Option<&Error>,
    ) -> Result<()> {
        match (failure, probe) {
            (Some(Error::Provider(ProviderError { kind: Kind::RateLimited, retry_after, .. })), _) => {
                let wait = retry_after.unwrap_or(DEFAULT_LIMIT_WAIT).min(retry::MAX_RETRY_AFTER);
                let wait = SignedDuration::try_from(wait).unwrap_or(PROBE_TIMEOUT);
                let now = self.clock.now();
                if self.items.pause_until(of, now + wait, probe).await? {
                    metrics::count(Metric::Cooldowns, of.tool.as_str(), "started", now);
                }
                Ok(())
            }
            (None | Some(Error::Provider(_)), Some(probe)) => self.items.clear(of, probe).await,
            // Without an answer of the provider, others wait for the rest of the probe's time.
            (Some(_), Some(_)) | (_, None) => Ok(()),
        }
    }
}

fn cooldown_error(tool: Tool, resume_at: Timestamp, now: Timestamp) -> Error {
    let retry_after = Duration::try_from(resume_at.duration_since(now)).unwrap_or_default();
    Error::Cooldown { tool, retry_after }
}
