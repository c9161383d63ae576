//! Who is calling: JSON Web Tokens, verified here whether or not a gateway did so before.
//!
//! The algorithms are fixed by configuration, never by the token. `exp`, `iss`, `aud` and `sub` must be there. RFC 8725.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Header, Validation};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Mutex;
use url::Url;

use crate::clock::Clock;
use crate::config::{JwtConfig, JwtKeys};
use crate::error::{Error, Result};
use crate::http::Http;
use crate::ids::{MAX_ID_BYTES, check_text};

const MAX_TOKEN_BYTES: usize = 8 * 1024;
const MAX_KEYS_BYTES: usize = 64 * 1024;
/// Clocks may differ this much, in seconds.
const LEEWAY: i64 = 30;
/// Keys are fetched again after this long.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// A key that is not there is looked for again at most this often.
const REFETCH: SignedDuration = SignedDuration::from_secs(60);
/// The scope that lets a service act for users who agreed.
const ACT_AS: &str = "act-as";

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Principal {
    subject: String,
    service: bool,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
    scope: Option<String>,
}

/// Verifies tokens. The keys are fetched at the first use and kept.
#[derive(Debug)]
pub struct Verifier {
    config: JwtConfig,
    http: Http,
    clock: Clock,
    keys: Mutex<Option<Keys>>,
}

#[derive(Clone, Debug)]
struct Keys {
    set: Arc<JwkSet>,
    fetched: Timestamp,
}

impl Verifier {
    /// A verifier for one issuer.
    pub fn new(config: JwtConfig, http: Http, clock: Clock) -> Self {
        Self { config, http, clock, keys: Mutex::default() }
    }

    /// Verifies a token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] with a reason for the log; [`Error::Unavailable`] when the keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Principal> {
        if token.len() > MAX_TOKEN_BYTES {
            return refuse("the token is too long");
        }
        let Ok(header) = jsonwebtoken::decode_header(token) else { return refuse("not a JWT") };
        if !self.config.algorithms.contains(&header.alg) {
            return refuse("the algorithm is not allowed");
        }
        let key = self.key(&header).await?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[&self.config.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are compared below with the engine's own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
            Ok(data) => data.claims,
            Err(error) => return refuse(&error.to_string()),
        };
        self.accept(claims)
    }

    fn accept(&self, claims: Claims) -> Result<Principal> {
        let now = self.clock.now().as_second();
        if claims.exp.saturating_add(LEEWAY) <= now {
            return refuse("the token has expired");
        }
        if claims.nbf.is_some_and(|from| from > now.saturating_add(LEEWAY)) {
            return refuse("the token is not valid yet");
        }
        if check_text("sub", &claims.sub, MAX_ID_BYTES).is_err() {
            return refuse("the subject is not an id");
        }
        let service = claims.scope.is_some_and(|scope| scope.split(' ').any(|scope| scope == ACT_AS));
        Ok(Principal { subject: claims.sub, service })
    }

    async fn key(&self, header: &Header) -> Result<DecodingKey> {
        let url = match &self.config.keys {
            JwtKeys::Secret(secret) => return Ok(DecodingKey::from_secret(secret.expose_secret().as_bytes())),
            JwtKeys::Jwks(url) => url,
        };
        let Some(id) = header.kid.as_deref() else { return refuse("the token names no key") };
        // The lock makes one request fetch while the others wait for its keys.
        let mut keys = self.keys.lock().await;
        let now = self.clock.now();
        let known = |keys: &Option<Keys>| keys.as_ref().and_then(|keys| keys.set.find(id).cloned());
        let age = keys.as_ref().map(|keys| now.duration_since(keys.fetched));
        let stale = match age {
            None => true,
            Some(age) => age > FRESH || (age > REFETCH && known(&keys).is_none()),
        };
        if stale {
            match self.fetch(url).await {
                Ok(set) => *keys = Some(Keys { set: Arc::new(set), fetched: now }),
                // Keys that are known go on while the issuer cannot be reached.
                Err(error) if known(&keys).is_some() => {
                    tracing::warn!(?error, "the issuer's keys could not be fetched")
                }
                Err(error) => return Err(error),
            }
        }
        let Some(jwk) = known(&keys) else { return refuse("the token's key is unknown") };
        DecodingKey::from_jwk(&jwk).or_else(|error| refuse(&error.to_string()))
    }

    async fn fetch(&self, url: &Url) -> Result<JwkSet> {
        let request = http::Request::get(url.as_str()).body(Bytes::new()).map_err(Error::internal)?;
        let response = self.http.send(request).await.map_err(Error::unavailable)?;
        if !response.status().is_success() || response.body().len() > MAX_KEYS_BYTES {
            return Err(Error::unavailable(format!("the issuer's key set: HTTP {}", response.status())));
        }
        // A key of a kind this build does not know must not hide the others.
        let set: Value = serde_json::from_slice(response.body()).map_err(Error::unavailable)?;
        let keys = set["keys"].as_array().cloned().unwrap_or_default();
        let keys = keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        Ok(JwkSet { keys })
    }
}

impl Principal {
    /// The token's `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether it may act for users who agreed.
    pub fn is_service(&self) -> bool {
        self.service
    }
}

fn refuse<T>(reason: &str) -> Result<T> {
    Err(Error::Unauthenticated(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, EncodingKey};
    use serde_json::json;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const ISSUER: &str = "https://id.example.com";

    fn rsa() -> &'static EncodingKey {
        static KEY: OnceLock<EncodingKey> = OnceLock::new();
        KEY.get_or_init(|| {
            use base64::Engine as _;
            let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
            let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).unwrap();
            let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
            EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
        })
    }

    fn key_set(id: &str) -> Value {
        let mut jwk = Jwk::from_encoding_key(rsa(), Algorithm::RS256).unwrap();
        jwk.common.key_id = Some(id.to_owned());
        // A key of a kind nobody here knows must not hide the others.
        json!({ "keys": [{ "kty": "novel", "kid": "x" }, jwk] })
    }

    /// An issuer that counts how often it is asked, and whose answer can be changed.
    #[derive(Clone, Default)]
    struct Issuer(Arc<(AtomicUsize, std::sync::Mutex<Option<Value>>)>);

    impl Issuer {
        fn serving(keys: Value) -> Self {
            let issuer = Self::default();
            *issuer.0.1.lock().unwrap() = Some(keys);
            issuer
        }

        fn goes_down(&self) {
            *self.0.1.lock().unwrap() = None;
        }

        fn asked(&self) -> usize {
            self.0.0.load(Ordering::SeqCst)
        }

        fn http(&self) -> Http {
            let issuer = self.clone();
            Http::new(move |_| {
                issuer.0.0.fetch_add(1, Ordering::SeqCst);
                let keys = issuer.0.1.lock().unwrap().clone();
                let answer = match keys {
                    Some(keys) => Ok(http::Response::new(Bytes::from(keys.to_string()))),
                    None => Err(crate::http::HttpError::NotSent("down".to_owned())),
                };
                Box::pin(std::future::ready(answer))
            })
        }
    }

    fn verifier(algorithms: &[Algorithm], keys: JwtKeys, issuer: &Issuer) -> Verifier {
        let config = JwtConfig {
            issuer: ISSUER.to_owned(),
            audience: "plugin-engine".to_owned(),
            algorithms: algorithms.to_vec(),
            keys,
        };
        Verifier::new(config, issuer.http(), Clock::manual(Timestamp::from_second(1_000_000).unwrap()))
    }

    fn rs256(issuer: &Issuer) -> Verifier {
        let keys = JwtKeys::Jwks(Url::parse("https://id.example.com/jwks").unwrap());
        verifier(&[Algorithm::RS256, Algorithm::ES256], keys, issuer)
    }

    fn claims() -> Value {
        json!({ "iss": ISSUER, "aud": "plugin-engine", "sub": "u1", "exp": 1_000_060, "scope": "a act-as" })
    }

    fn sign(algorithm: Algorithm, id: &str, key: &EncodingKey, claims: &Value) -> String {
        let header = Header { kid: Some(id.to_owned()), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, claims, key).unwrap()
    }

    #[tokio::test]
    async fn an_rs256_token_is_verified_with_keys_fetched_once() {
        let issuer = Issuer::serving(key_set("k1"));
        let verifier = rs256(&issuer);
        for _ in 0..3 {
            let principal = verifier.verify(&sign(Algorithm::RS256, "k1", rsa(), &claims())).await.unwrap();
            assert_eq!((principal.subject(), principal.is_service()), ("u1", true));
        }
        assert_eq!(issuer.asked(), 1);
    }

    #[tokio::test]
    async fn an_unknown_key_is_looked_for_at_most_once_a_minute() {
        let issuer = Issuer::serving(key_set("k1"));
        let verifier = rs256(&issuer);
        let token = sign(Algorithm::RS256, "k2", rsa(), &claims());
        for _ in 0..3 {
            assert_eq!(verifier.verify(&token).await.unwrap_err().code(), "UNAUTHORIZED");
        }
        assert_eq!(issuer.asked(), 1);
        *issuer.0.1.lock().unwrap() = Some(key_set("k2"));
        verifier.clock.advance(REFETCH + SignedDuration::from_secs(1));
        verifier.verify(&token).await.unwrap();
        assert_eq!(issuer.asked(), 2);
    }

    #[tokio::test]
    async fn known_keys_go_on_while_the_issuer_is_down() {
        let issuer = Issuer::serving(key_set("k1"));
        let verifier = rs256(&issuer);
        let mut long = claims();
        long["exp"] = 9_000_000.into();
        let token = sign(Algorithm::RS256, "k1", rsa(), &long);
        verifier.verify(&token).await.unwrap();
        issuer.goes_down();
        verifier.clock.advance(FRESH + FRESH);
        verifier.verify(&token).await.unwrap();
        let unknown = sign(Algorithm::RS256, "k2", rsa(), &long);
        assert_eq!(verifier.verify(&unknown).await.unwrap_err().code(), "UNAVAILABLE");
    }

    #[tokio::test]
    async fn a_public_key_is_no_hmac_secret_and_the_token_does_not_choose() {
        let issuer = Issuer::serving(key_set("k1"));
        let public = key_set("k1").to_string();
        let forged = sign(Algorithm::HS256, "k1", &EncodingKey::from_secret(public.as_bytes()), &claims());
        assert_eq!(rs256(&issuer).verify(&forged).await.unwrap_err().code(), "UNAUTHORIZED");

        let secret = EncodingKey::from_secret(b"a shared secret");
        let shared = verifier(&[Algorithm::HS256], JwtKeys::Secret("a shared secret".to_owned().into()), &issuer);
        shared.verify(&sign(Algorithm::HS256, "any", &secret, &claims())).await.unwrap();
        let other = sign(Algorithm::RS256, "k1", rsa(), &claims());
        assert_eq!(shared.verify(&other).await.unwrap_err().code(), "UNAUTHORIZED");
    }

    #[tokio::test]
    async fn every_required_claim_is_required() {
        let issuer = Issuer::serving(key_set("k1"));
        let verifier = rs256(&issuer);
        for claim in ["iss", "aud", "sub", "exp"] {
            for wrong in [None, Some(json!("wrong")), Some(json!(7)), Some(json!([]))] {
                if claim == "sub" && wrong == Some(json!("wrong")) {
                    continue;
                }
                let mut claims = claims();
                match &wrong {
                    None => drop(claims.as_object_mut().unwrap().remove(claim)),
                    Some(wrong) => claims[claim] = wrong.clone(),
                }
                let verified = verifier.verify(&sign(Algorithm::RS256, "k1", rsa(), &claims)).await;
                assert!(matches!(verified, Err(Error::Unauthenticated(_))), "{claim}: {wrong:?}");
            }
        }
    }
}
