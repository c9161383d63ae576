//! How a connection begins and ends. Every secret that may exist stands in the set `secrets` of a row: it is added before
//! the secret is made and taken out after it was removed. So a crash at any point leaves a row that leads to the secret.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

use super::{Connection, ConnectionItems, StoredTokens, maintenance, sort_key};
use crate::aws;
use crate::clock::Random;
use crate::error::{Error, Result};
use crate::ids::{UserId, encode};
use crate::tables::{Item, condition_met, from_item, text, updated_row};
use crate::tool::Tool;

/// No connect takes this long: a secret that was named before and is not used by then never will be.
pub const MAX_CONNECT_DURATION: SignedDuration = SignedDuration::from_mins(15);

impl Connection {
    /// The secret its tokens are in, once they were written there.
    pub fn current_secret(&self) -> Option<&String> {
        match &self.tokens {
            StoredTokens::Secret { name, version } if !version.is_empty() => Some(name),
            StoredTokens::Secret { .. } | StoredTokens::EncryptedColumn(_) => None,
        }
    }

    /// The secrets of earlier connections and of connects that stopped half-way. One that was named lately is not among
    /// them: a connect that still runs may be about to use it.
    pub fn orphaned_secrets(&self, now: Timestamp) -> BTreeSet<String> {
        let old = |name: &String| {
            let made_at = name.rsplit('/').next().and_then(Random::ulid_time);
            made_at.is_none_or(|made_at| now.duration_since(made_at) >= MAX_CONNECT_DURATION)
        };
        self.secrets.iter().filter(|name| Some(*name) != self.current_secret() && old(name)).cloned().collect()
    }
}

impl ConnectionItems {
    /// Names a secret that is about to be made, and has the row looked at when that should be over. A connection that is
    /// there goes on working; where there is none, the row becomes `connecting`, whose optional members must be absent.
    /// Returns the row.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn register_secret(
        &self,
        user: &UserId,
        tool: Tool,
        secret: &str,
        connecting: &Connection,
        now: Timestamp,
    ) -> Result<Connection> {
        let [shard, at] = maintenance::index_keys(user, tool, now + MAX_CONNECT_DURATION);
        let (update, set, _) =
            members(self.at(user, tool), connecting, |name| format!("if_not_exists(#{name}, :{name})"))?;
        let update = update
            .update_expression(format!("SET {set}, maintenanceShard = :shard, maintenanceAt = :at ADD secrets :secret"))
            .expression_attribute_values(":shard", shard)
            .expression_attribute_values(":at", at)
            .expression_attribute_values(":secret", AttributeValue::Ss(vec![secret.to_owned()]))
            .return_values(ReturnValue::AllNew);
        updated_row(update.send().await.map_err(aws::failure)?)
    }

    /// Makes the row this connection and returns what it was. `look_at` is when maintenance should look at it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the secret it is in was named, and the row was deleted since.
    pub async fn store_connection(
        &self,
        user: &UserId,
        tool: Tool,
        integration: &Connection,
        look_at: Timestamp,
    ) -> Result<Option<Connection>> {
        let [shard, at] = maintenance::index_keys(user, tool, look_at);
        let (update, set, gone) = members(self.at(user, tool), integration, |name| format!(":{name}"))?;
        let mut update = update
            .update_expression(format!("SET {set}, maintenanceShard = :shard, maintenanceAt = :at REMOVE {gone}"))
            .expression_attribute_values(":shard", shard)
            .expression_attribute_values(":at", at)
            .return_values(ReturnValue::AllOld);
        if let Some(secret) = integration.current_secret() {
            update = update
                .condition_expression("contains(secrets, :secret)")
                .expression_attribute_values(":secret", text(secret));
        }
        let before = condition_met(update.send().await)?;
        let before =
            before.ok_or_else(|| Error::Conflict("The tool was disconnected meanwhile".to_owned()))?.attributes;
        // Of a row that was not there DynamoDB returns nothing, the embedded engine the key.
        before.filter(|before| before.contains_key("tokenVersion")).map(from_item).transpose()
    }

    /// Takes secrets that were removed out of the row.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn unregister_secrets(&self, user: &UserId, tool: Tool, removed: &BTreeSet<String>) -> Result<()> {
        let update = self
            .at(user, tool)
            .update_expression("DELETE secrets :removed")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":removed", AttributeValue::Ss(removed.iter().cloned().collect()));
        condition_met(update.send().await).map(|_| ())
    }

    /// Marks a connection that is being taken apart: nobody uses its tokens from now on, and maintenance finds it if it
    /// stays half-done.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn mark_disconnecting(
        &self,
        user: &UserId,
        tool: Tool,
        (now, look_at): (Timestamp, Timestamp),
    ) -> Result<Connection> {
        let [shard, at] = maintenance::index_keys(user, tool, look_at);
        let update = self
            .at(user, tool)
            .update_expression(
                "SET #status = :disconnecting, updatedAt = :now, maintenanceShard = :shard, maintenanceAt = :at \
                 REMOVE refreshLease, refreshLeaseUntil",
            )
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":disconnecting", text("disconnecting"))
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":shard", shard)
            .expression_attribute_values(":at", at)
            .return_values(ReturnValue::AllNew);
        updated_row(condition_met(update.send().await)?.ok_or(Error::NotFound("Integration"))?)
    }

    /// Deletes a row that is half-done, when all its secrets are removed. Returns whether it is gone: one that was connected
    /// anew meanwhile, or names one more secret, stays.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn delete_incomplete(&self, user: &UserId, tool: Tool, seen: &Connection) -> Result<bool> {
        let status = serde_dynamo::to_attribute_value(seen.status).map_err(Error::internal)?;
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(tool)))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", status);
        let delete = if seen.secrets.is_empty() {
            delete.condition_expression(
                "attribute_not_exists(pk) OR (#status = :status AND attribute_not_exists(secrets))",
            )
        } else {
            delete
                .condition_expression("attribute_not_exists(pk) OR (#status = :status AND secrets = :secrets)")
                .expression_attribute_values(":secrets", AttributeValue::Ss(seen.secrets.iter().cloned().collect()))
        };
        Ok(condition_met(delete.send().await)?.is_some())
    }
}

/// Binds the members of a connection to an update: what sets the present ones, each to its `value`, and the names of the
/// absent ones.
fn members(
    mut update: UpdateItemFluentBuilder,
    integration: &Connection,
    value: impl Fn(&str) -> String,
) -> Result<(UpdateItemFluentBuilder, String, String)> {
    let item: Item = serde_dynamo::to_item(integration).map_err(Error::internal)?;
    let (mut set, mut gone) = (vec![], vec![]);
    for (name, attribute) in item {
        if attribute.is_null() {
            gone.push(name);
        } else {
            set.push(format!("#{name} = {}", value(&name)));
            update = update.expression_attribute_names(format!("#{name}"), &name);
            update = update.expression_attribute_values(format!(":{name}"), attribute);
        }
    }
    Ok((update, set.join(", "), gone.join(", ")))
}
