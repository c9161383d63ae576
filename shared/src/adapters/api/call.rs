//! One call of a provider's API, from its request to its classified response.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;
use url::Url;
use zeroize::Zeroizing;

use super::super::content::Content;
use super::super::effect::Effect;
use super::super::rate_limit::AfterLimit;
use super::{Api, Failure, JsonResponse, lenient};
use crate::error::{Error, Kind, ProviderError, Result};
use crate::http::{Body, HttpError, NotAfter, Request, Response, Slot, Streamed};
use crate::metrics::{self, Metric};
use crate::retry;

/// The mark of a request that changes something at the provider, in its extensions. A dry run does not send it.
#[derive(Clone, Copy, Debug)]
pub struct Writes;

/// A builder of one call.
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct Call<'a> {
    pub(super) api: &'a Api<'a>,
    pub(super) effect: Effect,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Content,
    pub(super) content_type: Option<Cow<'static, str>>,
    pub(super) build_error: Option<String>,
    /// True if the token and the adapter's headers are not sent.
    pub(super) unauthenticated: bool,
    /// False if the call changes nothing at the provider.
    pub(super) writes: bool,
    /// True if the answer is cached.
    pub(super) is_lookup: bool,
    /// True if the answer is taken only as documented.
    pub(super) is_exact: bool,
    /// The name of the effect in the journal.
    pub(super) step: Option<&'static str>,
    /// True if the memory of a long response is reserved until the attempt is recorded.
    pub(super) reserves_memory: bool,
    /// True if the body of the response comes as a stream.
    pub(super) is_streamed: bool,
}

/// A response with the memory that it takes.
pub(super) struct Received {
    pub(super) response: JsonResponse,
    /// The slot of a long response.
    slot: Option<Slot>,
    /// The body of a response that is streamed.
    pub(super) stream: Option<Body>,
}

impl<'a> Call<'a> {
    /// Returns a call without a body, with the effect of its action. One with a `build_error` is not sent.
    pub(super) fn new(api: &'a Api<'a>, method: Method, url: Url, build_error: Option<String>) -> Self {
        Self {
            api,
            effect: api.effect,
            method,
            url,
            body: Content::new(),
            content_type: None,
            build_error,
            unauthenticated: false,
            writes: true,
            is_lookup: false,
            is_exact: false,
            step: None,
            reserves_memory: false,
            is_streamed: false,
        }
    }
}

impl Call<'_> {
    /// Sends neither the token nor the adapter's headers.
    pub(super) fn without_token(mut self) -> Self {
        self.unauthenticated = true;
        self
    }

    /// Marks a call that only prepares the effect of its action: it can be repeated, and lost or alone it has done nothing that a
    /// person sees.
    pub fn preparation(mut self) -> Self {
        self.effect = Effect::Read;
        self
    }

    /// Names the effect of this call, such as `the title was changed`. Each effectful call of an action with several needs a name:
    /// the caller reads it when a later one fails.
    pub fn step(mut self, name: &'static str) -> Self {
        self.step = Some(name);
        self
    }

    /// Reserves the memory of a long response until the attempt is recorded: for an action that holds the response, or much of it, while
    /// it waits for another call. Otherwise the memory is free again when [`Call::send`] returns. A function has one thread, so what is
    /// made of the response before the next `await` is made while no other response is parsed.
    pub fn reserve_memory(mut self) -> Self {
        self.reserves_memory = true;
        self
    }

    /// Marks a call that changes nothing, whatever its method and the effect of its action.
    pub fn read_only(mut self) -> Self {
        self.writes = false;
        self.effect = Effect::Read;
        self
    }

    /// Marks a call whose answer the action caches.
    pub fn lookup(mut self) -> Self {
        self.is_lookup = true;
        self
    }

    /// Takes the answer only as documented: for a read by which an action decides, such as that of a name's id, which is cached.
    pub fn exact(mut self) -> Self {
        self.is_exact = true;
        self
    }

    /// Adds a segment to the path that is encoded already.
    pub(super) fn append_encoded(&mut self, segment: &str) {
        self.url.set_path(&format!("{}/{segment}", self.url.path()));
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
                self.body = Content::new().text(bytes);
                self.content_type = Some("application/json; charset=utf-8".into());
            }
            Err(error) => self.build_error = Some(error.to_string()),
        }
        self
    }

    /// Sets a body that is read while it is sent.
    pub fn content(mut self, content_type: impl Into<Cow<'static, str>>, content: Content) -> Self {
        self.body = content;
        self.content_type = Some(content_type.into());
        self
    }

    /// Sends the call and parses the response as `T`.
    ///
    /// # Errors
    /// [`Error::Provider`]. Its kind comes from the adapter's classifier, otherwise from the status. For a response that is lost,
    /// cut or undocumented it is [`Effect::ambiguous_kind`].
    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        self.send_change(|_| true).await
    }

    /// Sends the call as [`Call::send`] does. A response for which `is_change` is false says that everything was so before: the call
    /// had no effect.
    ///
    /// # Errors
    /// As [`Call::send`].
    pub async fn send_change<T: DeserializeOwned>(self, is_change: impl Fn(&T) -> bool) -> Result<T> {
        let (api, effect, step, reserves_memory) = (self.api, self.effect, self.step, self.reserves_memory);
        let is_exact = self.is_exact || self.is_lookup;
        // Until the end of the parsing the slot is taken.
        let Received { response, slot, .. } = self.execute(api.adapter.classify).await?;
        // serde would also parse a list as a struct: the fields would be the list's items or their defaults.
        if response.body.is_array() {
            return Err(api.error(effect.ambiguous_kind(), "unexpected response: a list"));
        }
        // What an action decides by, such as a list in which a lost effect is looked for, is taken only as documented.
        let is_lenient = effect != Effect::Read || (api.effect == Effect::Read && !is_exact);
        let parsed = lenient::parse(response.body).filter(|(_, surprises)| is_lenient || *surprises == 0);
        // serde's own message is not used: it quotes the response.
        let Some((parsed, surprises)) = parsed else {
            return Err(api.error(effect.ambiguous_kind(), "sent a response that it does not document"));
        };
        if surprises > 0 {
            api.journal.record_left_out();
            // The names of the fields can be the user's words.
            tracing::warn!(tool = %api.adapter.tool, surprises, "left out fields that the provider does not document so");
        }
        if effect != Effect::Read && is_change(&parsed) {
            api.journal.record_done(step.unwrap_or("the provider confirmed the action"));
        }
        if reserves_memory {
            api.slots.reserve(slot);
        }
        Ok(parsed)
    }

    /// Sends a preparation and checks only the status of the response.
    ///
    /// # Errors
    /// As [`Call::send`].
    pub async fn send_unit(self) -> Result<()> {
        self.execute(|_| None).await.map(drop)
    }

    /// Sends the call within its rate limit, and returns a response that reports no failure. Nothing here depends on the type of the
    /// response: the code would be compiled for each.
    pub(super) async fn execute(self, classify: fn(&JsonResponse) -> Option<Failure>) -> Result<Received> {
        let api = self.api;
        // A call that is not sent needs no permission.
        let Some(limits) = api.limits.filter(|_| self.build_error.is_none()) else {
            return self.exchange_classified(classify).await;
        };
        let scope = api.adapter.limit_scope.of_call(self.url.path(), self.body.bytes());
        loop {
            match self.is_lookup {
                true => limits.acquire_lookup(&scope).await?,
                false => limits.acquire(&scope).await?,
            }
            let called_at = api.now();
            let mut error = match self.clone().exchange_classified(classify).await {
                Err(Error::Provider(error)) if error.kind == Kind::RateLimited => error,
                result => return result,
            };
            match limits.record_limit(&scope, called_at, error.retry_after, api.deadline).await {
                AfterLimit::Repeat => {}
                AfterLimit::Defer(wait) => {
                    error.retry_after = wait.or(error.retry_after);
                    return Err(Error::Provider(error));
                }
            }
        }
    }

    async fn exchange_classified(self, classify: fn(&JsonResponse) -> Option<Failure>) -> Result<Received> {
        let (api, effect, is_streamed) = (self.api, self.effect, self.is_streamed);
        let received = self.exchange().await?;
        let response = &received.response;
        match classify(response).or_else(|| classify_status(response)) {
            // A download can follow it.
            Some(_) if is_streamed && response.status.is_redirection() => Ok(received),
            Some(failure) => Err(Error::Provider(provider_error(api, effect, response, failure))),
            None => Ok(received),
        }
    }

    async fn exchange(self) -> Result<Received> {
        if let Some(reason) = &self.build_error {
            return Err(self.api.error(Kind::Invalid, reason));
        }
        let (api, effect, writes, is_streamed) = (self.api, self.effect, self.writes, self.is_streamed);
        // A call without time is not worth a connection. The deadline holds until the first byte is written: `NotAfter`.
        if api.now() >= api.deadline {
            return Err(api.error(Kind::Transient, "was not called: too little time was left"));
        }
        let (method, started_at) = (self.method.clone(), api.now());
        let body = self.body.open().await?;
        let request = self.into_request(body)?;
        if effect != Effect::Read {
            api.journal.record_sent();
        }
        let response = api.http.send(request).await;
        let status = match &response {
            Ok(response) => Some(response.status()),
            Err(HttpError::TooLarge(status) | HttpError::NoMemory(status)) => Some(*status),
            Err(HttpError::NotSent(_) | HttpError::Lost(_)) => None,
        };
        let status = status.map(|status| status.as_u16());
        let (tool, now) = (api.adapter.tool.as_str(), api.now());
        let ms = metrics::elapsed_ms(started_at, now);
        metrics::duration(Metric::ProviderLatency, tool, metrics::status_class(status), ms, now);
        // The address is not logged: it contains ids of the user's mails and pages.
        tracing::debug!(tool, %method, status, ms, "called a provider");
        match response {
            Ok(response) => Ok(parse_json(response, is_streamed)),
            // The status alone says what failed.
            Err(HttpError::TooLarge(status) | HttpError::NoMemory(status)) if !status.is_success() => {
                let response = JsonResponse { status, headers: HeaderMap::new(), body: Value::Null };
                Ok(Received { response, slot: None, stream: None })
            }
            Err(error) => {
                tracing::warn!(tool = %api.adapter.tool, %error, "the provider's response cannot be read");
                Err(unread_response(api, effect, writes, &error))
            }
        }
    }

    pub(super) fn into_request(self, body: Body) -> Result<Request> {
        let bearer = Zeroizing::new(format!("Bearer {}", self.api.token.expose_secret()));
        let mut bearer = HeaderValue::from_str(&bearer)
            .map_err(|_| self.api.error(Kind::AuthRevoked, "the stored token is not a valid header value"))?;
        bearer.set_sensitive(true);
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(self.url.as_str())
            .header(header::ACCEPT, if self.is_streamed { "*/*" } else { "application/json" })
            .extension(self.api.slots.clone())
            .extension(NotAfter::new(self.api.clock, self.api.deadline));
        if !self.unauthenticated {
            request = request.header(header::AUTHORIZATION, bearer);
            for (name, value) in self.api.adapter.headers {
                request = request.header(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
        }
        if let Some(content_type) = self.content_type {
            request = request.header(header::CONTENT_TYPE, &*content_type);
        }
        if self.writes {
            request = request.extension(Writes);
        }
        request = self.body.describe(request);
        if self.is_streamed {
            request = request.extension(Streamed);
        }
        // A cursor or a list of labels can exceed the maximum length of an address.
        request.body(body).map_err(|_| self.api.error(Kind::Invalid, "was not called: the address is too long"))
    }
}

/// Returns the error of a call without a response that can be read. A write whose response cannot be read succeeded by its status;
/// the id in the response is unknown, so its effect is looked up as that of a lost response.
fn unread_response(api: &Api<'_>, effect: Effect, writes: bool, error: &HttpError) -> Error {
    let text = match (error, effect) {
        (HttpError::NotSent(_), _) => return api.error(Kind::Transient, "could not be reached"),
        (HttpError::TooLarge(_), Effect::Read) => return api.too_large(),
        // It is no failure of the provider, and nothing was done: the attempt is made later.
        (HttpError::NoMemory(_), Effect::Read) if !writes => {
            return Error::unavailable("the memory for long responses was taken");
        }
        (HttpError::Lost(_) | HttpError::NoMemory(_), Effect::Read) => "did not respond",
        (HttpError::Lost(_), Effect::Create) => "the response was lost, so the outcome is unknown",
        (HttpError::TooLarge(_), Effect::Create) => "the response is too long to be read, so the outcome is unknown",
        (HttpError::NoMemory(_), Effect::Create) => "the response could not be read, so the outcome is unknown",
        (HttpError::Lost(_), Effect::Idempotent) => "the response was lost; it is safe to repeat the action",
        (HttpError::TooLarge(_), Effect::Idempotent) => {
            "the response is too long to be read; it is safe to repeat the action"
        }
        (HttpError::NoMemory(_), Effect::Idempotent) => {
            "the response could not be read; it is safe to repeat the action"
        }
    };
    api.error(effect.ambiguous_kind(), text)
}

/// Parses a response as JSON if it is JSON. The body of a download is left as it is.
fn parse_json(response: Response, is_streamed: bool) -> Received {
    let (mut parts, body) = response.into_parts();
    let slot = parts.extensions.remove();
    let json = serde_json::from_slice(body.bytes()).unwrap_or_default();
    let response = JsonResponse { status: parts.status, headers: parts.headers, body: json };
    Received { response, slot, stream: is_streamed.then_some(body) }
}

/// Maps a status to a failure, for responses that the adapter's classifier does not recognize.
fn classify_status(response: &JsonResponse) -> Option<Failure> {
    let kind = match response.status.as_u16() {
        200..=299 => return None,
        401 => Kind::AuthExpired,
        402 => Kind::PlanLimit,
        // Only a provider's own words name a scope.
        403 => Kind::Forbidden,
        404 | 410 => Kind::NotFound,
        409 => Kind::Conflict,
        429 | 529 => Kind::RateLimited,
        500.. => Kind::Ambiguous,
        _ => Kind::Invalid,
    };
    Some(Failure::new(kind, format!("HTTP {}", response.status.as_u16())))
}

/// Builds the error of a failed call. The wait is the body's, otherwise that of `Retry-After`: a day at most, and none for a provider
/// that refuses the call and says that it can be repeated at once.
fn provider_error(api: &Api<'_>, effect: Effect, response: &JsonResponse, failure: Failure) -> ProviderError {
    let header = response.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after =
        failure.retry_after.or_else(|| header.and_then(|value| retry::parse_retry_after(value, api.now())));
    ProviderError {
        tool: api.adapter.tool,
        kind: if failure.kind == Kind::Ambiguous { effect.ambiguous_kind() } else { failure.kind },
        message: api.sanitize(&failure.message),
        retry_after: retry_after.filter(|wait| !wait.is_zero()).map(|wait| wait.min(retry::MAX_RETRY_AFTER)),
    }
}
