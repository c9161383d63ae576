//! Fuzz target: bearer tokens and their claims.

use super::deployment::{ISSUER, JWT_SECRET, NOW, config, unreachable_http};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::clock::Clock;
use engine::identity::Verifier;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Checks the verification of bearer tokens. Bytes that start with `{` are claims, which are signed: if they are accepted,
/// issuer, audience, expiry and subject must be valid. Other bytes are a token, which must be rejected.
pub fn jwt(data: &[u8]) {
    let now: Timestamp = NOW.parse().unwrap();
    let verifier = Verifier::new(config().jwt, unreachable_http(), Clock::manual(now));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let input = String::from_utf8_lossy(data);
    if data.first() != Some(&b'{') {
        let verified = runtime.block_on(verifier.verify(&input));
        assert!(verified.is_err(), "a forged token was accepted: {input}");
        return;
    }
    if let Ok(principal) = runtime.block_on(verifier.verify(&sign(data))) {
        // Unknown claims are skipped without decoding, so they may contain broken characters.
        let Ok(claims) = serde_json::from_str::<Value>(&input) else { return };
        let has = |claim: &str, expected: &str| {
            claims[claim] == expected || claims[claim].as_array().is_some_and(|all| all.contains(&json!(expected)))
        };
        assert!(has("iss", ISSUER) && has("aud", "plugin-engine"), "{input}");
        assert!(claims["exp"].as_f64().is_some_and(|end| end > now.as_duration().as_secs_f64() - 31.0), "{input}");
        assert_eq!(claims["sub"], principal.subject(), "{input}");
    }
}

/// Returns valid claims.
pub(super) fn claims() -> Vec<u8> {
    json!({ "iss": ISSUER, "aud": "plugin-engine", "sub": "u1", "exp": 4_000_000_000_i64 }).to_string().into_bytes()
}

/// Returns a token with these claims and a valid signature.
pub(super) fn sign(claims: &[u8]) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, JWT_SECRET.as_bytes()), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}
