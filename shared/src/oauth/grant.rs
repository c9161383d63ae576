//! A grant, and how a token response is read.

use oauth2::{Scope, TokenResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::Duration;

use super::{ProviderTokenResponse, provider_error};
use crate::account::Account;
use crate::adapters::Adapter;
use crate::error::{Kind, Result};
use crate::vault::{Tokens, UserTokens};

/// A grant: the result of a code exchange or a refresh.
#[derive(Debug)]
pub struct Grant {
    /// The tokens. A refresh response without a refresh token means that the old one remains valid.
    pub tokens: Tokens,
    /// Lifetime of the access token, if the provider states it.
    pub expires_in: Option<Duration>,
    /// Granted scopes, if the provider states them.
    pub scopes: Option<Vec<String>>,
    /// The scopes of the person's own token, empty if the provider does not state them; `None` without such a token.
    pub user_scopes: Option<Vec<String>>,
    /// Fields of the response that are stored with the connection.
    pub metadata: Map<String, Value>,
    /// The account, if the response names it.
    pub identity: Option<Account>,
}

pub(super) fn parse_grant(adapter: &Adapter, response: ProviderTokenResponse) -> Result<Grant> {
    if !fits_header(response.access_token().secret()) {
        return Err(provider_error(
            adapter,
            Kind::Transient,
            "the access token has characters that no header can carry".to_owned(),
        ));
    }
    let extra_fields = Value::Object(response.extra_fields().0.clone());
    let metadata = adapter.oauth.account_fields.iter().filter_map(|(name, pointer)| {
        let value = extra_fields.pointer(pointer).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    });
    let scopes =
        response.scopes().map(|scopes| scopes.iter().flat_map(|scope: &Scope| split_scopes(adapter, scope)).collect());
    let user = adapter.oauth.user_token.and_then(|spec| extra_fields.pointer(spec.response));
    let mut user: UserGrant = user.map(UserGrant::deserialize).and_then(std::result::Result::ok).unwrap_or_default();
    let is_usable = |token: &SecretString| !token.expose_secret().is_empty() && fits_header(token.expose_secret());
    user.access_token = user.access_token.filter(is_usable);
    user.refresh_token = user.refresh_token.filter(is_usable);
    Ok(Grant {
        identity: (adapter.account.granted)(&extra_fields),
        metadata: metadata.collect(),
        scopes,
        user_scopes: user.access_token.is_some().then(|| split_scopes(adapter, &user.scope.unwrap_or_default())),
        expires_in: response.expires_in(),
        tokens: Tokens {
            access: response.access_token().secret().clone().into(),
            refresh: response.refresh_token().map(|token| token.secret().clone().into()),
            user: user.access_token.map(|access| UserTokens { access, refresh: user.refresh_token }),
        },
    })
}

/// No other token can be sent in a header, not even to revoke it. RFC 6750 section 2.1.
fn fits_header(token: &str) -> bool {
    token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn split_scopes(adapter: &Adapter, scopes: &str) -> Vec<String> {
    scopes.split(adapter.oauth.scope_separator).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// The part of a token response about the person's own token. Slack issues it with the lifetime of the app's.
#[derive(Default, Deserialize)]
struct UserGrant {
    access_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
    scope: Option<String>,
}
