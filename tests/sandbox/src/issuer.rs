//! A local identity provider: a JWKS with one key (P-256 or RSA) and tokens without a login. It replaces the product's real
//! identity provider (any OpenID provider that signs ES256 or RS256).

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::Router;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::http::{ApiRequest, ApiResponse, HandlerResult, handler};
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// The default `aud` of tokens.
pub(crate) const AUDIENCE: &str = "plugin-engine";
const TOKEN_LIFETIME_SECONDS: i64 = 12 * 3_600;

/// The issuer's private key and the JWK of its public key.
pub(crate) struct SigningKey {
    private_key: EncodingKey,
    algorithm: Algorithm,
    jwk: Jwk,
}

impl SigningKey {
    /// Generates a P-256 key as PKCS#8 DER.
    pub(crate) fn generate() -> Vec<u8> {
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .expect("a P-256 key can be made unless the system has no entropy")
            .as_ref()
            .to_vec()
    }

    /// Generates an RSA key of 2048 bits as PKCS#8 DER.
    pub(crate) fn generate_rsa() -> Vec<u8> {
        RsaKeyPair::generate(KeySize::Rsa2048)
            .and_then(|pair| pair.as_der())
            .expect("an RSA key can be made unless the system has no entropy")
            .as_ref()
            .to_vec()
    }

    pub(crate) fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, String> {
        let (private, algorithm) = if EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).is_ok() {
            (EncodingKey::from_ec_der(&pkcs8), Algorithm::ES256)
        } else {
            RsaKeyPair::from_pkcs8(&pkcs8).map_err(|_| "neither a P-256 nor an RSA key in PKCS#8")?;
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(&pkcs8));
            (EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|refused| refused.to_string())?, Algorithm::RS256)
        };
        let jwk = Jwk::from_encoding_key(&private, algorithm).and_then(|mut jwk| {
            jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256)?);
            jwk.common.public_key_use = Some(PublicKeyUse::Signature);
            Ok(jwk)
        });
        Ok(Self { private_key: private, algorithm, jwk: jwk.map_err(|refused| refused.to_string())? })
    }

    /// Returns a compact JWS over `claims`.
    pub(crate) fn sign(&self, claims: &Map<String, Value>) -> String {
        let header = Header { kid: self.jwk.common.key_id.clone(), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.private_key).expect("a JSON object and a checked key can be signed")
    }
}

/// The path below which the issuer is.
pub(crate) const PREFIX: &str = "/issuer";

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/.well-known/jwks.json", get(handler(jwks)))
        .route("/.well-known/openid-configuration", get(handler(openid_configuration)))
        .route("/token", post(handler(token)))
}

/// Signs `claims` merged over the defaults; a null removes a default.
pub(crate) fn sign(state: &SandboxState, claims: Value) -> String {
    let now = state.clock.seconds();
    let mut all = Map::new();
    all.insert("iss".to_owned(), json!(issuer_url(state)));
    all.insert("aud".to_owned(), json!(AUDIENCE));
    all.insert("iat".to_owned(), json!(now));
    all.insert("exp".to_owned(), json!(now + TOKEN_LIFETIME_SECONDS));
    if let Value::Object(claims) = claims {
        all.extend(claims);
    }
    all.retain(|_, value| !value.is_null());
    state.issuer_key.sign(&all)
}

fn issuer_url(state: &SandboxState) -> String {
    format!("{}{PREFIX}", state.base_url)
}

fn jwks(state: &mut SandboxState, _call: &ApiRequest) -> HandlerResult {
    Ok(ApiResponse::json(200, json!({"keys": [state.issuer_key.jwk]})).header("cache-control", "public, max-age=300"))
}

fn openid_configuration(state: &mut SandboxState, _call: &ApiRequest) -> HandlerResult {
    let issuer = issuer_url(state);
    Ok(ApiResponse::json(
        200,
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "token_endpoint": format!("{issuer}/token"),
            "id_token_signing_alg_values_supported": [state.issuer_key.algorithm],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
        }),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TokenRequest {
    sub: String,
    scope: Option<String>,
    #[serde(default)]
    service: bool,
    expires_in_seconds: Option<i64>,
}

/// Signs a token without a login. A page of another site can send a form or a text to this path without asking, but no JSON: its
/// browser first asks by a preflight, which is not answered.
fn token(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    if !request.is_json() {
        let text = "the content type must be application/json";
        return Err(ApiResponse::json(415, json!({"error": "invalid_request", "error_description": text})));
    }
    let parameters: TokenRequest = serde_json::from_slice(&request.body).map_err(|error| {
        ApiResponse::json(400, json!({"error": "invalid_request", "error_description": error.to_string()}))
    })?;
    let lifetime = parameters.expires_in_seconds.unwrap_or(TOKEN_LIFETIME_SECONDS);
    let now = state.clock.seconds();
    let azp = parameters.service.then(|| parameters.sub.clone());
    let claims = json!({"sub": parameters.sub, "scope": parameters.scope, "azp": azp, "iat": now, "exp": now.saturating_add(lifetime)});
    let signed = sign(state, claims);
    Ok(ApiResponse::json(200, json!({"access_token": signed, "token_type": "Bearer", "expires_in": lifetime}))
        .header("cache-control", "no-store"))
}
