//! The per-user limits: fixed windows, one conditional write per use.

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys::encode;
use crate::tables::expression::{absent, any, lt};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{condition_met, number, ttl};

/// One limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The name of the uses that are counted.
    pub name: &'static str,
    /// The uses of a window.
    pub max: u32,
    /// The window's length.
    pub window: Duration,
}

/// The limits' items of the tasks table.
#[derive(Clone, Debug)]
pub struct LimitItems(Table);

impl LimitItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Counts one use in the current window.
    ///
    /// # Errors
    /// [`Error::LimitReached`] with the remaining time of the window.
    pub async fn consume(&self, user: &UserId, limit: Limit, now: Timestamp) -> Result<()> {
        let length = i64::try_from(limit.window.as_secs()).map_err(Error::internal)?.max(1);
        let start = now.as_second().div_euclid(length) * length;
        let key = Key::new(encode(user.as_str()), format!("limit#{}#{start}", limit.name));
        let update = Update::new()
            .set("ttl", number(ttl(now, SignedDuration::from_secs(2 * length))))
            .add("used", number(1))
            .only_if(any([absent("used"), lt("used", number(limit.max))]));
        if condition_met(self.0.update(key, update).send().await)?.is_none() {
            let remaining = u64::try_from(start + length - now.as_second()).unwrap_or(1);
            return Err(Error::LimitReached { retry_after: Duration::from_secs(remaining.max(1)) });
        }
        Ok(())
    }
}
