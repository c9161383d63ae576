//! The objects of a user's agents at a provider that stores no author with them: an item for each.

use aws_sdk_dynamodb::Client;
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;

use crate::aws;
use crate::error::{Error, Result};
use crate::keys::{composite_key, encode};
use crate::tables::integrations::ConnectionKey;
use crate::tables::table::{Key, Table};
use crate::tables::{to_item, ttl};

/// Time by which an item outlives its object, for clocks that differ.
const RETENTION: SignedDuration = SignedDuration::from_hours(24);

/// An object that exists until a known time.
#[derive(Debug, Serialize)]
struct CreatedItem {
    ttl: i64,
}

/// The created objects' items of the tasks table.
#[derive(Clone, Debug)]
pub struct CreatedItems(Table);

fn key(ConnectionKey { user, tool, account }: ConnectionKey<'_>, external_id: &str) -> Key {
    let sort = composite_key(&[tool.as_str(), account.as_str(), external_id]);
    Key::new(encode(user.as_str()), format!("created#{sort}"))
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
        let item = CreatedItem { ttl: ttl(until, RETENTION) };
        self.0.put(to_item(key(of, external_id), &item)?).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Returns those of some ids that are objects of an account.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn known(&self, of: ConnectionKey<'_>, external_ids: &[String]) -> Result<BTreeSet<String>> {
        let reads = external_ids.iter().map(|id| async move {
            let item = self.0.get(key(of, id)).await?;
            Ok::<_, Error>(item.is_some().then(|| id.clone()))
        });
        Ok(try_join_all(reads).await?.into_iter().flatten().collect())
    }
}
