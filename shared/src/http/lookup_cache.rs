//! What a provider told a while ago. It lives with the way out, so that a cold start begins without.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Long enough for a burst of work, short enough that what is renamed meanwhile is seldom mistaken.
const ENTRY_TTL: SignedDuration = SignedDuration::from_mins(5);
const MAX_ENTRIES: usize = 4096;

type Key = [u8; 32];

/// Answers by who was told them and what about. Bounded; safe to lose at any time.
#[derive(Default)]
pub(crate) struct LookupCache(Mutex<HashMap<Key, (Timestamp, String)>>);

impl LookupCache {
    /// What the holder of a token was told about `what`, unless it is too long ago.
    pub(crate) fn get(&self, token: &SecretString, what: &str, now: Timestamp) -> Option<String> {
        let all = self.lock();
        let (told, answer) = all.get(&entry_key(token, what))?;
        (now.duration_since(*told) <= ENTRY_TTL).then(|| answer.clone())
    }

    /// Keeps an answer for the holder of a token.
    pub(crate) fn insert(&self, token: &SecretString, what: &str, answer: &str, now: Timestamp) {
        let mut all = self.lock();
        if all.len() >= MAX_ENTRIES {
            all.retain(|_, (told, _)| now.duration_since(*told) <= ENTRY_TTL);
        }
        if all.len() >= MAX_ENTRIES {
            all.clear();
        }
        all.insert(entry_key(token, what), (now, answer.to_owned()));
    }

    /// Forgets an answer.
    pub(crate) fn remove(&self, token: &SecretString, what: &str) {
        self.lock().remove(&entry_key(token, what));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, (Timestamp, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever holds another token can see other things, so nothing is shared between tokens. The token itself is not kept.
fn entry_key(token: &SecretString, what: &str) -> Key {
    let token = digest(&SHA256, token.expose_secret().as_bytes());
    let whole = digest(&SHA256, &[token.as_ref(), what.as_bytes()].concat());
    let mut key = Key::default();
    key.copy_from_slice(whole.as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_expire_after_their_ttl_and_belong_to_one_token() {
        let memo = LookupCache::default();
        let (ann, bob) = (SecretString::from("token-a"), SecretString::from("token-b"));
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        memo.insert(&ann, "channel general", "C1", now);
        assert_eq!(memo.get(&ann, "channel general", now + ENTRY_TTL).as_deref(), Some("C1"));
        assert_eq!(memo.get(&ann, "channel general", now + ENTRY_TTL + SignedDuration::from_secs(1)), None);
        assert_eq!(memo.get(&bob, "channel general", now), None);
        assert_eq!(memo.get(&ann, "channel random", now), None);
        memo.remove(&ann, "channel general");
        assert_eq!(memo.get(&ann, "channel general", now), None);
    }

    #[test]
    fn cache_holds_at_most_max_entries() {
        let (memo, token, now) = (LookupCache::default(), SecretString::from("t"), Timestamp::UNIX_EPOCH);
        for number in 0..MAX_ENTRIES + 10 {
            memo.insert(&token, &number.to_string(), "C1", now);
        }
        assert!(memo.lock().len() <= MAX_ENTRIES);
        assert!(memo.get(&token, &(MAX_ENTRIES + 9).to_string(), now).is_some());
    }
}
