//! Google's OpenID Connect: ID tokens and userinfo (<https://developers.google.com/identity/openid-connect/openid-connect>).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::oauth::{ACCESS_TOKEN_LIFETIME_SECONDS, OAUTH_APP};
use crate::fixtures::PEOPLE;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::oauth::{TokenState, oauth_error};
use crate::state::SandboxState;

const EMAIL_SCOPE: &str = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE_SCOPE: &str = "https://www.googleapis.com/auth/userinfo.profile";

/// The scopes of "Sign in with Google", by their short names and as tokens have them.
pub(crate) const SCOPES: [&str; 5] = ["openid", "email", "profile", EMAIL_SCOPE, PROFILE_SCOPE];

/// Returns the scopes of a token for the requested ones. Google names `email` and `profile` by their URLs and adds `openid` to
/// them, so the granted scopes are not the requested strings: `scope=email` gives `https://www.googleapis.com/auth/userinfo.email
/// openid` and an ID token (a token response in <https://github.com/suculent/thinx-device-api/issues/322>).
pub(crate) fn granted_scopes(requested: &[String]) -> Vec<String> {
    let is_requested = |name: &str, url: &str| requested.iter().any(|scope| scope == name || scope == url);
    let mut granted: Vec<String> =
        requested.iter().filter(|scope| !SCOPES.contains(&scope.as_str())).cloned().collect();
    for (name, url) in [("email", EMAIL_SCOPE), ("profile", PROFILE_SCOPE)] {
        if is_requested(name, url) {
            granted.push(url.to_owned());
        }
    }
    if requested.iter().any(|scope| SCOPES.contains(&scope.as_str())) {
        granted.push("openid".to_owned());
    }
    granted
}

/// Returns a stable number per account. Google's `sub` is unique among all accounts and never reused; an address can change.
fn subject(account: &str) -> String {
    let index = PEOPLE.iter().position(|known| *known == account).unwrap_or(0);
    format!("10000000000000000000{}", index + 1)
}

/// Returns the address of a `login_hint`, which is an address or a `sub`.
pub(crate) fn hinted_address(hint: &str) -> String {
    let by_subject = PEOPLE.iter().find(|account| subject(account) == hint);
    by_subject.copied().unwrap_or(hint).to_owned()
}

/// Returns the claims about a person that these scopes allow. `email` and `email_verified` need the email scope, the names and
/// the picture the profile scope
/// (<https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload>).
fn claims(state: &SandboxState, account: &str, scopes: &[String]) -> Value {
    let has = |scope: &str| scopes.iter().any(|held| held == scope);
    let mut claims = json!({"sub": subject(account)});
    if has(EMAIL_SCOPE) {
        claims["email"] = json!(account);
        claims["email_verified"] = json!(true);
    }
    if has(PROFILE_SCOPE) {
        let name = state.gmail.mailbox(account).map(|mailbox| mailbox.name.clone()).unwrap_or_default();
        let (given, family) = name.split_once(' ').unwrap_or((&name, ""));
        claims["given_name"] = json!(given);
        claims["family_name"] = json!(family);
        claims["picture"] = json!(format!("https://lh3.googleusercontent.example/a/{}", subject(account)));
        claims["name"] = json!(name);
    }
    claims
}

/// Signs the ID token that belongs to an access token. `nonce` is the client's, if it sent one.
pub(crate) fn id_token(
    state: &SandboxState,
    account: &str,
    scopes: &[String],
    access_token: &str,
    nonce: Option<&str>,
) -> String {
    let now = state.clock.seconds();
    let mut claims = claims(state, account, scopes);
    claims["iss"] = json!("https://accounts.google.com");
    claims["aud"] = json!(OAUTH_APP.client_id);
    claims["azp"] = json!(OAUTH_APP.client_id);
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + ACCESS_TOKEN_LIFETIME_SECONDS);
    // The left half of the hash (OpenID Connect Core, section 3.1.3.6).
    claims["at_hash"] = json!(URL_SAFE_NO_PAD.encode(&digest(&SHA256, access_token.as_bytes()).as_ref()[..16]));
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    claims.as_object().map(|claims| state.issuer_key.sign(claims)).unwrap_or_default()
}

/// `GET /v1/userinfo` of `openidconnect.googleapis.com`.
///
/// A wrong token is answered as in <https://github.com/coderello/laravel-passport-social-grant/issues/22>. A token without any
/// of the sign-in scopes counts as no credential at all, which is not the 403 of other Google APIs
/// (<https://github.com/googleapis/google-api-nodejs-client/issues/3900>).
pub(crate) fn userinfo(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let Some(token) = request.bearer() else { return Err(missing_credential()) };
    let TokenState::Valid { grant, scopes } = state.authenticate("google", token) else {
        return Err(oauth_error(401, "invalid_request", "Invalid Credentials"));
    };
    if !scopes.iter().any(|scope| SCOPES.contains(&scope.as_str())) {
        return Err(missing_credential());
    }
    Ok(ApiResponse::json(200, claims(state, &grant.account, &scopes)))
}

fn missing_credential() -> ApiResponse {
    let message = "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other \
                   valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
    ApiResponse::json(401, json!({"error": {"code": 401, "message": message, "status": "UNAUTHENTICATED"}}))
}
