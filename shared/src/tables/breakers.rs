//! The breaker's item: failures of one agent with one tool. It lies beside the connection, so that both are read at once.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{if_allowed, number, read, text, ttl};
use crate::aws;
use crate::error::Result;
use crate::ids::{AgentId, UserId, encode};
use crate::tool::Tool;

/// The failures counted in the current window, and until when the tool rests.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    /// Start of the window, epoch seconds.
    pub window_start: i64,
    /// Failures since then.
    pub failures: u32,
    /// Until when the tool rests, epoch seconds.
    pub open_until: Option<i64>,
}

/// Where failures are counted.
#[derive(Clone, Debug)]
pub struct BreakersTable {
    client: Client,
    table: String,
}

pub(super) fn sort_key(agent: &AgentId, tool: Tool) -> String {
    format!("breaker#{}#{tool}", encode(agent.as_str()))
}

impl BreakersTable {
    /// Counts in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts one failure and returns the count; a window older than `window` starts anew.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn count(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        window: SignedDuration,
        now: Timestamp,
    ) -> Result<Failures> {
        let update = || {
            self.client
                .update_item()
                .table_name(&self.table)
                .key("pk", text(encode(user.as_str())))
                .key("sk", text(sort_key(agent, tool)))
                .expression_attribute_names("#ttl", "ttl")
                .expression_attribute_values(":oldest", number((now - window).as_second()))
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":ttl", number(ttl(now, window + window)))
                .return_values(ReturnValue::AllNew)
        };
        let counted = update().update_expression("SET #ttl = :ttl ADD failures :one");
        if let Some(item) = if_allowed(counted.condition_expression("windowStart > :oldest")).await? {
            return read(item);
        }
        let fresh = update()
            .update_expression("SET #ttl = :ttl, windowStart = :now, failures = :one REMOVE openUntil")
            .condition_expression("attribute_not_exists(windowStart) OR windowStart <= :oldest")
            .expression_attribute_values(":now", number(now.as_second()));
        // When another failure opened the window meanwhile, losing this one count changes nothing that matters.
        let item = if_allowed(fresh).await?;
        item.map_or(Ok(Failures { window_start: now.as_second(), failures: 1, open_until: None }), read)
    }

    /// Lets the tool rest until `until`. Returns whether this call did it: of several, one announces it.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn open(
        &self,
        user: &UserId,
        agent: &AgentId,
        tool: Tool,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(agent, tool)))
            .update_expression("SET openUntil = :until")
            .condition_expression("attribute_not_exists(openUntil) OR openUntil <= :now")
            .expression_attribute_values(":until", number(until.as_second()))
            .expression_attribute_values(":now", number(now.as_second()));
        Ok(if_allowed(update).await?.is_some())
    }

    /// Forgets the failures after a success. Returns whether the tool had been resting.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn clear(&self, user: &UserId, agent: &AgentId, tool: Tool) -> Result<bool> {
        let answer = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(agent, tool)))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(aws::failure)?;
        Ok(answer.attributes.is_some_and(|item| item.contains_key("openUntil")))
    }
}
