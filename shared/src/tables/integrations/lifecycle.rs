//! The start and the end of a connection. Every secret that may exist is in the set `secrets` of a row: it is added before the
//! secret is created and deleted after the secret was removed. So a crash at any point leaves a row that leads to the secret.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

use super::connection_key::ConnectionKey;
use super::connections::{
    CheckSchedule, Connection, ConnectionItems, ConnectionStatus, LEASE_ATTRIBUTES, StoredTokens, schedule_check,
    status,
};
use crate::aws;
use crate::clock::Random;
use crate::error::{Error, Result};
use crate::tables::expression::{absent, all, any, contains, eq, exists};
use crate::tables::update::Update;
use crate::tables::{Item, condition_met, from_item, text, updated_row};

/// The longest time a connect takes: a secret that was registered before and is not in use by then never will be.
pub const MAX_CONNECT_DURATION: SignedDuration = SignedDuration::from_mins(15);

impl Connection {
    /// Returns the secret that holds the tokens, once they were written there.
    pub fn current_secret(&self) -> Option<&String> {
        match &self.tokens {
            StoredTokens::Secret { name, version } if !version.is_empty() => Some(name),
            StoredTokens::Secret { .. } | StoredTokens::EncryptedColumn(_) => None,
        }
    }

    /// Returns the secrets of earlier connections and of connects that stopped half-way. A recent one is not included: a connect
    /// in progress may be about to use it.
    pub fn orphaned_secrets(&self, now: Timestamp) -> BTreeSet<String> {
        let is_old = |name: &String| {
            let created_at = name.rsplit('/').next().and_then(Random::ulid_time);
            created_at.is_none_or(|created_at| now.duration_since(created_at) >= MAX_CONNECT_DURATION)
        };
        self.secrets.iter().filter(|name| Some(*name) != self.current_secret() && is_old(name)).cloned().collect()
    }
}

impl ConnectionItems {
    /// Registers a secret that is about to be created, and schedules a maintenance check for the time when the connect is over.
    /// An existing connection stays usable; without one the row becomes `connecting`, whose optional members must be absent.
    /// Returns the row.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn register_secret(
        &self,
        key: ConnectionKey<'_>,
        secret: &str,
        connecting: &Connection,
        now: Timestamp,
    ) -> Result<Connection> {
        let members = serde_dynamo::to_item(connecting).map_err(Error::internal)?;
        let present = Item::into_iter(members).filter(|(_, value)| !value.is_null());
        let update = present
            .fold(Update::new(), |update, (name, value)| update.set_if_absent(&name, value))
            .add("secrets", AttributeValue::Ss(vec![secret.to_owned()]));
        let update = schedule_check(update, key, now + MAX_CONNECT_DURATION);
        let update = self.0.update(key.into(), update).return_values(ReturnValue::AllNew);
        updated_row(update.send().await.map_err(aws::failure)?)
    }

    /// Stores a connection in place of an earlier one, which is returned unless the response with it was lost. `next_check_at` is the
    /// time of the next maintenance check.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the connection's secret was registered, and the row was deleted since.
    pub async fn store_connection(
        &self,
        key: ConnectionKey<'_>,
        connection: &Connection,
        next_check_at: Timestamp,
    ) -> Result<Option<Connection>> {
        let members = serde_dynamo::to_item(connection).map_err(Error::internal)?;
        let update = Item::into_iter(members).fold(Update::new(), |update, (name, value)| {
            if value.is_null() { update.remove([name]) } else { update.set(&name, value) }
        });
        let mut update = schedule_check(update, key, next_check_at);
        if let Some(secret) = connection.current_secret() {
            update = update.only_if(contains("secrets", text(secret)));
        }
        let update = self.0.update(key.into(), update).return_values(ReturnValue::AllOld);
        let stored = condition_met(update.send().await)?;
        let stored = stored.ok_or_else(|| Error::Conflict("The tool was disconnected meanwhile".to_owned()))?;
        // Without an earlier row DynamoDB returns nothing, and the embedded engine the key.
        let before = stored.attributes.filter(|before| before.contains_key("tokenVersion"));
        let before: Option<Connection> = before.map(from_item).transpose()?;
        // The same version is our own write, repeated by the SDK after its answer was lost.
        Ok(before.filter(|before| before.token_version != connection.token_version))
    }

    /// Unregisters secrets that were removed.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn unregister_secrets(&self, key: ConnectionKey<'_>, removed: &BTreeSet<String>) -> Result<()> {
        let removed = AttributeValue::Ss(removed.iter().cloned().collect());
        let update = Update::new().delete("secrets", removed).only_if(exists("pk"));
        condition_met(self.0.update(key.into(), update).send().await).map(|_| ())
    }

    /// Marks a connection whose disconnect starts: its tokens are not used from now on, and maintenance finds it if the disconnect
    /// stops half-way. Returns the row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn mark_disconnecting(
        &self,
        key: ConnectionKey<'_>,
        CheckSchedule { now, next_check_at }: CheckSchedule,
    ) -> Result<Connection> {
        let update = Update::new()
            .set("status", status(ConnectionStatus::Disconnecting))
            .set("updatedAt", text(now.to_string()))
            .remove(LEASE_ATTRIBUTES)
            .only_if(exists("pk"));
        let update = schedule_check(update, key, next_check_at);
        let update = self.0.update(key.into(), update).return_values(ReturnValue::AllNew);
        updated_row(condition_met(update.send().await)?.ok_or(Error::NotFound("Connection"))?)
    }

    /// Deletes the row of an incomplete connect or disconnect after all its secrets were removed. Returns true if the row is gone:
    /// one that was connected again meanwhile, or has one more secret, is not deleted.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn delete_incomplete(&self, key: ConnectionKey<'_>, seen: &Connection) -> Result<bool> {
        let same_secrets = if seen.secrets.is_empty() {
            absent("secrets")
        } else {
            eq("secrets", AttributeValue::Ss(seen.secrets.iter().cloned().collect()))
        };
        let unchanged = any([absent("pk"), all([eq("status", status(seen.status)), same_secrets])]);
        Ok(condition_met(self.0.delete_if(key.into(), unchanged).send().await)?.is_some())
    }
}
