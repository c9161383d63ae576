//! The maintenance index: which rows need a look, and when. It is a hint; the row itself, read consistently, decides.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::{Connection, ConnectionItems, StoredTokens};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{UserId, encode};
use crate::tables::{Item, condition_met, from_item, string_attribute, text};
use crate::tool::Tool;

/// A hint: this row said that it needs a look.
#[derive(Clone, Debug)]
pub struct MaintenanceEntry {
    /// Whose connection it is.
    pub user: UserId,
    /// Of which tool.
    pub tool: String,
    /// When, as the index sorts it. A row that says something else by now has been looked at.
    pub at: String,
}

/// Some hints of a shard.
#[derive(Debug)]
pub struct MaintenancePage {
    /// The hints, oldest first.
    pub entries: Vec<MaintenanceEntry>,
    /// Where the next page starts; absent at the end.
    pub next: Option<Item>,
}

/// The sort key of the index.
fn maintenance_at(user: &UserId, tool: &str, at: Timestamp) -> String {
    format!("{:015}#{}#{tool}", at.as_millisecond(), encode(user.as_str()))
}

/// The keys of the index: one of 16 shards, then when the row needs a look.
pub(super) fn index_keys(user: &UserId, tool: Tool, at: Timestamp) -> [AttributeValue; 2] {
    let shard = user.as_str().bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % 16;
    [text(format!("{shard:02}")), text(maintenance_at(user, tool.as_str(), at))]
}

impl ConnectionItems {
    /// Hints of one shard that are due at `now`, oldest first; from the beginning, or after an earlier page.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn query_maintenance(
        &self,
        shard: u8,
        now: Timestamp,
        limit: i32,
        after: Option<Item>,
    ) -> Result<MaintenancePage> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("maintenance")
            .key_condition_expression("maintenanceShard = :shard AND maintenanceAt < :now")
            .expression_attribute_values(":shard", text(format!("{shard:02}")))
            .expression_attribute_values(":now", text(format!("{:015}", now.as_millisecond() + 1)))
            .set_exclusive_start_key(after)
            .limit(limit)
            .send()
            .await
            .map_err(aws::failure)?;
        Ok(MaintenancePage {
            entries: answer.items().iter().filter_map(entry).collect(),
            next: answer.last_evaluated_key,
        })
    }

    /// The row a hint leads to, if it still says what the hint says.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get_listed(&self, hint: &MaintenanceEntry, tool: Tool) -> Result<Option<Connection>> {
        let row = self.get_item(&hint.user, tool).await?;
        row.filter(|row| string_attribute(row, "maintenanceAt") == Some(hint.at.as_str())).map(from_item).transpose()
    }

    /// Puts the same tokens, sealed anew, in the place of these; unless others are there by now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn replace_encrypted(
        &self,
        user: &UserId,
        tool: Tool,
        seen: &StoredTokens,
        anew: &StoredTokens,
    ) -> Result<()> {
        let value = |tokens: &StoredTokens| serde_dynamo::to_attribute_value(tokens).map_err(Error::internal);
        let update = self
            .at(user, tool)
            .update_expression("SET tokens = :anew")
            .condition_expression("tokens = :seen")
            .expression_attribute_values(":anew", value(anew)?)
            .expression_attribute_values(":seen", value(seen)?);
        condition_met(update.send().await).map(|_| ())
    }

    /// Has the row of a hint looked at again at `next`, or no more; unless it says something else by now.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn reschedule(&self, hint: &MaintenanceEntry, tool: Tool, next: Option<Timestamp>) -> Result<()> {
        let update = self
            .at(&hint.user, tool)
            .condition_expression("maintenanceAt = :seen")
            .expression_attribute_values(":seen", text(&hint.at));
        let update = match next {
            Some(next) => update
                .update_expression("SET maintenanceAt = :next")
                .expression_attribute_values(":next", text(maintenance_at(&hint.user, tool.as_str(), next))),
            None => update.update_expression("REMOVE maintenanceShard, maintenanceAt"),
        };
        condition_met(update.send().await).map(|_| ())
    }
}

fn entry(item: &Item) -> Option<MaintenanceEntry> {
    Some(MaintenanceEntry {
        user: UserId::from_stored_key(string_attribute(item, "pk")?)?,
        tool: string_attribute(item, "sk")?.strip_prefix("tool#")?.to_owned(),
        at: string_attribute(item, "maintenanceAt")?.to_owned(),
    })
}
