//! Whose token one is: asked of the provider before a token is stored.

use secrecy::SecretString;
use serde_json::Value;

use super::IntegrationManager;
use crate::account::Account;
use crate::adapters::account::AccountQuery;
use crate::adapters::api::Api;
use crate::adapters::{Adapter, LookupCache};
use crate::error::{Error, Kind, Result};
use crate::oauth::Grant;
use crate::vault::Tokens;

impl IntegrationManager {
    /// Returns the account of a consent: the one that the token response names, or else the one that the provider tells.
    ///
    /// # Errors
    /// Those of [`IntegrationManager::identify`].
    pub(super) async fn account_of_grant(&self, adapter: &'static Adapter, grant: &Grant) -> Result<Account> {
        match &grant.identity {
            Some(account) => {
                Ok(Account { link: self.link_of(adapter, account, &grant.tokens.access).await, ..account.clone() })
            }
            None => {
                let scopes = grant.scopes.as_deref().unwrap_or_default();
                self.identify(adapter, &grant.tokens.access, scopes).await
            }
        }
    }

    /// Returns the account of a ready token. An access token that has expired is refreshed first; then the new tokens replace
    /// the given ones.
    ///
    /// # Errors
    /// Those of [`IntegrationManager::identify`].
    pub(super) async fn account_of_ready(
        &self,
        adapter: &'static Adapter,
        tokens: &mut Tokens,
        scopes: &[String],
    ) -> Result<(Account, Option<Grant>)> {
        match (self.identify(adapter, &tokens.access, scopes).await, &tokens.refresh) {
            (Err(error), Some(refresh)) if error.code() == "INVALID_FIELD" => {
                let grant = self.oauth.exchange_refresh_token(adapter, refresh, None).await.map_err(|_| error)?;
                tokens.access = grant.tokens.access.clone();
                if let Some(refresh) = &grant.tokens.refresh {
                    tokens.refresh = Some(refresh.clone());
                }
                Ok((self.account_of_grant(adapter, &grant).await?, Some(grant)))
            }
            (account, _) => Ok((account?, None)),
        }
    }

    /// Asks the provider for the account of an access token.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a token that the provider rejects, or that may not ask; [`Error::Provider`] when the provider cannot
    /// be reached.
    async fn identify(&self, adapter: &'static Adapter, token: &SecretString, scopes: &[String]) -> Result<Account> {
        let mut refusal = None;
        let tells_identity = scopes.iter().any(|scope| adapter.oauth.identity_scopes.contains(&scope.as_str()));
        // A token with an identity scope may make the most telling call. After a refusal or a damaged answer of that one, a less
        // telling call would give the account another id.
        let most = if tells_identity { 1 } else { usize::MAX };
        for query in adapter.account.queries.iter().take(most) {
            match self.query_account(adapter, query, token).await {
                Ok(answer) => {
                    if let Some(account) = (query.account)(&answer) {
                        return Ok(account);
                    }
                }
                // Another call may need other scopes.
                Err(error)
                    if matches!(
                        error.kind(),
                        Some(Kind::MissingScope | Kind::Forbidden | Kind::Invalid | Kind::NotFound)
                    ) => {}
                Err(error) if matches!(error.kind(), Some(Kind::AuthExpired | Kind::AuthRevoked)) => {
                    refusal = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        let name = adapter.tool.name();
        Err(match refusal {
            Some(_) => Error::invalid("accessToken", format!("must be a valid token; {name} rejects this one")),
            None => Error::invalid(
                "accessToken",
                format!("must be allowed to tell whose it is; {name} does not name the account of this one"),
            ),
        })
    }

    /// Returns the address of an account on the web, if the provider tells it. A connection works without.
    async fn link_of(&self, adapter: &'static Adapter, account: &Account, token: &SecretString) -> Option<String> {
        let Some(query) = adapter.account.link.filter(|_| account.link.is_none()) else { return account.link.clone() };
        let answer = self.query_account(adapter, query, token).await.ok()?;
        (query.account)(&answer)?.link
    }

    async fn query_account(
        &self,
        adapter: &'static Adapter,
        query: &AccountQuery,
        token: &SecretString,
    ) -> Result<Value> {
        let (lookups, base_url) = (LookupCache::default(), self.oauth.origin_url(query.origin, "")?);
        let api = Api::new(self.oauth.http(), &lookups, adapter, base_url, token, &self.clock);
        api.call(query.method.clone(), query.path).read_only().send().await
    }
}
