//! The breaker: a tool that keeps failing for an agent rests, and is tried again by one call at a time.
//!
//! * **Closed.** Failures are counted over the last hour, and successes while there are failures to set against them, so that
//!   a healthy tool costs no call. More than ten failures that are over half of the calls open it.
//! * **Open.** Nothing is called until the rest is over. Due tasks wait without using up attempts.
//! * **Half-open.** One call tries, by a conditional write; the others wait for it. It closes the breaker when it works, and
//!   when it fails the next rest is twice as long. One that dies, or comes to no verdict, is followed by the next after a minute.
//!   It is whatever call comes next, not a read made up for the purpose: that would prove that reading works, at the price of
//!   a call to the provider more, and a tool whose writes fail would be opened by it again and again.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::events::{Event, EventBus};
use crate::ids::{AgentId, UserId};
use crate::metrics::{self, Metric};
use crate::tables::breakers::{BreakersTable, Call, Caller, Health, Rest};
use crate::tool::Tool;

/// The failures a tool may have within an hour.
const MOST_FAILURES: u32 = 10;
/// The first rest, and the longest.
const FIRST_REST: SignedDuration = SignedDuration::from_mins(5);
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(1);
/// How long the others wait for the one that tries; no call takes as long.
const TRY: SignedDuration = SignedDuration::from_mins(1);

/// Counts failures and decides.
#[derive(Clone, Debug)]
pub struct Breaker {
    pub(crate) table: BreakersTable,
    pub(crate) events: EventBus,
    pub(crate) clock: Clock,
}

/// What a call goes out with: what was known of the tool, and the rest it tries to end.
#[derive(Clone, Debug, Default)]
pub struct Pass {
    health: Option<Health>,
    tries: Option<Rest>,
}

impl Pass {
    /// Of a call that does not try.
    pub fn seen(health: Option<Health>) -> Self {
        Self { health, tries: None }
    }
}

/// Whether a tool is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CircuitBreakerState)]
pub enum State {
    /// It is.
    Closed,
    /// It rests.
    Open,
    /// The next call tries whether it works again.
    HalfOpen,
}

/// How an agent's use of a tool stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CircuitBreaker)]
pub struct ToolState {
    /// The agent.
    pub agent_id: AgentId,
    /// The tool.
    pub tool: String,
    /// Whether it is called.
    pub state: State,
    /// Whether a call now would be refused.
    pub should_disable_tool: bool,
    /// Calls within the last hour that failed by the tool's fault.
    pub failures: u32,
    /// Calls that worked since the first of these failures.
    pub successes: u32,
    /// End of the open period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_until: Option<Timestamp>,
    /// The reason for the open period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Breaker {
    /// Refuses a call to a tool that rests.
    ///
    /// # Errors
    /// [`Error::ToolDisabled`].
    pub fn check(&self, tool: Tool, health: Option<&Health>) -> Result<()> {
        let now = self.clock.now();
        match health.and_then(|health| health.rest.as_ref()).filter(|rest| rest.until > now) {
            Some(rest) => Err(disabled(tool, rest.until, now)),
            None => Ok(()),
        }
    }

    /// Lets a call through: at once where the tool does not rest, as the one that tries where its rest is over.
    ///
    /// # Errors
    /// [`Error::ToolDisabled`], also when another call tries already.
    pub async fn enter(&self, caller: Caller<'_>, health: Option<Health>) -> Result<Pass> {
        self.check(caller.tool, health.as_ref())?;
        let Some(over) = health.as_ref().and_then(|health| health.rest.as_ref()) else { return Ok(Pass::seen(health)) };
        let now = self.clock.now();
        let tries = Rest { until: now + TRY, ..over.clone() };
        if self.table.rest(caller, Some(over), &tries).await? {
            Ok(Pass { health, tries: Some(tries) })
        } else {
            Err(disabled(caller.tool, tries.until, now))
        }
    }

    /// Notes a call that worked. It costs a call only while there are failures to set against it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn worked(&self, caller: Caller<'_>, pass: &Pass) -> Result<()> {
        if let Some(tried) = &pass.tries {
            if self.table.close(caller, tried).await? {
                self.recovered(caller).await;
            }
            return Ok(());
        }
        let now = self.clock.now();
        if pass.health.as_ref().is_some_and(|health| health.calls(Call::Failed, now) > 0) {
            self.table.count(caller, Call::Worked, pass.health.as_ref(), now).await?;
        }
        Ok(())
    }

    /// Notes a failure that speaks against the tool.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn failed(&self, caller: Caller<'_>, pass: &Pass, code: &str) -> Result<()> {
        let now = self.clock.now();
        if let Some(tried) = &pass.tries {
            let number = tried.number.saturating_add(1);
            let why = format!("it was tried again and failed with {code}");
            return self
                .table
                .rest(caller, Some(tried), &Rest { until: now + pause(number), number, why })
                .await
                .map(drop);
        }
        let health = self.table.count(caller, Call::Failed, pass.health.as_ref(), now).await?;
        let (failures, successes) = (health.calls(Call::Failed, now), health.calls(Call::Worked, now));
        if health.rest.is_some() || !too_many(failures, successes) {
            return Ok(());
        }
        let calls = failures.saturating_add(successes);
        let why = format!("{failures} of {calls} calls failed within an hour, the last with {code}");
        if self.table.rest(caller, None, &Rest { until: now + pause(1), number: 1, why }).await? {
            let (tool, agent_id) = (caller.tool, caller.agent.as_str().to_owned());
            self.changed(caller, "opened", Event::ToolDisabled { tool, agent_id }).await;
        }
        Ok(())
    }

    /// How the tools of a user's agents stand of which there is anything to say: fresh failures, or a rest.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn states(&self, user: &UserId, agent: Option<&AgentId>) -> Result<Vec<ToolState>> {
        let now = self.clock.now();
        let known = self.table.list(user).await?.into_iter();
        let known = known.filter(|(of, ..)| agent.is_none_or(|agent| agent == of));
        let states = known.map(|(agent, tool, health)| state(agent, tool, health, now));
        Ok(states.filter(|it| it.state != State::Closed || it.failures > 0).collect())
    }

    /// Forgets an agent's failures with a tool, by a person's wish: the next call goes out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there are none.
    pub async fn reset(&self, caller: Caller<'_>) -> Result<()> {
        if self.table.reset(caller).await?.rest.is_some() {
            self.recovered(caller).await;
        }
        Ok(())
    }

    async fn recovered(&self, caller: Caller<'_>) {
        let (tool, agent_id) = (caller.tool, caller.agent.as_str().to_owned());
        self.changed(caller, "closed", Event::ToolRecovered { tool, agent_id }).await;
    }

    async fn changed(&self, caller: Caller<'_>, how: &str, event: Event) {
        metrics::count(Metric::BreakerChanges, caller.tool.as_str(), how, self.clock.now());
        self.events.publish(caller.user, event).await;
    }
}

fn disabled(tool: Tool, until: Timestamp, now: Timestamp) -> Error {
    let retry_after = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Error::ToolDisabled { tool, until, retry_after }
}

/// More than ten, and over half of the calls.
fn too_many(failures: u32, successes: u32) -> bool {
    failures > MOST_FAILURES && failures > successes
}

/// How long the `number`th rest in a row is: five minutes, doubled each time, an hour at most.
fn pause(number: u32) -> SignedDuration {
    let doubled = 2_i32.saturating_pow(number.saturating_sub(1));
    FIRST_REST.checked_mul(doubled).unwrap_or(LONGEST_REST).min(LONGEST_REST)
}

fn state(agent_id: AgentId, tool: String, health: Health, now: Timestamp) -> ToolState {
    let state = match &health.rest {
        None => State::Closed,
        Some(rest) if rest.until > now => State::Open,
        Some(_) => State::HalfOpen,
    };
    ToolState {
        agent_id,
        tool,
        state,
        should_disable_tool: state == State::Open,
        failures: health.calls(Call::Failed, now),
        successes: health.calls(Call::Worked, now),
        open_until: health.rest.as_ref().map(|rest| rest.until),
        reason: health.rest.map(|rest| rest.why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_ten_failures_that_are_over_half_are_too_many() {
        assert!(too_many(11, 0) && too_many(11, 10) && too_many(100, 99));
        assert!(!too_many(10, 0) && !too_many(11, 11) && !too_many(100, 100));
    }

    #[test]
    fn rests_grow_up_to_an_hour() {
        let minutes = [1, 2, 3, 4, 5, 6, u32::MAX].map(|number| pause(number).as_secs() / 60);
        assert_eq!(minutes, [5, 10, 20, 40, 60, 60, 60]);
    }
}
