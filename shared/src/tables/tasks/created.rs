//! What the agents of a user created at a provider that stores no author with it: an item for each object.

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::aws;
use crate::error::Result;
use crate::keys::{composite_key, encode};
use crate::tables::expression::{all, begins_with, eq};
use crate::tables::integrations::ConnectionKey;
use crate::tables::table::{Key, Table};
use crate::tables::{from_item, text, to_item, ttl};

/// Time by which an item outlives its object, for clocks that differ.
const RETENTION: SignedDuration = SignedDuration::from_hours(24);
/// Maximum number of reads of one list: each returns thousands of items.
const MAX_READS: usize = 10;

/// An object that exists until a known time.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedItem {
    external_id: String,
    ttl: i64,
}

/// The created objects' items of the tasks table.
#[derive(Clone, Debug)]
pub struct CreatedItems(Table);

fn prefix(ConnectionKey { tool, account, .. }: ConnectionKey<'_>) -> String {
    format!("created#{}#", composite_key(&[tool.as_str(), account.as_str()]))
}

impl CreatedItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds an object of an account, which exists until then. A repetition changes nothing.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn add(&self, of: ConnectionKey<'_>, external_id: &str, until: Timestamp) -> Result<()> {
        let key = Key::new(encode(of.user.as_str()), format!("{}{}", prefix(of), encode(external_id)));
        let item = CreatedItem { external_id: external_id.to_owned(), ttl: ttl(until, RETENTION) };
        self.0.put(to_item(key, &item)?).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Returns the provider's ids of the objects of an account.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn ids(&self, of: ConnectionKey<'_>) -> Result<BTreeSet<String>> {
        let (mut ids, mut after) = (BTreeSet::new(), None);
        for _ in 0..MAX_READS {
            let owner = text(encode(of.user.as_str()));
            let query = self.0.query(all([eq("pk", owner), begins_with("sk", text(prefix(of)))]), None);
            let query = query.consistent_read(true).set_exclusive_start_key(after.take());
            let answer = query.send().await.map_err(aws::failure)?;
            for item in answer.items.unwrap_or_default() {
                ids.insert(from_item::<CreatedItem>(item)?.external_id);
            }
            after = answer.last_evaluated_key;
            if after.is_none() {
                break;
            }
        }
        Ok(ids)
    }
}
