//! Fallback messages: per user, `tool#*` for a tool and `tool#<agent>` for one agent's use of it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use jiff::Timestamp;
use std::collections::HashMap;

use super::{Item, string, text};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId, encode};
use crate::tool::Tool;

/// Where fallback messages are kept.
#[derive(Clone, Debug)]
pub struct FallbacksTable {
    client: Client,
    table: String,
}

fn sort_key(tool: Tool, agent: Option<&AgentId>) -> String {
    // An encoded agent id holds no `*`.
    format!("{tool}#{}", agent.map_or_else(|| "*".to_owned(), |agent| encode(agent.as_str())))
}

impl FallbacksTable {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The message for an agent's use of a tool, else the tool's, in one call.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn find(&self, user: &UserId, tool: Tool, agent: Option<&AgentId>) -> Result<Option<String>> {
        let owner = encode(user.as_str());
        let mut wanted = vec![sort_key(tool, None)];
        wanted.extend(agent.map(|agent| sort_key(tool, Some(agent))));
        let keys = wanted.iter().map(|sk| Item::from([("pk".to_owned(), text(&owner)), ("sk".to_owned(), text(sk))]));
        let keys = KeysAndAttributes::builder().set_keys(Some(keys.collect())).build().map_err(Error::internal)?;
        let answer =
            self.client.batch_get_item().request_items(&self.table, keys).send().await.map_err(aws::failure)?;
        let rows = answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default();
        let by_key: HashMap<&str, &str> =
            rows.iter().filter_map(|row| Some((string(row, "sk")?, string(row, "message")?))).collect();
        // The agent's own message stands last in `wanted`.
        Ok(wanted.iter().rev().find_map(|sk| by_key.get(sk.as_str()).map(|&message| message.to_owned())))
    }

    /// Sets a message.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn put(
        &self,
        user: &UserId,
        tool: Tool,
        agent: Option<&AgentId>,
        message: &str,
        now: Timestamp,
    ) -> Result<()> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", text(encode(user.as_str())))
            .item("sk", text(sort_key(tool, agent)))
            .item("message", text(message))
            .item("updatedAt", text(now.to_string()))
            .item("updatedBy", text(user.as_str()));
        put.send().await.map_err(aws::failure)?;
        Ok(())
    }
}
