//! The cache of provider look-ups, such as a channel's name and its id. Each process has its own, which starts empty.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

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

/// Results of look-ups by access token and query. Cheap to clone; clones share the entries.
#[derive(Clone, Debug)]
pub struct LookupCache(Arc<BoundedCache<Key, Entry>>);

impl Default for LookupCache {
    fn default() -> Self {
        Self(Arc::new(BoundedCache::new(MAX_ENTRIES)))
    }
}

impl Entry {
    fn is_live(&self, now: Timestamp) -> bool {
        now.duration_since(self.inserted_at) <= ENTRY_TTL
    }
}

impl LookupCache {
    /// Returns the result of `query` with this token, if it is not older than five minutes.
    pub(crate) fn get(&self, token: &SecretString, query: &str, now: Timestamp) -> Option<String> {
        self.0.get(&entry_key(token, query)).filter(|entry| entry.is_live(now)).map(|entry| entry.value)
    }

    /// Inserts the result of `query` with this token.
    pub(crate) fn insert(&self, token: &SecretString, query: &str, value: &str, now: Timestamp) {
        let entry = Entry { inserted_at: now, value: value.to_owned() };
        self.0.insert(entry_key(token, query), entry, |entry| entry.is_live(now));
    }

    /// Removes the result of `query` with this token.
    pub(crate) fn remove(&self, token: &SecretString, query: &str) {
        self.0.remove(&entry_key(token, query));
    }
}

/// Returns the key of an entry. Another token may see other things, so tokens share no entries. The token itself is not stored.
fn entry_key(token: &SecretString, query: &str) -> Key {
    let token = digest(&SHA256, token.expose_secret().as_bytes());
    let whole = digest(&SHA256, &[token.as_ref(), query.as_bytes()].concat());
    let mut key = Key::default();
    key.copy_from_slice(whole.as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_expire_after_their_ttl_and_belong_to_one_token() {
        let cache = LookupCache::default();
        let (ann, bob) = (SecretString::from("token-a"), SecretString::from("token-b"));
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        cache.insert(&ann, "channel general", "C1", now);
        assert_eq!(cache.get(&ann, "channel general", now + ENTRY_TTL).as_deref(), Some("C1"));
        assert_eq!(cache.get(&ann, "channel general", now + ENTRY_TTL + SignedDuration::from_secs(1)), None);
        assert_eq!(cache.get(&bob, "channel general", now), None);
        assert_eq!(cache.get(&ann, "channel random", now), None);
        cache.remove(&ann, "channel general");
        assert_eq!(cache.get(&ann, "channel general", now), None);
    }

    #[test]
    fn cache_holds_at_most_max_entries() {
        let (cache, token, now) = (LookupCache::default(), SecretString::from("t"), Timestamp::UNIX_EPOCH);
        for number in 0..MAX_ENTRIES + 10 {
            cache.insert(&token, &number.to_string(), "C1", now);
        }
        assert!(cache.0.len() <= MAX_ENTRIES);
        assert!(cache.get(&token, &(MAX_ENTRIES + 9).to_string(), now).is_some());
    }
}
