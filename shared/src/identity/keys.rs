//! The issuer's public keys. One request fetches them while the others wait; fetches have a minimum interval; and the keys remain
//! usable while the issuer is unreachable.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use serde_json::Value;
use std::sync::{PoisonError, RwLock};
use tokio::sync::Mutex;
use url::Url;

use super::unauthenticated;
use crate::clock::Clock;
use crate::error::{Error, Result, TokenFault};
use crate::http::{Body, Http};

const MAX_KEY_SET_BYTES: usize = 64 * 1024;
/// Age after which the keys are fetched again.
pub(super) const FRESHNESS_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// Age up to which the keys are used while fetches fail.
pub(super) const STALE_IF_ERROR_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// Minimum interval after a successful fetch, whatever key ids tokens name.
pub(super) const MIN_FETCH_INTERVAL: SignedDuration = SignedDuration::from_secs(60);
/// Maximum duration of a fetch, whatever part of the answer has arrived. Functions have a timeout of 10 s, and must still answer.
pub(super) const FETCH_TIMEOUT: SignedDuration = SignedDuration::from_secs(4);
/// Minimum interval after a failed fetch.
pub(super) const FETCH_RETRY_DELAY: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug)]
pub(super) struct IssuerKeys {
    url: Url,
    http: Http,
    clock: Clock,
    state: RwLock<KeyState>,
    /// Held by the request that fetches the keys.
    fetch_lock: Mutex<()>,
}

/// A key with the fetch time of its key set.
pub(super) struct IssuerKey {
    pub(super) jwk: Jwk,
    pub(super) fetched_at: Timestamp,
}

#[derive(Debug, Default)]
struct KeyState {
    key_set: Option<FetchedKeySet>,
    last_fetch: Option<Fetch>,
}

#[derive(Debug)]
struct FetchedKeySet {
    keys: JwkSet,
    fetched_at: Timestamp,
}

/// The time and result of a fetch.
#[derive(Clone, Copy, Debug)]
struct Fetch {
    at: Timestamp,
    succeeded: bool,
}

impl IssuerKeys {
    pub(super) fn new(url: Url, http: Http, clock: Clock) -> Self {
        Self { url, http, clock, state: RwLock::default(), fetch_lock: Mutex::default() }
    }

    /// Returns the fetch time of the keys while they are fresh.
    pub(super) fn fetched_at(&self) -> Option<Timestamp> {
        self.read_key_set(FRESHNESS_LIFETIME, |set| Some(set.fetched_at))
    }

    /// Finds the key with this id, and fetches the keys if needed.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the issuer has no such key; [`Error::Unavailable`] when the keys cannot be fetched.
    pub(super) async fn find(&self, id: &str) -> Result<IssuerKey> {
        if let Some(key) = self.cached_key(id, FRESHNESS_LIFETIME) {
            return Ok(key);
        }
        let _lock = match (self.fetch_lock.try_lock(), self.cached_key(id, STALE_IF_ERROR_LIFETIME)) {
            (Ok(lock), _) => lock,
            // A stale key is used while another request fetches.
            (Err(_), Some(key)) => return Ok(key),
            (Err(_), None) => self.fetch_lock.lock().await,
        };
        if self.may_fetch() {
            self.fetch_and_store().await;
        }
        match self.cached_key(id, STALE_IF_ERROR_LIFETIME) {
            Some(key) => Ok(key),
            None if self.last_fetch_succeeded() => unauthenticated(TokenFault::Signature),
            None => Err(Error::unavailable("the issuer's keys cannot be fetched")),
        }
    }

    fn cached_key(&self, id: &str, max_age: SignedDuration) -> Option<IssuerKey> {
        // RFC 7517 section 4.2: a key for encryption verifies no signature.
        let signs = |key: &Jwk| key.common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature);
        let matches = |key: &&Jwk| key.common.key_id.as_deref() == Some(id) && signs(key);
        self.read_key_set(max_age, |set| {
            let jwk = set.keys.keys.iter().find(matches)?.clone();
            Some(IssuerKey { jwk, fetched_at: set.fetched_at })
        })
    }

    /// Reads the key set if it is not older than `max_age`.
    fn read_key_set<T>(&self, max_age: SignedDuration, read: impl FnOnce(&FetchedKeySet) -> Option<T>) -> Option<T> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let set = state.key_set.as_ref()?;
        let is_usable = self.clock.now().duration_since(set.fetched_at) <= max_age;
        if is_usable { read(set) } else { None }
    }

    fn last_fetch(&self) -> Option<Fetch> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).last_fetch
    }

    fn may_fetch(&self) -> bool {
        self.last_fetch().is_none_or(|fetch| {
            let interval = if fetch.succeeded { MIN_FETCH_INTERVAL } else { FETCH_RETRY_DELAY };
            self.clock.now().duration_since(fetch.at) >= interval
        })
    }

    fn last_fetch_succeeded(&self) -> bool {
        self.last_fetch().is_some_and(|fetch| fetch.succeeded)
    }

    async fn fetch_and_store(&self) {
        let fetched = self.fetch().await;
        let now = self.clock.now();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.last_fetch = Some(Fetch { at: now, succeeded: fetched.is_ok() });
        match fetched {
            Ok(keys) => state.key_set = Some(FetchedKeySet { keys, fetched_at: now }),
            Err(error) => tracing::warn!(?error, "the issuer's keys could not be fetched"),
        }
    }

    async fn fetch(&self) -> Result<JwkSet> {
        let request = http::Request::get(self.url.as_str()).body(Body::default()).map_err(Error::internal)?;
        let timeout = self.clock.sleep_until(self.clock.now() + FETCH_TIMEOUT);
        let response = tokio::select! {
            biased;
            response = self.http.send(request) => response.map_err(Error::unavailable)?,
            () = timeout => return Err(Error::unavailable("the issuer's key set: no answer in time")),
        };
        if !response.status().is_success() || response.body().bytes().len() > MAX_KEY_SET_BYTES {
            return Err(Error::unavailable(format!("the issuer's key set: HTTP {}", response.status())));
        }
        // An unsupported key must not hide the others.
        let set: Value = serde_json::from_slice(response.body().bytes()).map_err(Error::unavailable)?;
        let keys = set["keys"].as_array().ok_or_else(|| Error::unavailable("the issuer's key set has no keys"))?;
        Ok(JwkSet { keys: keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect() })
    }
}
