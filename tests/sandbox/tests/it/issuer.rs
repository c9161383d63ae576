//! Tests of the identity provider: its tokens verify against its JWKS.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::TestRequest;

async fn claims(sandbox: &Sandbox, token: &str) -> Value {
    let keys: JwkSet =
        serde_json::from_str(&TestRequest::get("/issuer/.well-known/jwks.json").send(sandbox).await.text).unwrap();
    let kid = decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(decode_header(token).unwrap().alg);
    validation.set_audience(&["plugin-engine"]);
    decode::<Value>(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn tokens_verify_against_the_jwks() {
    let sandbox = Sandbox::new();
    sandbox.set_base_url("http://127.0.0.1:4010/");
    let token_request = json!({"sub": "agent-1", "scope": "act-as", "service": true, "expiresInSeconds": 60});
    let reply = TestRequest::post("/issuer/token", &token_request).send(&sandbox).await.json();
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&json!("Bearer"), &json!(60)));
    let verified = claims(&sandbox, reply["access_token"].as_str().unwrap()).await;
    assert_eq!(
        (&verified["iss"], &verified["azp"], &verified["scope"]),
        (&json!("http://127.0.0.1:4010/issuer"), &json!("agent-1"), &json!("act-as"))
    );
    assert_eq!(verified["exp"].as_i64().unwrap() - verified["iat"].as_i64().unwrap(), 60);

    let plain = claims(&sandbox, &sandbox.sign_token(json!({"sub": "alex", "iat": null}))).await;
    assert_eq!((&plain["sub"], &plain["iat"], &plain["azp"]), (&json!("alex"), &Value::Null, &Value::Null));
    assert_eq!(TestRequest::post("/issuer/token", &json!({"subject": "x"})).send(&sandbox).await.status, 400);
}

#[tokio::test]
async fn tokens_stay_valid_with_the_same_key() {
    let keys =
        [(Sandbox::generate_issuer_key(), Algorithm::ES256), (Sandbox::generate_rsa_issuer_key(), Algorithm::RS256)];
    for (key, algorithm) in keys {
        let token = Sandbox::with_issuer_key(key.clone()).unwrap().sign_token(json!({"sub": "alex"}));
        assert_eq!(decode_header(&token).unwrap().alg, algorithm);
        assert_eq!(claims(&Sandbox::with_issuer_key(key).unwrap(), &token).await["sub"], "alex");
    }
    assert!(Sandbox::with_issuer_key(vec![1, 2, 3]).is_err());
}
