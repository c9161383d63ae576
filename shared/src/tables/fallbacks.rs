//! What is to be done where a tool fails: per user, `tool#*` for a tool and `tool#<agent>` for one agent's use of it. A row
//! has a message to show, a policy of trying again, or both.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnValue};
use jiff::Timestamp;
use serde::Deserialize;

use super::{Item, Page, PageRequest, from_item, text};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId, encode};
use crate::retry::RetryPolicy;
use crate::tool::Tool;

/// An encoded agent id holds no `*`.
const ALL_AGENTS_SUFFIX: &str = "#*";

/// One row.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fallback {
    #[serde(rename = "sk")]
    sort: String,
    /// What an agent may tell its user.
    pub message: Option<String>,
    /// How a task is tried again.
    pub retry: Option<RetryPolicy>,
    /// When it was last set.
    pub updated_at: Timestamp,
    /// Who set it.
    pub updated_by: String,
}

impl Fallback {
    /// The tool's name.
    pub fn tool(&self) -> &str {
        self.sort.split('#').next().unwrap_or_default()
    }

    /// The agent, where the row is for one alone.
    pub fn agent(&self) -> Option<AgentId> {
        if self.sort.ends_with(ALL_AGENTS_SUFFIX) { None } else { AgentId::from_stored_key(&self.sort) }
    }
}

/// What a change sets; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The new message.
    pub message: Option<String>,
    /// The new policy.
    pub retry: Option<RetryPolicy>,
}

/// Where fallbacks are kept.
#[derive(Clone, Debug)]
pub struct FallbackItems {
    client: Client,
    table: String,
}

fn sort_key(tool: Tool, agent: Option<&AgentId>) -> String {
    match agent {
        Some(agent) => format!("{tool}#{}", encode(agent.as_str())),
        None => format!("{tool}{ALL_AGENTS_SUFFIX}"),
    }
}

impl FallbackItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Sets a message, a policy, or both.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn set(
        &self,
        user: &UserId,
        (tool, agent): (Tool, Option<&AgentId>),
        change: Change,
        now: Timestamp,
    ) -> Result<()> {
        let mut sets = vec!["updatedAt = :now, updatedBy = :user"];
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(tool, agent)))
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":user", text(user.as_str()));
        if let Some(message) = change.message {
            sets.push("message = :message");
            update = update.expression_attribute_values(":message", text(message));
        }
        if let Some(retry) = change.retry {
            sets.push("retry = :retry");
            let retry = serde_dynamo::to_attribute_value(retry).map_err(Error::internal)?;
            update = update.expression_attribute_values(":retry", retry);
        }
        update.update_expression(format!("SET {}", sets.join(", "))).send().await.map_err(aws::failure)?;
        Ok(())
    }

    /// Deletes a row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn delete(&self, user: &UserId, tool: Tool, agent: Option<&AgentId>) -> Result<()> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(tool, agent)))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(aws::failure)?;
        deleted.attributes.map(|_| ()).ok_or(Error::NotFound("Fallback"))
    }

    /// The rows that apply to an agent's use of a tool, its own before the tool's, in one call.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn find(&self, user: &UserId, tool: Tool, agent: Option<&AgentId>) -> Result<Vec<Fallback>> {
        let owner = encode(user.as_str());
        let mut wanted = vec![sort_key(tool, None)];
        wanted.extend(agent.map(|agent| sort_key(tool, Some(agent))));
        let keys = wanted.iter().map(|sk| Item::from([("pk".to_owned(), text(&owner)), ("sk".to_owned(), text(sk))]));
        let keys = KeysAndAttributes::builder().set_keys(Some(keys.collect())).build().map_err(Error::internal)?;
        let answer =
            self.client.batch_get_item().request_items(&self.table, keys).send().await.map_err(aws::failure)?;
        let rows = answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default();
        let mut rows: Vec<Fallback> = rows.into_iter().map(from_item).collect::<Result<_>>()?;
        rows.sort_by_key(|row| row.sort.ends_with(ALL_AGENTS_SUFFIX));
        Ok(rows)
    }

    /// All rows of a user, by tool.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<Fallback>> {
        let owner = encode(user.as_str());
        let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :pk");
        super::query_page(query.expression_attribute_values(":pk", text(&owner)), &owner, page).await
    }
}
