//! A cached token is refused as soon as a token that was not cached.

use super::keys::{FRESHNESS_LIFETIME, MIN_FETCH_INTERVAL};
use super::tests::{
    ATTACKER_KEY, ISSUER_KEY, Issuer, NOW, claims, error_code, key_set, long_lived_token, rs256, token, verifier,
};
use super::verified_token_cache::MAX_TOKENS;
use super::*;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

#[tokio::test]
async fn cached_token_expires_at_its_exp() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let leeway = SignedDuration::from_secs(LEEWAY_SECONDS.into());
    for lifetime in [1, 60, 299, 300, 3_000] {
        let verifier = rs256(&issuer);
        let token = token("k1", json!({ "exp": NOW + lifetime }));
        assert_eq!(error_code(&verifier, &token).await, "OK");
        verifier.clock.advance(SignedDuration::from_secs(lifetime) + leeway - SECOND);
        assert_eq!(error_code(&verifier, &token).await, "OK", "{lifetime}");
        assert_eq!(verifier.verified_tokens.len(), 1, "the token is still cached");
        verifier.clock.advance(SECOND);
        assert_eq!(error_code(&verifier, &token).await, "UNAUTHORIZED", "{lifetime}");
        assert_eq!(
            error_code(&verifier_at(&verifier, &issuer), &token).await,
            "UNAUTHORIZED",
            "as a verifier without the token in its cache decides"
        );
    }
}

/// A new verifier at the same instant, with an empty cache.
fn verifier_at(other: &Verifier, issuer: &Issuer) -> Verifier {
    let new = rs256(issuer);
    new.clock.advance(other.clock.now().duration_since(new.clock.now()));
    new
}

#[tokio::test]
async fn tokens_of_a_withdrawn_key_are_refused_after_the_next_fetch() {
    // The next fetch follows after an hour, or earlier at a token of another key, known to the issuer or not.
    let both = json!({ "keys": [ISSUER_KEY.jwk("k1"), ISSUER_KEY.jwk("k2")] });
    for (after, other) in [
        (FRESHNESS_LIFETIME + SECOND, None),
        (MIN_FETCH_INTERVAL, Some(("k3", "OK"))),
        (MIN_FETCH_INTERVAL, Some(("k9", "UNAUTHORIZED"))),
    ] {
        let issuer = Issuer::with_keys(both.clone());
        let verifier = rs256(&issuer);
        assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK");
        issuer.set_keys(Some(json!({ "keys": [ISSUER_KEY.jwk("k2"), ISSUER_KEY.jwk("k3")] })));
        verifier.clock.advance(after);
        if let Some((other, expected)) = other {
            assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK", "no new fetch yet");
            assert_eq!(error_code(&verifier, &long_lived_token(other)).await, expected);
        }
        assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "UNAUTHORIZED", "{after}");
        assert_eq!((error_code(&verifier, &long_lived_token("k2")).await, issuer.requests()), ("OK", 2));
    }
}

#[tokio::test]
async fn tokens_of_a_key_replaced_under_the_same_id_are_refused() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let verifier = rs256(&issuer);
    assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK");
    issuer.set_keys(Some(json!({ "keys": [ATTACKER_KEY.jwk("k1")] })));
    verifier.clock.advance(FRESHNESS_LIFETIME);
    assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "OK", "until the last second of the hour");
    verifier.clock.advance(SECOND);
    assert_eq!(error_code(&verifier, &long_lived_token("k1")).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn cache_matches_the_whole_token_only() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let verifier = rs256(&issuer);
    let good = long_lived_token("k1");
    assert_eq!(error_code(&verifier, &good).await, "OK");
    for at in [0, good.len() / 2, good.len() - 8, good.len() - 2] {
        let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
        let forged = format!("{}{other}{}", &good[..at], &good[at + 1..]);
        assert_eq!(error_code(&verifier, &forged).await, "UNAUTHORIZED", "{at}");
    }
    let unsigned = &good[..good.rfind('.').unwrap()];
    for forged in [unsigned.to_owned(), format!("{unsigned}."), format!("{good}="), format!("{good} ")] {
        assert_eq!(error_code(&verifier, &forged).await, "UNAUTHORIZED", "{forged}");
    }
    assert_eq!(error_code(&verifier, &good).await, "OK");
    assert_eq!(verifier.verified_tokens.len(), 1);
}

#[tokio::test]
async fn refused_tokens_are_not_cached() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let verifier = rs256(&issuer);
    let header = json!({ "alg": "RS256", "kid": "k1" }).to_string();
    let refused = [
        ATTACKER_KEY.sign(&header, &claims().to_string()),
        token("k1", json!({ "exp": NOW - 30 })),
        token("k1", json!({ "nbf": NOW + 31 })),
        token("k1", json!({ "aud": "another" })),
        token("k1", json!({ "iss": "https://another.example.com" })),
        token("k1", json!({ "sub": "a\u{7}" })),
        token("k2", json!({})),
    ];
    for token in refused {
        for _ in 0..2 {
            assert_eq!(error_code(&verifier, &token).await, "UNAUTHORIZED");
        }
    }
    assert_eq!(verifier.verified_tokens.len(), 0);
}

#[tokio::test]
async fn cache_holds_at_most_max_tokens() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let secret = JwtKeys::Secret("a shared secret".to_owned().into());
    let verifier = verifier(&[Algorithm::HS256], secret, &issuer);
    let key = EncodingKey::from_secret(b"a shared secret");
    for number in 0..MAX_TOKENS + 10 {
        let mut claims = claims();
        claims["sub"] = format!("u{number}").into();
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
        assert_eq!(verifier.verify(&token).await.unwrap().subject(), format!("u{number}"));
        assert!((1..=MAX_TOKENS).contains(&verifier.verified_tokens.len()));
        assert_eq!(
            verifier.verify(&token).await.unwrap().subject(),
            format!("u{number}"),
            "the claims of this token and no other"
        );
    }
}
