//! The cache of verified tokens. A caller sends the same token with every request until it expires, and under the same keys its
//! signature remains valid.
//!
//! The cache replaces the verification of the signature only. The token's times are compared at each use, and an entry is valid for
//! the set of keys that verified it: a key that the issuer withdraws is rejected as soon as without the cache.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;

use super::claims::Claims;
use crate::cache::BoundedCache;

/// Maximum number of tokens. A claim is no longer than its token, so the cache takes at most 2 MiB.
pub(super) const MAX_TOKENS: usize = 256;

/// Hash of the whole token, signature included: a token that differs in one bit is verified.
type TokenHash = [u8; 32];

/// Claims of verified tokens, by the token and the fetch time of the keys that verified it.
#[derive(Debug)]
pub(super) struct VerifiedTokenCache(BoundedCache<(TokenHash, Timestamp), Claims>);

impl Default for VerifiedTokenCache {
    fn default() -> Self {
        Self(BoundedCache::new(MAX_TOKENS))
    }
}

impl VerifiedTokenCache {
    /// Returns the claims of a token that was verified with the keys fetched at this time.
    pub(super) fn get(&self, token: &str, keys_fetched_at: Timestamp) -> Option<Claims> {
        self.0.get(&(token_hash(token), keys_fetched_at))
    }

    /// Inserts a token that was verified with the keys fetched at this time, and drops the tokens of all other keys.
    pub(super) fn insert(&self, token: &str, claims: Claims, keys_fetched_at: Timestamp) {
        self.0.remove_where(|(_, fetched_at)| *fetched_at != keys_fetched_at);
        self.0.insert((token_hash(token), keys_fetched_at), claims, |_| true);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn token_hash(token: &str) -> TokenHash {
    let mut hash = TokenHash::default();
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}
