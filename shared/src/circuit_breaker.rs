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
use crate::tables::integrations::{
    AgentBreaker, BreakerKey, BreakerWindow, CallResult, CircuitBreakerItems, OpenPeriod,
};
use crate::tool::Tool;

/// The failures a tool may have within an hour.
const FAILURE_THRESHOLD: u32 = 10;
/// The first rest, and the longest.
const INITIAL_OPEN_PERIOD: SignedDuration = SignedDuration::from_mins(5);
const MAX_OPEN_PERIOD: SignedDuration = SignedDuration::from_hours(1);
/// How long the others wait for the one that tries; no call takes as long.
const PROBE_TIMEOUT: SignedDuration = SignedDuration::from_mins(1);

/// Counts failures and decides.
#[derive(Clone, Debug)]
pub struct CircuitBreaker {
    pub(crate) items: CircuitBreakerItems,
    pub(crate) events: EventBus,
    pub(crate) clock: Clock,
}

/// What a call goes out with: what was known of the tool, and the rest it tries to end.
#[derive(Clone, Debug, Default)]
pub struct BreakerPermit {
    window: Option<BreakerWindow>,
    probe: Option<OpenPeriod>,
}

impl BreakerPermit {
    /// Of a call that does not try.
    pub fn without_probe(window: Option<BreakerWindow>) -> Self {
        Self { window, probe: None }
    }
}

/// Whether a tool is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CircuitBreakerState)]
pub enum BreakerState {
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
pub struct CircuitBreakerStatus {
    /// The agent.
    pub agent_id: AgentId,
    /// The tool.
    pub tool: String,
    /// Whether it is called.
    pub state: BreakerState,
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

impl CircuitBreaker {
    /// Refuses a call to a tool that rests.
    ///
    /// # Errors
    /// [`Error::ToolDisabled`].
    pub fn check(&self, tool: Tool, health: Option<&BreakerWindow>) -> Result<()> {
        let now = self.clock.now();
        match health.and_then(|health| health.open.as_ref()).filter(|rest| rest.until > now) {
            Some(rest) => Err(open_error(tool, rest.until, now)),
            None => Ok(()),
        }
    }

    /// Lets a call through: at once where the tool does not rest, as the one that tries where its rest is over.
    ///
    /// # Errors
    /// [`Error::ToolDisabled`], also when another call tries already.
    pub async fn acquire(&self, caller: BreakerKey<'_>, health: Option<BreakerWindow>) -> Result<BreakerPermit> {
        self.check(caller.tool, health.as_ref())?;
        let Some(over) = health.as_ref().and_then(|health| health.open.as_ref()) else {
            return Ok(BreakerPermit::without_probe(health));
        };
        let now = self.clock.now();
        let tries = OpenPeriod { until: now + PROBE_TIMEOUT, ..over.clone() };
        if self.items.open(caller, Some(over), &tries).await? {
            Ok(BreakerPermit { window: health, probe: Some(tries) })
        } else {
            Err(open_error(caller.tool, tries.until, now))
        }
    }

    /// Notes a call that worked. It costs a call only while there are failures to set against it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn record_success(&self, caller: BreakerKey<'_>, pass: &BreakerPermit) -> Result<()> {
        if let Some(tried) = &pass.probe {
            if self.items.close(caller, tried).await? {
                self.publish_closed(caller).await;
            }
            return Ok(());
        }
        let now = self.clock.now();
        if pass.window.as_ref().is_some_and(|health| health.count(CallResult::Failed, now) > 0) {
            self.items.count(caller, CallResult::Succeeded, pass.window.as_ref(), now).await?;
        }
        Ok(())
    }

    /// Notes a failure that speaks against the tool.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn record_failure(&self, caller: BreakerKey<'_>, pass: &BreakerPermit, code: &str) -> Result<()> {
        let now = self.clock.now();
        if let Some(tried) = &pass.probe {
            let number = tried.consecutive.saturating_add(1);
            let why = format!("it was tried again and failed with {code}");
            return self
                .items
                .open(
                    caller,
                    Some(tried),
                    &OpenPeriod { until: now + open_period(number), consecutive: number, reason: why },
                )
                .await
                .map(drop);
        }
        let health = self.items.count(caller, CallResult::Failed, pass.window.as_ref(), now).await?;
        let (failures, successes) = (health.count(CallResult::Failed, now), health.count(CallResult::Succeeded, now));
        if health.open.is_some() || !exceeds_threshold(failures, successes) {
            return Ok(());
        }
        let calls = failures.saturating_add(successes);
        let why = format!("{failures} of {calls} calls failed within an hour, the last with {code}");
        if self
            .items
            .open(caller, None, &OpenPeriod { until: now + open_period(1), consecutive: 1, reason: why })
            .await?
        {
            let (tool, agent_id) = (caller.tool, caller.agent.as_str().to_owned());
            self.publish_change(caller, "opened", Event::CircuitBreakerOpened { tool, agent_id }).await;
        }
        Ok(())
    }

    /// How the tools of a user's agents stand of which there is anything to say: fresh failures, or a rest.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn statuses(&self, user: &UserId, agent: Option<&AgentId>) -> Result<Vec<CircuitBreakerStatus>> {
        let now = self.clock.now();
        let known = self.items.list(user).await?.into_iter();
        let known = known.filter(|known| agent.is_none_or(|agent| *agent == known.agent));
        let states = known.map(|AgentBreaker { agent, tool, window }| status_of(agent, tool, window, now));
        Ok(states.filter(|it| it.state != BreakerState::Closed || it.failures > 0).collect())
    }

    /// Forgets an agent's failures with a tool, by a person's wish: the next call goes out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there are none.
    pub async fn reset(&self, caller: BreakerKey<'_>) -> Result<()> {
        if self.items.reset(caller).await?.open.is_some() {
            self.publish_closed(caller).await;
        }
        Ok(())
    }

    async fn publish_closed(&self, caller: BreakerKey<'_>) {
        let (tool, agent_id) = (caller.tool, caller.agent.as_str().to_owned());
        self.publish_change(caller, "closed", Event::CircuitBreakerClosed { tool, agent_id }).await;
    }

    async fn publish_change(&self, caller: BreakerKey<'_>, how: &str, event: Event) {
        metrics::count(Metric::CircuitBreakerChanges, caller.tool.as_str(), how, self.clock.now());
        self.events.publish(caller.user, event).await;
    }
}

fn open_error(tool: Tool, until: Timestamp, now: Timestamp) -> Error {
    let retry_after = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Error::CircuitBreakerOpen { tool, open_until: until, retry_after }
}

/// More than ten, and over half of the calls.
fn exceeds_threshold(failures: u32, successes: u32) -> bool {
    failures > FAILURE_THRESHOLD && failures > successes
}

/// How long the `number`th rest in a row is: five minutes, doubled each time, an hour at most.
fn open_period(number: u32) -> SignedDuration {
    let doubled = 2_i32.saturating_pow(number.saturating_sub(1));
    INITIAL_OPEN_PERIOD.checked_mul(doubled).unwrap_or(MAX_OPEN_PERIOD).min(MAX_OPEN_PERIOD)
}

fn status_of(agent_id: AgentId, tool: String, health: BreakerWindow, now: Timestamp) -> CircuitBreakerStatus {
    let state = match &health.open {
        None => BreakerState::Closed,
        Some(rest) if rest.until > now => BreakerState::Open,
        Some(_) => BreakerState::HalfOpen,
    };
    CircuitBreakerStatus {
        agent_id,
        tool,
        state,
        should_disable_tool: state == BreakerState::Open,
        failures: health.count(CallResult::Failed, now),
        successes: health.count(CallResult::Succeeded, now),
        open_until: health.open.as_ref().map(|rest| rest.until),
        reason: health.open.map(|rest| rest.reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaker_opens_above_10_failures_and_above_50_percent() {
        assert!(exceeds_threshold(11, 0) && exceeds_threshold(11, 10) && exceeds_threshold(100, 99));
        assert!(!exceeds_threshold(10, 0) && !exceeds_threshold(11, 11) && !exceeds_threshold(100, 100));
    }

    #[test]
    fn open_period_doubles_up_to_1_hour() {
        let minutes = [1, 2, 3, 4, 5, 6, u32::MAX].map(|number| open_period(number).as_secs() / 60);
        assert_eq!(minutes, [5, 10, 20, 40, 60, 60, 60]);
    }
}
