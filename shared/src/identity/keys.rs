//! The issuer's public keys: fetched by one request while the others wait, not again too soon, and used on while the
//! issuer cannot be reached.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use serde_json::Value;
use std::sync::{PoisonError, RwLock};
use tokio::sync::Mutex;
use url::Url;

use super::refuse;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::http::Http;

const MAX_BYTES: usize = 64 * 1024;
/// Keys are fetched again after this long.
pub(super) const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// And used this long while that fails.
pub(super) const STALE: SignedDuration = SignedDuration::from_hours(24);
/// After an answer the issuer is left alone for this long, whatever keys tokens name.
pub(super) const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// After a failure for this long.
pub(super) const RETRY: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug)]
pub(super) struct IssuerKeys {
    url: Url,
    http: Http,
    clock: Clock,
    held: RwLock<Held>,
    /// Held by the request that asks the issuer.
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
struct Held {
    set: Option<(JwkSet, Timestamp)>,
    /// When the issuer was last asked, and whether it answered.
    asked: Option<(Timestamp, bool)>,
}

impl IssuerKeys {
    pub(super) fn new(url: Url, http: Http, clock: Clock) -> Self {
        Self { url, http, clock, held: RwLock::default(), turn: Mutex::default() }
    }

    /// When the keys were fetched, while they are fresh.
    pub(super) fn fresh(&self) -> Option<Timestamp> {
        self.set(FRESH, |_, fetched| Some(fetched))
    }

    /// The key of that id, and when its set was fetched.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the issuer has none; [`Error::Unavailable`] when it cannot be asked.
    pub(super) async fn find(&self, id: &str) -> Result<(Jwk, Timestamp)> {
        if let Some(key) = self.known(id, FRESH) {
            return Ok(key);
        }
        let _turn = match (self.turn.try_lock(), self.known(id, STALE)) {
            (Ok(turn), _) => turn,
            // While another asks, an old key does.
            (Err(_), Some(key)) => return Ok(key),
            (Err(_), None) => self.turn.lock().await,
        };
        if self.may_ask() {
            self.ask().await;
        }
        match self.known(id, STALE) {
            Some(key) => Ok(key),
            None if self.answered() => refuse("the token's key is unknown"),
            None => Err(Error::unavailable("the issuer's keys cannot be fetched")),
        }
    }

    fn known(&self, id: &str, at_most: SignedDuration) -> Option<(Jwk, Timestamp)> {
        // RFC 7517 section 4.2: a key for encryption verifies nothing.
        let signs = |key: &Jwk| key.common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature);
        let named = |key: &&Jwk| key.common.key_id.as_deref() == Some(id) && signs(key);
        self.set(at_most, |set, fetched| Some((set.keys.iter().find(named)?.clone(), fetched)))
    }

    /// Reads the set of keys while it is that young.
    fn set<T>(&self, at_most: SignedDuration, read: impl FnOnce(&JwkSet, Timestamp) -> Option<T>) -> Option<T> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let (set, fetched) = held.set.as_ref()?;
        let young = self.clock.now().duration_since(*fetched) <= at_most;
        if young { read(set, *fetched) } else { None }
    }

    fn may_ask(&self) -> bool {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.asked.is_none_or(|(at, answered)| {
            let pause = if answered { PAUSE } else { RETRY };
            self.clock.now().duration_since(at) >= pause
        })
    }

    fn answered(&self) -> bool {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.asked.is_some_and(|(_, answered)| answered)
    }

    async fn ask(&self) {
        let fetched = self.fetch().await;
        let now = self.clock.now();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.asked = Some((now, fetched.is_ok()));
        match fetched {
            Ok(set) => held.set = Some((set, now)),
            Err(error) => tracing::warn!(?error, "the issuer's keys could not be fetched"),
        }
    }

    async fn fetch(&self) -> Result<JwkSet> {
        let request = http::Request::get(self.url.as_str()).body(Bytes::new()).map_err(Error::internal)?;
        let response = self.http.send(request).await.map_err(Error::unavailable)?;
        if !response.status().is_success() || response.body().len() > MAX_BYTES {
            return Err(Error::unavailable(format!("the issuer's key set: HTTP {}", response.status())));
        }
        // A key of a kind this build does not know must not hide the others.
        let set: Value = serde_json::from_slice(response.body()).map_err(Error::unavailable)?;
        let keys = set["keys"].as_array().ok_or_else(|| Error::unavailable("the issuer's key set has no keys"))?;
        Ok(JwkSet { keys: keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect() })
    }
}
