//! The item of a circuit breaker: the calls of one agent to one account of a tool within the last hour, and the open period. It has
//! the connection's partition, so that one read returns both.
//!
//! An attribute counts the calls of five minutes (`f<n>` failed, `s<n>` succeeded). So the hour slides without a row per call, and
//! a count is one unconditional write.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use crate::account::AccountId;
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId};
use crate::keys::{decode, encode};
use crate::tables::expression::{absent, all, begins_with, eq};
use crate::tables::table::{Key, Table, Written};
use crate::tables::update::Update;
use crate::tables::{Item, milliseconds, number, string_attribute, text, ttl};
use crate::tool::Tool;

/// Seconds per counter.
const BUCKET_SECONDS: i64 = 300;
/// Counters of an hour, the current one included.
const WINDOW_BUCKETS: i64 = 12;
/// Lifetime of an item after its last count: without an open period it holds nothing that still matters.
const WINDOW_RETENTION: SignedDuration = SignedDuration::from_hours(2);
const SORT_KEY_PREFIX: &str = "breaker#";

/// The result of a call, as far as the tool is responsible for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallResult {
    /// The call failed.
    Failed,
    /// The call succeeded.
    Succeeded,
}

impl CallResult {
    fn prefix(self) -> char {
        match self {
            Self::Failed => 'f',
            Self::Succeeded => 's',
        }
    }
}

/// A period in which a circuit breaker is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPeriod {
    /// The end. Afterwards the call that moves it on is the probe.
    pub until: Timestamp,
    /// The number of consecutive open periods, this one included.
    pub consecutive: u32,
    /// The reason, for a person.
    pub reason: String,
}

impl OpenPeriod {
    fn read(item: &Item) -> Option<Self> {
        let number = |name: &str| item.get(name)?.as_n().ok()?.parse::<i64>().ok();
        Some(Self {
            until: Timestamp::from_millisecond(number("openUntil")?).ok()?,
            consecutive: number("consecutive").and_then(|count| u32::try_from(count).ok()).unwrap_or(1),
            reason: string_attribute(item, "reason").unwrap_or_default().to_owned(),
        })
    }
}

/// The recorded calls of one agent to one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BreakerWindow {
    /// Calls by result and bucket.
    counts: BTreeMap<(CallResult, i64), u32>,
    /// The open period; one that is over lasts until a probe has a result.
    pub open: Option<OpenPeriod>,
}

impl BreakerWindow {
    /// Reads the item; attributes of another kind are ignored.
    pub(super) fn from_item(item: &Item) -> Self {
        let count = |(name, value): (&String, &AttributeValue)| {
            let results = [CallResult::Failed, CallResult::Succeeded];
            let result = results.into_iter().find(|result| name.starts_with(result.prefix()))?;
            Some(((result, name[1..].parse().ok()?), value.as_n().ok()?.parse().ok()?))
        };
        Self { counts: item.iter().filter_map(count).collect(), open: OpenPeriod::read(item) }
    }

    /// Returns the number of calls with a result within the last hour.
    pub fn count(&self, result: CallResult, now: Timestamp) -> u32 {
        let oldest = bucket(now) - WINDOW_BUCKETS;
        let recent = self.counts.iter().filter(|((of, bucket), _)| *of == result && *bucket > oldest);
        recent.map(|(_, count)| *count).fold(0, u32::saturating_add)
    }

    /// Returns the attributes of calls that are older than an hour.
    fn expired_counters(&self, now: Timestamp) -> Vec<String> {
        let oldest = bucket(now) - WINDOW_BUCKETS;
        self.counts.keys().filter(|(_, bucket)| *bucket <= oldest).map(|(of, bucket)| counter(*of, *bucket)).collect()
    }
}

fn bucket(at: Timestamp) -> i64 {
    at.as_second().div_euclid(BUCKET_SECONDS)
}

fn counter(result: CallResult, bucket: i64) -> String {
    format!("{}{bucket}", result.prefix())
}

/// The key of a circuit breaker.
#[derive(Clone, Copy, Debug)]
pub struct BreakerKey<'a> {
    /// The owner.
    pub user: &'a UserId,
    /// The agent.
    pub agent: &'a AgentId,
    /// The tool.
    pub tool: Tool,
    /// The account.
    pub account: &'a AccountId,
}

impl From<BreakerKey<'_>> for Key {
    fn from(BreakerKey { user, agent, tool, account }: BreakerKey<'_>) -> Self {
        Self::new(encode(user.as_str()), format!("{}{}", agent_prefix(agent, tool), encode(account.as_str())))
    }
}

/// A circuit breaker of a user's list.
#[derive(Clone, Debug)]
pub struct AgentBreaker {
    /// The agent.
    pub agent: AgentId,
    /// The tool's name.
    pub tool: String,
    /// The account.
    pub account: AccountId,
    /// The recorded calls.
    pub window: BreakerWindow,
}

/// The circuit breakers' items of the integrations table.
#[derive(Clone, Debug)]
pub struct CircuitBreakerItems(Table);

/// Returns the start of the sort keys of an agent's circuit breakers of a tool.
fn agent_prefix(agent: &AgentId, tool: Tool) -> String {
    format!("{SORT_KEY_PREFIX}{}#{tool}#", encode(agent.as_str()))
}

/// Reads agent, tool and account from a sort key.
fn parse_sort_key(sk: &str) -> Option<(AgentId, &str, AccountId)> {
    let (key, account) = sk.rsplit_once('#')?;
    let (key, tool) = key.rsplit_once('#')?;
    Some((AgentId::from_stored_key(key)?, tool, AccountId::from_stored(&decode(account)?)))
}

impl CircuitBreakerItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Counts a call and returns the window with it. `seen` is the window before the call; its expired counters are removed.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn count(
        &self,
        key: BreakerKey<'_>,
        result: CallResult,
        seen: Option<&BreakerWindow>,
        now: Timestamp,
    ) -> Result<BreakerWindow> {
        let update = Update::new()
            .set("ttl", number(ttl(now, WINDOW_RETENTION)))
            .add(&counter(result, bucket(now)), number(1))
            .remove(seen.map(|seen| seen.expired_counters(now)).unwrap_or_default());
        let update = self.0.update(key.into(), update).return_values(ReturnValue::AllNew);
        let counted = update.send().await.map_err(aws::failure)?;
        Ok(BreakerWindow::from_item(&counted.attributes.unwrap_or_default()))
    }

    /// Opens the circuit breaker if its open period is still `seen`, or if it still has none. Returns true if this call opened
    /// it: of several concurrent calls one publishes the change, and one is the probe.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn open(&self, key: BreakerKey<'_>, seen: Option<&OpenPeriod>, period: &OpenPeriod) -> Result<bool> {
        let update = Update::new()
            .set("openUntil", milliseconds(period.until))
            .set("consecutive", number(period.consecutive))
            .set("reason", text(&period.reason))
            .set("ttl", number(ttl(period.until, WINDOW_RETENTION)))
            .only_if(match seen {
                Some(seen) => eq("openUntil", milliseconds(seen.until)),
                None => absent("openUntil"),
            });
        Ok(self.0.update_once(key.into(), update).await?.is_applied())
    }

    /// Closes the circuit breaker after a successful probe, if its open period is still `probed`. Returns true if this call
    /// closed it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn close(&self, key: BreakerKey<'_>, probed: &OpenPeriod) -> Result<bool> {
        let is_probed = eq("openUntil", milliseconds(probed.until));
        Ok(self.0.delete_once(key.into(), Some(is_probed)).await?.is_applied())
    }

    /// Deletes the item in any state. Returns the window it had, unless the response with it was lost.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there was none.
    pub async fn reset(&self, key: BreakerKey<'_>) -> Result<Option<BreakerWindow>> {
        match self.0.delete_once(key.into(), None).await? {
            Written::Applied(row) => Ok(row.as_ref().map(BreakerWindow::from_item)),
            Written::Refused(_) => Err(Error::NotFound("Recorded failures of this agent and tool")),
        }
    }

    /// Returns the user's circuit breakers by agent: one megabyte of items, some thousands.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list(&self, user: &UserId) -> Result<Vec<AgentBreaker>> {
        self.query(user, SORT_KEY_PREFIX).await
    }

    /// Returns the circuit breakers of an agent and a tool, by account.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn of_agent(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
    ) -> Result<BTreeMap<AccountId, BreakerWindow>> {
        let breakers = self.query(user, &agent_prefix(agent, tool)).await?;
        Ok(breakers.into_iter().map(|breaker| (breaker.account, breaker.window)).collect())
    }

    async fn query(&self, user: &UserId, prefix: &str) -> Result<Vec<AgentBreaker>> {
        let owner = text(encode(user.as_str()));
        let query = self.0.query(all([eq("pk", owner), begins_with("sk", text(prefix))]), None);
        let answer = query.consistent_read(true).send().await.map_err(aws::failure)?;
        let breaker = |item: &Item| {
            let (agent, tool, account) = parse_sort_key(string_attribute(item, "sk")?)?;
            Some(AgentBreaker { agent, tool: tool.to_owned(), account, window: BreakerWindow::from_item(item) })
        };
        Ok(answer.items.unwrap_or_default().iter().filter_map(breaker).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_slides_in_buckets_of_five_minutes() {
        let item = |counts: &[(&str, i64)]| -> Item {
            counts.iter().map(|(name, count)| ((*name).to_owned(), number(count))).collect()
        };
        let window = BreakerWindow::from_item(&item(&[
            ("f100", 3),
            ("f111", 4),
            ("f112", 1),
            ("s112", 9),
            ("failures", 7),
            ("ttl", 1),
        ]));
        let at = |bucket: i64| Timestamp::from_second(bucket * BUCKET_SECONDS).unwrap();
        assert_eq!(window.count(CallResult::Failed, at(111)), 3 + 4 + 1);
        assert_eq!(window.count(CallResult::Failed, at(112)), 4 + 1);
        assert_eq!(
            (window.count(CallResult::Succeeded, at(112)), window.count(CallResult::Succeeded, at(124))),
            (9, 0)
        );
        assert_eq!(window.expired_counters(at(112)), ["f100"]);
        assert_eq!(window.open, None);
    }
}
