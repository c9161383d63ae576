//! The gate of a user and tool: until when a provider wants to be left alone. It lies beside the connection, so that both
//! are read at once. While the row stands, one call at a time tries whether the provider has opened again.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{condition_met, number, text, ttl};
use crate::error::Result;
use crate::ids::{UserId, encode};
use crate::tool::Tool;

/// A gate that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Cooldown {
    /// Until when nothing may be called.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub resume_at: Timestamp,
}

/// Where gates are kept.
#[derive(Clone, Debug)]
pub struct CooldownItems {
    client: Client,
    table: String,
}

pub(super) fn sort_key(tool: Tool) -> String {
    format!("gate#{tool}")
}

impl CooldownItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Starts a cooldown, or extends it; one that ends later is kept. Returns true if this call did so.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn pause_until(&self, user: &UserId, tool: Tool, until: Timestamp) -> Result<bool> {
        let update =
            self.set(user, tool, until).condition_expression("attribute_not_exists(#until) OR #until < :until");
        Ok(condition_met(update.send().await)?.is_some())
    }

    /// Moves a gate whose time has come on to `until`. Returns whether this call did it: of several, one may try.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn try_probe(&self, user: &UserId, tool: Tool, seen: Cooldown, until: Timestamp) -> Result<bool> {
        let update = self.set(user, tool, until).condition_expression("#until = :seen");
        let update = update.expression_attribute_values(":seen", number(seen.resume_at.as_millisecond()));
        Ok(condition_met(update.send().await)?.is_some())
    }

    /// Opens the gate, if it is still the one that was seen.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn clear(&self, user: &UserId, tool: Tool, seen: Cooldown) -> Result<()> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(tool)))
            .condition_expression("#until = :seen")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":seen", number(seen.resume_at.as_millisecond()))
            .send()
            .await;
        condition_met(deleted).map(|_| ())
    }

    fn set(&self, user: &UserId, tool: Tool, until: Timestamp) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(tool)))
            .update_expression("SET #until = :until, #ttl = :ttl")
            .expression_attribute_names("#until", "until")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":until", number(until.as_millisecond()))
            .expression_attribute_values(":ttl", number(ttl(until, SignedDuration::from_hours(1))))
    }
}
