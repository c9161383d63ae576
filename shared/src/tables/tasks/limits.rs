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
    /// The counted uses and their window, for a person: `intents a minute`.
    pub things: &'static str,
    /// The window's length.
    pub window: Duration,
}

impl Limit {
    /// The window's length in seconds.
    fn seconds(self) -> i64 {
        i64::try_from(self.window.as_secs()).unwrap_or(i64::MAX).max(1)
    }

    /// The start of the window of a time, in seconds.
    fn window_start(self, at: Timestamp) -> i64 {
        at.as_second().div_euclid(self.seconds()) * self.seconds()
    }
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
        if self.take(user, limit, now).await? {
            return Ok(());
        }
        let remaining = u64::try_from(limit.window_start(now) + limit.seconds() - now.as_second()).unwrap_or(1);
        let Limit { max, things, .. } = limit;
        Err(Error::LimitReached { max, things, retry_after: Duration::from_secs(remaining.max(1)) })
    }

    /// Counts one use in the window of a time, which can be ahead. Returns false if the window is used up.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn take(&self, user: &UserId, limit: Limit, at: Timestamp) -> Result<bool> {
        let key = Key::new(encode(user.as_str()), format!("limit#{}#{}", limit.name, limit.window_start(at)));
        let update = Update::new()
            .set("ttl", number(ttl(at, SignedDuration::from_secs(2 * limit.seconds()))))
            .add("used", number(1))
            .only_if(any([absent("used"), lt("used", number(limit.max))]));
        Ok(condition_met(self.0.update(key, update).send().await)?.is_some())
    }
}
