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
use crate::tables::gates::{Gate, GatesTable};
use crate::tool::Tool;

/// How long the others wait for the one that tries.
const TRY: SignedDuration = SignedDuration::from_secs(10);
/// How long a provider is left alone that did not say for how long it wants to be.
const UNSAID: Duration = Duration::from_secs(5);

/// Decides who may call.
#[derive(Clone, Debug)]
pub struct Gatekeeper {
    pub(crate) table: GatesTable,
    pub(crate) clock: Clock,
}

impl Gatekeeper {
    /// Lets a call through: at once where no gate stands; as the one that tries, where its time has come. What it returns is
    /// for [`Gatekeeper::passed`].
    ///
    /// # Errors
    /// [`Error::Waiting`].
    pub async fn enter(&self, user: &UserId, tool: Tool, gate: Option<Gate>) -> Result<Option<Gate>> {
        let Some(gate) = gate else { return Ok(None) };
        let now = self.clock.now();
        let tries = Gate { until: now + TRY };
        if gate.until > now {
            Err(waiting(tool, gate.until, now))
        } else if self.table.probe(user, tool, gate, tries.until).await? {
            Ok(Some(tries))
        } else {
            Err(waiting(tool, tries.until, now))
        }
    }

    /// Draws the conclusion from a call that was let through.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn passed(&self, user: &UserId, tool: Tool, tried: Option<Gate>, failure: Option<&Error>) -> Result<()> {
        match (failure, tried) {
            (Some(Error::Provider(ProviderError { kind: Kind::RateLimited, retry_after, .. })), _) => {
                let wait = retry_after.unwrap_or(UNSAID).min(retry::LONGEST_TOLD);
                let wait = SignedDuration::try_from(wait).unwrap_or(TRY);
                self.table.close(user, tool, self.clock.now() + wait).await
            }
            (None, Some(tried)) => self.table.open(user, tool, tried).await,
            (None, None) | (Some(_), _) => Ok(()),
        }
    }
}

fn waiting(tool: Tool, until: Timestamp, now: Timestamp) -> Error {
    let retry_after = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Error::Waiting { tool, retry_after }
}
