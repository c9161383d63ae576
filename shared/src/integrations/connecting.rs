//! From consent to connection, in two steps. The callback, which anybody's browser can reach, only parks the code and hands
//! out a one-time handle; the person who started must bring that handle with their own token. Who knows the state does not
//! know the handle, and who consented is not who started, unless they are the same person (RFC 9700 and its update on
//! cross-user session fixation).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{IntegrationManager, ReadyTokens};
use crate::adapters::{self, Adapter};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys::composite_key;
use crate::oauth::Grant;
use crate::tables::integrations::{Connection, OAuthFlow};

/// What a provider's redirect brings: RFC 6749 section 4.1.2, RFC 9207. Providers add parameters of their own, which are
/// passed over.
#[derive(Debug, Default, Deserialize)]
pub struct Callback {
    state: Option<SecretString>,
    code: Option<SecretString>,
    error: Option<String>,
    iss: Option<String>,
}

/// Why a callback brought no connection, as the frontend is told. A fixed list: the provider's text is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackError {
    /// The person said no.
    AccessDenied,
    /// The provider reported something else.
    ProviderError,
    /// The query has neither a code nor an error, or no state.
    InvalidCallback,
    /// The state is unknown, expired or was used before, or another issuer's answer came with it.
    InvalidState,
}

impl CallbackError {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::AccessDenied, Self::ProviderError, Self::InvalidCallback, Self::InvalidState];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::ProviderError => "provider_error",
            Self::InvalidCallback => "invalid_callback",
            Self::InvalidState => "invalid_state",
        }
    }
}

impl IntegrationManager {
    /// Starts connecting a tool: the page where the person consents.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] when this deployment has no client for the tool; [`Error::LimitReached`].
    pub async fn start_connect(&self, user: &UserId, adapter: &'static Adapter) -> Result<Url> {
        let state = self.random_secret();
        let verifier = self.random_secret();
        let id = hash(&state);
        let url = self.oauth.authorize_url(adapter, &state, &verifier).await?;
        let sealed = self.cipher.encrypt(&flow_aad(&id, "verifier"), &verifier).await?;
        let now = self.clock.now();
        self.limits.consume(user, self.authorize_limit, now).await?;
        self.flows.insert(&id, &OAuthFlow::new(user, adapter, sealed, now)).await?;
        Ok(url)
    }

    /// Takes the provider's redirect and says where the browser goes next: always the frontend, with a `connectCode` and its tool, or an error,
    /// in the fragment, which no server sees.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]: then nothing was parked.
    pub async fn accept_callback(&self, callback: &Callback) -> Result<Url> {
        let Callback { state, code, error, iss } = callback;
        let outcome = match (non_empty(state), non_empty(code), error) {
            (Some(state), _, Some(error)) => self.reject_callback(state, error, iss.as_deref()).await,
            (Some(state), Some(code), None) => self.store_code(state, code, iss.as_deref()).await,
            _ => Ok(Err(CallbackError::InvalidCallback)),
        }?;
        let mut url = self.frontend_url.clone();
        url.set_fragment(Some(&match outcome {
            Ok((code, tool)) => format!("connectCode={code}&tool={tool}"),
            Err(error) => format!("error={}", error.code()),
        }));
        Ok(url)
    }

    async fn store_code(
        &self,
        state: &str,
        code: &str,
        iss: Option<&str>,
    ) -> Result<Result<(String, String), CallbackError>> {
        let id = hash(state);
        let secret = self.random_secret();
        let sealed = self.cipher.encrypt(&flow_aad(&id, "code"), code).await?;
        match self.flows.store_code(&id, &sealed, &hash(&secret), iss, self.clock.now()).await {
            Ok(flow) => Ok(Ok((format!("{id}.{secret}"), flow.tool))),
            Err(Error::NotFound(_)) => Ok(Err(CallbackError::InvalidState)),
            Err(error) => Err(error),
        }
    }

    async fn reject_callback(
        &self,
        state: &str,
        error: &str,
        iss: Option<&str>,
    ) -> Result<Result<(String, String), CallbackError>> {
        match self.flows.reject(&hash(state), iss, self.clock.now()).await {
            Ok(()) if error == "access_denied" => Ok(Err(CallbackError::AccessDenied)),
            Ok(()) => Ok(Err(CallbackError::ProviderError)),
            Err(Error::NotFound(_)) => Ok(Err(CallbackError::InvalidState)),
            Err(error) => Err(error),
        }
    }

    /// Finishes connecting: only the user who started, and once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a handle that is unknown, used, expired or another user's; [`Error::Provider`] when the
    /// provider refuses the code.
    pub async fn complete_connect(&self, user: &UserId, handle: &str) -> Result<Connection> {
        let parts = handle.split_once('.').filter(|(id, _)| id.len() == HASH_CHARACTERS);
        let (id, secret) = parts.ok_or(Error::NotFound("Connect attempt"))?;
        let flow = self.flows.consume(id, &hash(secret), user, self.clock.now()).await?;
        let adapter = adapters::find(&flow.tool)?;
        let verifier = self.cipher.decrypt(&flow_aad(id, "verifier"), &flow.verifier).await?;
        let code =
            self.cipher.decrypt(&flow_aad(id, "code"), flow.authorization_code.as_deref().unwrap_or_default()).await?;
        let Grant { tokens, expires_in, scopes, account } = self.oauth.exchange_code(adapter, &code, &verifier).await?;
        let expires_at = expires_in.and_then(|lifetime| self.clock.now().checked_add(lifetime).ok());
        // RFC 6749 5.1: a provider that names no scope granted what was asked.
        let scopes = scopes.unwrap_or_else(|| adapter.oauth.scopes.iter().map(|&scope| scope.to_owned()).collect());
        self.connect(user, adapter, ReadyTokens { tokens, expires_at, scopes, metadata: account }).await
    }

    /// 32 random bytes as text.
    fn random_secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.random.bytes::<32>())
    }
}

/// What [`hash`] gives; a longer text would be no key at all.
const HASH_CHARACTERS: usize = 43;

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

fn flow_aad(id: &str, part: &str) -> String {
    composite_key(&["oauth", id, part])
}

/// A parameter that says something.
fn non_empty(parameter: &Option<SecretString>) -> Option<&str> {
    parameter.as_ref().map(ExposeSecret::expose_secret).filter(|text| !text.is_empty())
}
