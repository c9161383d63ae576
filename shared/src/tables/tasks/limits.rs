//! Per-user limits: fixed windows, one conditional write each. The rows lie in the tasks table under the user alone, which
//! no task's partition (`user#agent`) can equal.

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use super::{condition_met, number, text, ttl};
use crate::error::{Error, Result};
use crate::ids::{UserId, encode};

/// One limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is counted.
    pub name: &'static str,
    /// How many fit into a window.
    pub max: u32,
    /// The window's length.
    pub window: Duration,
}

/// Where windows are counted.
#[derive(Clone, Debug)]
pub struct LimitItems {
    client: Client,
    table: String,
}

impl LimitItems {
    /// Counts in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts one use in the current window.
    ///
    /// # Errors
    /// [`Error::LimitReached`] with the time left in the window.
    pub async fn consume(&self, user: &UserId, limit: Limit, now: Timestamp) -> Result<()> {
        let length = i64::try_from(limit.window.as_secs()).map_err(Error::internal)?.max(1);
        let start = now.as_second().div_euclid(length) * length;
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(format!("limit#{}#{start}", limit.name)))
            .update_expression("SET #ttl = :ttl ADD used :one")
            .condition_expression("attribute_not_exists(used) OR used < :most")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(ttl(now, SignedDuration::from_secs(2 * length))))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(limit.max));
        if condition_met(update.send().await)?.is_none() {
            let left = u64::try_from(start + length - now.as_second()).unwrap_or(1);
            return Err(Error::LimitReached { retry_after: Duration::from_secs(left.max(1)) });
        }
        Ok(())
    }
}
