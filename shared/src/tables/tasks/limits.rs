//! The limits of users, and of the services that act for them: fixed windows, counted by conditional writes.

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::ids::BudgetHolder;
use crate::tables::expression::{absent, any, lt};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{condition_met, number, ttl};

/// The end of the partition of a user's limits. Every function with a route may update such items and no others: no agent's id is
/// empty, so that no other partition has two separators side by side, and the user before them is encoded.
const PARTITION: &str = "##limits";

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
    pub(crate) fn window_start(self, at: Timestamp) -> i64 {
        at.as_second().div_euclid(self.seconds()) * self.seconds()
    }

    /// Returns the refusal of a use beyond the limit, with the remaining time of the window.
    pub fn refusal(self, now: Timestamp) -> Error {
        let remaining = u64::try_from(self.window_start(now) + self.seconds() - now.as_second()).unwrap_or(1);
        let Self { max, things, .. } = self;
        Error::LimitReached { max, things, retry_after: Duration::from_secs(remaining.max(1)) }
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
    pub async fn consume(&self, holder: &BudgetHolder, limit: Limit, now: Timestamp) -> Result<()> {
        if self.take(holder, limit, 1, now).await? { Ok(()) } else { Err(limit.refusal(now)) }
    }

    /// Counts uses in the window of a time, which can be ahead. Returns false if the window has fewer left.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn take(&self, holder: &BudgetHolder, limit: Limit, uses: u32, at: Timestamp) -> Result<bool> {
        let window = format!("{}#{}", limit.name, limit.window_start(at));
        let sort = holder.service_key().map_or_else(|| window.clone(), |service| format!("{window}#{service}"));
        let key = Key::new(format!("{}{PARTITION}", holder.user_key()), sort);
        let update = Update::new()
            .set("ttl", number(ttl(at, SignedDuration::from_secs(2 * limit.seconds()))))
            .add("used", number(uses))
            .only_if(any([absent("used"), lt("used", number((limit.max + 1).saturating_sub(uses)))]));
        Ok(condition_met(self.0.update(key, update).send().await)?.is_some())
    }
}
