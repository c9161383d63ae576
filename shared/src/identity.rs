//! Identity of the caller: JSON Web Tokens, verified here even if a gateway verified them before.
//!
//! The configuration fixes the algorithms, and the keys come from the issuer: nothing in a token selects either. `exp`, `iss`, `aud`
//! (or `client_id`, where the configuration says so) and `sub` are required. RFC 8725.

#[cfg(test)]
mod cached_tokens;
mod claims;
#[cfg(test)]
mod forged;
mod keys;
#[cfg(test)]
mod reasons;
#[cfg(test)]
mod tests;
mod verified_token_cache;

use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Header, Validation};
use secrecy::ExposeSecret;

use crate::clock::Clock;
use crate::config::{JwtConfig, JwtKeys};
use crate::error::{Error, Result, TokenFault};
use crate::http::Http;
use crate::validate::{MAX_ID_BYTES, check_text};
use claims::Claims;
use keys::{IssuerKey, IssuerKeys};
use verified_token_cache::VerifiedTokenCache;

const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Tolerated difference between clocks.
const LEEWAY_SECONDS: u8 = 30;
/// Scope that permits a service to act for users with a delegation.
pub(crate) const ACT_AS_SCOPE: &str = "act-as";
/// Fetch time of a shared secret: constant, because the secret does not change while the process runs.
const SHARED_SECRET_FETCHED_AT: Timestamp = Timestamp::UNIX_EPOCH;

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Principal {
    subject: String,
    service: bool,
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
    /// [`Error::Unauthenticated`] with the reason; [`Error::Unavailable`] when the keys cannot be fetched.
    pub async fn verify(&self, token: &str) -> Result<Principal> {
        if token.len() > MAX_TOKEN_BYTES {
            return unauthenticated(TokenFault::Malformed);
        }
        let keys_fetched_at = self.keys.fetched_at();
        if let Some(claims) = keys_fetched_at.and_then(|fetched_at| self.verified_tokens.get(token, fetched_at)) {
            return self.check_claims(&claims);
        }
        let Ok(header) = jsonwebtoken::decode_header(token) else { return unauthenticated(TokenFault::Malformed) };
        self.check_header(&header)?;
        let VerificationKey { key, fetched_at } = self.find_key(&header).await?;
        let mut validation = Validation::new(header.alg);
        // The library verifies the signature; the claims are checked below, with the engine's own clock.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let claims = match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
            Ok(data) => data.claims,
            Err(error) => return unauthenticated(fault_of(error.kind())),
        };
        self.check_recipient(&claims)?;
        let principal = self.check_claims(&claims)?;
        self.verified_tokens.insert(token, claims, fetched_at);
        Ok(principal)
    }

    /// Checks the header. Its rules hold for every signer.
    fn check_header(&self, header: &Header) -> Result<()> {
        if !self.config.algorithms.contains(&header.alg) {
            return unauthenticated(TokenFault::Algorithm);
        }
        // RFC 7515 section 4.1.11: a critical extension must be understood, and none is supported.
        if header.crit.is_some() {
            return unauthenticated(TokenFault::Header);
        }
        let Header { jku, jwk, x5u, x5c, .. } = header;
        if jku.is_some() || jwk.is_some() || x5u.is_some() || x5c.is_some() {
            return unauthenticated(TokenFault::Header);
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
        let Some(id) = header.kid.as_deref() else { return unauthenticated(TokenFault::Signature) };
        let IssuerKey { jwk, fetched_at } = keys.find(id).await?;
        let key = DecodingKey::from_jwk(&jwk).or_else(|_| unauthenticated(TokenFault::Signature))?;
        Ok(VerificationKey { key, fetched_at })
    }

    /// Checks that the configured issuer made the token for this deployment.
    fn check_recipient(&self, claims: &Claims) -> Result<()> {
        if claims.iss != self.config.issuer {
            return unauthenticated(TokenFault::Issuer);
        }
        if !claims.is_for(&self.config.audiences, self.config.client_id_as_audience) {
            return unauthenticated(TokenFault::Audience);
        }
        Ok(())
    }

    /// Checks the claims at this instant and returns the caller.
    fn check_claims(&self, claims: &Claims) -> Result<Principal> {
        let (now, leeway) = (self.clock.now().as_duration().as_secs_f64(), f64::from(LEEWAY_SECONDS));
        if claims.exp.seconds() + leeway <= now {
            return unauthenticated(TokenFault::Expired);
        }
        if claims.nbf.is_some_and(|from| from.seconds() > now + leeway) {
            return unauthenticated(TokenFault::NotYetValid);
        }
        if check_text("sub", &claims.sub, MAX_ID_BYTES).is_err() {
            return unauthenticated(TokenFault::MalformedClaims);
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

fn unauthenticated<T>(fault: TokenFault) -> Result<T> {
    Err(Error::Unauthenticated(fault))
}

/// Returns the meaning of an error of the library, which reads the claims only after it verified the signature.
fn fault_of(error: &ErrorKind) -> TokenFault {
    match error {
        ErrorKind::Json(_) | ErrorKind::Utf8(_) => TokenFault::MalformedClaims,
        ErrorKind::InvalidToken | ErrorKind::Base64(_) => TokenFault::Malformed,
        ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
        _ => TokenFault::Signature,
    }
}
