//! Connections: `user` / `tool#<tool>`. One row a connection, with its tokens or the name of the secret that holds them.
//!
//! `tokenVersion` changes with every new pair of tokens: it fences refreshes. The sparse maintenance index lists the rows
//! that need a look at some time: tokens to keep alive, connections and disconnections left half-done.

mod lifecycle;
mod maintenance;

pub use lifecycle::MAX_CONNECT_DURATION;
pub use maintenance::{MaintenanceEntry, MaintenancePage};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use utoipa::ToSchema;

use super::circuit_breakers::BreakerWindow;
use super::cooldowns::Cooldown;
use super::{
    Item, Page, PageRequest, condition_met, from_item, json_text, number, string_attribute, text, updated_row,
};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId, encode};
use crate::tool::Tool;

/// What state a connection is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConnectionStatus)]
pub enum ConnectionStatus {
    /// The row names the secret that is about to be made.
    Connecting,
    /// It works.
    Active,
    /// The provider refuses the grant: the user must consent again.
    NeedsReauth,
    /// It is being taken apart.
    Disconnecting,
}

/// Where a connection's tokens are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StoredTokens {
    /// Sealed, here: base64.
    EncryptedColumn(String),
    /// In Secrets Manager.
    Secret {
        /// The secret's name.
        name: String,
        /// The version that holds these tokens; empty until it was written.
        version: String,
    },
}

/// One connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The tool.
    pub tool: String,
    /// Its state.
    pub status: ConnectionStatus,
    /// What was granted.
    pub scopes: Vec<String>,
    /// When the access token ends; absent when the provider does not say.
    pub expires_at: Option<Timestamp>,
    /// Whether there is a refresh token.
    pub refreshable: bool,
    /// What the provider told about the account.
    #[serde(with = "json_text")]
    pub metadata: Map<String, Value>,
    /// The fence: a new one with every pair of tokens.
    pub token_version: String,
    /// Where the tokens are.
    pub tokens: StoredTokens,
    /// Every secret that may exist on its account: its own, and any that are left to remove. Only the table's own calls
    /// add to it and take from it.
    #[serde(default, skip_serializing)]
    pub secrets: BTreeSet<String>,
    /// Who refreshes now, and until when (epoch milliseconds).
    pub refresh_lease: Option<String>,
    /// The end of that lease, epoch milliseconds.
    pub refresh_lease_until: Option<i64>,
    /// Why it stopped working.
    pub last_error: Option<String>,
    /// When it was connected.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// New tokens of a connection that was refreshed.
#[derive(Debug)]
pub struct RefreshedTokens {
    /// The new fence.
    pub token_version: String,
    /// Where the new tokens are.
    pub tokens: StoredTokens,
    /// When the new access token ends.
    pub expires_at: Option<Timestamp>,
}

/// Everything that decides whether an agent of a user may call a tool now.
#[derive(Clone, Debug, Default)]
pub struct CallGuards {
    /// The connection.
    pub connection: Option<Connection>,
    /// How the agent's calls to the tool went.
    pub breaker: Option<BreakerWindow>,
    /// Whether the provider wants to be left alone.
    pub cooldown: Option<Cooldown>,
}

/// Where connections are kept.
#[derive(Clone, Debug)]
pub struct ConnectionItems {
    client: Client,
    table: String,
}

fn sort_key(tool: Tool) -> String {
    format!("tool#{tool}")
}

impl ConnectionItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    fn at(&self, user: &UserId, tool: Tool) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(&self.table);
        update.key("pk", text(encode(user.as_str()))).key("sk", text(sort_key(tool)))
    }

    /// The connection of a user and tool.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get(&self, user: &UserId, tool: Tool) -> Result<Option<Connection>> {
        self.get_item(user, tool).await?.map(from_item).transpose()
    }

    async fn get_item(&self, user: &UserId, tool: Tool) -> Result<Option<Item>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(tool)))
            .consistent_read(true)
            .send()
            .await
            .map_err(aws::failure)?;
        Ok(answer.item)
    }

    /// Everything that decides whether an agent of the user may call a tool now, in one call.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn load_guards(&self, user: &UserId, agent: &AgentId, tool: Tool) -> Result<CallGuards> {
        let wanted = [sort_key(tool), super::circuit_breakers::sort_key(agent, tool), super::cooldowns::sort_key(tool)];
        let owner = encode(user.as_str());
        let keys = wanted.iter().map(|sk| Item::from([("pk".to_owned(), text(&owner)), ("sk".to_owned(), text(sk))]));
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(keys.collect()))
            .consistent_read(true)
            .build()
            .map_err(Error::internal)?;
        let answer =
            self.client.batch_get_item().request_items(&self.table, keys).send().await.map_err(aws::failure)?;
        if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
            return Err(Error::unavailable("DynamoDB left keys of a BatchGetItem unread"));
        }
        let mut rows = answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default();
        let mut take = |sk: &str| {
            let at = rows.iter().position(|row| string_attribute(row, "sk") == Some(sk))?;
            Some(rows.swap_remove(at))
        };
        Ok(CallGuards {
            connection: take(&wanted[0]).map(from_item).transpose()?,
            breaker: take(&wanted[1]).as_ref().map(BreakerWindow::from_item),
            cooldown: take(&wanted[2]).map(from_item).transpose()?,
        })
    }

    /// The user's connections, by tool.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<Connection>> {
        let owner = encode(user.as_str());
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :tool)")
            .expression_attribute_values(":pk", text(&owner))
            .expression_attribute_values(":tool", text("tool#"));
        super::query_page(query, &owner, page).await
    }

    /// Takes the right to refresh the tokens of one version. `None`: another has it, or the version has moved on.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn acquire_refresh_lease(
        &self,
        user: &UserId,
        tool: Tool,
        version: &str,
        lease: &str,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Option<Connection>> {
        let update = self
            .at(user, tool)
            .update_expression("SET refreshLease = :lease, refreshLeaseUntil = :until")
            .condition_expression(
                "tokenVersion = :version AND #status = :active AND (attribute_not_exists(refreshLeaseUntil) OR \
                 refreshLeaseUntil < :now OR refreshLease = :lease)",
            )
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":lease", text(lease))
            .expression_attribute_values(":until", number(until.as_millisecond()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":version", text(version))
            .expression_attribute_values(":active", text("active"))
            .return_values(ReturnValue::AllNew);
        condition_met(update.send().await)?.map(updated_row).transpose()
    }

    /// Gives the right to refresh back, after a refresh that brought nothing.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn release_refresh_lease(&self, user: &UserId, tool: Tool, lease: &str) -> Result<()> {
        let update = self
            .at(user, tool)
            .update_expression("REMOVE refreshLease, refreshLeaseUntil")
            // Only one's own: a lease that lapsed may be another's by now.
            .condition_expression("refreshLease = :lease")
            .expression_attribute_values(":lease", text(lease));
        condition_met(update.send().await).map(|_| ())
    }

    /// Stores refreshed tokens, if the lease still holds. `None`: it does not.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn store_refreshed(
        &self,
        user: &UserId,
        tool: Tool,
        lease: &str,
        refreshed: &RefreshedTokens,
        (now, look_at): (Timestamp, Timestamp),
    ) -> Result<Option<Connection>> {
        let [shard, at] = maintenance::index_keys(user, tool, look_at);
        let expires_at = match refreshed.expires_at {
            Some(at) => text(at.to_string()),
            None => AttributeValue::Null(true),
        };
        let update = self
            .at(user, tool)
            .update_expression(
                "SET tokenVersion = :version, tokens = :tokens, expiresAt = :expiresAt, updatedAt = :now, \
                 maintenanceShard = :shard, maintenanceAt = :at REMOVE refreshLease, refreshLeaseUntil, lastError",
            )
            // The same version again is our own write, repeated by the SDK after its answer was lost.
            .condition_expression("refreshLease = :lease OR tokenVersion = :version")
            .expression_attribute_values(":lease", text(lease))
            .expression_attribute_values(":version", text(&refreshed.token_version))
            .expression_attribute_values(
                ":tokens",
                serde_dynamo::to_attribute_value(&refreshed.tokens).map_err(Error::internal)?,
            )
            .expression_attribute_values(":expiresAt", expires_at)
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":shard", shard)
            .expression_attribute_values(":at", at)
            .return_values(ReturnValue::AllNew);
        condition_met(update.send().await)?.map(updated_row).transpose()
    }

    /// Marks a connection whose grant the provider refuses, if its tokens are still of that version. Returns whether this
    /// call did it: of several, one announces it. The row stays in the maintenance index until it was seen to name no
    /// secret that is left to remove.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn mark_needs_reauth(
        &self,
        user: &UserId,
        tool: Tool,
        version: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let update = self
            .at(user, tool)
            .update_expression(
                "SET #status = :needsReauth, lastError = :reason, updatedAt = :now \
                 REMOVE refreshLease, refreshLeaseUntil",
            )
            .condition_expression("tokenVersion = :version AND #status = :active")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":needsReauth", text("needs_reauth"))
            .expression_attribute_values(":active", text("active"))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":version", text(version))
            .expression_attribute_values(":now", text(now.to_string()));
        Ok(condition_met(update.send().await)?.is_some())
    }
}
