//! Standard OAuth 2.0: RFC 6749 with PKCE (RFC 7636), and revocation by RFC 7009.

use serde_json::{Value, json};

use crate::fixtures::{PEOPLE, clients};
use crate::http::{ApiRequest, ApiResponse, Form, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{Grant, OAuthApp, RefreshableGrant, authenticated_form, oauth_error, verifier_matches};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

/// One hour.
const ACCESS_LIFETIME: i64 = 3_600;
const SCOPES: [&str; 2] = ["notes:read", "notes:write"];
pub(crate) const OAUTH_APP: OAuthApp = OAuthApp {
    provider: "notes",
    title: "Notes",
    client_id: clients::NOTES,
    issuer: None,
    accounts: &PEOPLE,
    workspaces: &[],
    workspace_parameter: "",
    fixed_scopes: &[],
};

/// `GET /oauth/authorize`.
pub(crate) fn authorize(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let redirect = consent::checked_redirect_uri(state, request, &OAUTH_APP)?;
    if request.query("response_type") != Some("code") {
        return Err(consent::redirect_error(request, &OAUTH_APP, &redirect, "unsupported_response_type"));
    }
    let scopes: Vec<String> = request.query("scope").unwrap_or("").split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() || scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(consent::redirect_error(request, &OAUTH_APP, &redirect, "invalid_scope"));
    }
    let challenge = match consent::code_challenge(request) {
        Ok(Some(challenge)) => Some(challenge),
        Ok(None) | Err(()) => return Err(consent::redirect_error(request, &OAUTH_APP, &redirect, "invalid_request")),
    };
    let authorization = AuthorizationRequest { scopes, offline: true, challenge, ..AuthorizationRequest::default() };
    consent::authorize(state, request, &OAUTH_APP, &redirect, authorization)
}

/// `POST /oauth/token`.
pub(crate) fn token(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let form = authenticated_form(request, &OAUTH_APP)?;
    let reply = match form.get("grant_type") {
        Some("authorization_code") => exchange(state, &form)?,
        Some("refresh_token") => refresh(state, &form)?,
        _ => return Err(oauth_error(400, "unsupported_grant_type", "Unknown grant_type.")),
    };
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

fn exchange(state: &mut SandboxState, form: &Form) -> Result<Value, ApiResponse> {
    let now = state.clock.seconds();
    let code = form.get("code").and_then(|value| state.notes.grants.consume_code(value, now));
    let code = code.ok_or_else(|| oauth_error(400, "invalid_grant", "The code is unknown, used or expired."))?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str())
        || !verifier_matches(code.challenge.as_deref(), form.get("code_verifier"))
    {
        return Err(oauth_error(
            400,
            "invalid_grant",
            "redirect_uri or code_verifier is not that of the authorization.",
        ));
    }
    Ok(issue_tokens(state, code.grant))
}

fn refresh(state: &mut SandboxState, form: &Form) -> Result<Value, ApiResponse> {
    let known = form.get("refresh_token").and_then(|token| state.notes.grants.find_refresh_token(token));
    let RefreshableGrant { number, scopes } =
        known.ok_or_else(|| oauth_error(400, "invalid_grant", "The refresh token is unknown."))?;
    state.record_grant_effect(&OAUTH_APP, "token_refreshed", number, json!({}));
    Ok(access(state, number, &scopes))
}

fn issue_tokens(state: &mut SandboxState, grant: Grant) -> Value {
    let scopes = grant.scopes.clone();
    let number = state.notes.grants.add_grant(grant);
    let refresh = format!("notes-refresh-{}", state.entropy.hex(16));
    state.notes.grants.add_refresh_token(refresh.clone(), number, &scopes);
    state.record_grant_effect(&OAUTH_APP, "token_issued", number, json!({}));
    let mut reply = access(state, number, &scopes);
    reply["refresh_token"] = json!(refresh);
    reply
}

fn access(state: &mut SandboxState, number: usize, scopes: &[String]) -> Value {
    let token = format!("notes-access-{}", state.entropy.hex(16));
    let expires_at = Some(state.clock.seconds() + ACCESS_LIFETIME);
    state.notes.grants.add_access_token(token.clone(), number, scopes, expires_at);
    json!({
        "access_token": token, "token_type": "bearer", "expires_in": ACCESS_LIFETIME, "scope": scopes.join(" "),
    })
}

/// `POST /oauth/revoke`: 200 for an unknown token too, as in RFC 7009.
pub(crate) fn revoke(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let form = authenticated_form(request, &OAUTH_APP)?;
    let now = state.clock.seconds();
    if let Some(number) = form.get("token").and_then(|token| state.notes.grants.grant_of_token(token, now)) {
        state.notes.grants.revoke_grant(number);
        state.record_grant_effect(&OAUTH_APP, "token_revoked", number, json!({}));
    }
    Ok(ApiResponse::empty(200))
}

/// Issues tokens without a consent.
pub(crate) fn issue(state: &mut SandboxState, grant: Grant) -> Tokens {
    Tokens::from_reply(&issue_tokens(state, grant))
}
