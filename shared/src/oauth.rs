//! OAuth 2.0 with the providers: consent URL, code exchange, refresh, revocation. RFC 6749, 7009, 7636, 9700.
//!
//! A provider's deviations are data in its [`OAuthSpec`]. A call of the token endpoint is never retried automatically: a rotated refresh
//! token whose response was lost must not be used twice.

mod grant;
mod token_error;

pub use grant::Grant;

use futures::future::{BoxFuture, join_all};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use oauth2::basic::BasicErrorResponse;
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, ExtraTokenFields,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, StandardRevocableToken,
    StandardTokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::OnceCell;
use url::Url;
use zeroize::Zeroizing;

use crate::adapters::{Adapter, BodyFormat, ClientAuth, OAuthSpec, Origin, Revoke, RevokeToken};
use crate::config::SecretSource;
use crate::deployment::{Deployment, Part};
use crate::error::{Error, Kind, ProviderError, Result};
use crate::http::{Body, Http, HttpError, NotAfter};
use crate::tables::integrations::ConsentScopes;
use crate::vault::{SecretReader, Tokens};
use grant::parse_grant;
use token_error::{Exchange, classify_error};

/// An OAuth client of this deployment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Credentials {
    client_id: String,
    client_secret: SecretText,
    /// The scopes that this deployment asks for, instead of the adapter's own.
    scopes: Option<Vec<String>>,
    /// The scopes of a token of the person's own, beside the app's. Without them no such token is asked for.
    #[serde(default)]
    user_scopes: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
struct SecretText(SecretString);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// Fields of the token response that this module does not name; the adapter selects the ones to store.
#[derive(Debug, Serialize, Deserialize)]
struct ExtraFields(Map<String, Value>);

impl ExtraTokenFields for ExtraFields {}

type ProviderTokenResponse = StandardTokenResponse<ExtraFields, oauth2::basic::BasicTokenType>;
type Client<A, T> = oauth2::Client<
    BasicErrorResponse,
    ProviderTokenResponse,
    oauth2::basic::BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    oauth2::basic::BasicRevocationErrorResponse,
    A,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    T,
>;

/// OAuth client of all providers. Cheap to clone; the clients' secrets are read at the first use.
#[derive(Clone, Debug)]
pub struct OAuth {
    http: Http,
    redirect_uri: Url,
    provider_urls: BTreeMap<String, Url>,
    source: SecretSource,
    secrets: SecretReader,
    clients: Arc<OnceCell<BTreeMap<String, Credentials>>>,
}

impl Part for OAuth {
    fn build(deployment: &Deployment) -> Self {
        let Deployment { config, http, .. } = deployment;
        Self {
            http: http.clone(),
            redirect_uri: config.redirect_uri.clone(),
            provider_urls: config.provider_urls.clone(),
            source: config.clients.clone(),
            secrets: deployment.part::<SecretReader>().clone(),
            clients: Arc::default(),
        }
    }
}

impl OAuth {
    /// Returns the URL of a provider's origin: its own, or the sandbox's.
    ///
    /// # Errors
    /// [`Error::Internal`] for an adapter with a malformed URL.
    pub fn origin_url(&self, origin: Origin, path: &str) -> Result<Url> {
        let base = self.provider_urls.get(origin.name).map_or(origin.url, Url::as_str);
        Url::parse(&format!("{}{path}", base.trim_end_matches('/'))).map_err(Error::internal)
    }

    /// Returns the client of the providers' calls.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// Returns the address of the consent page. `hint` is the address of the account that the person wants to connect again.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] when the deployment has no client for the tool.
    pub async fn authorize_url(
        &self,
        adapter: &Adapter,
        state: &str,
        verifier: &str,
        scopes: &ConsentScopes,
        hint: Option<&str>,
    ) -> Result<Url> {
        let spec = &adapter.oauth;
        let client = self.client(adapter).await?;
        let (origin, path) = spec.authorize;
        let client = client.set_auth_uri(AuthUrl::from_url(self.origin_url(origin, path)?));
        let mut request = client.authorize_url(|| CsrfToken::new(state.to_owned()));
        if spec.pkce {
            let verifier = PkceCodeVerifier::new(verifier.to_owned());
            request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        }
        let ConsentScopes { scopes, user_scopes } = scopes;
        if !scopes.is_empty() {
            request = request.add_extra_param("scope", scopes.join(spec.scope_separator));
        }
        if let (Some(user_token), false) = (spec.user_token, user_scopes.is_empty()) {
            request = request.add_extra_param(user_token.scope_param, user_scopes.join(spec.scope_separator));
        }
        if let (Some(name), Some(hint)) = (spec.hint_param, hint) {
            request = request.add_extra_param(name, hint);
        }
        for (name, value) in spec.authorize_params {
            request = request.add_extra_param(*name, *value);
        }
        Ok(request.url().0)
    }

    /// Returns the scopes that this deployment asks for: the client's own, or else the adapter's.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] without a client for the tool, and for a scope that no action of the tool can use.
    pub async fn scopes(&self, adapter: &Adapter) -> Result<ConsentScopes> {
        let (tool, credentials) = (adapter.tool, self.credentials(adapter).await?);
        let fault = |what: String| Error::NotConfigured(format!("connecting {tool}: {what}"));
        let unusable = |name, scope: &str| fault(format!("no action of {tool} can use {scope} of \"{name}\""));
        let user_scopes = credentials.user_scopes.clone();
        if let Some(unknown) = user_scopes.iter().find(|scope| !adapter.knows_user_scope(scope)) {
            return Err(unusable("userScopes", unknown));
        }
        let own = |scopes: &[&str]| scopes.iter().map(|&scope| scope.to_owned()).collect::<Vec<_>>();
        let Some(chosen) = credentials.scopes.clone() else {
            return Ok(ConsentScopes { scopes: own(adapter.oauth.scopes), user_scopes });
        };
        if let Some(unknown) = chosen.iter().find(|scope| !adapter.knows_scope(scope)) {
            return Err(unusable("scopes", unknown));
        }
        let mut scopes = own(adapter.oauth.identity_scopes);
        scopes.extend(chosen.into_iter().filter(|scope| !adapter.oauth.identity_scopes.contains(&scope.as_str())));
        if scopes.is_empty() && !user_scopes.is_empty() {
            return Err(fault("\"scopes\" must name one of the app's own beside \"userScopes\"".to_owned()));
        }
        Ok(ConsentScopes { scopes, user_scopes })
    }

    /// Exchanges a code for tokens.
    ///
    /// # Errors
    /// [`Error::Provider`]: [`Kind::AuthRevoked`] for a code that the provider rejects, [`Kind::Transient`] when it could not
    /// be reached or did not respond; [`Error::NotConfigured`] when it rejects this deployment's client.
    pub async fn exchange_code(&self, adapter: &'static Adapter, code: &str, verifier: &str) -> Result<Grant> {
        let spec = &adapter.oauth;
        let client = self.client(adapter).await?;
        let mut request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        if spec.pkce {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        }
        let response = request.request_async(&self.token_endpoint(adapter)).await;
        parse_grant(adapter, response.map_err(|error| classify_error(adapter, Exchange::Code, error))?)
    }

    /// Loads the credentials of the tool's client, so that the next call for this tool needs no other read.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] when the deployment has no client for the tool; [`Error::Unavailable`] when it cannot be read
    /// now.
    pub async fn load_credentials(&self, adapter: &Adapter) -> Result<()> {
        self.credentials(adapter).await.map(|_| ())
    }

    /// Exchanges a refresh token for new tokens, with one call, which is not written from `not_after` on.
    ///
    /// # Errors
    /// As [`OAuth::exchange_code`]; only [`Kind::AuthRevoked`] means that the grant is revoked, or another client's.
    pub async fn exchange_refresh_token(
        &self,
        adapter: &'static Adapter,
        refresh: &SecretString,
        not_after: Option<NotAfter>,
    ) -> Result<Grant> {
        let client = self.client(adapter).await?;
        let token = RefreshToken::new(refresh.expose_secret().to_owned());
        let request = client.exchange_refresh_token(&token);
        let endpoint = TokenEndpoint { not_after, ..self.token_endpoint(adapter) };
        let response = request.request_async(&endpoint).await;
        parse_grant(adapter, response.map_err(|error| classify_error(adapter, Exchange::RefreshToken, error))?)
    }

    /// Revokes a grant. A token that the provider no longer knows is treated as revoked.
    ///
    /// # Errors
    /// [`Error::Provider`] when the provider could not be reached or failed.
    pub async fn revoke(&self, adapter: &'static Adapter, tokens: &Tokens) -> Result<()> {
        let Some(revoke) = adapter.oauth.revoke else { return Ok(()) };
        match revoke.token {
            RevokeToken::Refresh => {
                self.revoke_token(adapter, revoke, tokens.refresh.as_ref().unwrap_or(&tokens.access)).await
            }
            RevokeToken::Access => self.revoke_token(adapter, revoke, &tokens.access).await,
            RevokeToken::EachAsBearer => self.revoke_each(adapter, revoke, tokens.all()).await,
        }
    }

    /// Revokes the person's own tokens, and leaves the app's.
    ///
    /// # Errors
    /// Those of [`OAuth::revoke`].
    pub async fn revoke_user_tokens(&self, adapter: &'static Adapter, tokens: &Tokens) -> Result<()> {
        match (adapter.oauth.revoke, &tokens.user) {
            (Some(revoke), Some(user)) => self.revoke_each(adapter, revoke, user.all()).await,
            // A ready token of the person is the connection's only one.
            (Some(_), None) if adapter.is_user_token(&tokens.access) => self.revoke(adapter, tokens).await,
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// Revokes tokens at once; a failure of one does not keep the others alive.
    async fn revoke_each<'a, T>(&self, adapter: &'static Adapter, revoke: Revoke, tokens: T) -> Result<()>
    where
        T: Iterator<Item = &'a SecretString>,
    {
        join_all(tokens.map(|token| self.revoke_token(adapter, revoke, token))).await.into_iter().collect()
    }

    async fn revoke_token(&self, adapter: &'static Adapter, revoke: Revoke, token: &SecretString) -> Result<()> {
        let mut request = http::Request::builder().method(Method::POST);
        let mut fields = vec![];
        if revoke.token == RevokeToken::EachAsBearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
        } else {
            let credentials = self.credentials(adapter).await?;
            fields.push(("token", token.expose_secret()));
            match adapter.oauth.client_auth {
                ClientAuth::Basic => {
                    request = request.header(header::AUTHORIZATION, basic_auth_header(credentials));
                }
                ClientAuth::Body => {
                    fields.push(("client_id", &credentials.client_id));
                    fields.push(("client_secret", credentials.client_secret.0.expose_secret()));
                }
            }
        }
        let (origin, path) = revoke.endpoint;
        let request = request
            .uri(self.origin_url(origin, path)?.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(serde_urlencoded::to_string(&fields).map_err(Error::internal)?.into_bytes())
            .map_err(|_| provider_error(adapter, Kind::Invalid, "no header can carry the token".to_owned()))?;
        match self.token_endpoint(adapter).send(request).await {
            Ok(response) if response.status().is_redirection() => {
                Err(provider_error(adapter, Kind::Transient, format!("HTTP {}", response.status().as_u16())))
            }
            Ok(_) => Ok(()),
            Err(error) => Err(provider_error(adapter, Kind::Transient, error.to_string())),
        }
    }

    async fn credentials(&self, adapter: &Adapter) -> Result<&Credentials> {
        let clients = self
            .clients
            .get_or_try_init(|| async {
                let text = self.secrets.read(&self.source).await?;
                serde_json::from_str(text.expose_secret())
                    .map_err(|error| Error::NotConfigured(format!("OAuth clients: {error}")))
            })
            .await?;
        let credentials = clients.get(adapter.tool.as_str());
        credentials.ok_or_else(|| Error::NotConfigured(format!("connecting {}", adapter.tool)))
    }

    async fn client(&self, adapter: &Adapter) -> Result<Client<oauth2::EndpointNotSet, oauth2::EndpointSet>> {
        let credentials = self.credentials(adapter).await?;
        let (origin, path) = adapter.oauth.token;
        Ok(oauth2::Client::new(ClientId::new(credentials.client_id.clone()))
            .set_client_secret(ClientSecret::new(credentials.client_secret.0.expose_secret().to_owned()))
            .set_auth_type(match adapter.oauth.client_auth {
                ClientAuth::Basic => AuthType::BasicAuth,
                ClientAuth::Body => AuthType::RequestBody,
            })
            .set_redirect_uri(RedirectUrl::from_url(self.redirect_uri.clone()))
            .set_token_uri(TokenUrl::from_url(self.origin_url(origin, path)?)))
    }

    fn token_endpoint(&self, adapter: &'static Adapter) -> TokenEndpoint {
        TokenEndpoint { http: self.http.clone(), spec: &adapter.oauth, not_after: None }
    }
}

/// A provider's token endpoint. It translates requests and responses of providers that deviate. Each call is sent once.
struct TokenEndpoint {
    http: Http,
    spec: &'static OAuthSpec,
    not_after: Option<NotAfter>,
}

impl<'c> AsyncHttpClient<'c> for TokenEndpoint {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl TokenEndpoint {
    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let unsent = |error: &dyn std::fmt::Display| HttpError::NotSent(error.to_string());
        if self.spec.body_format == BodyFormat::Json {
            let fields: BTreeMap<String, String> =
                serde_urlencoded::from_bytes(request.body()).map_err(|error| unsent(&error))?;
            *request.body_mut() = serde_json::to_vec(&fields).map_err(|error| unsent(&error))?;
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(header::CONTENT_TYPE, json);
        }
        for (name, value) in self.spec.headers {
            request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if let Some(not_after) = &self.not_after {
            request.extensions_mut().insert(not_after.clone());
        }
        let (mut parts, body) = self.http.send(request.map(Body::from)).await?.into_parts();
        if parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(HttpError::Lost(format!("HTTP {}", parts.status.as_u16())));
        }
        // Slack returns errors as HTTP 200 with `"ok": false`. https://docs.slack.dev/reference/methods/oauth.v2.access
        let is_error = serde_json::from_slice::<Value>(body.bytes()).is_ok_and(|body| body["ok"] == Value::Bool(false));
        if is_error {
            parts.status = StatusCode::BAD_REQUEST;
        }
        Ok(HttpResponse::from_parts(parts, body.bytes().to_vec()))
    }
}

fn basic_auth_header(credentials: &Credentials) -> String {
    use base64::Engine as _;
    let pair = Zeroizing::new(format!("{}:{}", credentials.client_id, credentials.client_secret.0.expose_secret()));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()))
}

fn provider_error(adapter: &Adapter, kind: Kind, message: String) -> Error {
    Error::Provider(ProviderError { tool: adapter.tool, kind, message, retry_after: None })
}
