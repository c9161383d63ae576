//! The breaker: a tool that keeps failing for an agent rests. Plain: more than ten failures within an hour.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::events::{Event, EventBus};
use crate::ids::{AgentId, UserId};
use crate::tables::breakers::{BreakersTable, Failures};
use crate::tool::Tool;

/// Failures are counted over this long.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// The failures a tool may have in a window.
pub const MOST_FAILURES: u32 = 10;
/// How long a tool rests.
pub const REST: SignedDuration = SignedDuration::from_mins(15);

/// Counts failures and decides.
#[derive(Clone, Debug)]
pub struct Breaker {
    pub(crate) table: BreakersTable,
    pub(crate) events: EventBus,
    pub(crate) clock: Clock,
}

/// Until when a tool rests, if it does.
fn resting(failures: Option<Failures>, now: Timestamp) -> Option<Timestamp> {
    let until = Timestamp::from_second(failures?.open_until?).ok()?;
    (until > now).then_some(until)
}

impl Breaker {
    /// Refuses a call to a tool that rests.
    ///
    /// # Errors
    /// [`Error::ToolDisabled`].
    pub fn check(&self, tool: Tool, failures: Option<Failures>) -> Result<()> {
        let now = self.clock.now();
        match resting(failures, now) {
            Some(until) => {
                let retry_after = Duration::try_from(until.duration_since(now)).unwrap_or_default();
                Err(Error::ToolDisabled { tool, until, retry_after })
            }
            None => Ok(()),
        }
    }

    /// Notes a success. It costs a call only when there were failures to forget.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn succeeded(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        failures: Option<Failures>,
    ) -> Result<()> {
        if failures.is_some() && self.table.clear(user, agent, tool).await? {
            let agent_id = agent.as_str().to_owned();
            self.events.publish(user, Event::ToolRecovered { tool, agent_id }).await;
        }
        Ok(())
    }

    /// Notes a failure that speaks against the tool.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn failed(&self, user: &UserId, agent: &AgentId, tool: Tool) -> Result<()> {
        let now = self.clock.now();
        let counted = self.table.count(user, agent, tool, WINDOW, now).await?;
        if counted.failures <= MOST_FAILURES || resting(Some(counted), now).is_some() {
            return Ok(());
        }
        if self.table.open(user, agent, tool, now + REST, now).await? {
            let agent_id = agent.as_str().to_owned();
            self.events.publish(user, Event::ToolDisabled { tool, agent_id }).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_rests_until_its_time() {
        let now = Timestamp::from_second(1_000).unwrap();
        let failures = |open_until| Some(Failures { window_start: 0, failures: 11, open_until });
        assert_eq!(resting(None, now), None);
        assert_eq!(resting(failures(None), now), None);
        assert_eq!(resting(failures(Some(1_000)), now), None);
        assert_eq!(resting(failures(Some(1_001)), now), Timestamp::from_second(1_001).ok());
    }
}
