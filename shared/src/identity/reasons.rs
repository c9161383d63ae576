//! Reasons of refusals, the forms of `exp`, `nbf`, `iat` and `aud`, and the audience in `client_id`.

use super::tests::{ATTACKER_KEY, ISSUER_KEY, Issuer, NOW, claims, config, key_set, rs256, token, verifier_with};
use super::*;
use serde_json::{Value, json};

async fn fault(verifier: &Verifier, token: &str) -> Option<TokenFault> {
    match verifier.verify(token).await {
        Ok(_) => None,
        Err(Error::Unauthenticated(fault)) => Some(fault),
        Err(error) => panic!("{error}"),
    }
}

fn signed(header: Value) -> String {
    ISSUER_KEY.sign(&header.to_string(), &claims().to_string())
}

#[tokio::test]
async fn each_refusal_has_its_reason() {
    let verifier = rs256(&Issuer::with_keys(key_set("k1")));
    let header = json!({ "alg": "RS256", "kid": "k1" });
    let good = token("k1", json!({}));
    let refused = [
        ("abc".to_owned(), TokenFault::Malformed),
        ("a".repeat(9 * 1024), TokenFault::Malformed),
        (good[..good.len() - 9].to_owned(), TokenFault::Malformed),
        (ATTACKER_KEY.sign(&header.to_string(), &claims().to_string()), TokenFault::Signature),
        (token("k2", json!({})), TokenFault::Signature),
        (signed(json!({ "alg": "RS256" })), TokenFault::Signature),
        (signed(json!({ "alg": "RS512", "kid": "k1" })), TokenFault::Algorithm),
        (signed(json!({ "alg": "RS256", "kid": "k1", "crit": ["exp"] })), TokenFault::Header),
        (ISSUER_KEY.sign(&header.to_string(), "{}"), TokenFault::MalformedClaims),
        (token("k1", json!({ "exp": "never" })), TokenFault::MalformedClaims),
        (token("k1", json!({ "sub": "" })), TokenFault::MalformedClaims),
        (token("k1", json!({ "iss": "https://other.example.com" })), TokenFault::Issuer),
        (token("k1", json!({ "aud": "other" })), TokenFault::Audience),
        (token("k1", json!({ "exp": NOW - 30 })), TokenFault::Expired),
        (token("k1", json!({ "nbf": NOW + 31 })), TokenFault::NotYetValid),
    ];
    for (token, expected) in refused {
        assert_eq!(fault(&verifier, &token).await, Some(expected), "{token}");
    }
    // The claims of a token that nobody trusts are not judged.
    let forged = ATTACKER_KEY.sign(&header.to_string(), &json!({ "exp": 1 }).to_string());
    assert_eq!(fault(&verifier, &forged).await, Some(TokenFault::Signature));
}

#[test]
fn reasons_fit_into_a_quoted_parameter() {
    for fault in TokenFault::ALL {
        let text = fault.to_string();
        assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')), "{text}");
    }
}

/// A token whose claim has this JSON text, which may be a number that JSON libraries write in another form.
fn token_with(claim: &str, text: &str) -> String {
    let mut claims = claims();
    claims[claim] = json!("replaced");
    ISSUER_KEY.sign(r#"{"alg":"RS256","kid":"k1"}"#, &claims.to_string().replace("\"replaced\"", text))
}

#[tokio::test]
async fn times_may_have_a_fraction_or_an_exponent() {
    let verifier = rs256(&Issuer::with_keys(key_set("k1")));
    let cases = [
        ("exp", "1.00003e6", None),
        ("exp", "1000030.5", None),
        ("exp", "999970.5", None),
        ("exp", "999970.0", Some(TokenFault::Expired)),
        ("exp", "9.9997e5", Some(TokenFault::Expired)),
        ("exp", "18446744073709551615", None),
        ("exp", "9223372036854775807", None),
        ("exp", "1e300", None),
        ("exp", "1e400", Some(TokenFault::MalformedClaims)),
        ("exp", "NaN", Some(TokenFault::MalformedClaims)),
        ("exp", "-1", Some(TokenFault::MalformedClaims)),
        ("exp", "-1.5", Some(TokenFault::MalformedClaims)),
        ("exp", "\"1000030\"", Some(TokenFault::MalformedClaims)),
        ("nbf", "1000030.0", None),
        ("nbf", "1000030.5", Some(TokenFault::NotYetValid)),
        ("nbf", "1e6", None),
        ("nbf", "1e300", Some(TokenFault::NotYetValid)),
        ("nbf", "-1e300", Some(TokenFault::MalformedClaims)),
        ("iat", "999999.25", None),
        ("iat", "1.0e6", None),
        ("iat", "\"yesterday\"", Some(TokenFault::MalformedClaims)),
    ];
    for (claim, text, expected) in cases {
        assert_eq!(fault(&verifier, &token_with(claim, text)).await, expected, "{claim} {text}");
    }
}

#[tokio::test]
async fn client_id_is_the_audience_of_a_token_without_one_if_the_setting_is_on() {
    let issuer = Issuer::with_keys(key_set("k1"));
    let audiences = ["web".to_owned(), "phone".to_owned()];
    let by = |client_id_as_audience| {
        let config = config();
        let config = JwtConfig { audiences: audiences.to_vec(), client_id_as_audience, ..config };
        verifier_with(config, &issuer)
    };
    let (strict, lenient) = (by(false), by(true));
    // The rule of API Gateway's authorizer: `client_id` counts only if `aud` is absent.
    let (ok, refused) = (None, Some(TokenFault::Audience));
    let cases = [
        (json!({ "aud": "phone" }), ok, ok),
        (json!({ "aud": ["x", "web"] }), ok, ok),
        (json!({ "aud": null, "client_id": "phone" }), refused, ok),
        (json!({ "aud": null, "client_id": "other" }), refused, refused),
        (json!({ "aud": null }), refused, refused),
        (json!({ "aud": "other", "client_id": "web" }), refused, refused),
        (json!({ "aud": [], "client_id": "web" }), refused, refused),
        (json!({ "aud": "", "client_id": "web" }), refused, refused),
    ];
    for (changes, without_setting, with_setting) in cases {
        let token = token("k1", changes.clone());
        let found = (fault(&strict, &token).await, fault(&lenient, &token).await);
        assert_eq!(found, (without_setting, with_setting), "{changes}");
    }
    let list = token("k1", json!({ "aud": null, "client_id": ["web"] }));
    assert_eq!(fault(&lenient, &list).await, Some(TokenFault::MalformedClaims));
}
