//! Asana's OAuth (<https://developers.asana.com/docs/oauth>): client credentials in the body, access tokens of one hour, refresh
//! tokens without rotation.

use serde_json::{Value, json};

use super::seed::person;
use crate::fixtures::{PEOPLE, asana, clients};
use crate::http::{ApiRequest, ApiResponse, Form, HandlerResult};
use crate::oauth::consent::{self, AuthorizationRequest};
use crate::oauth::{Grant, OAuthApp, RefreshableGrant, Workspace, authenticated_form, oauth_error, verifier_matches};
use crate::sandbox::Tokens;
use crate::state::SandboxState;

/// One hour.
const ACCESS_TOKEN_LIFETIME_SECONDS: i64 = 3_600;

/// A consent is for the person, who has one workspace in the sandbox.
pub(crate) const OAUTH_APP: OAuthApp = OAuthApp {
    provider: "asana",
    title: "Asana",
    client_id: clients::ASANA,
    issuer: None,
    accounts: &PEOPLE,
    workspaces: &[Workspace { id: asana::WORKSPACE, name: "Sandbox Works", members: &PEOPLE }],
    workspace_parameter: "",
    fixed_scopes: &[],
};

/// Full permission; the default if no scope is requested.
pub(crate) const DEFAULT_SCOPE: &str = "default";

const SCOPES: [&str; 30] = [
    DEFAULT_SCOPE,
    "openid",
    "email",
    "profile",
    "attachments:read",
    "attachments:write",
    "attachments:delete",
    "custom_fields:read",
    "custom_fields:write",
    "goals:read",
    "jobs:read",
    "portfolios:read",
    "project_templates:read",
    "projects:read",
    "projects:write",
    "projects:delete",
    "stories:read",
    "stories:write",
    "stories:delete",
    "tags:read",
    "tags:write",
    "tasks:read",
    "tasks:write",
    "tasks:delete",
    "team_memberships:read",
    "teams:read",
    "time_tracking_entries:read",
    "users:read",
    "workspaces:read",
    "workspaces.typeahead:read",
];

/// `GET /-/oauth_authorize`.
pub(crate) fn authorize(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let redirect = consent::checked_redirect_uri(state, request, &OAUTH_APP)?;
    if request.query("response_type") != Some("code") {
        return Err(consent::redirect_error(request, &OAUTH_APP, &redirect, "unsupported_response_type"));
    }
    let mut scopes: Vec<String> = request.query("scope").unwrap_or("").split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        scopes.push(DEFAULT_SCOPE.to_owned());
    }
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(consent::redirect_error(request, &OAUTH_APP, &redirect, "invalid_scope"));
    }
    let challenge = consent::code_challenge(request)
        .map_err(|()| consent::redirect_error(request, &OAUTH_APP, &redirect, "invalid_request"))?;
    consent::authorize(
        state,
        request,
        &OAUTH_APP,
        &redirect,
        AuthorizationRequest { scopes, offline: true, challenge, ..AuthorizationRequest::default() },
    )
}

/// `POST /-/oauth_token`.
pub(crate) fn token(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let form = authenticated_form(request, &OAUTH_APP)?;
    let reply = match form.get("grant_type") {
        Some("authorization_code") => exchange_code(state, &form)?,
        Some("refresh_token") => refresh_token_grant(state, &form)?,
        Some(_) => return Err(oauth_error(400, "unsupported_grant_type", "Unknown grant_type.")),
        None => return Err(oauth_error(400, "invalid_request", "grant_type is missing.")),
    };
    Ok(ApiResponse::json(200, reply).header("cache-control", "no-store"))
}

fn exchange_code(state: &mut SandboxState, form: &Form) -> Result<Value, ApiResponse> {
    let now = state.clock.seconds();
    let code = form.get("code").and_then(|value| state.asana.grants.consume_code(value, now));
    let code = code.ok_or_else(|| oauth_error(400, "invalid_grant", "The code is unknown, used or expired."))?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(oauth_error(400, "invalid_grant", "redirect_uri is not the one of the authorization."));
    }
    if !verifier_matches(code.challenge.as_deref(), form.get("code_verifier")) {
        return Err(oauth_error(400, "invalid_grant", "code_verifier does not fit."));
    }
    Ok(issue_tokens(state, code.grant))
}

fn issue_tokens(state: &mut SandboxState, grant: Grant) -> Value {
    let scopes = grant.scopes.clone();
    let number = state.asana.grants.add_grant(grant);
    let refresh = format!("2/{}/{}", number + 1, state.entropy.hex(16));
    state.asana.grants.add_refresh_token(refresh.clone(), number, &scopes);
    let mut reply = issue_access_token(state, number, &scopes);
    reply["refresh_token"] = json!(refresh);
    let effect = json!({"grant_type": "authorization_code", "scope": scopes.join(" ")});
    state.record_grant_effect(&OAUTH_APP, "token_issued", number, effect);
    reply
}

fn issue_access_token(state: &mut SandboxState, number: usize, scopes: &[String]) -> Value {
    let token = format!("1/{}:{}", number + 1, state.entropy.hex(20));
    let expires_at = Some(state.clock.seconds() + ACCESS_TOKEN_LIFETIME_SECONDS);
    state.asana.grants.add_access_token(token.clone(), number, scopes, expires_at);
    let who = person(&state.asana.grants.grant(number).account);
    json!({
        "access_token": token, "token_type": "bearer", "expires_in": ACCESS_TOKEN_LIFETIME_SECONDS,
        "data": {"id": who.gid.parse::<u64>().unwrap_or(0), "gid": who.gid, "name": who.name, "email": who.email},
    })
}

fn refresh_token_grant(state: &mut SandboxState, form: &Form) -> Result<Value, ApiResponse> {
    let known = form.get("refresh_token").and_then(|token| state.asana.grants.find_refresh_token(token));
    let RefreshableGrant { number, scopes } =
        known.ok_or_else(|| oauth_error(400, "invalid_grant", "The refresh token is unknown or revoked."))?;
    // The response has no refresh token: the old one stays valid.
    let reply = issue_access_token(state, number, &scopes);
    state.record_grant_effect(&OAUTH_APP, "token_refreshed", number, json!({"grant_type": "refresh_token"}));
    Ok(reply)
}

/// `POST /-/oauth_revoke`: accepts refresh tokens only, and revokes this grant; other grants of the same person stay.
pub(crate) fn revoke(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let form = authenticated_form(request, &OAUTH_APP)?;
    let known = form.get("token").and_then(|token| state.asana.grants.find_refresh_token(token));
    let number =
        known.ok_or_else(|| oauth_error(400, "invalid_request", "Only a live refresh token can be revoked."))?.number;
    state.asana.grants.revoke_grant(number);
    state.record_grant_effect(&OAUTH_APP, "token_revoked", number, json!({}));
    Ok(ApiResponse::json(200, json!({})))
}

/// Issues tokens without a consent.
pub(crate) fn issue(state: &mut SandboxState, mut grant: Grant) -> Tokens {
    if grant.scopes.is_empty() {
        grant.scopes.push(DEFAULT_SCOPE.to_owned());
    }
    Tokens::from_reply(&issue_tokens(state, grant))
}
