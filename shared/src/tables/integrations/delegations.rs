//! The delegations of a user: the services that may act for the user, each until its end.

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys::encode;
use crate::permissions::Permissions;
use crate::tables::expression::{all, begins_with, eq, gt};
use crate::tables::table::{Key, Table};
use crate::tables::{Page, PageRequest, from_item, number, query_page, text, to_item};

const SORT_KEY_PREFIX: &str = "delegation#";

/// A user's consent that one service acts for the user with some tools, actions and accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// The service's client id.
    pub service: String,
    /// The permissions of the service.
    #[serde(flatten)]
    pub permissions: Permissions,
    /// The end.
    pub expires_at: Timestamp,
    /// The time of the latest consent.
    pub created_at: Timestamp,
    /// The end in epoch seconds.
    pub(crate) ttl: i64,
}

impl Delegation {
    /// True if it has not ended. Its row may exist longer.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.ttl > now.as_second()
    }
}

/// The delegations' items of the integrations table.
#[derive(Clone, Debug)]
pub struct DelegationItems(Table);

fn key(user: &UserId, service: &str) -> Key {
    Key::new(encode(user.as_str()), sort_key(service))
}

/// Returns the sort key of the delegation to a service.
pub(super) fn sort_key(service: &str) -> String {
    format!("{SORT_KEY_PREFIX}{}", encode(service))
}

impl DelegationItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Stores a delegation, in place of an earlier one for the service.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn put(&self, user: &UserId, delegation: &Delegation) -> Result<()> {
        let item = to_item(key(user, &delegation.service), delegation)?;
        self.0.put(item).send().await.map(|_| ()).map_err(aws::failure)
    }

    /// Revokes a delegation.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn revoke(&self, user: &UserId, service: &str, now: Timestamp) -> Result<()> {
        let deleted = self.0.delete_once(key(user, service), Some(gt("ttl", number(now.as_second())))).await?;
        if deleted.is_applied() { Ok(()) } else { Err(Error::NotFound("Delegation")) }
    }

    /// Returns the user's delegations, by service.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest, now: Timestamp) -> Result<Page<Delegation>> {
        let owner = encode(user.as_str());
        let keys = all([eq("pk", text(&owner)), begins_with("sk", text(SORT_KEY_PREFIX))]);
        query_page(self.0.query(keys, Some(gt("ttl", number(now.as_second())))), &owner, page).await
    }

    /// Returns the delegation for a service, if it has not ended.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get(&self, user: &UserId, service: &str, now: Timestamp) -> Result<Option<Delegation>> {
        let item = self.0.get(key(user, service)).await?;
        let delegation: Option<Delegation> = item.map(from_item).transpose()?;
        Ok(delegation.filter(|delegation| delegation.is_valid(now)))
    }
}
