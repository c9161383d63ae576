//! The delegations of a user: the services that may act for the user, each until its end, and the set of all of them, which has the
//! limit of their number.
//!
//! A service is in the set before its delegation is stored, and leaves it when the delegation is revoked. One that ends by itself, or
//! that a crash left without its row, leaves it when the set is full: the rows decide then.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aws;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys::encode;
use crate::permissions::Permissions;
use crate::tables::expression::{absent, all, any, begins_with, contains, eq, gt, size_below};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{Page, PageRequest, condition_met, from_item, number, query_page, text, to_item};
use crate::validate::fingerprint;

const SORT_KEY_PREFIX: &str = "delegation#";
/// The item with the set of a user's services.
const SET_SORT_KEY: &str = "delegations";
/// Bytes of a service's fingerprint in the set.
const FINGERPRINT_BYTES: usize = 8;
/// The time for which a service may be in the set without its delegation.
const IN_FLIGHT_TIME: SignedDuration = SignedDuration::from_mins(1);

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

fn set_key(user: &UserId) -> Key {
    Key::new(encode(user.as_str()), SET_SORT_KEY)
}

/// Returns the element of a service in the set.
fn member(service: &str) -> String {
    fingerprint(service, FINGERPRINT_BYTES)
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

    /// Stores a delegation, in place of an earlier one for the service, if the service is in the user's set or fewer than `max` are.
    ///
    /// # Errors
    /// [`Error::CapReached`] when as many services are.
    pub async fn put(&self, user: &UserId, delegation: &Delegation, max: usize) -> Result<()> {
        let (service, now) = (&delegation.service, delegation.created_at);
        let is_counted = self.add(user, service, max, now).await?
            || (self.remove_ended(user, now).await? && self.add(user, service, max, now).await?);
        if !is_counted {
            return Err(Error::CapReached { things: "delegations", max });
        }
        let item = to_item(key(user, &delegation.service), delegation)?;
        self.0.put(item).send().await.map(|_| ()).map_err(aws::failure)
    }

    async fn add(&self, user: &UserId, service: &str, max: usize, now: Timestamp) -> Result<bool> {
        let member = member(service);
        let has_room = any([absent("services"), size_below("services", max), contains("services", text(&member))]);
        let update = Update::new().add("services", AttributeValue::Ss(vec![member]));
        let update = update.set("changedAt", number(now.as_second())).only_if(has_room);
        Ok(condition_met(self.0.update(set_key(user), update).send().await)?.is_some())
    }

    /// Makes the set that of the delegations that hold, a minute after the latest was added: its row may be still to come. Returns true
    /// if it was replaced.
    async fn remove_ended(&self, user: &UserId, now: Timestamp) -> Result<bool> {
        let set = self.0.get(set_key(user)).await?.unwrap_or_default();
        let changed_at: i64 =
            set.get("changedAt").and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default();
        if changed_at + IN_FLIGHT_TIME.as_secs() > now.as_second() {
            return Ok(false);
        }
        let (mut living, mut cursor) = (vec![], None);
        loop {
            let page = self.list(user, &PageRequest { limit: Some(100), cursor }, now).await?;
            living.extend(page.items.iter().map(|delegation| member(&delegation.service)));
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        let update = match living.is_empty() {
            true => Update::new().remove(["services"]),
            false => Update::new().set("services", AttributeValue::Ss(living)),
        };
        let update = update.only_if(eq("changedAt", number(changed_at)));
        Ok(condition_met(self.0.update(set_key(user), update).send().await)?.is_some())
    }

    /// Revokes a delegation, which frees its place.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn revoke(&self, user: &UserId, service: &str, now: Timestamp) -> Result<()> {
        let deleted = self.0.delete_once(key(user, service), Some(gt("ttl", number(now.as_second())))).await?;
        if !deleted.is_applied() {
            return Err(Error::NotFound("Delegation"));
        }
        let update = Update::new().delete("services", AttributeValue::Ss(vec![member(service)]));
        self.0.update(set_key(user), update).send().await.map(|_| ()).map_err(aws::failure)
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
