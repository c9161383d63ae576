//! A local identity provider: a JWKS with one P-256 key, and tokens for whoever asks. It stands in for the product's real
//! login (any OpenID provider that signs ES256).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::Router;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock::system_millis;
use crate::http::{Answer, Call, Reply, on};
use crate::sandbox::Sandbox;
use crate::state::World;

/// The `aud` of every token, unless a test says otherwise.
pub(crate) const AUDIENCE: &str = "plugin-engine";
const TWELVE_HOURS: i64 = 12 * 3_600;

/// The issuer's key pair, in the two forms it is needed in.
pub(crate) struct SigningKey {
    private: EncodingKey,
    kid: String,
    /// Affine coordinates of the public point, base64url.
    x: String,
    y: String,
}

impl SigningKey {
    /// A new P-256 key as PKCS#8 DER.
    pub(crate) fn generate() -> Vec<u8> {
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .expect("a P-256 key can be made unless the system has no entropy")
            .as_ref()
            .to_vec()
    }

    pub(crate) fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, String> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8)
            .map_err(|refused| format!("not a P-256 key in PKCS#8: {refused}"))?;
        // The uncompressed point: 0x04, 32 bytes x, 32 bytes y.
        let point = pair.public_key().as_ref();
        let (x, y) = point.get(1..65).ok_or("the public key is not an uncompressed P-256 point")?.split_at(32);
        let kid = URL_SAFE_NO_PAD.encode(&digest(&SHA256, point).as_ref()[..12]);
        let private = EncodingKey::from_ec_der(&pkcs8);
        Ok(Self { private, kid, x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) })
    }

    /// A compact JWS over `claims`.
    pub(crate) fn sign(&self, claims: &Map<String, Value>) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.private).expect("a JSON object and a checked key can be signed")
    }

    fn jwk(&self) -> Value {
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": self.x, "y": self.y})
    }
}

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/.well-known/jwks.json", get(on(jwks)))
        .route("/.well-known/openid-configuration", get(on(configuration)))
        .route("/token", post(on(token)))
}

/// Claims over the defaults; a null takes a default away.
pub(crate) fn sign(world: &World, claims: Value) -> String {
    let now = system_millis() / 1_000;
    let mut all = Map::new();
    all.insert("iss".to_owned(), json!(issuer(world)));
    all.insert("aud".to_owned(), json!(AUDIENCE));
    all.insert("iat".to_owned(), json!(now));
    all.insert("exp".to_owned(), json!(now + TWELVE_HOURS));
    if let Value::Object(claims) = claims {
        all.extend(claims);
    }
    all.retain(|_, value| !value.is_null());
    world.key.sign(&all)
}

fn issuer(world: &World) -> String {
    format!("{}/issuer", world.base_url)
}

fn jwks(world: &mut World, _call: &Call) -> Reply {
    Ok(Answer::json(200, json!({"keys": [world.key.jwk()]})).header("cache-control", "public, max-age=300"))
}

fn configuration(world: &mut World, _call: &Call) -> Reply {
    let issuer = issuer(world);
    Ok(Answer::json(
        200,
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "token_endpoint": format!("{issuer}/token"),
            "id_token_signing_alg_values_supported": ["ES256"],
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

fn token(world: &mut World, call: &Call) -> Reply {
    let request: TokenRequest = serde_json::from_slice(&call.body).map_err(|error| {
        Answer::json(400, json!({"error": "invalid_request", "error_description": error.to_string()}))
    })?;
    let lifetime = request.expires_in_seconds.unwrap_or(TWELVE_HOURS);
    let now = system_millis() / 1_000;
    let azp = request.service.then(|| request.sub.clone());
    let claims = json!({"sub": request.sub, "scope": request.scope, "azp": azp, "iat": now, "exp": now.saturating_add(lifetime)});
    let signed = sign(world, claims);
    Ok(Answer::json(200, json!({"access_token": signed, "token_type": "Bearer", "expires_in": lifetime}))
        .header("cache-control", "no-store"))
}
