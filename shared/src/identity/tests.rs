//! Fetching and caching of keys, and valid tokens. Invalid tokens are in `forged`.

use super::keys::{FETCH_RETRY_DELAY, FETCH_TIMEOUT, FRESHNESS_LIFETIME, MIN_FETCH_INTERVAL, STALE_IF_ERROR_LIFETIME};
use super::*;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use tokio::sync::Semaphore;
use url::Url;

pub(super) const ISSUER: &str = "https://id.example.com";
/// Time of the verifiers, in epoch seconds.
pub(super) const NOW: i64 = 1_000_000;

/// An RSA key pair.
pub(super) struct Signer(KeyPair);

impl Signer {
    fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// Signs a token with any header and claims, well-formed or not.
    pub(super) fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Returns the public key with this id.
    pub(super) fn jwk(&self, id: &str) -> Value {
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&self.0).unwrap();
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
        jwk.common.key_id = Some(id.to_owned());
        json!(jwk)
    }
}

/// Key of the issuer.
pub(super) static ISSUER_KEY: LazyLock<Signer> = LazyLock::new(Signer::new);
/// Key of an attacker.
pub(super) static ATTACKER_KEY: LazyLock<Signer> = LazyLock::new(Signer::new);

pub(super) fn key_set(id: &str) -> Value {
    // An unsupported key must not hide the others.
    json!({ "keys": [{ "kty": "novel", "kid": "x" }, ISSUER_KEY.jwk(id)] })
}

/// Issuer that counts its requests, and whose response can be changed and delayed.
#[derive(Clone)]
pub(super) struct Issuer(Arc<IssuerState>);

struct IssuerState {
    requests: AtomicUsize,
    keys: Mutex<Option<Value>>,
    permits: Semaphore,
}

impl Issuer {
    pub(super) fn with_keys(keys: Value) -> Self {
        let (keys, permits) = (Mutex::new(Some(keys)), Semaphore::new(Semaphore::MAX_PERMITS));
        Self(Arc::new(IssuerState { requests: AtomicUsize::default(), keys, permits }))
    }

    pub(super) fn set_keys(&self, keys: Option<Value>) {
        *self.0.keys.lock().unwrap() = keys;
    }

    pub(super) fn requests(&self) -> usize {
        self.0.requests.load(Ordering::SeqCst)
    }

    fn http(&self) -> Http {
        let issuer = self.0.clone();
        Http::new(move |_| {
            issuer.requests.fetch_add(1, Ordering::SeqCst);
            let issuer = issuer.clone();
            Box::pin(async move {
                let _permit = issuer.permits.acquire().await.unwrap();
                match issuer.keys.lock().unwrap().clone() {
                    Some(keys) => Ok(http::Response::new(keys.to_string().into())),
                    None => Err(crate::http::HttpError::NotSent("down".to_owned())),
                }
            })
        })
    }
}

/// The settings of an issuer with a key set.
pub(super) fn config() -> JwtConfig {
    JwtConfig {
        issuer: ISSUER.to_owned(),
        audiences: vec!["plugin-engine".to_owned()],
        client_id_as_audience: false,
        algorithms: vec![Algorithm::RS256, Algorithm::ES256],
        keys: JwtKeys::Jwks(Url::parse("https://id.example.com/jwks").unwrap()),
    }
}

pub(super) fn verifier_with(config: JwtConfig, issuer: &Issuer) -> Verifier {
    Verifier::new(config, issuer.http(), Clock::manual(Timestamp::from_second(NOW).unwrap()))
}

pub(super) fn verifier(algorithms: &[Algorithm], keys: JwtKeys, issuer: &Issuer) -> Verifier {
    verifier_with(JwtConfig { algorithms: algorithms.to_vec(), keys, ..config() }, issuer)
}

pub(super) fn rs256(issuer: &Issuer) -> Verifier {
    verifier_with(config(), issuer)
}

pub(super) fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "plugin-engine", "sub": "u1", "exp": NOW + 60, "scope": "a act-as" })
}

pub(super) fn token(id: &str, changes: Value) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    ISSUER_KEY.sign(&json!({ "alg": "RS256", "typ": "JWT", "kid": id }).to_string(), &claims.to_string())
}

/// A token with a longer lifetime than the keys.
pub(super) fn long_lived_token(id: &str) -> String {
    token(id, json!({ "exp": NOW + 9_000_000 }))
}

pub(super) async fn error_code(verifier: &Verifier, token: &str) -> &'static str {
    verifier.verify(token).await.map_or_else(|error| error.code(), |_| "OK")
}

#[tokio::test]
async fn valid_tokens_are_verified_with_keys_fetched_once() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let verifier = rs256(&issuer);
    let good = [
        json!({}),
        json!({ "exp": NOW - 29 }),
        json!({ "nbf": NOW + 30 }),
        json!({ "nbf": NOW - 1, "iat": NOW - 1, "unknown": [1, {}] }),
        json!({ "aud": ["other", "plugin-engine"] }),
    ];
    for changes in good {
        let principal = verifier.verify(&token("k1", changes.clone())).await;
        let principal = principal.unwrap_or_else(|error| panic!("{changes}: {error}"));
        assert_eq!((principal.subject(), principal.is_service()), ("u1", true));
    }
    for scope in [json!(null), json!(""), json!("act-as-not not-act-as ACT-AS")] {
        assert!(!verifier.verify(&token("k1", json!({ "scope": scope }))).await.unwrap().is_service());
    }
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test]
async fn unknown_key_is_fetched_at_most_once_a_minute() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let verifier = rs256(&issuer);
    for _ in 0..3 {
        assert_eq!(error_code(&verifier, &long_lived_token("k2")).await, "UNAUTHORIZED");
    }
    assert_eq!(issuer.requests(), 1);
    issuer.set_keys(Some(key_set("k2")));
    verifier.clock.advance(MIN_FETCH_INTERVAL - SignedDuration::from_secs(1));
    assert_eq!(error_code(&verifier, &long_lived_token("k2")).await, "UNAUTHORIZED");
    verifier.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(error_code(&verifier, &long_lived_token("k2")).await, "OK");
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test]
async fn concurrent_requests_with_an_unknown_key_share_one_fetch() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let verifier = rs256(&issuer);
    assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK");
    verifier.clock.advance(MIN_FETCH_INTERVAL);
    issuer.set_keys(Some(key_set("k2")));
    // The issuer does not respond before all requests wait.
    issuer.0.permits.forget_permits(Semaphore::MAX_PERMITS);
    let (rotated, forged, known) = (long_lived_token("k2"), long_lived_token("k3"), long_lived_token("k1"));
    let unknown = join_all((0..64).map(|at| error_code(&verifier, if at % 2 == 0 { &rotated } else { &forged })));
    let respond = async {
        // A token with a known key does not wait.
        assert_eq!(error_code(&verifier, &known).await, "OK");
        assert_eq!(issuer.requests(), 2);
        issuer.0.permits.add_permits(1000);
    };
    let (codes, ()) = futures::join!(unknown, respond);
    assert_eq!(codes.iter().filter(|code| **code == "OK").count(), 32, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == "UNAUTHORIZED").count(), 32, "{codes:?}");
    assert_eq!(issuer.requests(), 2, "one fetch for all of them");
}

#[tokio::test]
async fn known_keys_are_used_for_a_day_while_the_issuer_is_unreachable() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let verifier = rs256(&issuer);
    assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK");
    issuer.set_keys(None);
    verifier.clock.advance(FRESHNESS_LIFETIME + FRESHNESS_LIFETIME);
    for _ in 0..5 {
        assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK");
        assert_eq!(error_code(&verifier, &long_lived_token("k2")).await, "UNAVAILABLE", "the key may be new");
    }
    assert_eq!(issuer.requests(), 2, "a failed fetch is not retried at once");
    verifier.clock.advance(FETCH_RETRY_DELAY);
    assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK");
    assert_eq!(issuer.requests(), 3);
    verifier.clock.advance(STALE_IF_ERROR_LIFETIME);
    assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "UNAVAILABLE");
    issuer.set_keys(Some(key_set("k1")));
    verifier.clock.advance(FETCH_RETRY_DELAY);
    assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK");
}

#[tokio::test]
async fn hung_issuer_is_unavailable_within_the_timeout() {
    let issuer = Issuer::with_keys(key_set("k1"));
    // The issuer accepts requests and answers none.
    issuer.0.permits.forget_permits(Semaphore::MAX_PERMITS);
    let verifier = rs256(&issuer);
    let token = long_lived_token("k1");
    let requests = join_all((0..3).map(|_| error_code(&verifier, &token)));
    let time = async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(verifier.clock.has_sleepers(), "the fetch has a timeout");
        verifier.clock.advance(FETCH_TIMEOUT - SignedDuration::from_millis(1));
        tokio::task::yield_now().await;
        assert!(verifier.clock.has_sleepers(), "the requests still wait");
        verifier.clock.advance(SignedDuration::from_millis(1));
    };
    let (codes, ()) = futures::join!(requests, time);
    assert_eq!(codes, ["UNAVAILABLE"; 3]);
    assert!(FETCH_TIMEOUT <= SignedDuration::from_secs(4), "functions with a timeout of 10 s answer in time");
    assert_eq!(issuer.requests(), 1, "waiting requests do not fetch after each other");
    issuer.0.permits.add_permits(1);
    verifier.clock.advance(FETCH_RETRY_DELAY);
    assert_eq!(error_code(&verifier, &token).await, "OK");
}

#[tokio::test]
async fn invalid_key_set_is_unavailable_and_encryption_keys_are_ignored() {
    for broken in [json!({}), json!([]), json!({ "keys": "x" }), json!({ "keys": [], "pad": "x".repeat(70_000) })] {
        let issuer = Issuer::with_keys(broken);
        assert_eq!(error_code(&rs256(&issuer), &long_lived_token("k1")).await, "UNAVAILABLE");
    }
    let mut encrypts = ISSUER_KEY.jwk("k1");
    encrypts["use"] = "enc".into();
    let issuer = Issuer::with_keys(json!({ "keys": [encrypts] }));
    assert_eq!(error_code(&rs256(&issuer), &long_lived_token("k1")).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn shared_secret_fetches_no_keys_and_accepts_only_hs256() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let shared = verifier(&[Algorithm::HS256], JwtKeys::Secret("a shared secret".to_owned().into()), &issuer);
    let key = EncodingKey::from_secret(b"a shared secret");
    let signed = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(), &key).unwrap();
    assert_eq!(error_code(&shared, &signed).await, "OK");
    assert_eq!(error_code(&shared, &token("k1", json!({}))).await, "UNAUTHORIZED");
    assert_eq!(issuer.requests(), 0);
}
