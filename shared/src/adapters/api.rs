//! The provider's API as an action sees it: one call, authenticated, classified.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use url::Url;

use super::action::Effect;
use super::{Adapter, LookupCache};
use crate::clock::Clock;
use crate::error::{Error, Kind, ProviderError, Result};
use crate::http::{Http, HttpError, Request, Response};
use crate::metrics::{self, Metric};
use crate::{redact, retry};

/// A provider's answer, read as JSON where it is JSON.
#[derive(Debug)]
pub struct JsonResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body; `Null` when it is empty or not JSON.
    pub body: Value,
}

/// What a classifier found in a reply that is no success.
#[derive(Debug)]
pub struct Failure {
    /// What it means; [`Kind::Ambiguous`] means "a write may have taken effect" and becomes transient for reads.
    pub kind: Kind,
    /// The provider's own code or short message.
    pub message: String,
    /// When the body says how long to wait.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure without a wait of its own.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }
}

/// Everything a call of one action needs. Made by the attempt that runs it.
#[derive(Debug)]
pub struct Api<'a> {
    /// The way out.
    pub http: &'a Http,
    /// Cache of provider look-ups.
    pub lookups: &'a LookupCache,
    /// The adapter whose conventions hold.
    pub adapter: &'a Adapter,
    /// The API's base URL, the adapter's own unless configuration points to a sandbox.
    pub base_url: Url,
    /// The access token.
    pub token: &'a SecretString,
    /// What the action was given; a provider may quote it.
    pub context: &'a Value,
    /// The effect of the action that runs.
    pub effect: Effect,
    /// An opaque key of this one effect, the same at every attempt; for providers that can carry it.
    pub effect_key: String,
    /// What was prepared for this effect and written down, if anything was.
    pub checkpoint: Option<&'a str>,
    /// Whether an earlier attempt may have prepared something that was not written down.
    pub is_retry: bool,
    /// The provider's id of what the occurrence before made, in a series.
    pub previous_external_id: Option<&'a str>,
    /// When the action was to be done. Its effect cannot be older than that, as far as the clocks agree.
    pub not_before: Timestamp,
    /// No call begins after this instant: its answer would come too late to be written down.
    pub deadline: Timestamp,
    /// The time.
    pub clock: &'a Clock,
}

impl Api<'_> {
    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A read.
    pub fn get(&self, path: &[&str]) -> Call<'_> {
        self.call(Method::GET, path).read_only()
    }

    /// A write, or a read that a provider wants as POST: then add [`Call::reading`].
    pub fn post(&self, path: &[&str]) -> Call<'_> {
        self.call(Method::POST, path)
    }

    /// A call; each element of `path` is one segment. An id that could be read as anything else, by us or by whatever stands
    /// before the provider, is refused: encoding is not enough, since `Url` drops tabs and line breaks, which makes `.\t.` a
    /// way up, and since some servers decode `%2F` before they route.
    pub fn call(&self, method: Method, path: &[&str]) -> Call<'_> {
        let mut url = self.base_url.clone();
        let plain = path.iter().all(|segment| is_safe_segment(segment));
        if let (Ok(mut segments), true) = (url.path_segments_mut(), plain) {
            segments.pop_if_empty().extend(path);
        }
        let refused = (!plain).then(|| "an id that cannot be one".to_owned());
        Call {
            api: self,
            effect: self.effect,
            method,
            url,
            body: Bytes::new(),
            content_type: None,
            build_error: refused,
            unauthenticated: false,
        }
    }

    /// Hands bytes over at an address the provider gave for them, which is all the permission they need: the token stays
    /// here. The address must be at `home`; where configuration points to a sandbox, at that sandbox.
    pub fn upload_to(&self, home: &str, address: &str, bytes: Vec<u8>) -> Call<'_> {
        let at_provider = Url::parse(self.adapter.api.url).is_ok_and(|own| own.origin() == self.base_url.origin());
        let home = if at_provider { Url::parse(home).ok() } else { Some(self.base_url.clone()) };
        let plain = |url: &Url| url.username().is_empty() && url.password().is_none();
        let expected = |url: &Url| home.is_some_and(|home| home.origin() == url.origin()) && plain(url);
        let url = Url::parse(address).ok().filter(expected);
        let refused = url.is_none().then(|| "gave an address for the bytes that is not its own".to_owned());
        Call {
            api: self,
            effect: self.effect,
            method: Method::POST,
            url: url.unwrap_or_else(|| self.base_url.clone()),
            body: bytes.into(),
            content_type: Some("application/octet-stream"),
            build_error: refused,
            unauthenticated: true,
        }
    }

    /// What this connection was told about `what` a while ago.
    pub fn get_lookup(&self, what: &str) -> Option<String> {
        self.lookups.get(self.token, what, self.now())
    }

    /// Keeps what this connection was told, for this connection and a while.
    pub fn insert_lookup(&self, what: &str, answer: &str) {
        self.lookups.insert(self.token, what, answer, self.now());
    }

    /// Forgets what this connection was told.
    pub fn remove_lookup(&self, what: &str) {
        self.lookups.remove(self.token, what);
    }

    /// A failure of this provider.
    pub fn error(&self, kind: Kind, message: impl AsRef<str>) -> Error {
        Error::Provider(ProviderError {
            tool: self.adapter.tool,
            kind,
            message: self.sanitize(message.as_ref()),
            retry_after: None,
        })
    }

    /// A provider's text made safe to show and to keep: one line of at most 300 characters, which does not say the token nor
    /// what the action was given.
    fn sanitize(&self, text: &str) -> String {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        let mut given = redact::string_values(self.context);
        given.push(self.token.expose_secret());
        redact::redact_quotes(&line, &given)
    }
}

/// One call being put together.
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
    /// Without the token and the adapter's headers.
    unauthenticated: bool,
}

impl Call<'_> {
    /// Marks a write that may be done twice without harm, whatever its action does.
    pub fn idempotent(mut self) -> Self {
        self.effect = Effect::Idempotent;
        self
    }

    /// Marks a call that changes nothing, whatever its method and its action.
    pub fn read_only(mut self) -> Self {
        self.effect = Effect::Read;
        self
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.url.query_pairs_mut().append_pair(name, &value.to_string());
        self
    }

    /// Adds a query parameter when there is a value.
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

    /// Sends the call and reads the answer as `T`.
    ///
    /// # Errors
    /// [`Error::Provider`], its kind by the adapter's classifier, else by the status. An answer that is lost, cut or not
    /// what the provider documents is unclear, which [`Effect::unclear`] decides.
    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        let (api, effect) = (self.api, self.effect);
        let reply = self.execute().await?;
        if let Some(failure) = (api.adapter.classify)(&reply).or_else(|| classify_status(&reply)) {
            return Err(Error::Provider(provider_error(api, effect, &reply, failure)));
        }
        // serde would read a struct out of a list too, whose fields are then the list's items or their defaults.
        if reply.body.is_array() {
            return Err(api.error(effect.ambiguous_kind(), "unexpected answer: a list"));
        }
        // Not serde's own words: they quote the answer.
        serde_json::from_value(reply.body)
            .map_err(|_| api.error(effect.ambiguous_kind(), "gave an answer it does not document"))
    }

    /// Sends the call where nothing but the status of the answer counts.
    ///
    /// # Errors
    /// As [`Call::send`].
    pub async fn send_unit(self) -> Result<()> {
        let (api, effect) = (self.api, self.effect);
        let reply = self.execute().await?;
        classify_status(&reply)
            .map_or(Ok(()), |failure| Err(Error::Provider(provider_error(api, effect, &reply, failure))))
    }

    async fn execute(self) -> Result<JsonResponse> {
        if let Some(reason) = &self.build_error {
            return Err(self.api.error(Kind::Invalid, reason));
        }
        let effect = self.effect;
        let api = self.api;
        // A process that was frozen and thawed must not act on a claim that may be another's by now.
        if api.now() >= api.deadline {
            return Err(api.error(Kind::Transient, "was not called: too little time was left"));
        }
        let (method, began) = (self.method.clone(), api.now());
        let response = api.http.send(self.into_request()?).await;
        let status = response.as_ref().ok().map(|response| response.status().as_u16());
        let (tool, now) = (api.adapter.tool.as_str(), api.now());
        metrics::duration(Metric::ProviderLatency, tool, status_class(status), metrics::elapsed_ms(began, now), now);
        // The address would tell whose mail or page it is.
        tracing::debug!(tool, %method, status, ms = metrics::elapsed_ms(began, now), "called a provider");
        let response = response.map_err(|error| {
            tracing::warn!(tool = %api.adapter.tool, %error, "no answer of the provider");
            match error {
                HttpError::NotSent(_) => api.error(Kind::Transient, "could not be reached"),
                HttpError::Lost(_) if effect == Effect::Create => {
                    api.error(effect.ambiguous_kind(), "the answer was lost, so it is not known whether it was done")
                }
                HttpError::Lost(_) => api.error(effect.ambiguous_kind(), "did not answer"),
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
        // A cursor or a list of labels can be longer than an address may be.
        request.body(self.body).map_err(|_| self.api.error(Kind::Invalid, "was not called: the address is too long"))
    }
}

/// Whether a text can stand in a path as one segment: characters that ids are made of, and not dots alone.
fn is_safe_segment(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~=".contains(&byte);
    segment.bytes().all(plain) && segment.bytes().any(|byte| byte != b'.')
}

/// Reads a response as JSON where it is JSON.
pub(crate) fn parse_json(response: Response) -> JsonResponse {
    let (parts, body) = response.into_parts();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    JsonResponse { status: parts.status, headers: parts.headers, body }
}

/// What a status means where the adapter's classifier has nothing to say.
fn classify_status(reply: &JsonResponse) -> Option<Failure> {
    let kind = match reply.status.as_u16() {
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
    Some(Failure::new(kind, format!("HTTP {}", reply.status.as_u16())))
}

/// A status as a metric has it.
fn status_class(status: Option<u16>) -> &'static str {
    match status {
        Some(200..=299) => "2xx",
        Some(300..=399) => "3xx",
        Some(400..=499) => "4xx",
        Some(_) => "5xx",
        None => "none",
    }
}

fn provider_error(api: &Api<'_>, effect: Effect, reply: &JsonResponse, failure: Failure) -> ProviderError {
    let header = reply.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    ProviderError {
        tool: api.adapter.tool,
        kind: if failure.kind == Kind::Ambiguous { effect.ambiguous_kind() } else { failure.kind },
        message: api.sanitize(&failure.message),
        retry_after: failure
            .retry_after
            .or_else(|| header.and_then(|value| retry::parse_retry_after(value, api.now()))),
    }
}
