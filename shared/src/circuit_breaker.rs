//! The circuit breaker of an agent and an account of a tool: after too many failures no call is made for a while, then one probe.
//!
//! * **Closed.** Failures are counted over the last hour, and successes while there are failures to compare them with, so that a
//!   healthy tool costs no call. More than 10 failures that exceed 50 % of the calls open the breaker.
//! * **Open.** No call is made until the open period ends. Due tasks are deferred and consume no attempt.
//! * **Half-open.** One call, the probe, is let through by a conditional write; other calls wait for it. Its success closes the
//!   breaker; its failure opens it again for twice as long. A probe that crashes or is inconclusive is followed by another after
//!   a minute. The probe is the next real call, not a synthetic read. A read would cost an extra provider call and would close
//!   the breaker even though writes still fail.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use utoipa::ToSchema;

use crate::account::{AccountId, AccountName};
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::events::{Event, EventBus};
use crate::ids::{AgentId, UserId};
use crate::metrics::{self, Metric};
use crate::permissions::Caller;
use crate::tables::integrations::{
    AgentBreaker, BreakerKey, BreakerWindow, CallResult, CircuitBreakerItems, ConnectionItems, OpenPeriod,
};
use crate::tool::Tool;

/// Failures within an hour that a closed breaker tolerates.
const FAILURE_THRESHOLD: u32 = 10;
/// First open period. Each consecutive one is twice as long.
const INITIAL_OPEN_PERIOD: SignedDuration = SignedDuration::from_mins(5);
/// Maximum open period.
const MAX_OPEN_PERIOD: SignedDuration = SignedDuration::from_hours(1);
/// Time for which other calls wait for a probe; no call takes as long.
const PROBE_TIMEOUT: SignedDuration = SignedDuration::from_mins(1);

/// The circuit breakers of all users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CircuitBreaker {
    pub(crate) items: CircuitBreakerItems,
    pub(crate) connections: ConnectionItems,
    pub(crate) events: EventBus,
    pub(crate) clock: Clock,
}

/// The permission to call a tool: the window as it was read, and the probe if the call is one.
#[derive(Clone, Debug, Default)]
pub struct BreakerPermit {
    window: Option<BreakerWindow>,
    probe: Option<OpenPeriod>,
}

impl BreakerPermit {
    /// The permit of a call that is not a probe.
    pub fn without_probe(window: Option<BreakerWindow>) -> Self {
        Self { window, probe: None }
    }
}

/// The state of a circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BreakerState)]
pub enum BreakerState {
    /// Calls are made.
    Closed,
    /// No calls are made.
    Open,
    /// The next call is the probe.
    HalfOpen,
}

/// The status of the circuit breaker of an agent and an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CircuitBreaker)]
pub struct CircuitBreakerStatus {
    /// The agent.
    pub agent_id: AgentId,
    /// The tool.
    pub tool: String,
    /// The id of the account.
    pub account: AccountId,
    /// The state.
    pub state: BreakerState,
    /// True if a call now would be refused.
    pub should_disable_tool: bool,
    /// Failures within the last hour. Caller errors do not count.
    pub failures: u32,
    /// Successful calls since the first of these failures.
    pub successes: u32,
    /// End of the open period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_until: Option<Timestamp>,
    /// The reason for the open period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Part for CircuitBreaker {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        Self {
            items: CircuitBreakerItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            connections: ConnectionItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            events: deployment.part::<EventBus>().clone(),
            clock: clock.clone(),
        }
    }
}

impl CircuitBreaker {
    /// Refuses a call while the breaker is open.
    ///
    /// # Errors
    /// [`Error::CircuitBreakerOpen`].
    pub fn check(&self, tool: Tool, window: Option<&BreakerWindow>) -> Result<()> {
        let now = self.clock.now();
        match window.and_then(|window| window.open.as_ref()).filter(|open| open.until > now) {
            Some(open) => Err(open_error(tool, open.until, now)),
            None => Ok(()),
        }
    }

    /// Acquires the permission for a call: immediately if the breaker is closed, as the probe if its open period is over.
    ///
    /// # Errors
    /// [`Error::CircuitBreakerOpen`], also while another call is the probe.
    pub async fn acquire(&self, key: BreakerKey<'_>, window: Option<BreakerWindow>) -> Result<BreakerPermit> {
        self.check(key.tool, window.as_ref())?;
        let Some(over) = window.as_ref().and_then(|window| window.open.as_ref()) else {
            return Ok(BreakerPermit::without_probe(window));
        };
        let now = self.clock.now();
        let probe = OpenPeriod { until: now + PROBE_TIMEOUT, ..over.clone() };
        if self.items.open(key, Some(over), &probe).await? {
            Ok(BreakerPermit { window, probe: Some(probe) })
        } else {
            Err(open_error(key.tool, probe.until, now))
        }
    }

    /// Records a successful call: a probe closes the breaker. Otherwise it costs a write only while the window has failures.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn record_success(&self, key: BreakerKey<'_>, permit: &BreakerPermit) -> Result<()> {
        if let Some(probe) = &permit.probe {
            if self.items.close(key, probe).await? {
                self.publish_closed(key).await;
            }
            return Ok(());
        }
        let now = self.clock.now();
        let window = permit.window.as_ref();
        if window.is_some_and(|window| window.count(CallResult::Failed, now) > 0) {
            self.items.count(key, CallResult::Succeeded, window, now).await?;
        }
        Ok(())
    }

    /// Records a failure that counts: a failed probe opens the breaker again, too many failures open it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn record_failure(&self, key: BreakerKey<'_>, permit: &BreakerPermit, code: &str) -> Result<()> {
        let now = self.clock.now();
        if let Some(probe) = &permit.probe {
            let consecutive = probe.consecutive.saturating_add(1);
            let reason = format!("the probe failed with {code}");
            let open = OpenPeriod { until: now + open_period(consecutive), consecutive, reason };
            return self.items.open(key, Some(probe), &open).await.map(drop);
        }
        let window = self.items.count(key, CallResult::Failed, permit.window.as_ref(), now).await?;
        let (failures, successes) = (window.count(CallResult::Failed, now), window.count(CallResult::Succeeded, now));
        if window.open.is_some() || !exceeds_threshold(failures, successes) {
            return Ok(());
        }
        let calls = failures.saturating_add(successes);
        let reason = format!("{failures} of {calls} calls failed within an hour, the last with {code}");
        let open = OpenPeriod { until: now + open_period(1), consecutive: 1, reason };
        if self.items.open(key, None, &open).await? {
            let (tool, agent_id, account_id) = (key.tool, key.agent.as_str().to_owned(), key.account.clone());
            self.publish_change(key, "opened", Event::CircuitBreakerOpened { tool, agent_id, account_id }).await;
        }
        Ok(())
    }

    /// The circuit breakers of a user's agents that are not closed or have recent failures, of the tools and accounts that the caller may
    /// use.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn statuses(&self, caller: &Caller, agent: Option<&AgentId>) -> Result<Vec<CircuitBreakerStatus>> {
        let now = self.clock.now();
        let known = self.items.list(&caller.user).await?.into_iter();
        let known = known.filter(|known| agent.is_none_or(|agent| *agent == known.agent));
        let statuses = known.map(|breaker| status_of(breaker, now));
        let is_listed = |status: &CircuitBreakerStatus| {
            let has_failed = status.state != BreakerState::Closed || status.failures > 0;
            has_failed && caller.permits(&status.tool, None, Some(&status.account))
        };
        Ok(statuses.filter(is_listed).collect())
    }

    /// Returns the recorded calls of an agent to a tool, by account.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn windows(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
    ) -> Result<BTreeMap<AccountId, BreakerWindow>> {
        self.items.of_agent(user, agent, tool).await
    }

    /// Closes the breaker of an agent and an account, and deletes its failures, because a person requested it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if no failures are recorded.
    pub async fn reset(&self, user: &UserId, agent: &AgentId, tool: Tool, named: Option<&AccountName>) -> Result<()> {
        let mut breakers = self.items.of_agent(user, agent, tool).await?;
        let account = match (named, breakers.len()) {
            // An account that is no longer connected has a circuit breaker still.
            (None, 1) => breakers.keys().next().cloned(),
            (Some(named), _) if breakers.keys().any(|id| id.as_str() == named.as_str()) => {
                breakers.keys().find(|id| id.as_str() == named.as_str()).cloned()
            }
            (_, 0) => None,
            _ => Some(self.connections.load_accounts(user, tool).await?.select(named)?.account.id.clone()),
        };
        let account = account.ok_or(Error::NotFound("Recorded failures of this agent and tool"))?;
        let key = BreakerKey { user, agent, tool, account: &account };
        let window = self.items.reset(key).await?.or_else(|| breakers.remove(&account));
        if window.is_some_and(|window| window.open.is_some()) {
            self.publish_closed(key).await;
        }
        Ok(())
    }

    async fn publish_closed(&self, key: BreakerKey<'_>) {
        let (tool, agent_id, account_id) = (key.tool, key.agent.as_str().to_owned(), key.account.clone());
        self.publish_change(key, "closed", Event::CircuitBreakerClosed { tool, agent_id, account_id }).await;
    }

    async fn publish_change(&self, key: BreakerKey<'_>, change: &str, event: Event) {
        metrics::count(Metric::CircuitBreakerChanges, key.tool.as_str(), change, self.clock.now());
        self.events.publish(key.user, event).await;
    }
}

fn open_error(tool: Tool, open_until: Timestamp, now: Timestamp) -> Error {
    let retry_after = Duration::try_from(open_until.duration_since(now)).unwrap_or_default();
    Error::CircuitBreakerOpen { tool, open_until, retry_after }
}

/// True for more than 10 failures that exceed 50 % of the calls.
fn exceeds_threshold(failures: u32, successes: u32) -> bool {
    failures > FAILURE_THRESHOLD && failures > successes
}

/// The length of the `consecutive`th open period: five minutes, doubled each time, at most an hour.
fn open_period(consecutive: u32) -> SignedDuration {
    let doubled = 2_i32.saturating_pow(consecutive.saturating_sub(1));
    INITIAL_OPEN_PERIOD.checked_mul(doubled).unwrap_or(MAX_OPEN_PERIOD).min(MAX_OPEN_PERIOD)
}

fn status_of(breaker: AgentBreaker, now: Timestamp) -> CircuitBreakerStatus {
    let AgentBreaker { agent: agent_id, tool, account, window } = breaker;
    let state = match &window.open {
        None => BreakerState::Closed,
        Some(open) if open.until > now => BreakerState::Open,
        Some(_) => BreakerState::HalfOpen,
    };
    CircuitBreakerStatus {
        agent_id,
        tool,
        account,
        state,
        should_disable_tool: state == BreakerState::Open,
        failures: window.count(CallResult::Failed, now),
        successes: window.count(CallResult::Succeeded, now),
        open_until: window.open.as_ref().map(|open| open.until),
        reason: window.open.map(|open| open.reason),
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
        let minutes = [1, 2, 3, 4, 5, 6, u32::MAX].map(|consecutive| open_period(consecutive).as_secs() / 60);
        assert_eq!(minutes, [5, 10, 20, 40, 60, 60, 60]);
    }
}
