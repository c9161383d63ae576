//! A token that was verified before is refused as soon as one that was not.

use super::keys::{FRESH, PAUSE};
use super::recent::MOST;
use super::tests::{EVIL, GOOD, Issuer, NOW, claims, code, key_set, lasting, rs256, token, verifier};
use super::*;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

#[tokio::test]
async fn its_own_end_is_the_end() {
    let issuer = Issuer::serving(key_set("k1"));
    let leeway = SignedDuration::from_secs(LEEWAY);
    for lifetime in [1, 60, 299, 300, 3_000] {
        let verifier = rs256(&issuer);
        let token = token("k1", json!({ "exp": NOW + lifetime }));
        assert_eq!(code(&verifier, &token).await, "OK");
        verifier.clock.advance(SignedDuration::from_secs(lifetime) + leeway - SECOND);
        assert_eq!(code(&verifier, &token).await, "OK", "{lifetime}");
        assert_eq!(verifier.recent.len(), 1, "it is still known");
        verifier.clock.advance(SECOND);
        assert_eq!(code(&verifier, &token).await, "UNAUTHORIZED", "{lifetime}");
        assert_eq!(code(&rs256_at(&verifier, &issuer), &token).await, "UNAUTHORIZED", "as one who never saw it says");
    }
}

/// A verifier at the same instant that knows nothing yet.
fn rs256_at(other: &Verifier, issuer: &Issuer) -> Verifier {
    let new = rs256(issuer);
    new.clock.advance(other.clock.now().duration_since(new.clock.now()));
    new
}

#[tokio::test]
async fn a_key_that_is_withdrawn_takes_its_tokens_along() {
    // With the next fetch, which an hour brings, or sooner a token of another key, whether the issuer has that or not.
    let both = json!({ "keys": [GOOD.jwk("k1"), GOOD.jwk("k2")] });
    for (after, other) in [(FRESH + SECOND, None), (PAUSE, Some(("k3", "OK"))), (PAUSE, Some(("k9", "UNAUTHORIZED")))] {
        let issuer = Issuer::serving(both.clone());
        let verifier = rs256(&issuer);
        assert_eq!(code(&verifier, &lasting("k1")).await, "OK");
        issuer.serves(Some(json!({ "keys": [GOOD.jwk("k2"), GOOD.jwk("k3")] })));
        verifier.clock.advance(after);
        if let Some((other, answer)) = other {
            assert_eq!(code(&verifier, &lasting("k1")).await, "OK", "nothing was fetched yet");
            assert_eq!(code(&verifier, &lasting(other)).await, answer);
        }
        assert_eq!(code(&verifier, &lasting("k1")).await, "UNAUTHORIZED", "{after}");
        assert_eq!((code(&verifier, &lasting("k2")).await, issuer.asked()), ("OK", 2));
    }
}

#[tokio::test]
async fn a_key_that_is_replaced_under_its_name_takes_its_tokens_along() {
    let issuer = Issuer::serving(key_set("k1"));
    let verifier = rs256(&issuer);
    assert_eq!(code(&verifier, &lasting("k1")).await, "OK");
    issuer.serves(Some(json!({ "keys": [EVIL.jwk("k1")] })));
    verifier.clock.advance(FRESH);
    assert_eq!(code(&verifier, &lasting("k1")).await, "OK", "to the last second of the hour");
    verifier.clock.advance(SECOND);
    assert_eq!(code(&verifier, &lasting("k1")).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn it_is_known_to_the_last_character() {
    let issuer = Issuer::serving(key_set("k1"));
    let verifier = rs256(&issuer);
    let good = lasting("k1");
    assert_eq!(code(&verifier, &good).await, "OK");
    for at in [0, good.len() / 2, good.len() - 8, good.len() - 2] {
        let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
        let forged = format!("{}{other}{}", &good[..at], &good[at + 1..]);
        assert_eq!(code(&verifier, &forged).await, "UNAUTHORIZED", "{at}");
    }
    let unsigned = &good[..good.rfind('.').unwrap()];
    for forged in [unsigned.to_owned(), format!("{unsigned}."), format!("{good}="), format!("{good} ")] {
        assert_eq!(code(&verifier, &forged).await, "UNAUTHORIZED", "{forged}");
    }
    assert_eq!(code(&verifier, &good).await, "OK");
    assert_eq!(verifier.recent.len(), 1);
}

#[tokio::test]
async fn what_is_refused_is_not_kept() {
    let issuer = Issuer::serving(key_set("k1"));
    let verifier = rs256(&issuer);
    let header = json!({ "alg": "RS256", "kid": "k1" }).to_string();
    let refused = [
        EVIL.sign(&header, &claims().to_string()),
        token("k1", json!({ "exp": NOW - 30 })),
        token("k1", json!({ "nbf": NOW + 31 })),
        token("k1", json!({ "aud": "another" })),
        token("k1", json!({ "iss": "https://another.example.com" })),
        token("k1", json!({ "sub": "a\u{7}" })),
        token("k2", json!({})),
    ];
    for token in refused {
        for _ in 0..2 {
            assert_eq!(code(&verifier, &token).await, "UNAUTHORIZED");
        }
    }
    assert_eq!(verifier.recent.len(), 0);
}

#[tokio::test]
async fn they_stay_few() {
    let issuer = Issuer::serving(key_set("k1"));
    let secret = JwtKeys::Secret("a shared secret".to_owned().into());
    let verifier = verifier(&[Algorithm::HS256], secret, &issuer);
    let key = EncodingKey::from_secret(b"a shared secret");
    for number in 0..MOST + 10 {
        let mut claims = claims();
        claims["sub"] = format!("u{number}").into();
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
        assert_eq!(verifier.verify(&token).await.unwrap().subject(), format!("u{number}"));
        assert!((1..=MOST).contains(&verifier.recent.len()));
        assert_eq!(verifier.verify(&token).await.unwrap().subject(), format!("u{number}"), "of this token, no other");
    }
}
