//! Tokens that were verified before. A caller sends the same token with every request until it ends, and under the same keys
//! its signature stays good.
//!
//! What is kept is the signature's alone. The token's own times are compared each time anew, and what one set of keys verified
//! is forgotten with that set: a key the issuer withdraws is out as soon as without this.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Claims;

/// Most tokens; a claim is no longer than its token, so that they are 2 MiB at worst.
pub(super) const MOST: usize = 256;

/// By the hash of the whole token, signature included: what is not the same to the last bit is verified.
type Key = [u8; 32];

/// The claims of tokens that were verified and in force.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// When the keys that verified them were fetched.
    keys: Timestamp,
    tokens: HashMap<Key, Claims>,
}

impl Recent {
    /// The claims of a token that keys of that date verified.
    pub(super) fn recall(&self, token: &str, keys: Timestamp) -> Option<Claims> {
        let kept = self.kept();
        if kept.keys == keys { kept.tokens.get(&key(token)).cloned() } else { None }
    }

    /// Keeps a token that keys of that date verified, and those of no other date.
    pub(super) fn keep(&self, token: &str, claims: Claims, keys: Timestamp) {
        let mut kept = self.kept();
        if kept.keys != keys || kept.tokens.len() >= MOST {
            kept.tokens.clear();
        }
        kept.keys = keys;
        kept.tokens.insert(key(token), claims);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept().tokens.len()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(token: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    key
}
