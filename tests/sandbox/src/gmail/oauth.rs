//! Google's OAuth 2 (<https://developers.google.com/identity/protocols/oauth2/web-server>).

use serde_json::{Value, json};

use super::identity;
use crate::fixtures::{CLIENT_SECRET, PEOPLE, clients, gmail};
use crate::http::{ApiRequest, ApiResponse, Credentials, Form, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{AuthorizationCode, Grant, OAuthApp, RefreshableGrant, oauth_error, verifier_matches};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

/// Google's value is 3599, not an hour.
pub(super) const ACCESS_TOKEN_LIFETIME_SECONDS: i64 = 3_599;
/// The maximum number of live refresh tokens of one Google account and client. The next one silently invalidates the oldest
/// (<https://developers.google.com/identity/protocols/oauth2#expiration>).
const MAX_REFRESH_TOKENS: usize = 100;

/// The scopes of "Sign in with Google" cannot be unticked: a person agrees to all of them or denies the whole request
/// (<https://developers.google.com/identity/protocols/oauth2/resources/granular-permissions>).
pub(crate) const OAUTH_APP: OAuthApp = OAuthApp {
    provider: "google",
    title: "Google",
    client_id: clients::GMAIL,
    issuer: Some("https://accounts.google.com"),
    accounts: &PEOPLE,
    workspaces: &[],
    workspace_parameter: "",
    fixed_scopes: &identity::SCOPES,
};

const SCOPES: [&str; 13] = [
    "openid",
    "email",
    "profile",
    "https://mail.google.com/",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
    "https://www.googleapis.com/auth/gmail.send",
    "https://www.googleapis.com/auth/gmail.compose",
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.readonly",
    "https://www.googleapis.com/auth/gmail.metadata",
    "https://www.googleapis.com/auth/gmail.labels",
    "https://www.googleapis.com/auth/gmail.settings.basic",
];

/// `GET /o/oauth2/v2/auth`.
pub(crate) fn authorize(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let redirect = consent::checked_redirect_uri(state, request, &OAUTH_APP)?;
    if request.query("response_type") != Some("code") {
        return Err(consent::error_page(&OAUTH_APP, "unsupported_response_type: only code is known"));
    }
    let scopes: Vec<String> = request.query("scope").unwrap_or("").split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        return Err(consent::error_page(&OAUTH_APP, "invalid_request: scope is missing"));
    }
    if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(consent::error_page(&OAUTH_APP, &format!("invalid_scope: {unknown}")));
    }
    let challenge = consent::code_challenge(request)
        .map_err(|()| consent::error_page(&OAUTH_APP, "invalid_request: code_challenge_method must be S256"))?;
    let asks_consent = request.query("prompt").unwrap_or("").split_whitespace().any(|word| word == "consent");
    let authorization = AuthorizationRequest {
        scopes: identity::granted_scopes(&scopes),
        offline: asks_consent && request.query("access_type") == Some("offline"),
        challenge,
        login_hint: request.query("login_hint").map(identity::hinted_address),
        nonce: request.query("nonce").map(str::to_owned),
        includes_granted: request.query("include_granted_scopes") == Some("true"),
        ..AuthorizationRequest::default()
    };
    consent::authorize(state, request, &OAUTH_APP, &redirect, authorization)
}

/// `POST /token`: code exchange and refresh.
pub(crate) fn token(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let form = request.form().ok_or_else(|| oauth_error(400, "invalid_request", "The body must be a form."))?;
    check_client(request, &form)?;
    match form.get("grant_type") {
        Some("authorization_code") => exchange_code(state, &form),
        Some("refresh_token") => refresh_token_grant(state, &form),
        Some(_) => Err(oauth_error(400, "unsupported_grant_type", "Unknown grant_type.")),
        None => Err(oauth_error(400, "invalid_request", "grant_type is missing.")),
    }
}

fn check_client(request: &ApiRequest, form: &Form) -> Result<(), ApiResponse> {
    let in_body = || {
        let secret = form.get("client_secret").unwrap_or("").to_owned();
        Some(Credentials { client_id: form.get("client_id")?.to_owned(), secret })
    };
    match request.basic().or_else(in_body) {
        Some(sent) if sent.client_id == OAUTH_APP.client_id && sent.secret == CLIENT_SECRET => Ok(()),
        Some(_) => Err(oauth_error(401, "invalid_client", "The client was not found or its secret is wrong.")),
        None => Err(oauth_error(400, "invalid_request", "Could not determine the client.")),
    }
}

fn exchange_code(state: &mut SandboxState, form: &Form) -> HandlerResult {
    let now = state.clock.seconds();
    let value = form.get("code").ok_or_else(|| oauth_error(400, "invalid_request", "code is missing."))?;
    let code = state
        .gmail
        .grants
        .consume_code(value, now)
        .ok_or_else(|| oauth_error(400, "invalid_grant", "Malformed auth code."))?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(oauth_error(400, "redirect_uri_mismatch", "Bad Request"));
    }
    if !verifier_matches(code.challenge.as_deref(), form.get("code_verifier")) {
        return Err(oauth_error(400, "invalid_grant", "Invalid code verifier."));
    }
    let AuthorizationCode { mut grant, offline, nonce, includes_granted, .. } = code;
    if includes_granted {
        grant.scopes = combined_scopes(state, &grant);
    }
    let reply = issue_tokens(state, grant, offline, nonce.as_deref());
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

/// Returns the scopes of the grant and those that the person granted to this client before: with `include_granted_scopes` a
/// token represents the combined authorization
/// (<https://developers.google.com/identity/protocols/oauth2/web-server#incrementalAuth>).
fn combined_scopes(state: &SandboxState, grant: &Grant) -> Vec<String> {
    let mut scopes = grant.scopes.clone();
    for earlier in state.gmail.grants.live_scopes(&grant.account, state.clock.seconds()) {
        if !scopes.contains(&earlier) {
            scopes.push(earlier);
        }
    }
    scopes
}

/// Issues tokens for a new grant; returns the token endpoint's response.
fn issue_tokens(state: &mut SandboxState, grant: Grant, offline: bool, nonce: Option<&str>) -> Value {
    let (account, scopes) = (grant.account.clone(), grant.scopes.clone());
    let number = state.gmail.grants.add_grant(grant);
    let mut reply = issue_access_token(state, number, &scopes, nonce);
    if offline {
        let refresh = format!("1//0{}", state.entropy.token(40));
        state.gmail.grants.add_refresh_token(refresh.clone(), number, &scopes);
        state.gmail.grants.limit_refresh_tokens(MAX_REFRESH_TOKENS, &account);
        reply["refresh_token"] = Value::from(refresh);
    }
    let effect = json!({"grant_type": "authorization_code", "scope": scopes.join(" ")});
    state.record_grant_effect(&OAUTH_APP, "token_issued", number, effect);
    reply
}

/// Issues an access token, and an ID token if `openid` is among the scopes.
fn issue_access_token(state: &mut SandboxState, number: usize, scopes: &[String], nonce: Option<&str>) -> Value {
    let token = format!("ya29.{}", state.entropy.token(60));
    let expires_at = Some(state.clock.seconds() + ACCESS_TOKEN_LIFETIME_SECONDS);
    state.gmail.grants.add_access_token(token.clone(), number, scopes, expires_at);
    let mut reply = json!({
        "access_token": token, "expires_in": ACCESS_TOKEN_LIFETIME_SECONDS, "scope": scopes.join(" "),
        "token_type": "Bearer",
    });
    if scopes.iter().any(|scope| scope == "openid") {
        let account = state.gmail.grants.grant(number).account.clone();
        reply["id_token"] = Value::from(identity::id_token(state, &account, scopes, &token, nonce));
    }
    reply
}

fn refresh_token_grant(state: &mut SandboxState, form: &Form) -> HandlerResult {
    let invalid = || oauth_error(400, "invalid_grant", "Token has been expired or revoked.");
    let value =
        form.get("refresh_token").ok_or_else(|| oauth_error(400, "invalid_request", "refresh_token is missing."))?;
    if value == gmail::REFRESH_TOKEN_OF_ANOTHER_CLIENT {
        // RFC 6749 section 5.2 has `invalid_grant` for it; Google has another code and status:
        // https://github.com/googleapis/google-auth-library-python/issues/1561
        return Err(oauth_error(401, "unauthorized_client", "Unauthorized"));
    }
    let RefreshableGrant { number, scopes } = state.gmail.grants.find_refresh_token(value).ok_or_else(invalid)?;
    // The refresh token stays valid, so the response has none.
    let reply = issue_access_token(state, number, &scopes, None);
    state.record_grant_effect(&OAUTH_APP, "token_refreshed", number, json!({"grant_type": "refresh_token"}));
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

/// `POST /revoke`: either kind of token revokes all grants of the person for this client, in every connection that has one: a
/// revocation ends the combined authorization with all of its scopes
/// (<https://developers.google.com/identity/protocols/oauth2/web-server#incrementalAuth>).
pub(crate) fn revoke(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let now = state.clock.seconds();
    let form = request.form();
    let token = form.as_ref().and_then(|form| form.get("token")).or_else(|| request.query("token"));
    let token = token.ok_or_else(|| oauth_error(400, "invalid_request", "token is missing."))?;
    let number = state.gmail.grants.grant_of_token(token, now);
    let number = number.ok_or_else(|| oauth_error(400, "invalid_token", "Token expired or revoked."))?;
    let account = state.gmail.grants.grant(number).account.clone();
    state.gmail.grants.revoke_account(&account);
    state.record_grant_effect(&OAUTH_APP, "token_revoked", number, json!({}));
    Ok(ApiResponse::json(200, json!({})))
}

/// Issues tokens without a consent, including a refresh token.
pub(crate) fn issue(state: &mut SandboxState, mut grant: Grant) -> Tokens {
    grant.scopes = identity::granted_scopes(&grant.scopes);
    Tokens::from_reply(&issue_tokens(state, grant, true, None))
}
