//! The maintenance index: the connections with a check to make, by time. An entry is a hint; the row itself, read consistently,
//! decides.

use jiff::Timestamp;

use super::connection_key::ConnectionKey;
use super::connections::{Connection, ConnectionItems, StoredTokens, position};
use super::keys;
use crate::account::AccountId;
use crate::error::Result;
use crate::ids::UserId;
use crate::tables::expression::eq;
use crate::tables::index::{self, IndexEntry, IndexPage, IndexQuery, SparseIndex};
use crate::tables::update::Update;
use crate::tables::{Item, attribute, condition_met, from_item, string_attribute, text};
use crate::tool::Tool;

/// An entry of the maintenance index.
#[derive(Clone, Debug)]
pub struct MaintenanceEntry {
    /// The owner of the connection.
    pub user: UserId,
    /// The tool.
    pub tool: String,
    /// The account.
    pub account: AccountId,
    /// The time of the check, as the index sorts it. A row with another time was checked since.
    pub at: String,
}

impl IndexEntry for MaintenanceEntry {
    const INDEX: SparseIndex =
        SparseIndex { name: "maintenance", shard: "maintenanceShard", position: "maintenanceAt" };

    fn from_item(item: &Item) -> Option<Self> {
        let (tool, account) = keys::parse_connection(string_attribute(item, "sk")?)?;
        Some(Self {
            user: UserId::from_stored_key(string_attribute(item, "pk")?)?,
            tool: tool.to_owned(),
            account,
            at: string_attribute(item, "maintenanceAt")?.to_owned(),
        })
    }
}

impl MaintenanceEntry {
    /// Returns the key of the connection, whose tool has an adapter.
    pub fn key(&self, tool: Tool) -> ConnectionKey<'_> {
        ConnectionKey { user: &self.user, tool, account: &self.account }
    }
}

impl ConnectionItems {
    /// Returns a page of the maintenance index: the entries of one shard with a check to make, oldest first.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn query_maintenance(&self, query: IndexQuery) -> Result<IndexPage<MaintenanceEntry>> {
        index::query(&self.0, query).await
    }

    /// Returns the row of an entry, if the row still has the entry's time.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn get_listed(&self, entry: &MaintenanceEntry, tool: Tool) -> Result<Option<Connection>> {
        let row = self.0.get(entry.key(tool).into()).await?;
        let unchanged = |row: &Item| string_attribute(row, "maintenanceAt") == Some(entry.at.as_str());
        row.filter(unchanged).map(from_item).transpose()
    }

    /// Replaces tokens by the same tokens, encrypted with another key. No-op if the row has other tokens by now.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn replace_encrypted(
        &self,
        key: ConnectionKey<'_>,
        seen: &StoredTokens,
        reencrypted: &StoredTokens,
    ) -> Result<()> {
        let update = Update::new().set("tokens", attribute(reencrypted)?).only_if(eq("tokens", attribute(seen)?));
        condition_met(self.0.update(key.into(), update).send().await).map(|_| ())
    }

    /// Reschedules the row's next check, or removes the row from the index (`None`). No-op if the row has changed since.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`], [`crate::error::Error::Internal`].
    pub async fn reschedule(&self, entry: &MaintenanceEntry, tool: Tool, next: Option<Timestamp>) -> Result<()> {
        let update = match next {
            Some(next) => Update::new().set("maintenanceAt", position(entry.key(tool), next)),
            None => Update::new().remove(["maintenanceShard", "maintenanceAt"]),
        };
        let update = update.only_if(eq("maintenanceAt", text(&entry.at)));
        condition_met(self.0.update(entry.key(tool).into(), update).send().await).map(|_| ())
    }
}
