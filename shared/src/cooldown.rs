//! The gate: after a provider asked to be called less often, all calls of that user and tool wait, and then one tries first.
//!
//! Providers limit by the user's token, so what one task learns holds for its siblings: without the gate each of two hundred
//! tasks would find out for itself.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, Kind, ProviderError, Result};
use crate::ids::UserId;
use crate::retry;
use crate::tables::integrations::{Cooldown, CooldownItems};
use crate::tool::Tool;

/// How long the others wait for the one that tries.
const PROBE_TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
/// How long a provider is left alone that did not say for how long it wants to be.
const DEFAULT_COOLDOWN: Duration = Duration::from_secs(5);

/// Decides who may call.
#[derive(Clone, Debug)]
pub struct Cooldowns {
    pub(crate) items: CooldownItems,
    pub(crate) clock: Clock,
}

impl Cooldowns {
    /// Lets a call through: at once where no gate stands; as the one that tries, where its time has come. What it returns is
    /// for [`Gatekeeper::passed`].
    ///
    /// # Errors
    /// [`Error::Waiting`].
    pub async fn acquire(&self, user: &UserId, tool: Tool, gate: Option<Cooldown>) -> Result<Option<Cooldown>> {
        let Some(gate) = gate else { return Ok(None) };
        let now = self.clock.now();
        let tries = Cooldown { resume_at: now + PROBE_TIMEOUT };
        if gate.resume_at > now {
            Err(cooldown_error(tool, gate.resume_at, now))
        } else if self.items.try_probe(user, tool, gate, tries.resume_at).await? {
            Ok(Some(tries))
        } else {
            Err(cooldown_error(tool, tries.resume_at, now))
        }
    }

    /// Draws the conclusion from a call that was let through.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn record_result(
        &self,
        user: &UserId,
        tool: Tool,
        tried: Option<Cooldown>,
        failure: Option<&Error>,
    ) -> Result<()> {
        match (failure, tried) {
            (Some(Error::Provider(ProviderError { kind: Kind::RateLimited, retry_after, .. })), _) => {
                let wait = retry_after.unwrap_or(DEFAULT_COOLDOWN).min(retry::MAX_RETRY_AFTER);
                let wait = SignedDuration::try_from(wait).unwrap_or(PROBE_TIMEOUT);
                self.items.pause_until(user, tool, self.clock.now() + wait).await
            }
            (None, Some(tried)) => self.items.clear(user, tool, tried).await,
            (None, None) | (Some(_), _) => Ok(()),
        }
    }
}

fn cooldown_error(tool: Tool, until: Timestamp, now: Timestamp) -> Error {
    let retry_after = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Error::Cooldown { tool, retry_after }
}
