//! The OAuth flow from consent to connection, in two steps. The callback, which any browser can reach, only stores the authorization
//! code and returns a one-time connect code; the user who started must send that connect code with their own token. A person who
//! knows only the state does not know the connect code, and a person who consented cannot complete another user's flow (RFC 9700
//! and its update on cross-user session fixation).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

use super::{IntegrationManager, PublicConnection, ReadyTokens};
use crate::account::{AccountId, AccountName};
use crate::adapters::{self, Adapter};
use crate::clock::{Clock, Random};
use crate::config::ReturnOrigins;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Result};
use crate::ids::{BudgetHolder, UserId};
use crate::keys::{composite_key, encode};
use crate::oauth::{Grant, OAuth};
use crate::tables::integrations::{ConnectionItems, ConsentRequest, ConsentScopes, OAuthFlow, OAuthFlowItems};
use crate::tables::tasks::{Limit, LimitItems};
use crate::vault::FlowCipher;

/// Parameters of a provider's redirect: RFC 6749 section 4.1.2, RFC 9207. Parameters that a provider adds are ignored.
#[derive(Debug, Default, Deserialize)]
pub struct Callback {
    state: Option<SecretString>,
    code: Option<SecretString>,
    error: Option<String>,
    iss: Option<String>,
}

/// Reason why a callback led to no connection, as the frontend receives it. A fixed list: the provider's text is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackError {
    /// The person denied consent.
    AccessDenied,
    /// The provider reported another error.
    ProviderError,
    /// The query has neither a code nor an error, no state, or a code that is too long.
    InvalidCallback,
    /// The state is unknown, expired or already used, or the redirect names another issuer.
    InvalidState,
}

/// The outcome of a callback: a connect code or an error, and the flow if the state names one.
struct CallbackOutcome {
    result: Result<String, CallbackError>,
    flow: Option<OAuthFlow>,
}

impl CallbackOutcome {
    /// Returns the fragment of the browser's next address.
    fn fragment(&self) -> String {
        let mut fragment = match &self.result {
            Ok(code) => format!("connectCode={code}"),
            Err(error) => format!("error={}", error.code()),
        };
        if let Some(flow) = &self.flow {
            fragment.extend(["&tool=", &flow.tool]);
            fragment.extend(flow.account.iter().map(|account| format!("&account={}", encode(account.as_str()))));
        }
        fragment
    }
}

impl CallbackError {
    /// All errors.
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

/// The start of connects: consent pages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConsentStarter {
    flows: OAuthFlowItems,
    connections: ConnectionItems,
    oauth: OAuth,
    cipher: FlowCipher,
    limits: LimitItems,
    limit: Limit,
    return_origins: ReturnOrigins,
    clock: Clock,
    random: Random,
}

impl Part for ConsentStarter {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, random, .. } = deployment;
        let hour = Duration::from_secs(60 * 60);
        Self {
            flows: OAuthFlowItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            connections: ConnectionItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            oauth: deployment.part::<OAuth>().clone(),
            cipher: deployment.part::<FlowCipher>().clone(),
            limits: LimitItems::new(dynamodb.clone(), config.tables.tasks.clone()),
            limit: Limit {
                name: "authorizes",
                max: config.authorizes_per_hour,
                things: "started connects an hour",
                window: hour,
            },
            return_origins: config.return_origins.clone(),
            clock: clock.clone(),
            random: random.clone(),
        }
    }
}

/// What a person chooses to connect.
#[derive(Clone, Debug, Default)]
pub struct ConnectChoice {
    /// The account to connect again; absent for a new one.
    pub account: Option<AccountName>,
    /// Fewer scopes than the deployment asks for; all of them if absent.
    pub scopes: Option<Vec<String>>,
    /// The address of the page to which the browser returns; the frontend if absent.
    pub return_to: Option<String>,
}

impl ConnectChoice {
    /// Returns the scopes to ask for, of those that the deployment asks for.
    fn scopes_of(&self, adapter: &Adapter, mut all: ConsentScopes) -> Result<ConsentScopes> {
        let Some(chosen) = &self.scopes else { return Ok(all) };
        let known: Vec<&str> = all.scopes.iter().chain(&all.user_scopes).map(String::as_str).collect();
        if chosen.iter().any(|scope| !known.contains(&scope.as_str())) {
            return Err(Error::invalid("scopes", format!("must be some of {}", known.join(" "))));
        }
        all.scopes.retain(|scope| chosen.contains(scope) || adapter.oauth.identity_scopes.contains(&scope.as_str()));
        all.user_scopes.retain(|scope| chosen.contains(scope));
        if all.scopes.is_empty() && !all.user_scopes.is_empty() {
            return Err(Error::invalid("scopes", "must have one of the app's own beside those of the person's token"));
        }
        Ok(all)
    }
}

impl ConsentStarter {
    /// Starts connecting an account of a tool: a new one, or the one that is named, again. Returns the address of the consent page.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] when this deployment has no OAuth client for the tool; [`Error::LimitReached`];
    /// [`Error::UnknownAccount`], [`Error::NotFound`] for a named account that was never connected; [`Error::Invalid`] for a
    /// scope that the deployment does not ask for, or a page of an origin that it does not list.
    pub async fn start_connect(&self, user: &UserId, adapter: &'static Adapter, choice: ConnectChoice) -> Result<Url> {
        let (now, tool) = (self.clock.now(), adapter.tool);
        let return_to = choice.return_to.as_deref().map(|address| self.return_origins.page(address)).transpose();
        let return_to = return_to.map_err(|rule| Error::invalid("returnTo", rule))?;
        let scopes = choice.scopes_of(adapter, self.oauth.scopes(adapter).await?)?;
        let account = match &choice.account {
            None => None,
            Some(named) => Some(self.connections.load_accounts(user, tool).await?.select_known(named)?),
        };
        // A refused request starts no connect, so that it is not counted.
        self.limits.consume(&BudgetHolder::new(user, None), self.limit, now).await?;
        let (state, verifier) = (random_secret(&self.random), random_secret(&self.random));
        let id = hash(&state);
        let hint = account.as_ref().and_then(|account| account.email.as_deref());
        let url = self.oauth.authorize_url(adapter, &state, &verifier, &scopes, hint).await?;
        let verifier = self.cipher.encrypt(&id, "verifier", &verifier).await?;
        let account = account.map(|account| account.id);
        let request = ConsentRequest { tool, account, return_to, scopes, issuer: adapter.oauth.issuer };
        self.flows.insert(&id, &OAuthFlow::new(user, request, verifier, now)).await?;
        Ok(url)
    }
}

/// The providers' redirects. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CallbackHandler {
    flows: OAuthFlowItems,
    cipher: FlowCipher,
    frontend_url: Url,
    return_origins: ReturnOrigins,
    clock: Clock,
}

impl Part for CallbackHandler {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, dynamodb, clock, .. } = deployment;
        Self {
            flows: OAuthFlowItems::new(dynamodb.clone(), config.tables.integrations.clone()),
            cipher: deployment.part::<FlowCipher>().clone(),
            frontend_url: config.frontend_url.clone(),
            return_origins: config.return_origins.clone(),
            clock: clock.clone(),
        }
    }
}

impl CallbackHandler {
    /// Accepts the provider's redirect. Returns the browser's next address: the page that the flow names, or else the frontend, with a
    /// `connectCode` or an `error` in the fragment, which browsers send to no server, and the `tool` and the `account` to connect
    /// again where the flow is known.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]: no code was stored then.
    pub async fn accept_callback(&self, callback: &Callback) -> Result<Url> {
        let Callback { state, code, error, iss } = callback;
        let code = non_empty(code).filter(|code| code.len() <= MAX_CODE_BYTES);
        let outcome = match (non_empty(state), code, error) {
            // Anyone can call this: a text that is no state of this engine costs no call of the store.
            (Some(state), ..) if state.len() != HASH_CHARACTERS => {
                CallbackOutcome { result: Err(CallbackError::InvalidState), flow: None }
            }
            (Some(state), _, Some(error)) => self.reject_callback(state, error, iss.as_deref()).await?,
            (Some(state), Some(code), None) => self.store_code(state, code, iss.as_deref()).await?,
            _ => CallbackOutcome { result: Err(CallbackError::InvalidCallback), flow: None },
        };
        let page = outcome.flow.as_ref().and_then(|flow| flow.return_to.clone());
        // The setting may have changed since the start.
        let page = page.filter(|page| self.return_origins.allows(page));
        let mut url = page.unwrap_or_else(|| self.frontend_url.clone());
        url.set_fragment(Some(&outcome.fragment()));
        Ok(url)
    }

    /// Stores the authorization code, encrypted, under its connect code.
    async fn store_code(&self, state: &str, code: &str, issuer: Option<&str>) -> Result<CallbackOutcome> {
        let id = hash(state);
        let secret = connect_secret(state, code);
        let code = self.cipher.encrypt(&id, "code", code).await?;
        match self.flows.store_code(&id, &code, &hash(&secret), issuer, self.clock.now()).await {
            Ok(flow) => Ok(CallbackOutcome { result: Ok(format!("{id}.{secret}")), flow: Some(flow) }),
            Err(Error::NotFound(_)) => Ok(CallbackOutcome { result: Err(CallbackError::InvalidState), flow: None }),
            Err(error) => Err(error),
        }
    }

    /// Ends the flow of a redirect that reports an error.
    async fn reject_callback(&self, state: &str, error: &str, issuer: Option<&str>) -> Result<CallbackOutcome> {
        match self.flows.reject(&hash(state), issuer, self.clock.now()).await {
            Ok(flow) => {
                let denied = error == "access_denied";
                let error = if denied { CallbackError::AccessDenied } else { CallbackError::ProviderError };
                Ok(CallbackOutcome { result: Err(error), flow: Some(flow) })
            }
            Err(Error::NotFound(_)) => Ok(CallbackOutcome { result: Err(CallbackError::InvalidState), flow: None }),
            Err(error) => Err(error),
        }
    }
}

/// A completed connect.
#[derive(Debug)]
pub struct CompletedConnect {
    /// The connection.
    pub connection: PublicConnection,
    /// The account that was to be connected again, if the consent was given for another one. It stays as it was.
    pub requested: Option<AccountId>,
}

impl IntegrationManager {
    /// Completes a connect: only for the user who started it, and once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a connect code that is unknown, used, expired or another user's; [`Error::Provider`] when the
    /// provider rejects the authorization code; the errors of [`IntegrationManager::connect`].
    pub async fn complete_connect(&self, user: &UserId, connect_code: &str) -> Result<CompletedConnect> {
        let parts = connect_code.split_once('.').filter(|(id, _)| id.len() == HASH_CHARACTERS);
        let (id, secret) = parts.ok_or(Error::NotFound("Connect attempt"))?;
        let (now, request) = (self.clock.now(), random_secret(&self.random));
        let flow = self.flows.consume(id, &hash(secret), user, &request, now).await?;
        let adapter = adapters::find(&flow.tool)?;
        let verifier = self.cipher.decrypt(id, "verifier", &flow.verifier).await?;
        let code = flow.authorization_code.as_deref().unwrap_or_default();
        let code = self.cipher.decrypt(id, "code", code).await?;
        let grant = self.oauth.exchange_code(adapter, &code, &verifier).await?;
        let account = self.account_of_grant(adapter, &grant).await?;
        let Grant { tokens, expires_in, scopes, user_scopes, metadata, .. } = grant;
        let expires_at = expires_in.and_then(|lifetime| self.clock.now().checked_add(lifetime).ok());
        // A response without scopes grants the requested ones. RFC 6749 section 5.1.
        let requested_scopes = flow.scopes;
        let scopes = scopes.unwrap_or_else(|| requested_scopes.scopes.clone());
        let ready = ReadyTokens { tokens, expires_at, scopes, user_scopes, requested_scopes, metadata };
        let connection = self.connect(user, adapter, account, ready).await?;
        let requested = flow.account.filter(|requested| requested != connection.account());
        Ok(CompletedConnect { connection, requested })
    }
}

/// Returns 32 random bytes as text.
fn random_secret(random: &Random) -> String {
    URL_SAFE_NO_PAD.encode(random.bytes::<32>())
}

/// Returns the secret of a connect code. It is the same for the same state and code, so that a callback that a browser delivers
/// twice has one connect code. A person who knows only the state cannot compute it: providers' codes cannot be guessed (RFC 6749
/// section 10.10).
fn connect_secret(state: &str, code: &str) -> String {
    hash(&composite_key(&["connect-code", state, code]))
}

/// Maximum length of an authorization code. Providers' are much shorter; a longer one would make each further callback of its state
/// cost more write units.
const MAX_CODE_BYTES: usize = 2048;

/// Length of the texts that [`hash`] and [`random_secret`] return: 32 bytes in base64. A longer id could exceed the maximum length of
/// a key.
const HASH_CHARACTERS: usize = 43;

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// Returns the text of a parameter that is present and not empty.
fn non_empty(parameter: &Option<SecretString>) -> Option<&str> {
    parameter.as_ref().map(ExposeSecret::expose_secret).filter(|text| !text.is_empty())
}
