//! The cache of provider look-ups, such as a channel's name and its id. Each process has its own, which starts empty.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::cache::BoundedCache;

/// Lifetime of an entry: long enough for a burst of work, short enough that a name that moved to another id is rarely resolved
/// wrongly.
const ENTRY_TTL: SignedDuration = SignedDuration::from_mins(5);
const MAX_ENTRIES: usize = 4096;

type Key = [u8; 32];

#[derive(Clone)]
struct Entry {
    inserted_at: Timestamp,
    value: String,
}

/// The key of a result: whose look-up it is, and of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LookupKey<'a> {
    /// The access token: another one may see other things.
    pub(crate) token: &'a SecretString,
    /// The connection. A provider can give one token to several people, of whom each may see other things.
    pub(crate) connection: &'a str,
    /// The query.
    pub(crate) query: &'a str,
}

/// Results of look-ups. Cheap to clone; clones share the entries.
#[derive(Clone, Debug)]
pub struct LookupCache {
    entries: Arc<BoundedCache<Key, Entry>>,
    /// The locks of look-ups that are made once for all attempts that wait for them.
    turns: Arc<BoundedCache<Key, Arc<Mutex<()>>>>,
}

impl Default for LookupCache {
    fn default() -> Self {
        Self { entries: Arc::new(BoundedCache::new(MAX_ENTRIES)), turns: Arc::new(BoundedCache::new(MAX_ENTRIES)) }
    }
}

impl Entry {
    fn is_live(&self, now: Timestamp) -> bool {
        now.duration_since(self.inserted_at) <= ENTRY_TTL
    }
}

impl LookupCache {
    /// Returns a result that is not older than five minutes.
    pub(crate) fn get(&self, key: LookupKey<'_>, now: Timestamp) -> Option<String> {
        self.entries.get(&key.hash()).filter(|entry| entry.is_live(now)).map(|entry| entry.value)
    }

    /// Inserts a result.
    pub(crate) fn insert(&self, key: LookupKey<'_>, value: &str, now: Timestamp) {
        let entry = Entry { inserted_at: now, value: value.to_owned() };
        self.entries.insert(key.hash(), entry, |entry| entry.is_live(now));
    }

    /// Waits until no other attempt of this process makes the same look-up.
    pub(crate) async fn turn(&self, key: LookupKey<'_>) -> OwnedMutexGuard<()> {
        let is_held = |turn: &Arc<Mutex<()>>| Arc::strong_count(turn) > 1;
        let turn = self.turns.update(key.hash(), Arc::default, is_held, |turn| Arc::clone(turn));
        turn.lock_owned().await
    }

    /// Removes a result.
    pub(crate) fn remove(&self, key: LookupKey<'_>) {
        self.entries.remove(&key.hash());
    }
}

impl LookupKey<'_> {
    /// Returns the key of the entry. The token itself is not stored.
    fn hash(self) -> Key {
        let part = |text: &str| digest(&SHA256, text.as_bytes());
        let parts = [part(self.token.expose_secret()), part(self.connection), part(self.query)];
        let whole = digest(&SHA256, &parts.each_ref().map(AsRef::as_ref).concat());
        let mut key = Key::default();
        key.copy_from_slice(whole.as_ref());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key<'a>(token: &'a SecretString, connection: &'a str, query: &'a str) -> LookupKey<'a> {
        LookupKey { token, connection, query }
    }

    #[test]
    fn entries_expire_after_their_ttl_and_belong_to_one_token_and_connection() {
        let cache = LookupCache::default();
        let (ann, bob) = (SecretString::from("token-a"), SecretString::from("token-b"));
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let general = key(&ann, "u1", "channel general");
        cache.insert(general, "C1", now);
        assert_eq!(cache.get(general, now + ENTRY_TTL).as_deref(), Some("C1"));
        assert_eq!(cache.get(general, now + ENTRY_TTL + SignedDuration::from_secs(1)), None);
        assert_eq!(cache.get(key(&bob, "u1", "channel general"), now), None);
        assert_eq!(cache.get(key(&ann, "u2", "channel general"), now), None);
        assert_eq!(cache.get(key(&ann, "u1", "channel random"), now), None);
        cache.remove(general);
        assert_eq!(cache.get(general, now), None);
    }

    #[test]
    fn cache_holds_at_most_max_entries() {
        let (cache, token, now) = (LookupCache::default(), SecretString::from("t"), Timestamp::UNIX_EPOCH);
        for number in 0..MAX_ENTRIES + 10 {
            cache.insert(key(&token, "u1", &number.to_string()), "C1", now);
        }
        assert!(cache.entries.len() <= MAX_ENTRIES);
        assert!(cache.get(key(&token, "u1", &(MAX_ENTRIES + 9).to_string()), now).is_some());
    }
}
