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

use super::{Item, if_allowed, number, string, text, ttl};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId, encode};
use crate::tool::Tool;

/// Seconds that share a count.
const STEP_SECONDS: i64 = 300;
/// Steps of an hour, the current one included.
const STEPS: i64 = 12;
/// An item without a rest has nothing to say after this long.
const KEPT: SignedDuration = SignedDuration::from_hours(2);
const PREFIX: &str = "breaker#";

/// How a call ended, as far as the tool is to praise or to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// It failed.
    Failed,
    /// It worked.
    Worked,
}

impl Call {
    fn letter(self) -> char {
        match self {
            Self::Failed => 'f',
            Self::Worked => 's',
        }
    }
}

/// A rest of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Until when nobody calls. Whoever moves it on, afterwards, may try.
    pub until: Timestamp,
    /// How many there were in a row, this one included.
    pub number: u32,
    /// Why, for a person.
    pub why: String,
}

/// What is known of one agent's calls to one tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Calls by how they ended and the step they fell into.
    counts: BTreeMap<(Call, i64), u32>,
    /// The rest it takes; one that is over lasts until somebody has tried.
    pub rest: Option<Rest>,
}

impl Health {
    /// Reads the item; attributes of another kind are passed over.
    pub(super) fn read(item: &Item) -> Self {
        let whole = |name: &str| item.get(name)?.as_n().ok()?.parse::<i64>().ok();
        let count = |(name, value): (&String, &aws_sdk_dynamodb::types::AttributeValue)| {
            let call = [Call::Failed, Call::Worked].into_iter().find(|call| name.starts_with(call.letter()))?;
            Some(((call, name[1..].parse().ok()?), value.as_n().ok()?.parse().ok()?))
        };
        let until = whole("openUntil").and_then(|at| Timestamp::from_millisecond(at).ok());
        let rest = until.map(|until| Rest {
            until,
            number: whole("openings").and_then(|number| u32::try_from(number).ok()).unwrap_or(1),
            why: string(item, "why").unwrap_or_default().to_owned(),
        });
        Self { counts: item.iter().filter_map(count).collect(), rest }
    }

    /// The calls within the last hour that ended so.
    pub fn calls(&self, call: Call, now: Timestamp) -> u32 {
        let fresh = self.counts.iter().filter(|((kind, at), _)| *kind == call && *at > step(now) - STEPS);
        fresh.map(|(_, count)| *count).fold(0, u32::saturating_add)
    }

    /// The attributes that no longer count.
    fn stale(&self, now: Timestamp) -> Vec<String> {
        let stale = self.counts.keys().filter(|(_, at)| *at <= step(now) - STEPS);
        stale.map(|(call, at)| format!("{}{at}", call.letter())).collect()
    }
}

fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP_SECONDS)
}

/// Whose calls to what.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The owner.
    pub user: &'a UserId,
    /// The agent.
    pub agent: &'a AgentId,
    /// The tool.
    pub tool: Tool,
}

/// Where calls are counted.
#[derive(Clone, Debug)]
pub struct BreakersTable {
    client: Client,
    table: String,
}

pub(super) fn sort_key(agent: &AgentId, tool: Tool) -> String {
    format!("{PREFIX}{}#{tool}", encode(agent.as_str()))
}

impl BreakersTable {
    /// Counts in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts a call and returns what is known then; `seen` is what was known before it, to be tidied.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn count(&self, caller: Caller<'_>, call: Call, seen: Option<&Health>, now: Timestamp) -> Result<Health> {
        let stale = seen.map(|seen| seen.stale(now)).filter(|stale| !stale.is_empty());
        let remove = stale.map(|stale| format!(" REMOVE {}", stale.join(", "))).unwrap_or_default();
        let add = format!("{}{}", call.letter(), step(now));
        let counted = self
            .at(caller)
            .update_expression(format!("SET #ttl = :ttl ADD {add} :one{remove}"))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":ttl", number(ttl(now, KEPT)))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(aws::failure)?;
        Ok(Health::read(&counted.attributes.unwrap_or_default()))
    }

    /// Lets the tool rest, where its last rest still is the one that was seen, or there still is none. Returns whether this
    /// call did it: of several, one announces it, and one may try.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn rest(&self, caller: Caller<'_>, seen: Option<&Rest>, rest: &Rest) -> Result<bool> {
        let update = self
            .at(caller)
            .update_expression("SET openUntil = :until, openings = :number, why = :why, #ttl = :ttl")
            .expression_attribute_values(":until", number(rest.until.as_millisecond()))
            .expression_attribute_values(":number", number(rest.number))
            .expression_attribute_values(":why", text(&rest.why))
            .expression_attribute_values(":ttl", number(ttl(rest.until, KEPT)));
        let update = match seen {
            Some(seen) => update
                .condition_expression("openUntil = :seen")
                .expression_attribute_values(":seen", number(seen.until.as_millisecond())),
            None => update.condition_expression("attribute_not_exists(openUntil)"),
        };
        Ok(if_allowed(update.send().await)?.is_some())
    }

    /// Forgets everything after a try that worked, if the rest still is the one it tried. Returns whether this call did it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn close(&self, caller: Caller<'_>, tried: &Rest) -> Result<bool> {
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
        Ok(if_allowed(deleted)?.is_some())
    }

    /// Forgets everything, whatever it is. Returns what it was.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there was nothing.
    pub async fn reset(&self, caller: Caller<'_>) -> Result<Health> {
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
        deleted.attributes.as_ref().map(Health::read).ok_or(Error::NotFound("Failures"))
    }

    /// The agents and tools of a user of which anything is known, by agent: one megabyte of them, some thousands.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list(&self, user: &UserId) -> Result<Vec<(AgentId, String, Health)>> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(encode(user.as_str())))
            .expression_attribute_values(":prefix", text(PREFIX))
            .consistent_read(true)
            .send()
            .await
            .map_err(aws::failure)?;
        let named = |item: &Item| {
            // `breaker#<agent>#<tool>`
            let sk = string(item, "sk")?;
            let (_, tool) = sk.rsplit_once('#')?;
            let agent = AgentId::from_stored_key(sk.strip_suffix(tool)?.strip_suffix('#')?)?;
            Some((agent, tool.to_owned(), Health::read(item)))
        };
        Ok(answer.items.unwrap_or_default().iter().filter_map(named).collect())
    }

    fn at(&self, caller: Caller<'_>) -> UpdateItemFluentBuilder {
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
    fn an_hour_slides_in_steps_of_five_minutes() {
        let item = |counts: &[(&str, i64)]| -> Item {
            counts.iter().map(|(name, count)| ((*name).to_owned(), number(count))).collect()
        };
        let health =
            Health::read(&item(&[("f100", 3), ("f111", 4), ("f112", 1), ("s112", 9), ("failures", 7), ("ttl", 1)]));
        let at = |step: i64| Timestamp::from_second(step * STEP_SECONDS).unwrap();
        assert_eq!(health.calls(Call::Failed, at(111)), 3 + 4 + 1);
        assert_eq!(health.calls(Call::Failed, at(112)), 4 + 1);
        assert_eq!((health.calls(Call::Worked, at(112)), health.calls(Call::Worked, at(124))), (9, 0));
        assert_eq!(health.stale(at(112)), ["f100"]);
        assert_eq!(health.rest, None);
    }
}
