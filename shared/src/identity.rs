//! Who is calling: JSON Web Tokens, verified here whether or not a gateway did so before.
//!
//! The algorithms are fixed by configuration and the keys come from the issuer: nothing a token says of itself chooses
//! either. `exp`, `iss`, `aud` and `sub` must be there. RFC 8725.

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
use keys::IssuerKeys;
use verified_token_cache::VerifiedTokenCache;

const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Clocks may differ this much, in seconds.
const LEEWAY_SECONDS: i64 = 30;
/// The scope that lets a service act for users who agreed.
const ACT_AS_SCOPE: &str = "act-as";
/// The date of a shared secret: it is never another while the process lives.
const SHARED_SECRET_FETCHED_AT: Timestamp = Timestamp::UNIX_EPOCH;

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Principal {
    subject: String,
    service: bool,
}

/// What is read of a token. A claim of another type, or one that stands there twice, is an error.
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    /// Also compared by the library, which takes a list as well; an issuer is one.
    #[serde(rename = "iss")]
    _iss: String,
    nbf: Option<i64>,
    scope: Option<String>,
}

/// Verifies tokens. The keys are fetched at the first use and kept.
#[derive(Debug)]
pub struct Verifier {
    config: JwtConfig,
    clock: Clock,
    keys: KeySource,
    verified_tokens: VerifiedTokenCache,
}

#[derive(Debug)]
enum KeySource {
    SharedSecret(DecodingKey),
    Issuer(IssuerKeys),
}

impl KeySource {
    /// The date of the keys, as long as the issuer need not be asked for newer ones.
    fn fetched_at(&self) -> Option<Timestamp> {
        match self {
            Self::SharedSecret(_) => Some(SHARED_SECRET_FETCHED_AT),
            Self::Issuer(keys) => keys.fetched_at(),
        }
    }
}

impl Verifier {
    /// A verifier for one issuer.
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
    /// [`Error::Unauthenticated`] with a reason for the log; [`Error::Unavailable`] when the keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Principal> {
        if token.len() > MAX_TOKEN_BYTES {
            return unauthenticated("the token is too long");
        }
        if let Some(claims) = self.keys.fetched_at().and_then(|keys| self.verified_tokens.get(token, keys)) {
            return self.check_claims(&claims);
        }
        let Ok(header) = jsonwebtoken::decode_header(token) else { return unauthenticated("not a JWT") };
        self.check_header(&header)?;
        let (key, keys) = self.find_key(&header).await?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[&self.config.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are compared below with the engine's own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
            Ok(data) => data.claims,
            Err(error) => return unauthenticated(&error.to_string()),
        };
        let principal = self.check_claims(&claims)?;
        self.verified_tokens.insert(token, claims, keys);
        Ok(principal)
    }

    /// What a header may not say, whoever signed it.
    fn check_header(&self, header: &Header) -> Result<()> {
        if !self.config.algorithms.contains(&header.alg) {
            return unauthenticated("the algorithm is not allowed");
        }
        // RFC 7515 section 4.1.11: what is critical must be understood, and no extension is.
        if header.crit.is_some() {
            return unauthenticated("a critical extension");
        }
        let Header { jku, jwk, x5u, x5c, .. } = header;
        if jku.is_some() || jwk.is_some() || x5u.is_some() || x5c.is_some() {
            return unauthenticated("the token brings a key of its own");
        }
        Ok(())
    }

    /// The key, and the date of the set it is of.
    async fn find_key(&self, header: &Header) -> Result<(DecodingKey, Timestamp)> {
        let keys = match &self.keys {
            KeySource::SharedSecret(key) => return Ok((key.clone(), SHARED_SECRET_FETCHED_AT)),
            KeySource::Issuer(keys) => keys,
        };
        let Some(id) = header.kid.as_deref() else { return unauthenticated("the token names no key") };
        let (jwk, fetched) = keys.find(id).await?;
        let key = DecodingKey::from_jwk(&jwk).or_else(|error| unauthenticated(&error.to_string()))?;
        Ok((key, fetched))
    }

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
    /// The token's `sub`: a person, or the client id of a service (RFC 9068 section 2.2).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether it may act for users who agreed.
    pub fn is_service(&self) -> bool {
        self.service
    }
}

fn unauthenticated<T>(reason: &str) -> Result<T> {
    Err(Error::Unauthenticated(reason.to_owned()))
}
