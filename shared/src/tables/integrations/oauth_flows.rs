//! OAuth flows in progress: `oauth#<sha256(state)>` in the integrations table, for ten minutes.
//!
//! Three conditional writes change the item: an insert at the start, the code once by the callback, and the mark of its use once by
//! the person whose token completes the flow.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::account::AccountId;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::tables::expression::{Condition, absent, all, any, eq, exists, gt};
use crate::tables::table::{Key, Table};
use crate::tables::update::Update;
use crate::tables::{condition_met, from_item, number, text, to_item, ttl, updated_row};
use crate::tool::Tool;

/// The longest time a consent may take.
pub const OAUTH_FLOW_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
const SORT_KEY: &str = "oauth";

/// An OAuth flow in progress.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthFlow {
    /// The user who started it.
    pub user_id: String,
    /// The tool. It is never read from the callback's query.
    pub tool: String,
    /// The account that the person wants to connect again, if it is one.
    pub account: Option<AccountId>,
    /// The page to which the browser returns; the frontend if absent. It is never read from the callback's query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<Url>,
    /// The scopes that the consent asks for.
    #[serde(flatten)]
    pub scopes: ConsentScopes,
    /// The encrypted PKCE verifier.
    pub verifier: String,
    /// The issuer that the provider names in its redirect, where that is known.
    pub issuer: Option<String>,
    /// The end, epoch seconds.
    pub ttl: i64,
    /// The encrypted authorization code, after the callback.
    pub authorization_code: Option<String>,
    /// The SHA-256 of the connect code's secret, after the callback.
    pub connect_code_hash: Option<String>,
}

/// The scopes that a consent asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentScopes {
    /// Those of the app's token, which is the only one at most providers.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Those of the person's own token beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_scopes: Vec<String>,
}

/// What a person starts to connect.
#[derive(Clone, Debug)]
pub struct ConsentRequest {
    /// The tool.
    pub tool: Tool,
    /// The account to connect again, if it is one.
    pub account: Option<AccountId>,
    /// The page to which the browser returns; the frontend if absent.
    pub return_to: Option<Url>,
    /// The scopes to ask for.
    pub scopes: ConsentScopes,
    /// The issuer that the provider names in its redirect, where that is known.
    pub issuer: Option<&'static str>,
}

impl OAuthFlow {
    /// Returns a flow that starts now.
    pub fn new(user: &UserId, request: ConsentRequest, verifier: String, now: Timestamp) -> Self {
        let ConsentRequest { tool, account, return_to, scopes, issuer } = request;
        Self {
            user_id: user.as_str().to_owned(),
            tool: tool.to_string(),
            account,
            return_to,
            scopes,
            verifier,
            issuer: issuer.map(ToOwned::to_owned),
            ttl: ttl(now, OAUTH_FLOW_LIFETIME),
            authorization_code: None,
            connect_code_hash: None,
        }
    }
}

/// The OAuth flows' items of the integrations table.
#[derive(Clone, Debug)]
pub struct OAuthFlowItems(Table);

fn key(id: &str) -> Key {
    Key::new(format!("oauth#{id}"), SORT_KEY)
}

/// The flow has not ended, and a redirect that names an issuer comes from the flow's own provider (RFC 9207).
fn in_progress(issuer: Option<&str>, now: Timestamp) -> Vec<Condition> {
    let mut conditions = vec![exists("pk"), gt("ttl", number(now.as_second()))];
    conditions.extend(issuer.map(|issuer| any([absent("issuer"), eq("issuer", text(issuer))])));
    conditions
}

impl OAuthFlowItems {
    /// Uses the items of `table`.
    pub fn new(client: Client, table: String) -> Self {
        Self(Table { client, name: table })
    }

    /// Adds a flow under `id`, the hash of its state.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn insert(&self, id: &str, flow: &OAuthFlow) -> Result<()> {
        let added = self.0.insert_once(to_item(key(id), flow)?, absent("pk")).await?;
        if added.is_applied() { Ok(()) } else { Err(Error::internal("two OAuth flows have one state")) }
    }

    /// Stores the code that the provider sent. The same connect code may be stored again, no other. Returns the flow.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the state is unknown, expired or used, the flow has another code, or the answer is another
    /// issuer's.
    pub async fn store_code(
        &self,
        id: &str,
        code: &str,
        connect_code_hash: &str,
        issuer: Option<&str>,
        now: Timestamp,
    ) -> Result<OAuthFlow> {
        let mut conditions = in_progress(issuer, now);
        // The same hash again is the same callback: delivered twice by the browser, or our own write repeated by the SDK.
        let unused = any([absent("authorizationCode"), eq("connectCodeHash", text(connect_code_hash))]);
        conditions.push(unused);
        conditions.push(absent("usedBy"));
        let update = Update::new()
            .set("authorizationCode", text(code))
            .set("connectCodeHash", text(connect_code_hash))
            .only_if(all(conditions));
        let update = self.0.update(key(id), update).return_values(ReturnValue::AllNew);
        updated_row(condition_met(update.send().await)?.ok_or(Error::NotFound("Connect attempt"))?)
    }

    /// Marks a flow that the person or the provider rejected as used, and returns it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the state is unknown, expired or used, or the answer is another issuer's.
    pub async fn reject(&self, id: &str, issuer: Option<&str>, now: Timestamp) -> Result<OAuthFlow> {
        let mut conditions = in_progress(issuer, now);
        conditions.push(absent("authorizationCode"));
        self.mark_used(id, conditions, "a rejection").await
    }

    /// Marks a flow that has its code as used by one request and returns it, once: only with the connect code's secret, and only for
    /// the user who started it. `request` is random, and no other request has it.
    ///
    /// A deletion would lose the flow with its response. The used item stays until its `ttl`, as an abandoned one does: the
    /// authorization code in it is encrypted, and the provider accepts it once.
    /// <https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2>
    ///
    /// # Errors
    /// [`Error::NotFound`] in every other case; the error does not say which.
    pub async fn consume(
        &self,
        id: &str,
        connect_code_hash: &str,
        user: &UserId,
        request: &str,
        now: Timestamp,
    ) -> Result<OAuthFlow> {
        let mut conditions = in_progress(None, now);
        conditions.push(eq("connectCodeHash", text(connect_code_hash)));
        conditions.push(eq("userId", text(user.as_str())));
        self.mark_used(id, conditions, request).await
    }

    async fn mark_used(&self, id: &str, mut conditions: Vec<Condition>, request: &str) -> Result<OAuthFlow> {
        conditions.push(absent("usedBy"));
        let update = Update::new().set("usedBy", text(request)).only_if(all(conditions));
        let used = self.0.update_once(key(id), update).await?.applied();
        from_item(used.ok_or(Error::NotFound("Connect attempt"))?)
    }
}
