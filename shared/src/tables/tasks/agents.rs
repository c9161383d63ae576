//! The agents of a user: a row each, and the set of all of them, which has the limit of their number.
//!
//! A row is never deleted. A process may therefore remember an agent that it has read, and a read that lags behind is safe.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{AgentId, UserId};
use crate::keys::encode;
use crate::tables::expression::{absent, all, any, begins_with, contains, eq, size_below};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{Item, Page, PageRequest, condition_met, milliseconds, query_page, text};
use crate::validate::fingerprint;

const SORT_KEY_PREFIX: &str = "agent#";
/// The item with the set of a user's agents.
const SET_SORT_KEY: &str = "agents";
/// Bytes of an agent's fingerprint in the set: the set of 200 agents stays within 4 KiB.
const FINGERPRINT_BYTES: usize = 8;

/// The row of an agent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentRow {
    #[serde(rename = "sk")]
    sort: String,
    /// The time of the agent's first work.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub created_at: Timestamp,
}

impl AgentRow {
    /// Returns the agent; `None` for a row that this service did not write.
    pub fn agent(&self) -> Option<AgentId> {
        AgentId::from_stored_key(&self.sort)
    }
}

/// The agents' items of the tasks table.
#[derive(Clone, Debug)]
pub struct AgentItems(Table);

fn key(user: &UserId, agent: &AgentId) -> Key {
    Key::new(encode(user.as_str()), format!("{SORT_KEY_PREFIX}{}", encode(agent.as_str())))
}

impl AgentItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Returns true if the agent has a row. Eventually consistent, at half the price: a row that is not seen yet is written again.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn has_row(&self, user: &UserId, agent: &AgentId) -> Result<bool> {
        let get = self.0.client.get_item().table_name(&self.0.name).set_key(Some(key(user, agent).into_item()));
        Ok(get.send().await.map_err(aws::failure)?.item.is_some())
    }

    /// Adds an agent to the user's set, if it is in the set already or the set has fewer than `max`. A repetition changes nothing.
    ///
    /// # Errors
    /// [`Error::CapReached`] when the set is full.
    pub async fn reserve(&self, user: &UserId, agent: &AgentId, max: usize) -> Result<()> {
        let id = fingerprint(agent.as_str(), FINGERPRINT_BYTES);
        let has_room = any([absent("agents"), size_below("agents", max), contains("agents", text(&id))]);
        let update = Update::new().add("agents", AttributeValue::Ss(vec![id])).only_if(has_room);
        let update = self.0.update(Key::new(encode(user.as_str()), SET_SORT_KEY), update);
        condition_met(update.send().await)?.map(|_| ()).ok_or(Error::CapReached { things: "agents", max })
    }

    /// Adds the row of an agent that is in the user's set. An existing row stays as it is.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, user: &UserId, agent: &AgentId, now: Timestamp) -> Result<()> {
        let mut row: Item = key(user, agent).into_item();
        row.insert("createdAt".to_owned(), milliseconds(now));
        condition_met(self.0.put_if(row, absent("pk")).send().await).map(|_| ())
    }

    /// Checks that the agent has a row.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn require(&self, user: &UserId, agent: &AgentId) -> Result<()> {
        self.0.get(key(user, agent)).await?.map(|_| ()).ok_or(Error::NotFound("Agent"))
    }

    /// Returns the user's agents, by id.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest) -> Result<Page<AgentRow>> {
        let owner = encode(user.as_str());
        let keys = all([eq("pk", text(&owner)), begins_with("sk", text(SORT_KEY_PREFIX))]);
        query_page(self.0.query(keys, None), &owner, page).await
    }
}
