//! Keys that are fetched, kept and done without; tokens that are good. Bad ones are in `forged`.

use super::keys::{FRESH, PAUSE, RETRY, STALE};
use super::*;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
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
/// The time of the verifiers here, epoch seconds.
pub(super) const NOW: i64 = 1_000_000;

/// An RSA key pair.
pub(super) struct Signer(KeyPair);

impl Signer {
    fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// A token of any header and claims, well-formed or not, with this key's signature over them.
    pub(super) fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The public key under that id.
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

/// The issuer's key, and one of somebody else's.
pub(super) static GOOD: LazyLock<Signer> = LazyLock::new(Signer::new);
pub(super) static EVIL: LazyLock<Signer> = LazyLock::new(Signer::new);

pub(super) fn key_set(id: &str) -> Value {
    // A key of a kind nobody here knows must not hide the others.
    json!({ "keys": [{ "kty": "novel", "kid": "x" }, GOOD.jwk(id)] })
}

/// An issuer that counts how often it is asked, whose answer can be changed and held back.
#[derive(Clone)]
pub(super) struct Issuer(Arc<Inner>);

struct Inner {
    asked: AtomicUsize,
    keys: Mutex<Option<Value>>,
    open: Semaphore,
}

impl Issuer {
    pub(super) fn serving(keys: Value) -> Self {
        let (keys, open) = (Mutex::new(Some(keys)), Semaphore::new(Semaphore::MAX_PERMITS));
        Self(Arc::new(Inner { asked: AtomicUsize::default(), keys, open }))
    }

    pub(super) fn serves(&self, keys: Option<Value>) {
        *self.0.keys.lock().unwrap() = keys;
    }

    pub(super) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    fn http(&self) -> Http {
        let issuer = self.0.clone();
        Http::new(move |_| {
            issuer.asked.fetch_add(1, Ordering::SeqCst);
            let issuer = issuer.clone();
            Box::pin(async move {
                let _open = issuer.open.acquire().await.unwrap();
                match issuer.keys.lock().unwrap().clone() {
                    Some(keys) => Ok(http::Response::new(Bytes::from(keys.to_string()))),
                    None => Err(crate::http::HttpError::NotSent("down".to_owned())),
                }
            })
        })
    }
}

pub(super) fn verifier(algorithms: &[Algorithm], keys: JwtKeys, issuer: &Issuer) -> Verifier {
    let config = JwtConfig {
        issuer: ISSUER.to_owned(),
        audience: "plugin-engine".to_owned(),
        algorithms: algorithms.to_vec(),
        keys,
    };
    Verifier::new(config, issuer.http(), Clock::manual(Timestamp::from_second(NOW).unwrap()))
}

pub(super) fn rs256(issuer: &Issuer) -> Verifier {
    let keys = JwtKeys::Jwks(Url::parse("https://id.example.com/jwks").unwrap());
    verifier(&[Algorithm::RS256, Algorithm::ES256], keys, issuer)
}

pub(super) fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "plugin-engine", "sub": "u1", "exp": NOW + 60, "scope": "a act-as" })
}

pub(super) fn token(id: &str, changes: Value) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    GOOD.sign(&json!({ "alg": "RS256", "typ": "JWT", "kid": id }).to_string(), &claims.to_string())
}

/// A token that outlives the keys.
pub(super) fn lasting(id: &str) -> String {
    token(id, json!({ "exp": NOW + 9_000_000 }))
}

pub(super) async fn code(verifier: &Verifier, token: &str) -> &'static str {
    verifier.verify(token).await.map_or_else(|error| error.code(), |_| "OK")
}

#[tokio::test]
async fn a_good_token_is_verified_with_keys_fetched_once() {
    let issuer = Issuer::serving(key_set("k1"));
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
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_at_most_once_a_minute() {
    let issuer = Issuer::serving(key_set("k1"));
    let verifier = rs256(&issuer);
    for _ in 0..3 {
        assert_eq!(code(&verifier, &lasting("k2")).await, "UNAUTHORIZED");
    }
    assert_eq!(issuer.asked(), 1);
    issuer.serves(Some(key_set("k2")));
    verifier.clock.advance(PAUSE - SignedDuration::from_secs(1));
    assert_eq!(code(&verifier, &lasting("k2")).await, "UNAUTHORIZED");
    verifier.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(code(&verifier, &lasting("k2")).await, "OK");
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn many_requests_with_an_unknown_key_ask_once_together() {
    let issuer = Issuer::serving(key_set("k1"));
    let verifier = rs256(&issuer);
    assert_eq!(code(&verifier, &lasting("k1")).await, "OK");
    verifier.clock.advance(PAUSE);
    issuer.serves(Some(key_set("k2")));
    // The issuer does not answer before all of them wait.
    issuer.0.open.forget_permits(Semaphore::MAX_PERMITS);
    let (rotated, forged, known) = (lasting("k2"), lasting("k3"), lasting("k1"));
    let unknown = join_all((0..64).map(|at| code(&verifier, if at % 2 == 0 { &rotated } else { &forged })));
    let answer = async {
        // Who knows the key is not held up.
        assert_eq!(code(&verifier, &known).await, "OK");
        assert_eq!(issuer.asked(), 2);
        issuer.0.open.add_permits(1000);
    };
    let (codes, ()) = futures::join!(unknown, answer);
    assert_eq!(codes.iter().filter(|code| **code == "OK").count(), 32, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == "UNAUTHORIZED").count(), 32, "{codes:?}");
    assert_eq!(issuer.asked(), 2, "one fetch for all of them");
}

#[tokio::test]
async fn known_keys_go_on_for_a_day_while_the_issuer_is_down() {
    let issuer = Issuer::serving(key_set("k1"));
    let verifier = rs256(&issuer);
    assert_eq!(code(&verifier, &lasting("k1")).await, "OK");
    issuer.serves(None);
    verifier.clock.advance(FRESH + FRESH);
    for _ in 0..5 {
        assert_eq!(code(&verifier, &lasting("k1")).await, "OK");
        assert_eq!(code(&verifier, &lasting("k2")).await, "UNAVAILABLE", "it may be a new one");
    }
    assert_eq!(issuer.asked(), 2, "a failure is not repeated at once");
    verifier.clock.advance(RETRY);
    assert_eq!(code(&verifier, &lasting("k1")).await, "OK");
    assert_eq!(issuer.asked(), 3);
    verifier.clock.advance(STALE);
    assert_eq!(code(&verifier, &lasting("k1")).await, "UNAVAILABLE");
    issuer.serves(Some(key_set("k1")));
    verifier.clock.advance(RETRY);
    assert_eq!(code(&verifier, &lasting("k1")).await, "OK");
}

#[tokio::test]
async fn a_key_set_that_cannot_be_read_is_a_failure_and_a_key_for_encryption_none() {
    for broken in [json!({}), json!([]), json!({ "keys": "x" }), json!({ "keys": [], "pad": "x".repeat(70_000) })] {
        let issuer = Issuer::serving(broken);
        assert_eq!(code(&rs256(&issuer), &lasting("k1")).await, "UNAVAILABLE");
    }
    let mut encrypts = GOOD.jwk("k1");
    encrypts["use"] = "enc".into();
    let issuer = Issuer::serving(json!({ "keys": [encrypts] }));
    assert_eq!(code(&rs256(&issuer), &lasting("k1")).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_shared_secret_needs_no_keys_and_takes_no_other_algorithm() {
    let issuer = Issuer::serving(key_set("k1"));
    let shared = verifier(&[Algorithm::HS256], JwtKeys::Secret("a shared secret".to_owned().into()), &issuer);
    let key = EncodingKey::from_secret(b"a shared secret");
    let signed = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(), &key).unwrap();
    assert_eq!(code(&shared, &signed).await, "OK");
    assert_eq!(code(&shared, &token("k1", json!({}))).await, "UNAUTHORIZED");
    assert_eq!(issuer.asked(), 0);
}
