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
pub(super) const MAX_TOKENS: usize = 256;

/// By the hash of the whole token, signature included: what is not the same to the last bit is verified.
type TokenHash = [u8; 32];

/// The claims of tokens that were verified and in force.
#[derive(Debug, Default)]
pub(super) struct VerifiedTokenCache(Mutex<CachedTokens>);

#[derive(Debug, Default)]
struct CachedTokens {
    /// When the keys that verified them were fetched.
    keys_fetched_at: Timestamp,
    tokens: HashMap<TokenHash, Claims>,
}

impl VerifiedTokenCache {
    /// The claims of a token that keys of that date verified.
    pub(super) fn get(&self, token: &str, keys: Timestamp) -> Option<Claims> {
        let kept = self.lock();
        if kept.keys_fetched_at == keys { kept.tokens.get(&token_hash(token)).cloned() } else { None }
    }

    /// Keeps a token that keys of that date verified, and those of no other date.
    pub(super) fn insert(&self, token: &str, claims: Claims, keys: Timestamp) {
        let mut kept = self.lock();
        if kept.keys_fetched_at != keys || kept.tokens.len() >= MAX_TOKENS {
            kept.tokens.clear();
        }
        kept.keys_fetched_at = keys;
        kept.tokens.insert(token_hash(token), claims);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().tokens.len()
    }

    fn lock(&self) -> MutexGuard<'_, CachedTokens> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn token_hash(token: &str) -> TokenHash {
    let mut key = TokenHash::default();
    key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    key
}
