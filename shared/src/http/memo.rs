//! What a provider told a while ago. It lives with the way out, so that a cold start begins without.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Long enough for a burst of work, short enough that what is renamed meanwhile is seldom mistaken.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(5);
const MOST: usize = 4096;

type Key = [u8; 32];

/// Answers by who was told them and what about. Bounded; safe to lose at any time.
#[derive(Default)]
pub(crate) struct Memo(Mutex<HashMap<Key, (Timestamp, String)>>);

impl Memo {
    /// What the holder of a token was told about `what`, unless it is too long ago.
    pub(crate) fn recall(&self, token: &SecretString, what: &str, now: Timestamp) -> Option<String> {
        let all = self.all();
        let (told, answer) = all.get(&key(token, what))?;
        (now.duration_since(*told) <= KEPT_FOR).then(|| answer.clone())
    }

    /// Keeps an answer for the holder of a token.
    pub(crate) fn keep(&self, token: &SecretString, what: &str, answer: &str, now: Timestamp) {
        let mut all = self.all();
        if all.len() >= MOST {
            all.retain(|_, (told, _)| now.duration_since(*told) <= KEPT_FOR);
        }
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key(token, what), (now, answer.to_owned()));
    }

    /// Forgets an answer.
    pub(crate) fn forget(&self, token: &SecretString, what: &str) {
        self.all().remove(&key(token, what));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, (Timestamp, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever holds another token can see other things, so nothing is shared between tokens. The token itself is not kept.
fn key(token: &SecretString, what: &str) -> Key {
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
    fn what_was_told_is_known_for_a_while_and_to_nobody_else() {
        let memo = Memo::default();
        let (ann, bob) = (SecretString::from("token-a"), SecretString::from("token-b"));
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        memo.keep(&ann, "channel general", "C1", now);
        assert_eq!(memo.recall(&ann, "channel general", now + KEPT_FOR).as_deref(), Some("C1"));
        assert_eq!(memo.recall(&ann, "channel general", now + KEPT_FOR + SignedDuration::from_secs(1)), None);
        assert_eq!(memo.recall(&bob, "channel general", now), None);
        assert_eq!(memo.recall(&ann, "channel random", now), None);
        memo.forget(&ann, "channel general");
        assert_eq!(memo.recall(&ann, "channel general", now), None);
    }

    #[test]
    fn it_stays_small() {
        let (memo, token, now) = (Memo::default(), SecretString::from("t"), Timestamp::UNIX_EPOCH);
        for number in 0..MOST + 10 {
            memo.keep(&token, &number.to_string(), "C1", now);
        }
        assert!(memo.all().len() <= MOST);
        assert!(memo.recall(&token, &(MOST + 9).to_string(), now).is_some());
    }
}
