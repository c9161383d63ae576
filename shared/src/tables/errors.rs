//! The error log: `user` / `E#<ulid>`, with a local index by agent; and its counters, one item per user and day
//! (`C#<date>`) and one per agent and day (`A#<agent>#<date>`), an attribute per tool and code. Statistics are one query
//! of counters, whatever the number of errors.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

use super::{CONDITION_FAILED, Item, Page, PageRequest, json_text, number, string_attribute, text, to_item, ttl};
use crate::aws;
use crate::clock::Random;
use crate::error::{Error, Outcome, Result};
use crate::ids::{AgentId, ErrorId, UserId, encode, invalid_cursor};
use crate::tool::Tool;

/// How long errors and counters are kept.
pub const ERROR_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One row of the error log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorRow {
    /// The row's ulid, read back from its key.
    #[serde(rename = "sk", skip_serializing)]
    pub ulid: String,
    /// The agent.
    pub agent_id: String,
    /// The tool.
    pub tool: String,
    /// The action.
    pub action: String,
    /// Stable code.
    pub error_code: String,
    /// What happened, for a person.
    pub error_message: String,
    /// What of the context may be kept.
    #[serde(with = "json_text")]
    pub payload: Value,
    /// When.
    pub timestamp: Timestamp,
    /// Whether somebody dealt with it.
    pub resolved: bool,
    /// When somebody did.
    pub resolved_at: Option<Timestamp>,
    /// The task whose attempt failed.
    pub task_id: Option<String>,
    /// The attempt that failed.
    pub attempt: Option<u32>,
    /// The outcome of the effect.
    pub outcome: Option<Outcome>,
}

impl ErrorRow {
    /// Its public id.
    pub fn id(&self) -> ErrorId {
        ErrorId::new(self.ulid.trim_start_matches("E#"))
    }
}

/// Which of an agent's errors are wanted. What is absent does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this tool.
    pub tool: Option<Tool>,
    /// With this code.
    pub code: Option<String>,
    /// Dealt with, or not.
    pub resolved: Option<bool>,
    /// Not before this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// The filter on what is no key; without any, none, because rows that are left out are read and paid for too.
    fn apply(&self, query: QueryFluentBuilder) -> QueryFluentBuilder {
        let wanted = [
            ("tool", self.tool.map(|tool| text(tool.as_str()))),
            ("errorCode", self.code.as_ref().map(text)),
            ("resolved", self.resolved.map(AttributeValue::Bool)),
        ];
        let mut query = query;
        let mut conditions = vec![];
        for (name, value) in wanted.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            conditions.push(format!("{name} = :{name}"));
            query = query.expression_attribute_values(format!(":{name}"), value);
        }
        query.set_filter_expression(Some(conditions.join(" AND ")).filter(|filter| !filter.is_empty()))
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

/// Where errors are kept and counted.
#[derive(Clone, Debug)]
pub struct ErrorItems {
    client: Client,
    table: String,
}

fn agent_prefix(agent: &AgentId) -> String {
    format!("{}#", encode(agent.as_str()))
}

/// Where a page of an agent's rows starts: after that row.
fn start_key(owner: &str, agent: &str, sk: &str) -> Result<Item> {
    let ulid = sk.strip_prefix("E#").ok_or_else(invalid_cursor)?;
    ErrorId::parse(&format!("err_{ulid}")).map_err(|_| invalid_cursor())?;
    Ok(Item::from([
        ("pk".into(), text(owner)),
        ("sk".into(), text(sk)),
        ("agentAt".into(), text(format!("{agent}{ulid}"))),
    ]))
}

impl ErrorItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, user: &UserId, agent: &AgentId, error: &ErrorRow) -> Result<()> {
        let mut item = to_item(encode(user.as_str()), format!("E#{}", error.ulid), error)?;
        item.insert("agentAt".to_owned(), text(format!("{}{}", agent_prefix(agent), error.ulid)));
        item.insert("ttl".to_owned(), number(ttl(error.timestamp, ERROR_RETENTION)));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await.map_err(aws::failure)?;
        Ok(())
    }

    /// Counts one error on its day, for the user and for the agent: two writes at once.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn count(&self, user: &UserId, agent: &AgentId, tool: Tool, code: &str, now: Timestamp) -> Result<()> {
        let date = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let add = |sk: String| {
            self.client
                .update_item()
                .table_name(&self.table)
                .key("pk", text(encode(user.as_str())))
                .key("sk", text(sk))
                .update_expression("SET #ttl = :ttl ADD #counter :one")
                .expression_attribute_names("#ttl", "ttl")
                .expression_attribute_names("#counter", format!("{tool}|{code}"))
                .expression_attribute_values(":ttl", number(ttl(now, ERROR_RETENTION)))
                .expression_attribute_values(":one", number(1))
                .send()
        };
        let of_user = add(format!("C#{date}"));
        let of_agent = add(format!("A#{}{date}", agent_prefix(agent)));
        let (of_user, of_agent) = futures::join!(of_user, of_agent);
        of_user.map_err(aws::failure)?;
        of_agent.map_err(aws::failure)?;
        Ok(())
    }

    /// Rows of an agent, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(
        &self,
        user: &UserId,
        agent: &AgentId,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<ErrorRow>> {
        let owner = encode(user.as_str());
        let prefix = agent_prefix(agent);
        let start = page.start_after()?.map(|sk| start_key(&owner, &prefix, &sk)).transpose()?;
        // The index is sorted by time. No row is at the very first ulid of its millisecond, and all stand before `~`.
        let first = filter.since.map(Random::min_ulid_at).unwrap_or_default();
        let last = filter.until.map_or_else(|| "~".to_owned(), Random::min_ulid_at);
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byAgent")
            .key_condition_expression("pk = :pk AND agentAt BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(&owner))
            .expression_attribute_values(":first", text(format!("{prefix}{first}")))
            .expression_attribute_values(":last", text(format!("{prefix}{last}")))
            .scan_index_forward(false);
        super::fill_page(filter.apply(query), start, page).await
    }

    /// Marks a row as dealt with. Returns whether it was open until now.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn resolve(&self, user: &UserId, id: &ErrorId, now: Timestamp) -> Result<bool> {
        let resolved = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(format!("E#{}", id.ulid())))
            .update_expression("SET resolved = :true, resolvedAt = :now")
            .condition_expression("attribute_exists(pk) AND resolved = :false")
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":false", AttributeValue::Bool(false))
            .expression_attribute_values(":now", text(now.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match resolved {
            Ok(_) => Ok(true),
            Err(error) if aws::has_code(&error, CONDITION_FAILED) => {
                match error.into_service_error() {
                    aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(
                        failed,
                    ) if failed.item.is_some() => Ok(false),
                    _ => Err(Error::NotFound("Error")),
                }
            }
            Err(error) => Err(aws::failure(error)),
        }
    }

    /// The counters of the days from `first` to `last` that have any, of the whole user or of one agent.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn daily_counts(
        &self,
        user: &UserId,
        agent: Option<&AgentId>,
        (first, last): (Date, Date),
    ) -> Result<Vec<DayCounts>> {
        let prefix = agent.map_or_else(|| "C#".to_owned(), |agent| format!("A#{}", agent_prefix(agent)));
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(encode(user.as_str())))
            .expression_attribute_values(":first", text(format!("{prefix}{first}")))
            .expression_attribute_values(":last", text(format!("{prefix}{last}")))
            .consistent_read(true)
            .send()
            .await
            .map_err(aws::failure)?;
        answer.items.unwrap_or_default().iter().map(|item| day_counts(item, &prefix)).collect()
    }

    /// Errors by agent from the day `first` to `last`: one query of the agents' counters, which goes on past a megabyte.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn count_by_agent(&self, user: &UserId, (first, last): (Date, Date)) -> Result<BTreeMap<String, u64>> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :agents)")
            .expression_attribute_values(":pk", text(encode(user.as_str())))
            .expression_attribute_values(":agents", text("A#"))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut by_agent = BTreeMap::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(aws::failure)?;
            // `A#<agent>#<date>`
            let Some((agent, date)) = string_attribute(&item, "sk").and_then(|sk| sk.rsplit_once('#')) else {
                continue;
            };
            let within = date.parse::<Date>().is_ok_and(|date| (first..=last).contains(&date));
            if let Some(agent) = AgentId::from_stored_key(agent).filter(|_| within) {
                *by_agent.entry(agent.as_str().to_owned()).or_default() +=
                    error_counts(&item).map(|(_, count)| count).sum::<u64>();
            }
        }
        Ok(by_agent)
    }
}

fn day_counts(item: &Item, prefix: &str) -> Result<DayCounts> {
    let date = string_attribute(item, "sk").and_then(|sk| sk.strip_prefix(prefix)).unwrap_or_default();
    Ok(DayCounts { date: date.parse().map_err(Error::internal)?, counts: error_counts(item).collect() })
}

/// The counters of an item, by tool and code.
fn error_counts(item: &Item) -> impl Iterator<Item = ((String, String), u64)> {
    item.iter().filter_map(|(name, value)| {
        let (tool, code) = name.split_once('|')?;
        Some(((tool.to_owned(), code.to_owned()), value.as_n().ok()?.parse().ok()?))
    })
}
