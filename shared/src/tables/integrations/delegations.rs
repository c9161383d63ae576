//! Who may act for a user: `user` / `delegation#<service>` in the integrations table, until its end.

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Page, PageRequest, condition_met, from_item, number, text, to_item};
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::{UserId, encode};

/// A user's consent to one service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// The service's client id.
    pub service: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was given, or given anew.
    pub created_at: Timestamp,
    /// Its end in epoch seconds.
    pub(crate) ttl: i64,
}

/// Where delegations are kept.
#[derive(Clone, Debug)]
pub struct DelegationItems {
    client: Client,
    table: String,
}

fn sort_key(service: &str) -> String {
    format!("delegation#{}", encode(service))
}

impl DelegationItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Gives one, in place of any there was for the service.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn put(&self, user: &UserId, delegation: &Delegation) -> Result<()> {
        let item = to_item(encode(user.as_str()), sort_key(&delegation.service), delegation)?;
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await.map_err(aws::failure)?;
        Ok(())
    }

    /// Takes one back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn revoke(&self, user: &UserId, service: &str, now: Timestamp) -> Result<()> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(service)))
            .condition_expression("#ttl > :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", number(now.as_second()));
        condition_met(delete.send().await)?.map(|_| ()).ok_or(Error::NotFound("Delegation"))
    }

    /// The user's delegations, by service.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad limit or cursor.
    pub async fn list(&self, user: &UserId, page: &PageRequest, now: Timestamp) -> Result<Page<Delegation>> {
        let owner = encode(user.as_str());
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :delegation)")
            .filter_expression("#ttl > :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":pk", text(&owner))
            .expression_attribute_values(":delegation", text("delegation#"))
            .expression_attribute_values(":now", number(now.as_second()));
        super::query_page(query, &owner, page).await
    }

    /// The delegation for a service, if it has not ended.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn get(&self, user: &UserId, service: &str, now: Timestamp) -> Result<Option<Delegation>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(encode(user.as_str())))
            .key("sk", text(sort_key(service)))
            .consistent_read(true)
            .send()
            .await
            .map_err(aws::failure)?;
        let delegation: Option<Delegation> = answer.item.map(from_item).transpose()?;
        Ok(delegation.filter(|delegation| delegation.ttl > now.as_second()))
    }
}
