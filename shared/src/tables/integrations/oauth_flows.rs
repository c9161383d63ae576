//! Connects under way: `oauth#<sha256(state)>` in the integrations table, ten minutes long.
//!
//! The row goes through three conditional writes: begun by the starter, parked once by the callback, taken once by the
//! person whose token finishes it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{condition_met, from_item, number, text, to_item, ttl, updated_row};
use crate::adapters::Adapter;
use crate::aws;
use crate::error::{Error, Result};
use crate::ids::UserId;

/// How long a consent may take.
pub const OAUTH_FLOW_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
const SORT_KEY: &str = "oauth";

/// Whether a redirect that names an issuer comes from the flow's own provider (RFC 9207).
const OWN_ISSUER: &str = "(attribute_not_exists(issuer) OR issuer = :issuer)";

/// A connect under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthFlow {
    /// Who started it.
    pub user_id: String,
    /// Which tool. It is never read from the callback's query.
    pub tool: String,
    /// The sealed PKCE verifier.
    pub verifier: String,
    /// What the provider calls itself in its redirect, where that is known.
    pub issuer: Option<String>,
    /// When it ends, epoch seconds.
    pub ttl: i64,
    /// The sealed code, once parked.
    pub authorization_code: Option<String>,
    /// The SHA-256 of the handle's secret, once parked.
    pub connect_code_hash: Option<String>,
}

impl OAuthFlow {
    /// A flow that begins now.
    pub fn new(user: &UserId, adapter: &Adapter, verifier: String, now: Timestamp) -> Self {
        Self {
            user_id: user.as_str().to_owned(),
            tool: adapter.tool.to_string(),
            verifier,
            issuer: adapter.oauth.issuer.map(ToOwned::to_owned),
            ttl: ttl(now, OAUTH_FLOW_LIFETIME),
            authorization_code: None,
            connect_code_hash: None,
        }
    }
}

/// Where connects under way are kept.
#[derive(Clone, Debug)]
pub struct OAuthFlowItems {
    client: Client,
    table: String,
}

impl OAuthFlowItems {
    /// Keeps them in `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Begins a flow under `id`, the hash of its state.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, id: &str, flow: &OAuthFlow) -> Result<()> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(format!("oauth#{id}"), SORT_KEY.to_owned(), flow)?))
            .condition_expression("attribute_not_exists(pk)");
        put.send().await.map_err(aws::failure)?;
        Ok(())
    }

    /// Parks the code the provider sent, once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the state is unknown, expired or was used before, or another issuer's answer came with it.
    pub async fn store_code(
        &self,
        id: &str,
        code: &str,
        connect_code_hash: &str,
        issuer: Option<&str>,
        now: Timestamp,
    ) -> Result<OAuthFlow> {
        // The same hash again is our own write, repeated by the SDK after its answer was lost.
        let once = "attribute_exists(pk) AND #ttl > :now AND (attribute_not_exists(code) OR connectCodeHash = :connectCodeHash)";
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(format!("oauth#{id}")))
            .key("sk", text(SORT_KEY))
            .update_expression("SET code = :code, connectCodeHash = :connectCodeHash")
            .condition_expression(once)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":code", text(code))
            .expression_attribute_values(":connectCodeHash", text(connect_code_hash))
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values(ReturnValue::AllNew);
        if let Some(issuer) = issuer {
            update = update.condition_expression(format!("{once} AND {OWN_ISSUER}"));
            update = update.expression_attribute_values(":issuer", text(issuer));
        }
        updated_row(condition_met(update.send().await)?.ok_or(Error::NotFound("Connect attempt"))?)
    }

    /// Ends a flow that the person or the provider refused.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the state is unknown, expired or was used before, or another issuer's answer came with it.
    pub async fn reject(&self, id: &str, issuer: Option<&str>, now: Timestamp) -> Result<()> {
        let unused = "attribute_not_exists(code)";
        let ended = match issuer {
            Some(issuer) => self.delete(id, now, &format!("{unused} AND {OWN_ISSUER}"), &[(":issuer", issuer)]).await,
            None => self.delete(id, now, unused, &[]).await,
        };
        ended.map(|_| ())
    }

    /// Takes a parked flow, once: only with the handle's secret and only for the user who started it.
    ///
    /// # Errors
    /// [`Error::NotFound`] in every other case, without saying which.
    pub async fn consume(&self, id: &str, connect_code_hash: &str, user: &UserId, now: Timestamp) -> Result<OAuthFlow> {
        let values = [(":connectCodeHash", connect_code_hash), (":userId", user.as_str())];
        self.delete(id, now, "connectCodeHash = :connectCodeHash AND userId = :userId", &values).await
    }

    async fn delete(&self, id: &str, now: Timestamp, condition: &str, values: &[(&str, &str)]) -> Result<OAuthFlow> {
        let mut delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", text(format!("oauth#{id}")))
            .key("sk", text(SORT_KEY))
            .condition_expression(format!("attribute_exists(pk) AND #ttl > :now AND {condition}"))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values(ReturnValue::AllOld);
        for (name, value) in values {
            delete = delete.expression_attribute_values(*name, text(*value));
        }
        let taken = condition_met(delete.send().await)?.ok_or(Error::NotFound("Connect attempt"))?;
        from_item(taken.attributes.unwrap_or_default())
    }
}
