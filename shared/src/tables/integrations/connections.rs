//! The item of a connection: a user's connection of one account of a tool, with its tokens or the name of the secret that holds them.
//!
//! `tokenVersion` changes with every new pair of tokens: it fences refreshes. The maintenance index lists the items with work to
//! do at some time: tokens to refresh, connections and disconnections that stopped half-way.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use utoipa::ToSchema;

use super::connection_key::ConnectionKey;
use crate::account::Account;
use crate::error::Result;
use crate::ids::UserId;
use crate::keys::composite_key;
use crate::tables::expression::{absent, all, any, eq, exists, lt};
use crate::tables::index::{self, INDEX_SHARDS};
use crate::tables::table::Table;
use crate::tables::update::Update;
use crate::tables::{attribute, condition_met, from_item, json_text, milliseconds, text, updated_row};
use crate::tool::Tool;

/// The attributes of a refresh lease.
pub(super) const LEASE_ATTRIBUTES: [&str; 2] = ["refreshLease", "refreshLeaseUntil"];

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// A connect is in progress; the row names the secret that it is about to create.
    Connecting,
    /// Usable.
    Active,
    /// The provider rejects the grant: the user must consent again.
    NeedsReauth,
    /// A disconnect is in progress.
    Disconnecting,
}

impl ConnectionStatus {
    /// Returns the name that the API and the table use.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Active => "active",
            Self::NeedsReauth => "needs_reauth",
            Self::Disconnecting => "disconnecting",
        }
    }
}

/// The place of a connection's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StoredTokens {
    /// The encrypted column of the row: base64.
    EncryptedColumn(String),
    /// Secrets Manager.
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
    /// The account at the provider.
    pub account: Account,
    /// The state.
    pub status: ConnectionStatus,
    /// The scopes that were granted; empty if they are unknown.
    pub scopes: Vec<String>,
    /// The scopes that the consent asked for; empty for a ready token.
    #[serde(default)]
    pub requested_scopes: Vec<String>,
    /// The scopes of the person's own token beside the app's, empty if they are unknown; absent without such a token.
    #[serde(default)]
    pub user_scopes: Option<Vec<String>>,
    /// The scopes that the consent asked for, for the person's own token.
    #[serde(default)]
    pub requested_user_scopes: Vec<String>,
    /// The end of the access token; absent if the provider does not name one.
    pub expires_at: Option<Timestamp>,
    /// True if there is a refresh token.
    pub refreshable: bool,
    /// The provider's data on the account.
    #[serde(with = "json_text")]
    pub metadata: Map<String, Value>,
    /// The fencing token: a new one with every pair of tokens.
    pub token_version: String,
    /// The place of the tokens.
    pub tokens: StoredTokens,
    /// Every secret that may exist for the connection: its own, and orphaned ones to remove. Only the table's own calls
    /// change it.
    #[serde(default, skip_serializing)]
    pub secrets: BTreeSet<String>,
    /// The id of the refresh lease.
    pub refresh_lease: Option<String>,
    /// The end of the refresh lease, epoch milliseconds.
    pub refresh_lease_until: Option<i64>,
    /// The reason for its latest change to a state other than active.
    pub last_error: Option<String>,
    /// The time of the connect.
    pub created_at: Timestamp,
    /// The time of the latest change.
    pub updated_at: Timestamp,
    /// The day of the latest use, UTC. A connect counts as one.
    pub last_used_on: Date,
}

impl Connection {
    /// Returns the key of this connection of `user`.
    pub fn key<'a>(&'a self, user: &'a UserId, tool: Tool) -> ConnectionKey<'a> {
        ConnectionKey { user, tool, account: &self.account.id }
    }

    /// True if no action can run at `at` before a new consent: the grant has ended, or its token ends before and has no refresh
    /// token.
    pub fn needs_consent_at(&self, at: Timestamp) -> bool {
        let ends = !self.refreshable && self.expires_at.is_some_and(|expires_at| expires_at <= at);
        self.status == ConnectionStatus::NeedsReauth || ends
    }
}

/// The right to refresh a connection's tokens.
#[derive(Clone, Copy, Debug)]
pub struct RefreshLease<'a> {
    /// The lease's id.
    pub id: &'a str,
    /// The end of the lease.
    pub until: Timestamp,
}

/// The new tokens of a connection that was refreshed.
#[derive(Debug)]
pub struct RefreshedTokens {
    /// The new fencing token.
    pub token_version: String,
    /// The place of the new tokens.
    pub tokens: StoredTokens,
    /// The end of the new access token.
    pub expires_at: Option<Timestamp>,
    /// True if the provider rejects the person's own token from now on.
    pub user_token_ended: bool,
}

/// The time of a write, and of the maintenance check that it schedules.
#[derive(Clone, Copy, Debug)]
pub struct CheckSchedule {
    /// The present time.
    pub now: Timestamp,
    /// The time of the next maintenance check.
    pub next_check_at: Timestamp,
}

/// The connections' items of the integrations table.
#[derive(Clone, Debug)]
pub struct ConnectionItems(pub(super) Table);

/// The value of a status in a condition or an update.
pub(super) fn status(status: ConnectionStatus) -> AttributeValue {
    text(status.as_str())
}

/// Returns the position of a connection in its shard of the maintenance index.
pub(super) fn position(ConnectionKey { user, tool, account }: ConnectionKey<'_>, at: Timestamp) -> AttributeValue {
    text(index::position(at, &composite_key(&[user.as_str(), tool.as_str(), account.as_str()])))
}

/// Sets the keys of the maintenance index: the shard, and the position in it.
pub(super) fn schedule_check(update: Update, key: ConnectionKey<'_>, at: Timestamp) -> Update {
    let hash = key.user.as_str().bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    let shard = text(index::shard_key(hash % INDEX_SHARDS));
    update.set("maintenanceShard", shard).set("maintenanceAt", position(key, at))
}

impl ConnectionItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Returns one connection.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn get(&self, key: ConnectionKey<'_>) -> Result<Option<Connection>> {
        self.0.get(key.into()).await?.map(from_item).transpose()
    }

    /// Acquires the right to refresh the tokens of one version. Returns the row, or `None` if another process holds the lease or
    /// the version has changed.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn acquire_refresh_lease(
        &self,
        key: ConnectionKey<'_>,
        version: &str,
        lease: RefreshLease<'_>,
        now: Timestamp,
    ) -> Result<Option<Connection>> {
        let free = any([
            absent("refreshLeaseUntil"),
            lt("refreshLeaseUntil", milliseconds(now)),
            eq("refreshLease", text(lease.id)),
        ]);
        let current = [eq("tokenVersion", text(version)), eq("status", status(ConnectionStatus::Active)), free];
        let update = Update::new()
            .set("refreshLease", text(lease.id))
            .set("refreshLeaseUntil", milliseconds(lease.until))
            .only_if(all(current));
        let update = self.0.update(key.into(), update).return_values(ReturnValue::AllNew);
        condition_met(update.send().await)?.map(updated_row).transpose()
    }

    /// Releases the refresh lease after a refresh without new tokens.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn release_refresh_lease(&self, key: ConnectionKey<'_>, lease: &str) -> Result<()> {
        // A lease that has expired may be another process's by now.
        let update = Update::new().remove(LEASE_ATTRIBUTES).only_if(eq("refreshLease", text(lease)));
        condition_met(self.0.update(key.into(), update).send().await).map(|_| ())
    }

    /// Stores refreshed tokens, if the lease still holds. Returns the row, or `None` if the lease is lost.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn store_refreshed(
        &self,
        key: ConnectionKey<'_>,
        lease: &str,
        refreshed: &RefreshedTokens,
        CheckSchedule { now, next_check_at }: CheckSchedule,
    ) -> Result<Option<Connection>> {
        let expires_at = match refreshed.expires_at {
            Some(at) => text(at.to_string()),
            None => AttributeValue::Null(true),
        };
        // The same version again is our own write, repeated by the SDK after its answer was lost.
        let held = any([eq("refreshLease", text(lease)), eq("tokenVersion", text(&refreshed.token_version))]);
        let update = Update::new()
            .set("tokenVersion", text(&refreshed.token_version))
            .set("tokens", attribute(&refreshed.tokens)?)
            .set("expiresAt", expires_at)
            .set("updatedAt", text(now.to_string()))
            .remove(LEASE_ATTRIBUTES)
            .remove(["lastError"])
            .remove(refreshed.user_token_ended.then_some("userScopes"))
            .only_if(held);
        let update = schedule_check(update, key, next_check_at);
        let update = self.0.update(key.into(), update).return_values(ReturnValue::AllNew);
        condition_met(update.send().await)?.map(updated_row).transpose()
    }

    /// Marks a connection whose grant the provider rejects, if its tokens are still of that version. Returns true if this call
    /// marked it: of several concurrent calls one publishes the change. The row stays in the maintenance index until a check finds
    /// no orphaned secret.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn mark_needs_reauth(
        &self,
        key: ConnectionKey<'_>,
        version: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let current = [eq("tokenVersion", text(version)), eq("status", status(ConnectionStatus::Active))];
        let update = Update::new()
            .set("status", status(ConnectionStatus::NeedsReauth))
            .set("lastError", text(reason))
            .set("updatedAt", text(now.to_string()))
            .remove(LEASE_ATTRIBUTES)
            .only_if(all(current));
        Ok(self.0.update_once(key.into(), update).await?.is_applied())
    }

    /// Stores the day of a use, if the stored one is earlier.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn mark_used(&self, key: ConnectionKey<'_>, on: Date) -> Result<()> {
        let earlier = all([exists("pk"), lt("lastUsedOn", text(on.to_string()))]);
        let update = Update::new().set("lastUsedOn", text(on.to_string())).only_if(earlier);
        condition_met(self.0.update(key.into(), update).send().await).map(|_| ())
    }
}
