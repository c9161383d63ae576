//! Identity of the caller: JSON Web Tokens, verified here even if a gateway verified them before.
//!
//! The configuration fixes the algorithms, and the keys come from the issuer: nothing in a token selects either. `exp`, `iss`, `aud`
//! and `sub` are required. RFC 8725.

#[cfg(test)]
mod cached_tokens;
#[cfg(test)]
mod forged;
mod keys;
#[cfg(test)]
mod tests;
mod verified_token_cache;

use jiff::Timestamp;
use jsonwebtoken::{DecodingKey, Header, Validation};
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::clock::Clock;
use crate::config::{JwtConfig, JwtKeys};
use crate::error::{Error, Result};
use crate::http::Http;
use crate::validate::{MAX_ID_BYTES, check_text};
use keys::{IssuerKey, IssuerKeys};
use verified_token_cache::VerifiedTokenCache;

const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Tolerated difference between clocks.
const LEEWAY_SECONDS: i64 = 30;
/// Scope that permits a service to act for users with a delegation.
const ACT_AS_SCOPE: &str = "act-as";
/// Fetch time of a shared secret: constant, because the secret does not change while the process runs.
const SHARED_SECRET_FETCHED_AT: Timestamp = Timestamp::UNIX_EPOCH;

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Principal {
    subject: String,
    service: bool,
}

/// Claims that are read from a token. A claim of another type, or a duplicate claim, is an error.
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    /// Compared by the library, which also accepts a list; this type requires a single issuer.
    #[serde(rename = "iss")]
    _iss: String,
    nbf: Option<i64>,
    scope: Option<String>,
}

/// Verifier of tokens. The keys are fetched at the first use and cached.
#[derive(Debug)]
pub struct Verifier {
    config: JwtConfig,
    clock: Clock,
    keys: KeySource,
    verified_tokens: VerifiedTokenCache,
}

/// A key with the fetch time of its key set.
struct VerificationKey {
    key: DecodingKey,
    fetched_at: Timestamp,
}

#[derive(Debug)]
enum KeySource {
    SharedSecret(DecodingKey),
    Issuer(IssuerKeys),
}

impl KeySource {
    /// Returns the fetch time of the keys; `None` if they are missing or must be fetched again.
    fn fetched_at(&self) -> Option<Timestamp> {
        match self {
            Self::SharedSecret(_) => Some(SHARED_SECRET_FETCHED_AT),
            Self::Issuer(keys) => keys.fetched_at(),
        }
    }
}

impl Verifier {
    /// Creates a verifier for one issuer.
    pub fn new(config: JwtConfig, http: Http, clock: Clock) -> Self {
        let keys = match &config.keys {
            JwtKeys::Secret(secret) => {
                KeySource::SharedSecret(DecodingKey::from_secret(secret.expose_secret().as_bytes()))
            }
            JwtKeys::Jwks(url) => KeySource::Issuer(IssuerKeys::new(url.clone(), http, clock.clone())),
        };
        Self { config, clock, keys, verified_tokens: VerifiedTokenCache::default() }
    }

    /// Verifies a token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] with a reason for the log; [`Error::Unavailable`] when the keys cannot be fetched.
    pub async fn verify(&self, token: &str) -> Result<Principal> {
        if token.len() > MAX_TOKEN_BYTES {
            return unauthenticated("the token is too long");
        }
        let keys_fetched_at = self.keys.fetched_at();
        if let Some(claims) = keys_fetched_at.and_then(|fetched_at| self.verified_tokens.get(token, fetched_at)) {
            return self.check_claims(&claims);
        }
        let Ok(header) = jsonwebtoken::decode_header(token) else { return unauthenticated("not a JWT") };
        self.check_header(&header)?;
        let VerificationKey { key, fetched_at } = self.find_key(&header).await?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[&self.config.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The claims' times are compared below with the engine's own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
            Ok(data) => data.claims,
            Err(error) => return unauthenticated(&error.to_string()),
        };
        let principal = self.check_claims(&claims)?;
        self.verified_tokens.insert(token, claims, fetched_at);
        Ok(principal)
    }

    /// Checks the header. Its rules hold for every signer.
    fn check_header(&self, header: &Header) -> Result<()> {
        if !self.config.algorithms.contains(&header.alg) {
            return unauthenticated("the algorithm is not allowed");
        }
        // RFC 7515 section 4.1.11: a critical extension must be understood, and none is supported.
        if header.crit.is_some() {
            return unauthenticated("the token has a critical extension");
        }
        let Header { jku, jwk, x5u, x5c, .. } = header;
        if jku.is_some() || jwk.is_some() || x5u.is_some() || x5c.is_some() {
            return unauthenticated("the token carries its own key");
        }
        Ok(())
    }

    /// Finds the key that the header names.
    async fn find_key(&self, header: &Header) -> Result<VerificationKey> {
        let keys = match &self.keys {
            KeySource::SharedSecret(key) => {
                return Ok(VerificationKey { key: key.clone(), fetched_at: SHARED_SECRET_FETCHED_AT });
            }
            KeySource::Issuer(keys) => keys,
        };
        let Some(id) = header.kid.as_deref() else { return unauthenticated("the token names no key") };
        let IssuerKey { jwk, fetched_at } = keys.find(id).await?;
        let key = DecodingKey::from_jwk(&jwk).or_else(|error| unauthenticated(&error.to_string()))?;
        Ok(VerificationKey { key, fetched_at })
    }

    /// Checks the claims at this instant and returns the caller.
    fn check_claims(&self, claims: &Claims) -> Result<Principal> {
        let now = self.clock.now().as_second();
        if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return unauthenticated("the token has expired");
        }
        if claims.nbf.is_some_and(|from| from > now.saturating_add(LEEWAY_SECONDS)) {
            return unauthenticated("the token is not valid yet");
        }
        if check_text("sub", &claims.sub, MAX_ID_BYTES).is_err() {
            return unauthenticated("the subject is not an id");
        }
        let service = claims.scope.as_deref().is_some_and(|scope| scope.split(' ').any(|scope| scope == ACT_AS_SCOPE));
        Ok(Principal { subject: claims.sub.clone(), service })
    }
}

impl Principal {
    /// Returns the token's `sub`: a person, or the client id of a service (RFC 9068 section 2.2).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns true if the caller may act for users with a delegation.
    pub fn is_service(&self) -> bool {
        self.service
    }
}

fn unauthenticated<T>(reason: &str) -> Result<T> {
    Err(Error::Unauthenticated(reason.to_owned()))
}
