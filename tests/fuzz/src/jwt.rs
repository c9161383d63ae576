//! Bearer tokens, and the claims in them.

use super::deployment::{ISSUER, JWT_SECRET, NOW, config, unreachable_http};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::clock::Clock;
use engine::identity::Verifier;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A bearer token. Bytes that start with `{` are claims, which get a good signature: they must be accepted exactly when they
/// say what they have to. Anything else is a token, and none of those is ours.
pub fn jwt(data: &[u8]) {
    let now: Timestamp = NOW.parse().unwrap();
    let verifier = Verifier::new(config().jwt, unreachable_http(), Clock::manual(now));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shown = String::from_utf8_lossy(data);
    if data.first() != Some(&b'{') {
        let verified = runtime.block_on(verifier.verify(&shown));
        assert!(verified.is_err(), "a forged token was taken: {shown}");
        return;
    }
    if let Ok(principal) = runtime.block_on(verifier.verify(&sign(data))) {
        // Texts that are no claims of ours are passed over unread, so there may be broken characters in them.
        let Ok(claims) = serde_json::from_str::<Value>(&shown) else { return };
        let names = |claim: &str, wanted: &str| {
            claims[claim] == wanted || claims[claim].as_array().is_some_and(|all| all.contains(&json!(wanted)))
        };
        assert!(names("iss", ISSUER) && names("aud", "plugin-engine"), "{shown}");
        assert!(claims["exp"].as_i64().is_some_and(|end| end > now.as_second() - 31), "{shown}");
        assert_eq!(claims["sub"], principal.subject(), "{shown}");
    }
}

/// Claims that are taken.
pub(super) fn claims() -> Vec<u8> {
    json!({ "iss": ISSUER, "aud": "plugin-engine", "sub": "u1", "exp": 4_000_000_000_i64 }).to_string().into_bytes()
}

/// A token with these claims and a signature that fits.
pub(super) fn sign(claims: &[u8]) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, JWT_SECRET.as_bytes()), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}
