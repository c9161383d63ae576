//! The error log: `user` / `E#<ulid>`, with a local index by agent; and its counters, one item per user and day
//! (`C#<date>`) and one per agent and day (`A#<agent>#<date>`), an attribute per tool and code. Statistics are one query
//! of counters, whatever the number of errors.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

use super::expression::{Condition, absent, all, all_of, any, between, eq, exists, size_below};
use super::table::{Key, Table, Written};
use super::update::Update;
use super::{
    Item, MAX_READS_PER_PAGE, Page, PageRequest, condition_met, fill_page, from_item, json_text, number, permitted,
    query_page, string_attribute, text, to_item, ttl,
};
use crate::account::AccountId;
use crate::aws;
use crate::clock::Random;
use crate::error::{Error, Outcome, Result};
use crate::ids::{AgentId, ErrorId, UserId};
use crate::keys::{encode, invalid_cursor};
use crate::permissions::Caller;
use crate::tool::Tool;
use crate::validate::fingerprint;

/// Lifetime of an error and of a counter.
pub const ERROR_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Reported codes of a day that have a counter each. With codes of 64 bytes an item stays within 5 KiB.
const MAX_REPORTED_CODES: usize = 50;
/// The code under which further reported codes are counted.
pub const OTHER_CODE: &str = "OTHER";

/// One row of the error log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorRow {
    /// The row's ulid; read back from its key with the prefix `E#`.
    #[serde(rename = "sk", skip_serializing)]
    pub ulid: String,
    /// The agent.
    pub agent_id: String,
    /// The tool.
    pub tool: String,
    /// The id of the account; absent for a reported error, and where none was selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The action.
    pub action: String,
    /// The stable code.
    pub error_code: String,
    /// The message, for a person.
    pub error_message: String,
    /// The excerpt of the payload.
    #[serde(with = "json_text")]
    pub payload: Value,
    /// The time.
    pub timestamp: Timestamp,
    /// True if the error is resolved.
    pub resolved: bool,
    /// The time of the resolution.
    pub resolved_at: Option<Timestamp>,
    /// The task whose attempt failed.
    pub task_id: Option<String>,
    /// The attempt that failed.
    pub attempt: Option<u32>,
    /// The outcome of the effect.
    pub outcome: Option<Outcome>,
}

impl ErrorRow {
    /// Returns the public id.
    pub fn id(&self) -> ErrorId {
        ErrorId::new(self.ulid.trim_start_matches("E#"))
    }
}

/// A filter of an agent's errors. An absent member matches every error.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The tool.
    pub tool: Option<Tool>,
    /// The code.
    pub code: Option<String>,
    /// True for resolved errors, false for open ones.
    pub resolved: Option<bool>,
    /// The earliest time.
    pub since: Option<Timestamp>,
    /// The time before which the error occurred.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// Returns the condition on attributes that are no keys; the rows it excludes are read and paid for too.
    fn condition(&self) -> Option<Condition> {
        all_of([
            self.tool.map(|tool| eq("tool", text(tool.as_str()))),
            self.code.as_ref().map(|code| eq("errorCode", text(code))),
            self.resolved.map(|resolved| eq("resolved", AttributeValue::Bool(resolved))),
        ])
    }
}

/// The counters of one day.
#[derive(Clone, Debug)]
pub struct DayCounts {
    /// The day, UTC.
    pub date: Date,
    /// Errors by tool and code.
    pub counts: BTreeMap<(String, String), u64>,
}

/// A code for the counters.
#[derive(Clone, Copy, Debug)]
pub enum Code<'a> {
    /// One of this service.
    Own(&'a str),
    /// One that an agent reported.
    Reported(&'a str),
}

/// A range of days, both ends included.
#[derive(Clone, Copy, Debug)]
pub struct DateRange {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

/// The errors table: errors and their counters.
#[derive(Clone, Debug)]
pub struct ErrorItems(Table);

fn agent_prefix(agent: &AgentId) -> String {
    format!("{}#", encode(agent.as_str()))
}

/// Returns the start of a page of an agent's rows: the key of the row before it.
fn start_key(owner: &str, agent: &str, sk: &str) -> Result<Item> {
    let ulid = sk.strip_prefix("E#").ok_or_else(invalid_cursor)?;
    ErrorId::parse(&format!("err_{ulid}")).map_err(|_| invalid_cursor())?;
    let mut key = Key::new(owner, sk).into_item();
    key.insert("agentAt".to_owned(), text(format!("{agent}{ulid}")));
    Ok(key)
}

impl ErrorItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, user: &UserId, agent: &AgentId, error: &ErrorRow) -> Result<()> {
        let mut item = to_item(Key::new(encode(user.as_str()), format!("E#{}", error.ulid)), error)?;
        item.insert("agentAt".to_owned(), text(format!("{}{}", agent_prefix(agent), error.ulid)));
        item.insert("ttl".to_owned(), number(ttl(error.timestamp, ERROR_RETENTION)));
        self.0.put(item).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Counts one error on its day, for the user and for the agent: two concurrent writes. Reported codes beyond the first 50 of a
    /// day are counted together, as [`OTHER_CODE`], so that an item stays small.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn count(
        &self,
        user: &UserId,
        agent: Option<&AgentId>,
        tool: Tool,
        code: Code<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let date = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let for_user = self.add(Key::new(encode(user.as_str()), format!("C#{date}")), tool, code, now);
        let for_agent = async {
            let Some(agent) = agent else { return Ok(()) };
            let sort = format!("A#{}{date}", agent_prefix(agent));
            self.add(Key::new(encode(user.as_str()), sort), tool, code, now).await
        };
        let (for_user, for_agent) = futures::join!(for_user, for_agent);
        for_user.and(for_agent)
    }

    async fn add(&self, key: Key, tool: Tool, code: Code<'_>, now: Timestamp) -> Result<()> {
        let add_one = |code: &str| {
            let update = Update::new().alias("counter", format!("{tool}|{code}")).add("counter", number(1));
            update.set("ttl", number(ttl(now, ERROR_RETENTION)))
        };
        let update = match code {
            Code::Own(code) => add_one(code),
            Code::Reported(code) => {
                let has_room = any([exists("counter"), absent("reported"), size_below("reported", MAX_REPORTED_CODES)]);
                let id = AttributeValue::Ss(vec![fingerprint(&format!("{tool}|{code}"), 4)]);
                add_one(code).add("reported", id).only_if(has_room)
            }
        };
        if condition_met(self.0.update(key.clone(), update).send().await)?.is_none() {
            self.0.update(key, add_one(OTHER_CODE)).send().await.map_err(aws::failure)?;
        }
        Ok(())
    }

    /// Returns rows of all agents or of one that the caller may see, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(
        &self,
        caller: &Caller,
        agent: Option<&AgentId>,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<ErrorRow>> {
        let owner = encode(caller.user.as_str());
        let (attribute, prefix) = match agent {
            Some(agent) => ("agentAt", agent_prefix(agent)),
            None => ("sk", "E#".to_owned()),
        };
        // Both are sorted by time. No row has the smallest ulid of its millisecond, and every ulid sorts before `~`.
        let first = filter.since.map(Random::min_ulid_at).unwrap_or_default();
        let last = filter.until.map_or_else(|| "~".to_owned(), Random::min_ulid_at);
        let period = between(attribute, text(format!("{prefix}{first}")), text(format!("{prefix}{last}")));
        let condition = all_of([filter.condition(), permitted::rows(caller)]);
        let query = self.0.query(all([eq("pk", text(&owner)), period]), condition).scan_index_forward(false);
        if agent.is_none() {
            return query_page(query, &owner, page).await;
        }
        let start = page.start_after()?.map(|sk| start_key(&owner, &prefix, &sk)).transpose()?;
        fill_page(query.index_name("byAgent"), start, page, MAX_READS_PER_PAGE).await
    }

    /// Marks a row as resolved. Returns true if it was open until now.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] for a row that the caller may not see.
    pub async fn resolve(&self, caller: &Caller, id: &ErrorId, now: Timestamp) -> Result<bool> {
        let open = all([exists("pk"), eq("resolved", AttributeValue::Bool(false))]);
        let update = Update::new()
            .set("resolved", AttributeValue::Bool(true))
            .set("resolvedAt", text(now.to_string()))
            .only_if(permitted::with_rows(caller, open));
        match self.0.update_once(Key::new(encode(caller.user.as_str()), format!("E#{}", id.ulid())), update).await? {
            Written::Applied(_) => Ok(true),
            Written::Refused(Some(row)) => {
                let row: ErrorRow = from_item(row)?;
                caller.check(&row.tool, Some(&row.action), row.account.as_ref()).map(|()| false)
            }
            Written::Refused(None) => Err(Error::NotFound("Error")),
        }
    }

    /// Returns the counters of the days of a range that have any, of the whole user or of one agent.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn daily_counts(
        &self,
        user: &UserId,
        agent: Option<&AgentId>,
        DateRange { first, last }: DateRange,
    ) -> Result<Vec<DayCounts>> {
        let prefix = agent.map_or_else(|| "C#".to_owned(), |agent| format!("A#{}", agent_prefix(agent)));
        let days = between("sk", text(format!("{prefix}{first}")), text(format!("{prefix}{last}")));
        let query = self.0.query(all([eq("pk", text(encode(user.as_str()))), days]), None);
        // Days with many codes can be more than the megabyte of one answer.
        let mut items = query.consistent_read(true).into_paginator().items().send();
        let mut counts = vec![];
        while let Some(item) = items.next().await {
            counts.push(day_counts(&item.map_err(aws::failure)?, &prefix)?);
        }
        Ok(counts)
    }
}

fn day_counts(item: &Item, prefix: &str) -> Result<DayCounts> {
    let date = string_attribute(item, "sk").and_then(|sk| sk.strip_prefix(prefix)).unwrap_or_default();
    Ok(DayCounts { date: date.parse().map_err(Error::internal)?, counts: error_counts(item).collect() })
}

/// Returns the counters of an item, by tool and code.
fn error_counts(item: &Item) -> impl Iterator<Item = ((String, String), u64)> {
    item.iter().filter_map(|(name, value)| {
        let (tool, code) = name.split_once('|')?;
        Some(((tool.to_owned(), code.to_owned()), value.as_n().ok()?.parse().ok()?))
    })
}
