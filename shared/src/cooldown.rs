//! Cooldowns: after a provider's rate limit the calls of its scope pause until the time that it gave, and then go on at a [`Pace`].
//!
//! A cooldown belongs to an account, and its scope is the adapter's: the whole account, a method, or a method and a channel. One
//! task's rate limit applies to the other calls of its scope too: without the cooldown each of two hundred tasks would call and be
//! refused. Calls outside the scope go on: a limit on reading a channel does not stop sending.
//!
//! After a limit each attempt takes a ticket for its first call in the scope, and its other calls follow that one: an attempt that
//! has started ends, and the pace that is learned is one of attempts. The second call goes half an interval of the pace after the first,
//! the third at its end, and the others at once: the calls of an attempt are spread over its interval. A limit between two calls of
//! an attempt is waited out if the time is short.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::account::AccountId;
use crate::adapters::rate_limit::{AfterLimit, RateLimits};
use crate::clock::Clock;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::metrics::{self, Metric};
use crate::pace::{Pace, Tickets};
use crate::tables::integrations::{AccountCooldowns, ConnectionKey, CooldownItems, Replaced, ScopeLimit};
use crate::tool::Tool;

/// Longest time that the call of an immediate intent waits for its ticket within the request.
const MAX_IMMEDIATE_WAIT: SignedDuration = SignedDuration::from_secs(2);
/// Longest time that an attempt waits between its calls, in total. It counts to the time of the attempt.
const MAX_WAIT_BETWEEN_CALLS: SignedDuration = SignedDuration::from_secs(15);
/// Longest interval over which the calls of an attempt are spread: a function that waits is paid for.
const MAX_INTERVAL: SignedDuration = SignedDuration::from_secs(2);
/// Time that a call needs after its wait, before the deadline of its attempt.
const CALL_TIME: SignedDuration = SignedDuration::from_secs(10);
/// Writes that are tried for one limit, because another process can have met one too.
const MAX_LIMIT_WRITES: usize = 4;

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
    /// Returns the rate limits of an attempt's account, as far as they are known. A task has the `tickets` of its earlier attempts; an
    /// immediate intent has none, and waits a moment instead.
    pub fn of_account(
        &self,
        of: ConnectionKey<'_>,
        known: AccountCooldowns,
        tickets: Option<&Tickets>,
    ) -> AccountLimits {
        let known = Known {
            limits: known,
            tickets: tickets.cloned().unwrap_or_default(),
            admitted: BTreeMap::new(),
            calls: 0,
            waited: SignedDuration::ZERO,
        };
        AccountLimits {
            cooldowns: self.clone(),
            user: of.user.clone(),
            tool: of.tool,
            account: of.account.clone(),
            is_immediate: tickets.is_none(),
            known: Arc::new(Mutex::new(known)),
        }
    }
}

/// The rate limits of the account that an attempt calls.
#[derive(Clone, Debug)]
pub struct AccountLimits {
    cooldowns: Cooldowns,
    user: UserId,
    tool: Tool,
    account: AccountId,
    is_immediate: bool,
    known: Arc<Mutex<Known>>,
}

/// What an attempt knows of the limits of its account.
#[derive(Debug)]
struct Known {
    limits: AccountCooldowns,
    tickets: Tickets,
    /// The scopes in which the attempt has called with a ticket.
    admitted: BTreeMap<String, LatestCall>,
    /// Calls of the attempt, in any scope.
    calls: usize,
    /// Time that the attempt has waited between its calls.
    waited: SignedDuration,
}

/// The latest of an attempt's calls in a scope.
#[derive(Clone, Copy, Debug)]
struct LatestCall {
    at: Timestamp,
    /// The calls before it; `None` if it waits to be made.
    before: Option<u32>,
}

impl LatestCall {
    fn first(at: Timestamp) -> Self {
        Self { at, before: Some(0) }
    }

    /// A call that is repeated at an instant, because it was refused.
    fn waiting(at: Timestamp) -> Self {
        Self { at, before: None }
    }

    /// The call that follows. All that follow a first one do so within one interval, in which most actions have two or three calls.
    fn next(self, interval: SignedDuration, now: Timestamp) -> Self {
        let interval = interval.min(MAX_INTERVAL);
        let before = self.before.map_or(0, |before| before + 1);
        let spacing = if (1..=2).contains(&before) { interval / 2 } else { SignedDuration::ZERO };
        let latest = now.saturating_add(interval).unwrap_or(now);
        let at = self.at.saturating_add(spacing).unwrap_or(now).clamp(now, latest);
        Self { at, before: Some(before) }
    }
}

impl RateLimits for AccountLimits {
    /// Acquires the permission for a call: immediately without a limit of its scope, otherwise when the attempt's ticket is admitted.
    fn acquire<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.known().calls += 1;
            self.admit(scope).await
        })
    }

    fn acquire_lookup<'a>(&'a self, scope: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.admit(scope))
    }

    /// Records a rate limit: it starts a cooldown of its scope, or slows its pace. A failure to record is logged.
    fn record_limit<'a>(
        &'a self,
        scope: &'a str,
        called_at: Timestamp,
        retry_after: Option<Duration>,
        deadline: Timestamp,
    ) -> BoxFuture<'a, AfterLimit> {
        Box::pin(async move {
            match self.slow_down(scope, called_at, retry_after).await {
                Ok(Some(resume_at)) => self.wait_between_calls(scope, resume_at, deadline).await,
                Ok(None) => AfterLimit::Defer(None),
                Err(error) => {
                    tracing::error!(tool = %self.tool, ?error, "a cooldown could not be recorded");
                    AfterLimit::Defer(None)
                }
            }
        })
    }
}

impl AccountLimits {
    /// Waits until a call in a scope is possible, and counts none.
    ///
    /// # Errors
    /// Those of [`RateLimits::acquire`].
    pub async fn admit(&self, scope: &str) -> Result<()> {
        let now = self.now();
        let Some(limit) = self.limit(scope).filter(|limit| !limit.is_over(now)) else { return Ok(()) };
        if let Some(at) = self.follow(scope, limit.pace, now) {
            self.cooldowns.clock.sleep_until(at).await;
            return Ok(());
        }
        let at = self.admission(scope, limit, now).await?;
        if at > now {
            self.wait_for(at, now).await?;
        }
        self.known().admitted.insert(scope.to_owned(), LatestCall::first(at.max(now)));
        Ok(())
    }

    /// Returns the instant of a call that follows one with a ticket, unless the scope pauses meanwhile.
    fn follow(&self, scope: &str, pace: Pace, now: Timestamp) -> Option<Timestamp> {
        let mut known = self.known();
        let latest = known.admitted.get_mut(scope).filter(|_| pace.resume_at <= now)?;
        *latest = latest.next(pace.interval_at(now), now);
        Some(latest.at)
    }

    /// Returns the instant at which the attempt's ticket is admitted. An attempt without one takes one.
    async fn admission(&self, scope: &str, limit: ScopeLimit, now: Timestamp) -> Result<Timestamp> {
        let ticket = self.known().tickets.get(scope).copied();
        if let Some(ticket) = ticket {
            return Ok(limit.pace.admission(ticket));
        }
        let next = limit.pace.admission((limit.issued + 1).max(limit.pace.admitted_at(now)));
        // The caller of an immediate intent is told the time, and no ticket is lost.
        if self.is_immediate && next.duration_since(now) > MAX_IMMEDIATE_WAIT {
            return Err(self.cooldown_error(next, now));
        }
        let ticket = self.cooldowns.items.issue_ticket(self.key(), scope, &limit, now).await?;
        self.known().tickets.insert(scope.to_owned(), ticket);
        Ok(limit.pace.admission(ticket))
    }

    /// Waits for a ticket within an immediate intent. A task is deferred instead.
    async fn wait_for(&self, at: Timestamp, now: Timestamp) -> Result<()> {
        if !self.is_immediate || at.duration_since(now) > MAX_IMMEDIATE_WAIT {
            return Err(self.cooldown_error(at, now));
        }
        self.cooldowns.clock.sleep_until(at).await;
        Ok(())
    }

    /// Waits until a call can be repeated, if an earlier one of the attempt was sent and the time is short.
    async fn wait_between_calls(&self, scope: &str, mut resume_at: Timestamp, deadline: Timestamp) -> AfterLimit {
        loop {
            let wait = resume_at.duration_since(self.now()).max(SignedDuration::ZERO);
            if !self.can_wait(wait, deadline) {
                let has_ticket = !self.is_immediate;
                return AfterLimit::Defer(has_ticket.then(|| Duration::try_from(wait).unwrap_or_default()));
            }
            self.cooldowns.clock.sleep_until(resume_at).await;
            // Another attempt may have met a limit meanwhile.
            match self.reload(scope).await {
                Some(limit) if limit.pace.resume_at > self.now() => {
                    let ticket = self.known().tickets.get(scope).copied().unwrap_or(limit.pace.admitted);
                    resume_at = limit.pace.admission(ticket);
                }
                Some(_) | None => return AfterLimit::Repeat,
            }
        }
    }

    /// True if the attempt can wait for so long before its next call. The wait is counted.
    fn can_wait(&self, wait: SignedDuration, deadline: Timestamp) -> bool {
        let mut known = self.known();
        known.waited += wait;
        let has_time = self.now().saturating_add(wait + CALL_TIME).is_ok_and(|end| end <= deadline);
        has_time && known.calls > 1 && known.waited <= MAX_WAIT_BETWEEN_CALLS
    }

    /// Reads the limit of a scope again.
    async fn reload(&self, scope: &str) -> Option<ScopeLimit> {
        match self.cooldowns.items.get(self.key()).await {
            Ok(limits) => self.known().limits = limits,
            Err(error) => tracing::warn!(tool = %self.tool, ?error, "the cooldowns could not be read again"),
        }
        self.limit(scope)
    }

    /// Records a limit, and returns the time of the next call of this attempt; `None` if the limit could not be recorded. The ticket
    /// of a task whose call was refused is put back before all others: the tasks that were refused together would otherwise call
    /// together again.
    async fn slow_down(
        &self,
        scope: &str,
        called_at: Timestamp,
        retry_after: Option<Duration>,
    ) -> Result<Option<Timestamp>> {
        let paced_call = self.known().admitted.contains_key(scope).then_some(called_at);
        let has_ticket = !self.is_immediate && (paced_call.is_some() || self.known().calls > 1);
        for _ in 0..MAX_LIMIT_WRITES {
            let (now, known) = (self.now(), self.known().limits.clone());
            let seen = known.0.get(scope).copied();
            let pace = match seen {
                Some(seen) if !seen.is_over(now) => seen.pace.limited(paced_call, now, retry_after),
                seen => Pace::first(now, retry_after, seen.map(|seen| seen.pace)),
            };
            let (pace, ticket) = if has_ticket { pace.put_back() } else { (pace, pace.admitted) };
            let replaced = self.cooldowns.items.replace(self.key(), scope, &known, pace, now).await?;
            let issued = seen.filter(|seen| !seen.is_over(now)).map_or(pace.admitted, |seen| seen.issued);
            let limit = match replaced {
                Replaced::Written => Some(ScopeLimit { pace, issued }),
                Replaced::Changed(found) => found,
            };
            self.set_limit(scope, limit);
            if replaced == Replaced::Written {
                metrics::count(Metric::Cooldowns, self.tool.as_str(), "started", now);
                if has_ticket {
                    let mut known = self.known();
                    known.tickets.insert(scope.to_owned(), ticket);
                    known.admitted.insert(scope.to_owned(), LatestCall::waiting(pace.admission_of_waiting()));
                }
                return Ok(Some(if has_ticket { pace.admission_of_waiting() } else { pace.resume_at }));
            }
        }
        tracing::warn!(tool = %self.tool, "a cooldown changed at each try to record a limit");
        Ok(None)
    }

    /// The tickets that the attempt has now.
    pub fn tickets(&self) -> Tickets {
        self.known().tickets.clone()
    }

    fn limit(&self, scope: &str) -> Option<ScopeLimit> {
        self.known().limits.0.get(scope).copied()
    }

    fn set_limit(&self, scope: &str, limit: Option<ScopeLimit>) {
        let mut known = self.known();
        match limit {
            Some(limit) => known.limits.0.insert(scope.to_owned(), limit),
            None => known.limits.0.remove(scope),
        };
    }

    fn cooldown_error(&self, resume_at: Timestamp, now: Timestamp) -> Error {
        let retry_after = Duration::try_from(resume_at.duration_since(now)).unwrap_or_default();
        Error::Cooldown { tool: self.tool, retry_after, tickets: self.known().tickets.clone() }
    }

    fn key(&self) -> ConnectionKey<'_> {
        ConnectionKey { user: &self.user, tool: self.tool, account: &self.account }
    }

    fn now(&self) -> Timestamp {
        self.cooldowns.clock.now()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
