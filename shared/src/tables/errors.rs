//! The error log: `user` / `E#<ulid>`, with a local index by agent; and its counters, one item per user and day
//! (`C#<date>`) and one per agent and day (`A#<agent>#<date>`), an attribute per tool and code. Statistics are one query
//! of counters, whatever the number of errors.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

use super::{CONDITION_FAILED, Item, Page, PageRequest, json_text, number, read, row, string, text, ttl};
use crate::aws;
use crate::error::{EffectState, Error, Result};
use crate::ids::{AgentId, ErrorId, UserId, encode, foreign_cursor};
use crate::tool::Tool;

/// How long errors and counters are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

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
    /// What became of the effect.
    pub effect: Option<EffectState>,
}

impl ErrorRow {
    /// Its public id.
    pub fn id(&self) -> ErrorId {
        ErrorId::new(self.ulid.trim_start_matches("E#"))
    }
}

/// The counters of one day.
#[derive(Clone, Debug)]
pub struct Day {
    /// The day, UTC.
    pub date: Date,
    /// Errors by tool and code.
    pub counts: BTreeMap<(String, String), u64>,
}

/// Where errors are kept and counted.
#[derive(Clone, Debug)]
pub struct ErrorsTable {
    client: Client,
    table: String,
}

fn by_agent(agent: &AgentId) -> String {
    format!("{}#", encode(agent.as_str()))
}

/// Where a page of an agent's rows starts: after that row.
fn position(owner: &str, agent: &str, ulid: &str) -> Result<Item> {
    ErrorId::parse(&format!("err_{ulid}")).map_err(|_| foreign_cursor())?;
    Ok(Item::from([
        ("pk".into(), text(owner)),
        ("sk".into(), text(format!("E#{ulid}"))),
        ("agentAt".into(), text(format!("{agent}{ulid}"))),
    ]))
}

impl ErrorsTable {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, user: &UserId, agent: &AgentId, error: &ErrorRow) -> Result<()> {
        let mut item = row(encode(user.as_str()), format!("E#{}", error.ulid), error)?;
        item.insert("agentAt".to_owned(), text(format!("{}{}", by_agent(agent), error.ulid)));
        item.insert("ttl".to_owned(), number(ttl(error.timestamp, KEPT)));
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
                .expression_attribute_values(":ttl", number(ttl(now, KEPT)))
                .expression_attribute_values(":one", number(1))
                .send()
        };
        let of_user = add(format!("C#{date}"));
        let of_agent = add(format!("A#{}{date}", by_agent(agent)));
        let (of_user, of_agent) = futures::join!(of_user, of_agent);
        of_user.map_err(aws::failure)?;
        of_agent.map_err(aws::failure)?;
        Ok(())
    }

    /// Rows of an agent, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, agent: &AgentId, page: &PageRequest) -> Result<Page<ErrorRow>> {
        let owner = encode(user.as_str());
        let prefix = by_agent(agent);
        let start = page.after()?.map(|ulid| position(&owner, &prefix, &ulid)).transpose()?;
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byAgent")
            .key_condition_expression("pk = :pk AND begins_with(agentAt, :agent)")
            .expression_attribute_values(":pk", text(owner))
            .expression_attribute_values(":agent", text(prefix))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(page.limit()?)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| super::page_failure(error, page))?;
        let last = answer.last_evaluated_key().and_then(|key| string(key, "sk")?.strip_prefix("E#"));
        let cursor = last.map(|ulid| crate::ids::cursor(&ulid)).transpose()?;
        let items = answer.items.unwrap_or_default().into_iter().map(read).collect::<Result<_>>()?;
        Ok(Page { items, cursor })
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
            .expression_attribute_values(":true", aws_sdk_dynamodb::types::AttributeValue::Bool(true))
            .expression_attribute_values(":false", aws_sdk_dynamodb::types::AttributeValue::Bool(false))
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
    pub async fn days(&self, user: &UserId, agent: Option<&AgentId>, (first, last): (Date, Date)) -> Result<Vec<Day>> {
        let prefix = agent.map_or_else(|| "C#".to_owned(), |agent| format!("A#{}", by_agent(agent)));
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
        answer.items.unwrap_or_default().iter().map(|item| day(item, &prefix)).collect()
    }
}

fn day(item: &Item, prefix: &str) -> Result<Day> {
    let date = string(item, "sk").and_then(|sk| sk.strip_prefix(prefix)).unwrap_or_default();
    let counts = item.iter().filter_map(|(name, value)| {
        let (tool, code) = name.split_once('|')?;
        Some(((tool.to_owned(), code.to_owned()), value.as_n().ok()?.parse().ok()?))
    });
    Ok(Day { date: date.parse().map_err(Error::internal)?, counts: counts.collect() })
}
