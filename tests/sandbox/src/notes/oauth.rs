//! Standard OAuth 2.0: RFC 6749 with PKCE (RFC 7636), and revocation by RFC 7009.

use serde_json::{Value, json};

use crate::fixtures::{PEOPLE, clients};
use crate::http::{ApiRequest, ApiResponse, Form, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{AccessToken, Grant, OAuthApp, authenticated_form, oauth_error, verifier_matches};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

/// One hour.
const ACCESS_LIFETIME: i64 = 3_600;
const SCOPES: [&str; 2] = ["notes:read", "notes:write"];
const OAUTH_APP: OAuthApp =
    OAuthApp { provider: "notes", title: "Notes", client_id: clients::NOTES, issuer: None, accounts: &PEOPLE };

/// `GET /oauth/authorize`.
pub(crate) fn authorize(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let redirect = consent::checked_redirect_uri(world, call, &OAUTH_APP)?;
    if call.query("response_type") != Some("code") {
        return Err(consent::redirect_error(call, &OAUTH_APP, &redirect, "unsupported_response_type"));
    }
    let scopes: Vec<String> = call.query("scope").unwrap_or("").split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() || scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(consent::redirect_error(call, &OAUTH_APP, &redirect, "invalid_scope"));
    }
    let challenge = match consent::code_challenge(call) {
        Ok(Some(challenge)) => Some(challenge),
        Ok(None) | Err(()) => return Err(consent::redirect_error(call, &OAUTH_APP, &redirect, "invalid_request")),
    };
    let ask = AuthorizationRequest { scopes, user_scopes: Vec::new(), offline: true, challenge, login_hint: None };
    consent::authorize(world, call, &OAUTH_APP, &redirect, ask)
}

/// `POST /oauth/token`.
pub(crate) fn token(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let form = authenticated_form(call, &OAUTH_APP)?;
    let reply = match form.get("grant_type") {
        Some("authorization_code") => exchange(world, &form)?,
        Some("refresh_token") => refresh(world, &form)?,
        _ => return Err(oauth_error(400, "unsupported_grant_type", "Unknown grant_type.")),
    };
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

fn exchange(world: &mut SandboxState, form: &Form) -> Result<Value, ApiResponse> {
    let now = world.clock.seconds();
    let code = form.get("code").and_then(|value| world.notes.grants.consume_code(value, now));
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
    Ok(issue_tokens(world, code.grant))
}

fn refresh(world: &mut SandboxState, form: &Form) -> Result<Value, ApiResponse> {
    let known = form.get("refresh_token").and_then(|token| world.notes.grants.find_refresh_token(token));
    let (number, scopes) = known.ok_or_else(|| oauth_error(400, "invalid_grant", "The refresh token is unknown."))?;
    record_token_effect(world, "token_refreshed", number);
    Ok(access(world, number, &scopes))
}

fn issue_tokens(world: &mut SandboxState, grant: Grant) -> Value {
    let scopes = grant.scopes.clone();
    let number = world.notes.grants.add_grant(grant);
    let refresh = format!("notes-refresh-{}", world.entropy.hex(16));
    world.notes.grants.add_refresh_token(refresh.clone(), number, scopes.clone());
    record_token_effect(world, "token_issued", number);
    let mut reply = access(world, number, &scopes);
    reply["refresh_token"] = json!(refresh);
    reply
}

fn access(world: &mut SandboxState, number: usize, scopes: &[String]) -> Value {
    let token = format!("notes-access-{}", world.entropy.hex(16));
    let expires_at = Some(world.clock.seconds() + ACCESS_LIFETIME);
    let access = AccessToken { grant: number, scopes: scopes.to_vec(), expires_at, revoked: false };
    world.notes.grants.add_access_token(token.clone(), access);
    json!({
        "access_token": token, "token_type": "bearer", "expires_in": ACCESS_LIFETIME, "scope": scopes.join(" "),
    })
}

/// `POST /oauth/revoke`: 200 for an unknown token too, as in RFC 7009.
pub(crate) fn revoke(world: &mut SandboxState, call: &ApiRequest) -> HandlerResult {
    let form = authenticated_form(call, &OAUTH_APP)?;
    let now = world.clock.seconds();
    if let Some(number) = form.get("token").and_then(|token| world.notes.grants.grant_of_token(token, now)) {
        world.notes.grants.revoke_grant(number);
        record_token_effect(world, "token_revoked", number);
    }
    Ok(ApiResponse::empty(200))
}

/// Issues tokens without a consent.
pub(crate) fn issue(world: &mut SandboxState, grant: Grant) -> Tokens {
    Tokens::from_reply(&issue_tokens(world, grant))
}

fn record_token_effect(world: &mut SandboxState, kind: &str, number: usize) {
    let account = world.notes.grants.grant(number).account.clone();
    world.record_effect(
        "notes",
        kind,
        &format!("grant-{}", number + 1),
        &account,
        json!({ "client_id": OAUTH_APP.client_id }),
    );
}
