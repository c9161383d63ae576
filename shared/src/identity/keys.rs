//! The issuer's public keys: fetched by one request while the others wait, not again too soon, and used on while the
//! issuer cannot be reached.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use serde_json::Value;
use std::sync::{PoisonError, RwLock};
use tokio::sync::Mutex;
use url::Url;

use super::unauthenticated;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::http::Http;

const MAX_KEY_SET_BYTES: usize = 64 * 1024;
/// Keys are fetched again after this long.
pub(super) const FRESHNESS_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// And used this long while that fails.
pub(super) const STALE_IF_ERROR_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// After an answer the issuer is left alone for this long, whatever keys tokens name.
pub(super) const MIN_FETCH_INTERVAL: SignedDuration = SignedDuration::from_secs(60);
/// After a failure for this long.
pub(super) const FETCH_RETRY_DELAY: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug)]
pub(super) struct IssuerKeys {
    url: Url,
    http: Http,
    clock: Clock,
    state: RwLock<KeyState>,
    /// KeyState by the request that asks the issuer.
    fetch_lock: Mutex<()>,
}

#[derive(Debug, Default)]
struct KeyState {
    key_set: Option<(JwkSet, Timestamp)>,
    /// When the issuer was last asked, and whether it answered.
    last_fetch: Option<(Timestamp, bool)>,
}

impl IssuerKeys {
    pub(super) fn new(url: Url, http: Http, clock: Clock) -> Self {
        Self { url, http, clock, state: RwLock::default(), fetch_lock: Mutex::default() }
    }

    /// When the keys were fetched, while they are fresh.
    pub(super) fn fetched_at(&self) -> Option<Timestamp> {
        self.read_key_set(FRESHNESS_LIFETIME, |_, fetched| Some(fetched))
    }

    /// The key of that id, and when its set was fetched.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the issuer has none; [`Error::Unavailable`] when it cannot be asked.
    pub(super) async fn find(&self, id: &str) -> Result<(Jwk, Timestamp)> {
        if let Some(key) = self.cached_key(id, FRESHNESS_LIFETIME) {
            return Ok(key);
        }
        let _turn = match (self.fetch_lock.try_lock(), self.cached_key(id, STALE_IF_ERROR_LIFETIME)) {
            (Ok(turn), _) => turn,
            // While another asks, an old key does.
            (Err(_), Some(key)) => return Ok(key),
            (Err(_), None) => self.fetch_lock.lock().await,
        };
        if self.may_fetch() {
            self.fetch_and_store().await;
        }
        match self.cached_key(id, STALE_IF_ERROR_LIFETIME) {
            Some(key) => Ok(key),
            None if self.last_fetch_succeeded() => unauthenticated("the token's key is unknown"),
            None => Err(Error::unavailable("the issuer's keys cannot be fetched")),
        }
    }

    fn cached_key(&self, id: &str, at_most: SignedDuration) -> Option<(Jwk, Timestamp)> {
        // RFC 7517 section 4.2: a key for encryption verifies nothing.
        let signs = |key: &Jwk| key.common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature);
        let named = |key: &&Jwk| key.common.key_id.as_deref() == Some(id) && signs(key);
        self.read_key_set(at_most, |set, fetched| Some((set.keys.iter().find(named)?.clone(), fetched)))
    }

    /// Reads the set of keys while it is that young.
    fn read_key_set<T>(
        &self,
        at_most: SignedDuration,
        read: impl FnOnce(&JwkSet, Timestamp) -> Option<T>,
    ) -> Option<T> {
        let held = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let (set, fetched) = held.key_set.as_ref()?;
        let young = self.clock.now().duration_since(*fetched) <= at_most;
        if young { read(set, *fetched) } else { None }
    }

    fn may_fetch(&self) -> bool {
        let held = self.state.read().unwrap_or_else(PoisonError::into_inner);
        held.last_fetch.is_none_or(|(at, answered)| {
            let pause = if answered { MIN_FETCH_INTERVAL } else { FETCH_RETRY_DELAY };
            self.clock.now().duration_since(at) >= pause
        })
    }

    fn last_fetch_succeeded(&self) -> bool {
        let held = self.state.read().unwrap_or_else(PoisonError::into_inner);
        held.last_fetch.is_some_and(|(_, answered)| answered)
    }

    async fn fetch_and_store(&self) {
        let fetched = self.fetch().await;
        let now = self.clock.now();
        let mut held = self.state.write().unwrap_or_else(PoisonError::into_inner);
        held.last_fetch = Some((now, fetched.is_ok()));
        match fetched {
            Ok(set) => held.key_set = Some((set, now)),
            Err(error) => tracing::warn!(?error, "the issuer's keys could not be fetched"),
        }
    }

    async fn fetch(&self) -> Result<JwkSet> {
        let request = http::Request::get(self.url.as_str()).body(Bytes::new()).map_err(Error::internal)?;
        let response = self.http.send(request).await.map_err(Error::unavailable)?;
        if !response.status().is_success() || response.body().len() > MAX_KEY_SET_BYTES {
            return Err(Error::unavailable(format!("the issuer's key set: HTTP {}", response.status())));
        }
        // A key of a kind this build does not know must not hide the others.
        let set: Value = serde_json::from_slice(response.body()).map_err(Error::unavailable)?;
        let keys = set["keys"].as_array().ok_or_else(|| Error::unavailable("the issuer's key set has no keys"))?;
        Ok(JwkSet { keys: keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect() })
    }
}
