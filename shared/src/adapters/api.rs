//! The provider's API as an action uses it: authenticated calls with classified responses.

mod call;
mod download;
mod lenient;

pub use call::{Call, Writes};
pub use download::Download;
#[cfg(test)]
pub(super) use lenient::CURSORS;

use http::{Method, StatusCode};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use url::Url;

use super::authorship::{Authorship, NoAuthor};
use super::effect::Effect;
use super::files::{ActionFiles, NoFiles};
use super::lookup_cache::LookupKey;
use super::rate_limit::RateLimits;
use super::{Adapter, Journal, LookupCache, action};
use crate::clock::Clock;
use crate::error::{Error, Kind, ProviderError};
use crate::http::{ActionSlots, Http, MAX_RESPONSE_BYTES};
use crate::redact;

/// Maximum size of a response, in MiB.
const MAX_MIB: usize = MAX_RESPONSE_BYTES / (1024 * 1024);

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
    /// The rate limits of the account; `None` where none are kept.
    pub limits: Option<&'a dyn RateLimits>,
    /// The access token.
    pub token: &'a SecretString,
    /// The key of the connection. Connections share no look-ups, even if the provider gave them the same token.
    pub connection: String,
    /// The provider's id of the person for whom the app's token acts, if it is known.
    pub person: Option<&'a str>,
    /// The address of the account on the web, if it is known.
    pub site: Option<&'a str>,
    /// The provider's id of the workspace that calls must name, where the token does not.
    pub workspace: Option<&'a str>,
    /// The author marks of the connection.
    pub authorship: &'a dyn Authorship,
    /// The action's context.
    pub context: &'a Value,
    /// The effect of the action that runs.
    pub effect: Effect,
    /// The advice to a caller if a response is too long: [`Meta::smaller_request`](super::action::Meta::smaller_request).
    pub smaller_request: &'static str,
    /// The effectful calls of this attempt.
    pub journal: Arc<Journal>,
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
    /// The instant from which nothing of a call is written: its response could no longer be stored, and another process may hold the
    /// task later on.
    pub deadline: Timestamp,
    /// The memory that long responses of this action take.
    pub slots: ActionSlots,
    /// The files that the context names, and those that the action creates.
    pub files: Arc<dyn ActionFiles>,
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
            limits: None,
            token,
            connection: String::new(),
            person: None,
            site: None,
            workspace: None,
            authorship: &NoAuthor,
            context: &Value::Null,
            effect: Effect::Create,
            smaller_request: action::NO_SMALLER_FORM,
            journal: Arc::default(),
            effect_key: String::new(),
            checkpoint: None,
            is_retry: false,
            previous_external_id: None,
            attempted_at: clock.now(),
            cursor: None,
            deadline: Timestamp::MAX,
            slots: ActionSlots::default(),
            files: Arc::new(NoFiles),
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

    /// Starts a GET call on a path that ends in an id as the provider returned it: percent-encoded, of any characters. It stays one
    /// segment: what is encoded is not decoded. An id with `..` or a control character, which a server that decodes before it routes could
    /// read as another path, is refused.
    pub fn get_encoded(&self, path: &[&str], id: &str) -> Call<'_> {
        let decoded = percent_decode_str(id).decode_utf8_lossy();
        let is_segment = !decoded.contains("..") && decoded != "." && !decoded.contains(char::is_control);
        let encoded = utf8_percent_encode(&decoded, NON_ALPHANUMERIC).to_string();
        let mut call = self.get(path);
        match is_segment {
            true => call.append_encoded(&encoded),
            false => call = self.get(&[".."]),
        }
        call
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
        Call::new(self, method, url, build_error)
    }

    /// Starts a call at an address that the provider issued, and that authorizes it: the token is not sent. It must be at one of `origins`, or at
    /// the sandbox if one is configured. `https://*.example.com` stands for every host below `example.com`.
    pub fn call_issued(&self, method: Method, origins: &[&str], address: &str) -> Call<'_> {
        self.call_at(method, origins, address).without_token()
    }

    /// Starts a call at an address of the provider outside its API, with the token. Otherwise as [`Api::call_issued`].
    pub fn call_at(&self, method: Method, origins: &[&str], address: &str) -> Call<'_> {
        let url = self.expected_url(origins, address);
        let build_error =
            url.is_none().then(|| "the address of the file is at a host that is not the provider's".to_owned());
        Call::new(self, method, url.unwrap_or_else(|| self.base_url.clone()), build_error)
    }

    /// Returns an address of the provider if it is at one of `origins`, or at the sandbox if one is configured.
    fn expected_url(&self, origins: &[&str], address: &str) -> Option<Url> {
        let at_provider = Url::parse(self.adapter.api.url).is_ok_and(|own| own.origin() == self.base_url.origin());
        let has_no_userinfo = |url: &Url| url.username().is_empty() && url.password().is_none();
        let is_expected = |url: &Url| match at_provider {
            true => origins.iter().any(|origin| is_at(url, origin)),
            false => url.origin() == self.base_url.origin(),
        };
        Url::parse(address).ok().filter(|url| is_expected(url) && has_no_userinfo(url))
    }

    /// Returns the cached answer to a look-up of this connection.
    pub fn get_lookup(&self, key: &str) -> Option<String> {
        self.lookups.get(self.lookup_key(key), self.now())
    }

    /// Caches the answer to a look-up, for this connection only.
    pub fn insert_lookup(&self, key: &str, answer: &str) {
        self.lookups.insert(self.lookup_key(key), answer, self.now());
    }

    /// Waits until no other attempt makes this look-up: whoever waited finds its answer in the cache.
    pub async fn lookup_turn(&self, key: &str) -> OwnedMutexGuard<()> {
        self.lookups.turn(self.lookup_key(key)).await
    }

    /// Removes a cached look-up.
    pub fn remove_lookup(&self, key: &str) {
        self.lookups.remove(self.lookup_key(key));
    }

    fn lookup_key<'b>(&'b self, query: &'b str) -> LookupKey<'b> {
        LookupKey { token: self.token, connection: &self.connection, query }
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

    /// Returns the error of a read whose response is too long, with the advice of the action.
    pub fn too_large(&self) -> Error {
        self.too_large_with(self.smaller_request)
    }

    /// Returns the error of a read whose response is too long, with an advice that contains nothing of the context.
    pub(super) fn too_large_with(&self, advice: impl fmt::Display) -> Error {
        let message = format!("the response is longer than {MAX_MIB} MiB; {advice}");
        Error::Provider(ProviderError {
            tool: self.adapter.tool,
            kind: Kind::ResponseTooLarge,
            message,
            retry_after: None,
        })
    }

    /// Makes a provider's text safe to show to the caller: one line of at most 300 characters without the token. It may quote values of
    /// the context, which are the caller's own words.
    fn sanitize(&self, text: &str) -> String {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        redact::redact_quotes(&line, &[self.token.expose_secret()])
    }
}

/// Returns true if an address is at an origin, or at a host below it if it is written with `*.`.
fn is_at(url: &Url, origin: &str) -> bool {
    let Ok(expected) = Url::parse(&origin.replace("://*.", "://any.")) else { return false };
    if !origin.contains("://*.") {
        return url.origin() == expected.origin();
    }
    let parent = expected.host_str().and_then(|host| host.strip_prefix("any"));
    let is_below =
        url.host_str().zip(parent).is_some_and(|(host, parent)| host.len() > parent.len() && host.ends_with(parent));
    is_below && url.scheme() == expected.scheme() && url.port_or_known_default() == expected.port_or_known_default()
}

/// Returns true if a text is safe as one segment of a path: only characters of ids, and not only dots.
fn is_safe_segment(segment: &str) -> bool {
    let is_id_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~=".contains(&byte);
    segment.bytes().all(is_id_byte) && segment.bytes().any(|byte| byte != b'.')
}
