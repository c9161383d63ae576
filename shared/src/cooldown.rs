//! Cooldowns: after a provider's rate limit the calls of its scope pause until the time that it gave, then one probe is made.
//!
//! A cooldown belongs to an account, and its scope is the adapter's: the whole account, a method, or a method and a channel. One
//! task's rate limit applies to the other calls of its scope too: without the cooldown each of two hundred tasks would call and be
//! refused. Calls outside the scope go on: a limit on reading a channel does not stop sending.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::account::AccountId;
use crate::adapters::rate_limit::{ACCOUNT_SCOPE, CallResult, RateLimits};
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::{DEFAULT_LIMIT_WAIT, Error, Result};
use crate::ids::UserId;
use crate::metrics::{self, Metric};
use crate::retry;
use crate::tables::integrations::{AccountCooldowns, ConnectionKey, CooldownItems};
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
    /// Returns the rate limits of an attempt's account, as far as they are known.
    ///
    /// # Errors
    /// [`Error::Cooldown`] if the whole account is in a cooldown: no call is possible.
    pub fn of_account(&self, of: ConnectionKey<'_>, known: AccountCooldowns) -> Result<AccountLimits> {
        let limits = AccountLimits {
            cooldowns: self.clone(),
            user: of.user.clone(),
            tool: of.tool,
            account: of.account.clone(),
            known: Arc::new(Mutex::new(Known { until: known.0, probes: BTreeMap::new() })),
        };
        limits.check(ACCOUNT_SCOPE)?;
        Ok(limits)
    }
}

/// The rate limits of the account that an attempt calls.
#[derive(Clone, Debug)]
pub struct AccountLimits {
    cooldowns: Cooldowns,
    user: UserId,
    tool: Tool,
    account: AccountId,
    known: Arc<Mutex<Known>>,
}

/// The cooldowns of its account that an attempt knows.
#[derive(Debug)]
struct Known {
    /// The end of each cooldown, by scope.
    until: BTreeMap<String, Timestamp>,
    /// The end of each probe that this attempt makes, by scope.
    probes: BTreeMap<String, Timestamp>,
}

impl RateLimits for AccountLimits {
    /// Acquires the permission for a call: immediately without a cooldown of its scope, as the probe if the cooldown is over.
    fn acquire<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(ended) = self.check(scope)? else { return Ok(()) };
            let now = self.cooldowns.clock.now();
            let probe = now + PROBE_TIMEOUT;
            if !self.cooldowns.items.try_probe(self.key(), scope, ended, probe).await? {
                return Err(cooldown_error(self.tool, probe, now));
            }
            let mut known = self.known();
            known.until.remove(scope);
            known.probes.insert(scope.to_owned(), probe);
            Ok(())
        })
    }

    /// Records the result of a call: a rate limit starts a cooldown of its scope, or a further one after a probe; every other result of
    /// a probe ends it. An unreachable provider ends it too: its failures are the circuit breaker's. A failure to record is logged.
    fn record<'a>(&'a self, scope: &'a str, result: CallResult) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let probe = self.known().probes.remove(scope);
            let recorded = match (result, probe) {
                (CallResult::Limited { retry_after }, probe) => self.pause(scope, retry_after, probe).await,
                (CallResult::Other, Some(probe)) => self.cooldowns.items.clear(self.key(), scope, probe).await,
                (CallResult::Other, None) => Ok(()),
            };
            if let Err(error) = recorded {
                tracing::error!(tool = %self.tool, ?error, "a cooldown could not be recorded");
            }
        })
    }
}

impl AccountLimits {
    /// Returns the end of a cooldown that is over and was not probed; `None` without a cooldown.
    fn check(&self, scope: &str) -> Result<Option<Timestamp>> {
        let (until, now) = (self.known().until.get(scope).copied(), self.cooldowns.clock.now());
        match until {
            Some(until) if until > now => Err(cooldown_error(self.tool, until, now)),
            until => Ok(until),
        }
    }

    async fn pause(&self, scope: &str, retry_after: Option<Duration>, probe: Option<Timestamp>) -> Result<()> {
        let wait = retry_after.unwrap_or(DEFAULT_LIMIT_WAIT).min(retry::MAX_RETRY_AFTER);
        let now = self.cooldowns.clock.now();
        let until = now + SignedDuration::try_from(wait).unwrap_or(PROBE_TIMEOUT);
        self.known().until.insert(scope.to_owned(), until);
        if self.cooldowns.items.pause_until(self.key(), scope, until, probe).await? {
            metrics::count(Metric::Cooldowns, self.tool.as_str(), "started", now);
        }
        Ok(())
    }

    fn key(&self) -> ConnectionKey<'_> {
        ConnectionKey { user: &self.user, tool: self.tool, account: &self.account }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cooldown_error(tool: Tool, resume_at: Timestamp, now: Timestamp) -> Error {
    let retry_after = Duration::try_from(resume_at.duration_since(now)).unwrap_or_default();
    Error::Cooldown { tool, retry_after }
}
