//! The living series of a user: a set in one item, which has the limit of their number.
//!
//! A series is added before its row. Nothing removes it when it ends: the set is compared with the rows when it is full. So the end of
//! a series costs no write, and no crash leaves a place that stays taken.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

use super::keys::accepted_at;
use super::task::Task;
use crate::error::{Error, Result};
use crate::ids::{TaskId, UserId};
use crate::keys::encode;
use crate::tables::expression::{absent, any, contains, size_below};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{condition_met, from_item, text};

const SORT_KEY: &str = "series";
/// Age from which a series in the set without a row is one that was never accepted.
const ACCEPTANCE: SignedDuration = SignedDuration::from_mins(1);
/// Keys of one BatchGetItem.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MAX_BATCH: usize = 100;

/// The items with the users' living series.
#[derive(Clone, Debug)]
pub struct SeriesItems(Table);

impl SeriesItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds a series to the user's set, if it is in the set already or fewer than `max` live. A repetition changes nothing.
    ///
    /// # Errors
    /// [`Error::CapReached`] when as many series live.
    pub async fn reserve(&self, user: &UserId, id: &TaskId, max: usize, now: Timestamp) -> Result<()> {
        if self.add(user, id, max).await? || (self.remove_ended(user, now).await? && self.add(user, id, max).await?) {
            return Ok(());
        }
        Err(Error::CapReached { things: "living series", max })
    }

    async fn add(&self, user: &UserId, id: &TaskId, max: usize) -> Result<bool> {
        let member = member(id);
        let has_room = any([absent("series"), size_below("series", max), contains("series", text(&member))]);
        let update = Update::new().add("series", AttributeValue::Ss(vec![member])).only_if(has_room);
        Ok(condition_met(self.0.update(key(user), update).send().await)?.is_some())
    }

    /// Removes the series that have ended from the set. Returns false if all live.
    async fn remove_ended(&self, user: &UserId, now: Timestamp) -> Result<bool> {
        let item = self.0.get(key(user)).await?.unwrap_or_default();
        let members = item.get("series").and_then(|set| set.as_ss().ok()).cloned().unwrap_or_default();
        let mut living = HashSet::new();
        for batch in members.chunks(MAX_BATCH) {
            for row in self.0.batch_get(batch.iter().filter_map(|member| row_key(user, member))).await? {
                let task: Task = from_item(row)?;
                if !task.status.is_final() {
                    living.insert(task.sort);
                }
            }
        }
        let is_recent = |sort: &str| accepted_at(sort).is_none_or(|at| at + ACCEPTANCE > now);
        let lives = |sort: &str| living.contains(sort) || is_recent(sort);
        let ended: Vec<String> =
            members.into_iter().filter(|member| !member.split_once('#').is_some_and(|(_, sort)| lives(sort))).collect();
        if ended.is_empty() {
            return Ok(false);
        }
        let update = Update::new().delete("series", AttributeValue::Ss(ended));
        condition_met(self.0.update(key(user), update).send().await)?;
        Ok(true)
    }
}

fn key(user: &UserId) -> Key {
    Key::new(encode(user.as_str()), SORT_KEY)
}

/// Returns the element of a series: its row's key without the user.
fn member(id: &TaskId) -> String {
    format!("{}#{}", encode(id.agent.as_str()), id.sort)
}

fn row_key(user: &UserId, member: &str) -> Option<Key> {
    let (agent, sort) = member.split_once('#')?;
    Some(Key::new(format!("{}#{agent}", encode(user.as_str())), sort))
}
