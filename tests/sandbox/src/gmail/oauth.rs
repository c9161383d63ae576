//! Google's OAuth 2 (<https://developers.google.com/identity/protocols/oauth2/web-server>).

use serde_json::{Value, json};

use crate::fixtures::{ALEX, CLIENT_SECRET, SAM, clients};
use crate::http::{ApiRequest, ApiResponse, Credentials, Form, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{
    AccessToken, AuthorizationCode, Grant, OAuthApp, RefreshableGrant, TokenState, oauth_error, verifier_matches,
};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

/// Google's value is 3599, not an hour.
const ACCESS_TOKEN_LIFETIME_SECONDS: i64 = 3_599;

const OAUTH_APP: OAuthApp = OAuthApp {
    provider: "google",
    title: "Google",
    client_id: clients::GMAIL,
    issuer: Some("https://accounts.google.com"),
    accounts: &[ALEX, SAM],
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
        scopes,
        user_scopes: Vec::new(),
        offline: asks_consent && request.query("access_type") == Some("offline"),
        challenge,
        login_hint: request.query("login_hint").map(str::to_owned),
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
    let AuthorizationCode { grant, offline, .. } = code;
    Ok(ApiResponse::json(200, issue_tokens(state, grant, offline)).header("cache-control", "no-store"))
}

/// Issues tokens for a new grant; returns the token endpoint's response.
fn issue_tokens(state: &mut SandboxState, grant: Grant, offline: bool) -> Value {
    let (account, scopes) = (grant.account.clone(), grant.scopes.clone());
    let number = state.gmail.grants.add_grant(grant);
    let mut reply = issue_access_token(state, number, &scopes);
    if offline {
        let refresh = format!("1//0{}", state.entropy.token(40));
        state.gmail.grants.add_refresh_token(refresh.clone(), number, scopes.clone());
        reply["refresh_token"] = Value::from(refresh);
    }
    if scopes.iter().any(|scope| scope == "openid") {
        reply["id_token"] = Value::from(id_token(state, &account));
    }
    record_token_effect(
        state,
        "token_issued",
        number,
        &json!({"grant_type": "authorization_code", "scope": scopes.join(" ")}),
    );
    reply
}

fn issue_access_token(state: &mut SandboxState, number: usize, scopes: &[String]) -> Value {
    let token = format!("ya29.{}", state.entropy.token(60));
    let expires_at = Some(state.clock.seconds() + ACCESS_TOKEN_LIFETIME_SECONDS);
    let access = AccessToken { grant: number, scopes: scopes.to_vec(), expires_at, revoked: false };
    state.gmail.grants.add_access_token(token.clone(), access);
    json!({"access_token": token, "expires_in": ACCESS_TOKEN_LIFETIME_SECONDS, "scope": scopes.join(" "), "token_type": "Bearer"})
}

fn id_token(state: &SandboxState, account: &str) -> String {
    let now = state.clock.seconds();
    let claims = json!({
        "iss": "https://accounts.google.com", "aud": OAUTH_APP.client_id, "azp": OAUTH_APP.client_id, "sub": subject(account),
        "email": account, "email_verified": true, "iat": now, "exp": now + ACCESS_TOKEN_LIFETIME_SECONDS,
    });
    claims.as_object().map(|claims| state.issuer_key.sign(claims)).unwrap_or_default()
}

/// Returns a stable number per account, like Google's `sub`.
fn subject(account: &str) -> String {
    let index = OAUTH_APP.accounts.iter().position(|known| *known == account).unwrap_or(0);
    format!("10000000000000000000{}", index + 1)
}

fn refresh_token_grant(state: &mut SandboxState, form: &Form) -> HandlerResult {
    let invalid = || oauth_error(400, "invalid_grant", "Token has been expired or revoked.");
    let value =
        form.get("refresh_token").ok_or_else(|| oauth_error(400, "invalid_request", "refresh_token is missing."))?;
    let RefreshableGrant { number, scopes } = state.gmail.grants.find_refresh_token(value).ok_or_else(invalid)?;
    // The refresh token stays valid, so the response has none.
    let reply = issue_access_token(state, number, &scopes);
    record_token_effect(state, "token_refreshed", number, &json!({"grant_type": "refresh_token"}));
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

/// `POST /revoke`: either kind of token revokes all grants of the person for this client.
pub(crate) fn revoke(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let now = state.clock.seconds();
    let form = request.form();
    let token = form.as_ref().and_then(|form| form.get("token")).or_else(|| request.query("token"));
    let token = token.ok_or_else(|| oauth_error(400, "invalid_request", "token is missing."))?;
    let number = state.gmail.grants.grant_of_token(token, now);
    let number = number.ok_or_else(|| oauth_error(400, "invalid_token", "Token expired or revoked."))?;
    let account = state.gmail.grants.grant(number).account.clone();
    state.gmail.grants.revoke_account(&account);
    record_token_effect(state, "token_revoked", number, &json!({}));
    Ok(ApiResponse::json(200, json!({})))
}

/// `GET /v1/userinfo`, as in OpenID Connect.
pub(crate) fn userinfo(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let live = request.bearer().map(|token| state.gmail.grants.token_state(token, state.clock.seconds()));
    let Some(TokenState::Valid { account, scopes }) = live else {
        return Err(oauth_error(401, "invalid_request", "Invalid Credentials"));
    };
    if !scopes.iter().any(|scope| scope == "openid" || scope.ends_with("email")) {
        return Err(oauth_error(403, "insufficient_scope", "Insufficient Permission"));
    }
    Ok(ApiResponse::json(200, json!({"sub": subject(&account), "email": account, "email_verified": true})))
}

/// Issues tokens without a consent, including a refresh token; `None` for a person without a mailbox.
pub(crate) fn issue(state: &mut SandboxState, grant: Grant) -> Option<Tokens> {
    if !OAUTH_APP.accounts.contains(&grant.account.as_str()) {
        return None;
    }
    Some(Tokens::from_reply(&issue_tokens(state, grant, true)))
}

fn record_token_effect(state: &mut SandboxState, kind: &str, number: usize, request: &Value) {
    let account = state.gmail.grants.grant(number).account.clone();
    let mut request = request.clone();
    request["client_id"] = Value::from(OAUTH_APP.client_id);
    state.record_effect("google", kind, &format!("grant-{}", number + 1), &account, request);
}
