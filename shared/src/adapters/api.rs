//! The provider's API as an action uses it: authenticated calls with classified responses.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use url::Url;

use super::effect::Effect;
use super::{Adapter, LookupCache};
use crate::clock::Clock;
use crate::error::{Error, Kind, ProviderError, Result};
use crate::http::{Http, HttpError, Request, Response};
use crate::metrics::{self, Metric};
use crate::{redact, retry};

/// A provider's response, parsed as JSON if it is JSON.
#[derive(Debug)]
pub struct JsonResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body; `Null` when it is empty or not JSON.
    pub body: Value,
}

/// The failure that a classifier found in a response.
#[derive(Debug)]
pub struct Failure {
    /// The meaning of the failure. [`Kind::Ambiguous`] means that a write may have taken effect; it becomes transient for reads.
    pub kind: Kind,
    /// The provider's own code or short message.
    pub message: String,
    /// The time to wait, if the body contains it.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// Returns a failure without a time to wait.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }
}

/// Everything that the calls of one action need. The attempt that runs the action builds it.
#[derive(Debug)]
pub struct Api<'a> {
    /// The outbound HTTP client.
    pub http: &'a Http,
    /// The cache of provider look-ups.
    pub lookups: &'a LookupCache,
    /// The tool's adapter.
    pub adapter: &'a Adapter,
    /// The base URL of the API: the adapter's own, or a sandbox's if one is configured.
    pub base_url: Url,
    /// The access token.
    pub token: &'a SecretString,
    /// The action's context. A provider's text may quote it, so it is removed from error messages.
    pub context: &'a Value,
    /// The effect of the action that runs.
    pub effect: Effect,
    /// An opaque key of the effect, the same in every attempt, for providers that can store it.
    pub effect_key: String,
    /// The stored checkpoint of this effect, if there is one.
    pub checkpoint: Option<&'a str>,
    /// True if there was an earlier attempt. It may have created a checkpoint that was not stored, or have taken effect.
    pub is_retry: bool,
    /// The provider's id of what the series' previous occurrence created.
    pub previous_external_id: Option<&'a str>,
    /// The start of the first attempt that may have had this effect. The effect cannot be older, apart from clock skew.
    pub attempted_at: Timestamp,
    /// The cursor that an earlier reconciliation of this effect left: [`Reconciliation::Unfinished`](super::action::Reconciliation).
    pub cursor: Option<&'a str>,
    /// The instant from which no call starts: its response could no longer be stored.
    pub deadline: Timestamp,
    /// The clock.
    pub clock: &'a Clock,
}

impl<'a> Api<'a> {
    /// Returns the API of a first attempt of a create, without key, context or checkpoint, planned for now and without a deadline.
    /// Callers set the rest by struct update.
    pub fn new(
        http: &'a Http,
        lookups: &'a LookupCache,
        adapter: &'a Adapter,
        base_url: Url,
        token: &'a SecretString,
        clock: &'a Clock,
    ) -> Self {
        Self {
            http,
            lookups,
            adapter,
            base_url,
            token,
            context: &Value::Null,
            effect: Effect::Create,
            effect_key: String::new(),
            checkpoint: None,
            is_retry: false,
            previous_external_id: None,
            attempted_at: clock.now(),
            cursor: None,
            deadline: Timestamp::MAX,
            clock,
        }
    }
}

impl Api<'_> {
    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// True if a deletion failed because an earlier attempt of it was applied. A first attempt that finds nothing has deleted nothing:
    /// the id may be mistyped.
    pub fn was_deleted_before(&self, error: &Error) -> bool {
        self.is_retry && error.kind() == Some(Kind::NotFound)
    }

    /// Starts a GET call, which reads.
    pub fn get(&self, path: &[&str]) -> Call<'_> {
        self.call(Method::GET, path).read_only()
    }

    /// Starts a POST call, which writes. If the provider reads by POST, add [`Call::read_only`].
    pub fn post(&self, path: &[&str]) -> Call<'_> {
        self.call(Method::POST, path)
    }

    /// Starts a call; each element of `path` is one segment. A segment that we, or a proxy before the provider, could parse as
    /// anything else is rejected. Encoding is not enough: `Url` drops tabs and line breaks, which turns `.\t.` into a parent
    /// folder, and some servers decode `%2F` before they route.
    pub fn call(&self, method: Method, path: &[&str]) -> Call<'_> {
        let mut url = self.base_url.clone();
        let is_safe = path.iter().all(|segment| is_safe_segment(segment));
        if let (Ok(mut segments), true) = (url.path_segments_mut(), is_safe) {
            segments.pop_if_empty().extend(path);
        }
        let build_error =
            (!is_safe).then(|| "the id must contain only letters, digits and -._:~=, for example 1a-2b".to_owned());
        Call {
            api: self,
            effect: self.effect,
            method,
            url,
            body: Bytes::new(),
            content_type: None,
            build_error,
            unauthenticated: false,
        }
    }

    /// Starts an upload of bytes to an address that the provider issued. The address authorizes the upload, so the token is not
    /// sent. It must be at `origin`, or at the sandbox if one is configured.
    pub fn upload_to(&self, origin: &str, address: &str, bytes: Vec<u8>) -> Call<'_> {
        let at_provider = Url::parse(self.adapter.api.url).is_ok_and(|own| own.origin() == self.base_url.origin());
        let origin = if at_provider { Url::parse(origin).ok() } else { Some(self.base_url.clone()) };
        let has_no_userinfo = |url: &Url| url.username().is_empty() && url.password().is_none();
        let is_expected =
            |url: &Url| origin.is_some_and(|origin| origin.origin() == url.origin()) && has_no_userinfo(url);
        let url = Url::parse(address).ok().filter(is_expected);
        let build_error = url.is_none().then(|| "the upload address is not its own".to_owned());
        Call {
            api: self,
            effect: self.effect,
            method: Method::POST,
            url: url.unwrap_or_else(|| self.base_url.clone()),
            body: bytes.into(),
            content_type: Some("application/octet-stream"),
            build_error,
            unauthenticated: true,
        }
    }

    /// Returns the cached answer to a look-up of this connection.
    pub fn get_lookup(&self, key: &str) -> Option<String> {
        self.lookups.get(self.token, key, self.now())
    }

    /// Caches the answer to a look-up, for this connection only.
    pub fn insert_lookup(&self, key: &str, answer: &str) {
        self.lookups.insert(self.token, key, answer, self.now());
    }

    /// Removes a cached look-up.
    pub fn remove_lookup(&self, key: &str) {
        self.lookups.remove(self.token, key);
    }

    /// Returns an error of this provider.
    pub fn error(&self, kind: Kind, message: impl AsRef<str>) -> Error {
        Error::Provider(ProviderError {
            tool: self.adapter.tool,
            kind,
            message: self.sanitize(message.as_ref()),
            retry_after: None,
        })
    }

    /// Makes a provider's text safe to show and to store: one line of at most 300 characters without the token and without values
    /// of the context.
    fn sanitize(&self, text: &str) -> String {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        let mut secrets = redact::string_values(self.context);
        secrets.push(self.token.expose_secret());
        redact::redact_quotes(&line, &secrets)
    }
}

/// A builder of one call.
#[derive(Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct Call<'a> {
    api: &'a Api<'a>,
    effect: Effect,
    method: Method,
    url: Url,
    body: Bytes,
    content_type: Option<&'static str>,
    build_error: Option<String>,
    /// True if the token and the adapter's headers are not sent.
    unauthenticated: bool,
}

impl Call<'_> {
    /// Marks a call that only prepares the effect of its action: it can be repeated, and lost or alone it has done nothing that a
    /// person sees.
    pub fn preparation(mut self) -> Self {
        self.effect = Effect::Read;
        self
    }

    /// Marks a call that changes nothing, whatever its method and the effect of its action.
    pub fn read_only(mut self) -> Self {
        self.effect = Effect::Read;
        self
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.url.query_pairs_mut().append_pair(name, &value.to_string());
        self
    }

    /// Adds a query parameter if there is a value.
    pub fn query_opt(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sets a JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => {
                self.body = bytes.into();
                self.content_type = Some("application/json; charset=utf-8");
            }
            Err(error) => self.build_error = Some(error.to_string()),
        }
        self
    }

    /// Sends the call and parses the response as `T`.
    ///
    /// # Errors
    /// [`Error::Provider`]. Its kind comes from the adapter's classifier, otherwise from the status. For a response that is lost,
    /// cut or undocumented it is [`Effect::ambiguous_kind`].
    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        let (api, effect) = (self.api, self.effect);
        let response = self.execute().await?;
        if let Some(failure) = (api.adapter.classify)(&response).or_else(|| classify_status(&response)) {
            return Err(Error::Provider(provider_error(api, effect, &response, failure)));
        }
        // serde would also parse a list as a struct: the fields would be the list's items or their defaults.
        if response.body.is_array() {
            return Err(api.error(effect.ambiguous_kind(), "unexpected response: a list"));
        }
        // serde's own message is not used: it quotes the response.
        serde_json::from_value(response.body)
            .map_err(|_| api.error(effect.ambiguous_kind(), "sent a response that it does not document"))
    }

    /// Sends the call and checks only the status of the response.
    ///
    /// # Errors
    /// As [`Call::send`].
    pub async fn send_unit(self) -> Result<()> {
        let (api, effect) = (self.api, self.effect);
        let response = self.execute().await?;
        classify_status(&response)
            .map_or(Ok(()), |failure| Err(Error::Provider(provider_error(api, effect, &response, failure))))
    }

    async fn execute(self) -> Result<JsonResponse> {
        if let Some(reason) = &self.build_error {
            return Err(self.api.error(Kind::Invalid, reason));
        }
        let effect = self.effect;
        let api = self.api;
        // A process that was frozen and resumed must not call: its lease may have expired.
        if api.now() >= api.deadline {
            return Err(api.error(Kind::Transient, "was not called: too little time was left"));
        }
        let (method, started_at) = (self.method.clone(), api.now());
        let response = api.http.send(self.into_request()?).await;
        let status = response.as_ref().ok().map(|response| response.status().as_u16());
        let (tool, now) = (api.adapter.tool.as_str(), api.now());
        let ms = metrics::elapsed_ms(started_at, now);
        metrics::duration(Metric::ProviderLatency, tool, metrics::status_class(status), ms, now);
        // The address is not logged: it contains ids of the user's mails and pages.
        tracing::debug!(tool, %method, status, ms, "called a provider");
        let response = response.map_err(|error| {
            tracing::warn!(tool = %api.adapter.tool, %error, "the provider did not respond");
            match error {
                HttpError::NotSent(_) => api.error(Kind::Transient, "could not be reached"),
                HttpError::Lost(_) if effect == Effect::Create => {
                    api.error(effect.ambiguous_kind(), "the response was lost, so the outcome is unknown")
                }
                HttpError::Lost(_) if effect == Effect::Idempotent => {
                    api.error(effect.ambiguous_kind(), "the response was lost; it is safe to repeat the action")
                }
                HttpError::Lost(_) => api.error(effect.ambiguous_kind(), "did not respond"),
            }
        })?;
        Ok(parse_json(response))
    }

    fn into_request(self) -> Result<Request> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", self.api.token.expose_secret()))
            .map_err(|_| self.api.error(Kind::AuthRevoked, "the stored token is not a valid header value"))?;
        bearer.set_sensitive(true);
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(self.url.as_str())
            .header(header::ACCEPT, "application/json");
        if !self.unauthenticated {
            request = request.header(header::AUTHORIZATION, bearer);
            for (name, value) in self.api.adapter.headers {
                request = request.header(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
        }
        if let Some(content_type) = self.content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        // A cursor or a list of labels can exceed the maximum length of an address.
        request.body(self.body).map_err(|_| self.api.error(Kind::Invalid, "was not called: the address is too long"))
    }
}

/// Returns true if a text is safe as one segment of a path: only characters of ids, and not only dots.
fn is_safe_segment(segment: &str) -> bool {
    let is_id_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~=".contains(&byte);
    segment.bytes().all(is_id_byte) && segment.bytes().any(|byte| byte != b'.')
}

/// Parses a response as JSON if it is JSON.
pub(crate) fn parse_json(response: Response) -> JsonResponse {
    let (parts, body) = response.into_parts();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    JsonResponse { status: parts.status, headers: parts.headers, body }
}

/// Maps a status to a failure, for responses that the adapter's classifier does not recognize.
fn classify_status(response: &JsonResponse) -> Option<Failure> {
    let kind = match response.status.as_u16() {
        200..=299 => return None,
        401 => Kind::AuthExpired,
        402 => Kind::PlanLimit,
        403 => Kind::MissingScope,
        404 | 410 => Kind::NotFound,
        409 => Kind::Conflict,
        429 | 529 => Kind::RateLimited,
        500.. => Kind::Ambiguous,
        _ => Kind::Invalid,
    };
    Some(Failure::new(kind, format!("HTTP {}", response.status.as_u16())))
}

/// Builds the error of a failed call. The wait is the body's, otherwise that of `Retry-After`.
fn provider_error(api: &Api<'_>, effect: Effect, response: &JsonResponse, failure: Failure) -> ProviderError {
    let header = response.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    ProviderError {
        tool: api.adapter.tool,
        kind: if failure.kind == Kind::Ambiguous { effect.ambiguous_kind() } else { failure.kind },
        message: api.sanitize(&failure.message),
        retry_after: failure
            .retry_after
            .or_else(|| header.and_then(|value| retry::parse_retry_after(value, api.now()))),
    }
}
