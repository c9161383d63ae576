//! The breaker's item: one agent's calls to one tool within the last hour, and whether the tool rests. It lies beside the
//! connection, so that both are read at once.
//!
//! Calls are counted in an attribute for each five minutes (`f<n>` failed, `s<n>` worked), so that an hour slides without a
//! row a call, and each count is one write without a condition.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use super::{Item, condition_met, number, string_attribute, text, ttl};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId, encode};
use crate::tool::Tool;

/// Seconds that share a count.
const BUCKET_SECONDS: i64 = 300;
/// Steps of an hour, the current one included.
const WINDOW_BUCKETS: i64 = 12;
/// An item without a rest has nothing to say after this long.
const WINDOW_RETENTION: SignedDuration = SignedDuration::from_hours(2);
const SORT_KEY_PREFIX: &str = "breaker#";

/// How a call ended, as far as the tool is to praise or to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallResult {
    /// It failed.
    Failed,
    /// It worked.
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

/// A rest of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPeriod {
    /// Until when nobody calls. Whoever moves it on, afterwards, may try.
    pub until: Timestamp,
    /// How many there were in a row, this one included.
    pub consecutive: u32,
    /// Why, for a person.
    pub reason: String,
}

/// What is known of one agent's calls to one tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BreakerWindow {
    /// Calls by how they ended and the step they fell into.
    counts: BTreeMap<(CallResult, i64), u32>,
    /// The rest it takes; one that is over lasts until somebody has tried.
    pub open: Option<OpenPeriod>,
}

impl BreakerWindow {
    /// Reads the item; attributes of another kind are passed over.
    pub(super) fn from_item(item: &Item) -> Self {
        let whole = |name: &str| item.get(name)?.as_n().ok()?.parse::<i64>().ok();
        let count = |(name, value): (&String, &aws_sdk_dynamodb::types::AttributeValue)| {
            let call =
                [CallResult::Failed, CallResult::Succeeded].into_iter().find(|call| name.starts_with(call.prefix()))?;
            Some(((call, name[1..].parse().ok()?), value.as_n().ok()?.parse().ok()?))
        };
        let until = whole("openUntil").and_then(|at| Timestamp::from_millisecond(at).ok());
        let open = until.map(|until| OpenPeriod {
            until,
            consecutive: whole("openings").and_then(|number| u32::try_from(number).ok()).unwrap_or(1),
            reason: string_attribute(item, "why").unwrap_or_default().to_owned(),
        });
        Self { counts: item.iter().filter_map(count).collect(), open }
    }

    /// The calls within the last hour that ended so.
    pub fn count(&self, call: CallResult, now: Timestamp) -> u32 {
        let fresh = self.counts.iter().filter(|((kind, at), _)| *kind == call && *at > bucket(now) - WINDOW_BUCKETS);
        fresh.map(|(_, count)| *count).fold(0, u32::saturating_add)
    }

    /// The attributes that no longer count.
    fn expired_counters(&self, now: Timestamp) -> Vec<String> {
        let stale = self.counts.keys().filter(|(_, at)| *at <= bucket(now) - WINDOW_BUCKETS);
        stale.map(|(call, at)| format!("{}{at}", call.prefix())).collect()
    }
}

fn bucket(at: Timestamp) -> i64 {
    at.as_second().div_euclid(BUCKET_SECONDS)
}

/// Whose calls to what.
#[derive(Clone, Copy, Debug)]
pub struct BreakerKey<'a> {
    /// The owner.
    pub user: &'a UserId,
    /// The agent.
    pub agent: &'a AgentId,
    /// The tool.
    pub tool: Tool,
}

/// Where calls are counted.
#[derive(Clone, Debug)]
pub struct CircuitBreakerItems {
    client: Client,
    table: String,
}

pub(super) fn sort_key(agent: &AgentId, tool: Tool) -> String {
    format!("{SORT_KEY_PREFIX}{}#{tool}", encode(agent.as_str()))
}

impl CircuitBreakerItems {
    /// Counts in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts a call and returns what is known then; `seen` is what was known before it, to be tidied.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn count(
        &self,
        caller: BreakerKey<'_>,
        call: CallResult,
        seen: Option<&BreakerWindow>,
        now: Timestamp,
    ) -> Result<BreakerWindow> {
        let stale = seen.map(|seen| seen.expired_counters(now)).filter(|stale| !stale.is_empty());
        let remove = stale.map(|stale| format!(" REMOVE {}", stale.join(", "))).unwrap_or_default();
        let add = format!("{}{}", call.prefix(), bucket(now));
        let counted = self
            .at(caller)
            .update_expression(format!("SET #ttl = :ttl ADD {add} :one{remove}"))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":ttl", number(ttl(now, WINDOW_RETENTION)))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(aws::failure)?;
        Ok(BreakerWindow::from_item(&counted.attributes.unwrap_or_default()))
    }

    /// Lets the tool rest, where its last rest still is the one that was seen, or there still is none. Returns whether this
    /// call did it: of several, one announces it, and one may try.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn open(&self, caller: BreakerKey<'_>, seen: Option<&OpenPeriod>, rest: &OpenPeriod) -> Result<bool> {
        let update = self
            .at(caller)
            .update_expression("SET openUntil = :until, openings = :number, why = :why, #ttl = :ttl")
            .expression_attribute_values(":until", number(rest.until.as_millisecond()))
            .expression_attribute_values(":number", number(rest.consecutive))
            .expression_attribute_values(":why", text(&rest.reason))
            .expression_attribute_values(":ttl", number(ttl(rest.until, WINDOW_RETENTION)));
        let update = match seen {
            Some(seen) => update
                .condition_expression("openUntil = :seen")
                .expression_attribute_values(":seen", number(seen.until.as_millisecond())),
            None => update.condition_expression("attribute_not_exists(openUntil)"),
        };
        Ok(condition_met(update.send().await)?.is_some())
    }

    /// Forgets everything after a try that worked, if the rest still is the one it tried. Returns whether this call did it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn close(&self, caller: BreakerKey<'_>, tried: &OpenPeriod) -> Result<bool> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(encode(caller.user.as_str())))
            .key("sk", text(sort_key(caller.agent, caller.tool)))
            .condition_expression("openUntil = :tried")
            .expression_attribute_values(":tried", number(tried.until.as_millisecond()))
            .send()
            .await;
        Ok(condition_met(deleted)?.is_some())
    }

    /// Forgets everything, whatever it is. Returns what it was.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there was nothing.
    pub async fn reset(&self, caller: BreakerKey<'_>) -> Result<BreakerWindow> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(encode(caller.user.as_str())))
            .key("sk", text(sort_key(caller.agent, caller.tool)))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(aws::failure)?;
        deleted.attributes.as_ref().map(BreakerWindow::from_item).ok_or(Error::NotFound("Failures"))
    }

    /// The agents and tools of a user of which anything is known, by agent: one megabyte of them, some thousands.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list(&self, user: &UserId) -> Result<Vec<(AgentId, String, BreakerWindow)>> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(encode(user.as_str())))
            .expression_attribute_values(":prefix", text(SORT_KEY_PREFIX))
            .consistent_read(true)
            .send()
            .await
            .map_err(aws::failure)?;
        let named = |item: &Item| {
            // `breaker#<agent>#<tool>`
            let sk = string_attribute(item, "sk")?;
            let (_, tool) = sk.rsplit_once('#')?;
            let agent = AgentId::from_stored_key(sk.strip_suffix(tool)?.strip_suffix('#')?)?;
            Some((agent, tool.to_owned(), BreakerWindow::from_item(item)))
        };
        Ok(answer.items.unwrap_or_default().iter().filter_map(named).collect())
    }

    fn at(&self, caller: BreakerKey<'_>) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(encode(caller.user.as_str())))
            .key("sk", text(sort_key(caller.agent, caller.tool)))
            .expression_attribute_names("#ttl", "ttl")
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
        let health = BreakerWindow::from_item(&item(&[
            ("f100", 3),
            ("f111", 4),
            ("f112", 1),
            ("s112", 9),
            ("failures", 7),
            ("ttl", 1),
        ]));
        let at = |step: i64| Timestamp::from_second(step * BUCKET_SECONDS).unwrap();
        assert_eq!(health.count(CallResult::Failed, at(111)), 3 + 4 + 1);
        assert_eq!(health.count(CallResult::Failed, at(112)), 4 + 1);
        assert_eq!(
            (health.count(CallResult::Succeeded, at(112)), health.count(CallResult::Succeeded, at(124))),
            (9, 0)
        );
        assert_eq!(health.expired_counters(at(112)), ["f100"]);
        assert_eq!(health.open, None);
    }
}
